"""``cost prices commitments``: what a shop has committed to, against what it needs; booked when asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from steelyard.cost.prices.commitments import COMMITMENT_COLUMNS, all_in_hourly, parse_commitments
from steelyard.cost.prices.offers import Commitment, check_commitments
from steelyard.cost.prices.prices import PriceBook
from steelyard.errors import ConfigError, StageError
from steelyard.ledger.commitments import borne, commitment_entries
from steelyard.workflows.bookkeeping.opened_ledger import open_ledger
from steelyard.workflows.open_shop import AccountsShop
from steelyard.workflows.pricing.shop_book import shop_book
from steelyard.workflows.pricing.stored_bills import asked, shop_total, stored_bills

__all__ = ["CommitmentRow", "ShopCommitments", "book_commitments", "excess", "read_commitments"]

_MOST_DIGITS = 9


class CommitmentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One commitment."""

    id: str
    instance: str
    count: int
    start: date
    end: date
    hourly_all_told: Decimal
    """What is paid at the start spread over the hours, and the hours' own price."""
    on_demand: Decimal | None
    """``None`` where the book is in another currency."""
    paid_at_start: Decimal
    per_month: str
    """To the cent; least and most where the months differ."""
    whole: Decimal
    currency: str
    source: str


@dataclass(frozen=True, slots=True)
class ShopCommitments:
    """The commitments of a file, with the price book they are named by."""

    found: tuple[Commitment, ...]
    book: PriceBook
    rows: tuple[CommitmentRow, ...]


def read_commitments(shop: AccountsShop, file: Path) -> ShopCommitments:
    """The commitments of a CSV file.

    Args:
        shop: The shop.
        file: With the columns ``COMMITMENT_COLUMNS``.

    Returns:
        In the order of the file.

    Raises:
        DataError: A line is wrong; all problems at once.
        PriceError: The book does not know a machine.
    """
    book = shop_book(shop)
    rows = shop.tools.accounting.table(file, needed=COMMITMENT_COLUMNS)
    found = tuple(parse_commitments(rows, book=book, where=file.name))
    return ShopCommitments(found, book, tuple(_row(each, book) for each in found))


def excess(shop: AccountsShop, commitments: ShopCommitments, *, needed: Sequence[str]) -> list[str]:
    """Where commitments overlap, or cover more machines than are needed.

    Args:
        shop: The shop.
        commitments: What was committed to.
        needed: ``NAME=N``; those of the decision where there is none.

    Returns:
        A sentence for each stretch.

    Raises:
        StageError: Nothing was decided, so that the need is unknown.
        ConfigError: A need is written otherwise.
    """
    machines = _named(needed, commitments.book) if needed else _decided(shop)
    return list(check_commitments(commitments.found, machines))


def book_commitments(shop: AccountsShop, commitments: ShopCommitments, *, until: date) -> int:
    """Book what was paid, and the hours up to a day; how many entries are new."""
    entries = commitment_entries(commitments.found, until=until, team=shop.config.cost.team)
    with open_ledger(shop) as ledger:
        return ledger.append(entries)


def _row(each: Commitment, book: PriceBook) -> CommitmentRow:
    months = borne(each)
    upfront, whole = each.upfront * each.count, each.upfront * each.count
    for month in months:
        whole = whole + month.hourly
    (machine,) = book.instances([each.instance])
    is_same = machine.price.per_unit.currency == each.hourly.currency
    sums = [month.upfront + month.hourly for month in months]
    low, high = (str(pick(sums, key=lambda money: money.amount).rounded().amount) for pick in (min, max))
    return CommitmentRow(
        id=each.id,
        instance=each.instance,
        count=each.count,
        start=each.start,
        end=each.end,
        hourly_all_told=round(all_in_hourly(each), 6),
        on_demand=machine.hourly if is_same else None,
        paid_at_start=upfront.amount,
        per_month=low if low == high else f"{low} to {high}",
        whole=whole.amount,
        currency=each.hourly.currency,
        source=each.source,
    )


def _decided(shop: AccountsShop) -> dict[str, int]:
    """Machines of the chosen configurations, by the book's name."""
    if not shop.store.has("bills"):
        raise StageError("how many machines are needed is unknown: run `steelyard decide`, or give --needed NAME=N")
    _, bills = stored_bills(shop.store)
    total = shop_total(shop.store)
    if total is not None and total.instance and total.replicas:
        return {total.instance: total.replicas}
    sums: Counter[str] = Counter()
    for _, entry in asked(shop.store, bills, None):
        sums[str(entry.instance)] += entry.replicas or 0
    return dict(sums)


def _named(needed: Sequence[str], book: PriceBook) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in needed:
        name, _, number = each.rpartition("=")
        if not name or not number.isdecimal() or len(number) > _MOST_DIGITS:
            raise ConfigError(f"--needed {each}: write the machine and how many, like c5.large=4")
        (machine,) = book.instances([name])
        found[machine.name] = int(number)
    return found
