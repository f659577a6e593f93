"""Price books: dated, sourced prices in one currency. Pure: ``steelyard.adapters.prices.books`` reads the files."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from steelyard.cost.exchange import RateTable
from steelyard.cost.prices.conversion import converted
from steelyard.cost.prices.plausible import judge, odd_ones_out
from steelyard.cost.prices.row_terms import Discount
from steelyard.cost.prices.rows import IN_A_BILL, Row, Service, parse_rows
from steelyard.domain import Bilingual, Fact, FactKind, Price, Unpriced, is_currency
from steelyard.errors import PriceError

__all__ = ["Instance", "PriceBook", "Tier", "override", "parse_book"]

FORMAT = 1
_ONE_OF = (Service.EGRESS, Service.BLOCK_STORAGE, Service.OBJECT_STORAGE)
"""Services of which a bill takes the book's one price: a shop's own row wins over one that was only assumed."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A machine that can be rented by the hour."""

    price: Price
    vcpus: int
    memory_gb: Decimal
    baseline_share: Decimal = Decimal(1)
    baseline_source: str = ""
    gpu: str = ""
    accelerator_share: Decimal = Decimal(1)
    """Share of ``gpu`` it has."""
    arch: str = ""
    """``x86_64`` or ``arm64``; empty where it is not known."""
    instruction_set: str = ""
    time_ratio: Fact | None = None
    """Time of one of its cores over that of one where times were measured; ``None`` where they are taken for equal."""

    @property
    def name(self) -> str:
        """Its row's name, for example ``aws/us-east-1/c5.large``."""
        return self.price.name

    @property
    def cores(self) -> Decimal:
        """Cores it can use without end: vCPUs times the sustained share of each."""
        return self.vcpus * self.baseline_share

    @property
    def core_time(self) -> float:
        """How long one of its cores takes for a second of one where times were measured."""
        return 1.0 if self.time_ratio is None else float(self.time_ratio.value)

    @property
    def power(self) -> tuple[Decimal, float]:
        """Cores and the time that one takes: machines with equal powers carry equal rates."""
        return self.cores, self.core_time

    @property
    def hourly(self) -> Decimal:
        """Price of an hour, in the book's currency."""
        return self.price.per_unit.amount


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of a price that changes with the month's volume."""

    price: Price
    up_to_gb: Decimal | None
    """Where it ends, counted from the first GB of the month; ``None`` for the last."""


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Prices by name, in one currency.

    A price that is not in the book is ``Unpriced``, with words on how to add it. It is never zero.
    """

    name: str
    currency: str
    rows: Mapping[str, Row]
    """What any bill may use."""
    extras: Mapping[str, Row] = field(default_factory=dict)
    """Looked up only by those who ask: offers, managed services, tokens, labels, people by country, own machines."""
    discounts: Mapping[str, Discount] = field(default_factory=dict)
    doubts: tuple[Bilingual, ...] = ()
    """What looks like a slip in the shop's own rows: a price far from the book's."""

    @property
    def every(self) -> Mapping[str, Row]:
        """Rows and extras; a row wins over an extra of its name."""
        return {**self.extras, **self.rows}

    @property
    def as_of(self) -> date:
        """Day of the oldest price."""
        return min(row.price.as_of for row in self.rows.values())

    def price(self, name: str, unit: str) -> Price | Unpriced:
        """The price of that name, or what is known of its absence."""
        found = self.rows.get(name) or self.extras.get(name)
        return self._missing(name, unit) if found is None else found.price

    def own_machines(self) -> tuple[Instance, ...]:
        """Machines of the shop's own that the book has a price for, cheapest first. People and space are not in it."""
        rows = [row for row in self.every.values() if row.service is Service.OWN_MACHINE]
        return tuple(sorted(map(_instance, rows), key=lambda instance: (instance.hourly, instance.name)))

    def instances(self, names: Iterable[str] = ()) -> tuple[Instance, ...]:
        """Instance types, accelerators included, cheapest first.

        Args:
            names: Only these; a name may leave out what stands before the last slash. Empty for all.

        Returns:
            Each type once, by price per hour, then by name; may be empty only when all were asked for.

        Raises:
            PriceError: The book has no instance type of a name; the message offers near ones.
        """
        rows = [row for row in self.rows.values() if row.service is Service.INSTANCE]
        wanted = list(names)
        known = {row.price.name: row for row in rows} | {row.price.name.rsplit("/", 1)[-1]: row for row in rows}
        unknown = [name for name in wanted if name not in known]
        if unknown:
            near = {name: difflib.get_close_matches(name, known, n=2) for name in unknown}
            hints = "; ".join(f"{name!r}{f' (near: {near[name]})' if near[name] else ''}" for name in unknown)
            raise PriceError(
                f"price book {self.name} has no instance type {hints}: correct [cost] instances, or add it"
            )
        chosen = [known[name] for name in wanted] if wanted else rows
        made = {row.price.name: _instance(row) for row in chosen}
        return tuple(sorted(made.values(), key=lambda instance: (instance.hourly, instance.name)))

    def storage(self, service: Service) -> Price | Unpriced:
        """Price of a GB for a month on the book's default row of that service."""
        rows = [row for row in self.rows.values() if row.service is service]
        defaults = [row for row in rows if row.is_default] or rows
        if not defaults:
            return self._missing(str(service), "GB_month")
        return min(defaults, key=lambda row: row.price.name).price

    def person(self, role: str) -> Price | Unpriced:
        """Price of an hour of somebody's work; ``role`` as in ``person/<role>``."""
        return self.price(f"person/{role}", "person_hour")

    def egress(self) -> tuple[Tier, ...]:
        """Tiers of traffic to shoppers, first GB first; empty when the book has none."""
        tiers = [Tier(row.price, row.up_to_gb) for row in self.rows.values() if row.service is Service.EGRESS]
        return tuple(sorted(tiers, key=lambda tier: (tier.up_to_gb is None, tier.up_to_gb or Decimal(0))))

    def stale(self, on: date, *, after_days: int, extras: Iterable[str] = ()) -> list[Bilingual]:
        """One warning for each day of reading that is longer ago than ``after_days``, oldest first, or still to come.

        Args:
            on: Today.
            after_days: Older prices are named.
            extras: Names of extras that are used, and so looked at with the rows.

        Returns:
            Nothing when all are fresh.
        """
        old: dict[date, list[str]] = {}
        for row in self._used(extras):
            if (on - row.price.as_of).days > after_days:
                old.setdefault(row.price.as_of, []).append(row.price.name)
        return [
            *self._ahead(on, extras),
            *(self._stale(sorted(names), day, (on - day).days, after_days) for day, names in sorted(old.items())),
        ]

    def assumptions(self, extras: Iterable[str] = ()) -> dict[str, Bilingual]:
        """A sentence by name of each price nobody quoted; of the extras, only for those named."""
        return {row.price.name: self._assumed(row) for row in self._used(extras) if row.price.kind is FactKind.ASSUMED}

    def _used(self, extras: Iterable[str]) -> list[Row]:
        return [*self.rows.values(), *(self.extras[name] for name in extras if name in self.extras)]

    def _ahead(self, on: date, extras: Iterable[str]) -> list[Bilingual]:
        """A warning of prices that were read on a day still to come."""
        names = sorted(row.price.name for row in self._used(extras) if row.price.as_of > on)
        if not names:
            return []
        listed = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
        return [
            Bilingual(
                f"{listed}: as_of lies after {on}: nobody can have read that price yet; correct the day",
                f"{listed}：as_of 晚于 {on}，这一天尚未到来；请更正日期",
            )
        ]

    def _stale(self, names: list[str], day: date, age: int, limit: int) -> Bilingual:
        listed = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
        return Bilingual(
            f"{len(names)} prices of {self.name} were read on {day}, {age} days ago (more than {limit}): {listed}; "
            "read them again",
            f"{self.name} 有 {len(names)} 个价格读取于 {day}，距今 {age} 天（超过 {limit} 天）：{listed}；请重新读取",
        )

    def _assumed(self, row: Row) -> Bilingual:
        price = row.price
        what = f"{price.per_unit.amount} {self.currency}"
        has_range = row.low is not None and row.high is not None
        return Bilingual(
            f"{price.name} at {what} per {price.unit}{f' ({row.low} to {row.high})' if has_range else ''} "
            "is an assumption",
            f"{price.name} 按每 {price.unit} {what} 计{f'（{row.low} 至 {row.high}）' if has_range else ''}，属于假设",
        )

    def _missing(self, name: str, unit: str) -> Unpriced:
        why = f"price book {self.name} has no row for it; add one per {unit} to the file named in [cost] overrides"
        return Unpriced(name, unit, why)


def parse_book(document: Any, *, where: str) -> PriceBook:
    """A price book from what its file holds.

    Args:
        document: ``{"format": 1, "name": …, "currency": …, "rows": […]}``.
        where: The file, for messages.

    Returns:
        At least one row, names distinct, all in one currency.

    Raises:
        PriceError: It is not a price book, or rows of it are wrong: all problems are listed.
    """
    if not isinstance(document, Mapping) or "rows" not in document:
        raise PriceError(f"{where}: not a price book: it needs name, currency and rows")
    if document.get("format", FORMAT) != FORMAT:
        raise PriceError(f"{where}: format {document['format']!r} is not known here; this version reads {FORMAT}")
    currency = _currency(document, where)
    found = parse_rows(document["rows"], currency=currency, where=where)
    if not found:
        raise PriceError(f"{where}: there are no rows in it; a book needs at least the instance types to consider")
    book = _merged(PriceBook(str(document.get("name") or where), currency, {}), found)
    odd = odd_ones_out(book.rows, book.extras)
    _raise([f"{where}: {problem}" for problem in (*odd, *_unknown_machines(book))])
    _check_tiers(book, where)
    return book


def override(
    book: PriceBook, document: Any, *, where: str, rates: RateTable | None = None, on: date | None = None
) -> PriceBook:
    """The book with a shop's own rows in it; a row wins over the book's row of the same name.

    Args:
        book: What the rows are laid over.
        document: ``{"currency": …, "rows": […]}``; a row may leave out what the book's row of that name says,
            but always says its own price, source and as_of.
        where: The file, for messages.
        rates: For rows in another currency than the book's; without it they are refused.
        on: Day of the rate; needed with ``rates``.

    Returns:
        A new book, named after both; ``book`` stays as it is. A converted price names its rate, and is derived.

    Raises:
        PriceError: Another currency and no rate, a wrong row, or a price so far from the book's that its unit must
            be wrong.
    """
    if not isinstance(document, Mapping) or "rows" not in document:
        raise PriceError(f"{where}: not a price file: it needs currency and rows")
    currency = _currency(document, where)
    if currency != book.currency and (rates is None or on is None):
        raise PriceError(
            f"{where} is in {currency}, price book {book.name} in {book.currency}; currencies are never mixed: "
            f"convert the rows to {book.currency}, give a table of rates, or use a book in {currency}"
        )
    given = document["rows"] if isinstance(document["rows"], Sequence) else []
    completed = [_completed(row, book) for row in given]
    found = parse_rows(completed, currency=currency, where=where)
    if rates is not None and on is not None:
        found = [converted(row, book.currency, rates=rates, on=on) for row in found]
    judged = [judge(row, book.rows, book.extras) for row in found if isinstance(row, Row)]
    _raise([f"{where}: {each.said.en}" for each in judged if each is not None and each.is_refused])
    doubts = tuple(each.said for each in judged if each is not None and not each.is_refused)
    merged = replace(_merged(_without_replaced(book, found), found), name=f"{book.name}+{where}", doubts=doubts)
    _raise([f"{where}: {problem}" for problem in _unknown_machines(merged)])
    _check_tiers(merged, where, own={row.price.name for row in found if isinstance(row, Row)})
    return merged


def _instance(row: Row) -> Instance:
    return Instance(
        row.price,
        row.vcpus,
        row.memory_gb,
        row.baseline_share,
        row.baseline_source,
        row.gpu,
        accelerator_share=row.accelerator_share,
        arch=row.arch,
        instruction_set=row.instruction_set,
    )


def _merged(book: PriceBook, found: Sequence[Row | Discount]) -> PriceBook:
    """The book with more rows in it, each where it belongs."""
    rows = {row.price.name: row for row in found if isinstance(row, Row)}
    return replace(
        book,
        rows={**book.rows, **{name: row for name, row in rows.items() if row.service in IN_A_BILL}},
        extras={**book.extras, **{name: row for name, row in rows.items() if row.service not in IN_A_BILL}},
        discounts={**book.discounts, **{each.name: each for each in found if isinstance(each, Discount)}},
    )


def _raise(problems: Sequence[str]) -> None:
    if problems:
        raise PriceError("\n".join(problems))


def _unknown_machines(book: PriceBook) -> list[str]:
    """Offers for machines that the book does not have."""
    return [
        f"row {row.price.name}: of: there is no instance {row.offered.of!r} in the book"
        for row in book.extras.values()
        if row.offered is not None and row.offered.of not in book.rows
    ]


def _currency(document: Mapping[str, Any], where: str) -> str:
    currency = document.get("currency")
    if not is_currency(currency):
        raise PriceError(f"{where}: currency is {currency!r}; write an ISO 4217 code like USD")
    return str(currency)


def _completed(row: Any, book: PriceBook) -> Any:
    """The row with what the book knows of that name, the price itself and its origin excepted."""
    known = book.every.get(str(row.get("name"))) if isinstance(row, Mapping) else None
    if known is None or row.get("service") == Service.COMMITMENT_DISCOUNT:
        return row
    fill: dict[str, Any] = {"service": str(known.service), "unit": known.price.unit, "kind": str(known.price.kind)}
    if known.service in (Service.INSTANCE, Service.OWN_MACHINE):
        fill |= {"vcpus": known.vcpus, "memory_gb": known.memory_gb, "gpu": known.gpu}
        fill |= {"baseline_source": known.baseline_source, "arch": known.arch}
        fill |= {} if row.get("sustained_cores") else {"baseline_share": known.baseline_share}
        fill |= {"accelerator_share": known.accelerator_share, "instruction_set": known.instruction_set}
    fill |= {"up_to_gb": known.up_to_gb, "is_default": known.is_default}
    if known.offered is not None:
        fill |= asdict(known.offered)
    if known.metered is not None:
        fill |= {**asdict(known.metered), "surfaces": ";".join(known.metered.surfaces)}
    return {**fill, **{key: value for key, value in row.items() if value not in (None, "")}}


def _without_replaced(book: PriceBook, found: Sequence[Row | Discount]) -> PriceBook:
    """The book without what the shop's own rows take the place of: what they say, and what was only assumed."""
    own = [row for row in found if isinstance(row, Row)]
    gone = {row.service for row in own if row.replaces}
    told = {row.service for row in own if row.service in _ONE_OF}
    kept = {
        name: row
        for name, row in book.rows.items()
        if row.service not in gone and not (row.service in told and row.price.kind is FactKind.ASSUMED)
    }
    return replace(book, rows=kept)


def _check_tiers(book: PriceBook, where: str, *, own: Collection[str] = ()) -> None:
    tiers = book.egress()
    ends = [tier.up_to_gb for tier in tiers]
    if tiers and (ends.count(None) != 1 or len(set(ends)) != len(ends)):
        mine = sorted(tier.price.name for tier in tiers if tier.price.name in own)
        if mine and len(mine) < len(tiers):
            others = sorted(tier.price.name for tier in tiers if tier.price.name not in own)
            raise PriceError(
                f"{where}: egress: {', '.join(mine)} stands beside the book's tiers ({', '.join(others)}), and tiers "
                "must end at different volumes; if it replaces them, add replaces = egress to its row (in a CSV file "
                "a column replaces)"
            )
        raise PriceError(
            f"{where}: egress: tiers must end at different volumes (up_to_gb); one of them, the last, has no end"
        )
