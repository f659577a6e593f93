"""``labels join``: several files of labels as one; of a pair that several label, the file named first wins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.data.schema import Role, Wanted
from steelyard.data.values.normalise import fold
from steelyard.domain import Money
from steelyard.errors import ConfigError, DataError, PriceError
from steelyard.workflows.labelling.book_labels import book_people
from steelyard.workflows.labelling.label_files import LABEL_COLUMNS
from steelyard.workflows.labelling.label_price import label_price

if TYPE_CHECKING:
    from steelyard.workflows.open_shop import AccountsShop

__all__ = ["Joined", "join_labels"]

_ORIGINS = ("judged", "behaviour", "rules", "model")
_NEEDED = ("query", "item_id", "gain")


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of the rows."""

    by_origin: dict[str, int]
    """Labels that were written."""
    n_again: int
    """Rows of pairs that a file before them labels."""
    n_empty: int
    """Rows whose gain nobody filled in."""
    booked: str = ""
    """What was booked for judgements of people; empty where nothing was."""


def join_labels(shop: AccountsShop, files: Sequence[Path], *, out: Path, book: str = "") -> Joined:
    """Write one file of labels.

    Args:
        shop: The shop.
        files: CSV or Parquet with ``query``, ``item_id`` and ``gain``; ``origin`` where it is not from people. The
            most trusted first.
        out: A Parquet file.
        book: Name under which judgements of people in the first file are booked at their price; empty books nothing.

    Returns:
        How many labels of each origin there are, and which rows were left out.

    Raises:
        ConfigError: ``out`` is not Parquet.
        DataError: A file lacks a column, a gain is no number or below zero, or an origin is not known.
        PriceError: Judgements are to be booked and have no price.
    """
    if out.suffix != ".parquet":
        raise ConfigError(f"--out {out}: labels are written as Parquet; call it {out.stem}.parquet")
    found: dict[tuple[str, str], tuple[str, str, float, str]] = {}
    counts: Counter[str] = Counter()
    n_people = 0
    for place, file in enumerate(files):
        for query, item_id, gain, origin in _rows(shop, file):
            if gain is None:
                counts["empty"] += 1
            elif (fold(query), item_id) in found:
                counts["again"] += 1
            else:
                found[fold(query), item_id] = (query, item_id, gain, origin)
                n_people += origin == "judged" and place == 0
    columns = list(zip(*found.values(), strict=True)) or [(), (), (), ()]
    with shop.tools.shop.sources(shop.base) as sources, sources.writing(LABEL_COLUMNS, target=str(out)) as writer:
        values = dict(zip(("query", "item_id", "gain", "origin"), map(list, columns), strict=True))
        writer.write({**values, "n": [1.0] * len(found)})
    by_origin = dict(Counter(row[3] for row in found.values()))
    return Joined(by_origin, counts["again"], counts["empty"], _booked(shop, book, n_people) if book else "")


def _booked(shop: AccountsShop, name: str, n: int) -> str:
    price = label_price(shop)
    if price.amount is None:
        raise PriceError(f"judgements cannot be booked: {price.source}")
    each = Money(price.amount, price.currency)
    n_new = book_people(shop, name=name, labels=n, price=each, on=shop.tools.clock.now().date()) if n else 0
    what = f"{n:,} judgements of people: {(each * n).rounded()} ({price.source})"
    return f"Booked {what}" if n_new else f"Booked before, or nothing to book: {what}"


def _rows(shop: AccountsShop, file: Path) -> Iterator[tuple[str, str, float | None, str]]:
    with shop.tools.shop.sources(file.resolve().parent) as sources:
        there = sources.columns(file.name)
        missing = [name for name in _NEEDED if name not in there]
        if missing:
            raise DataError(f"{file.name} has no column {', '.join(missing)}; it has {', '.join(there)}")
        has_origin = "origin" in there
        roles = [Role("query", ("query",)), Role("item_id", ("item_id",)), Role("gain", ("gain",), "number")]
        roles += [Role("origin", ("origin",))] if has_origin else []
        for batch in sources.batches(sources.scan(Wanted("labels", file.name, tuple(roles)), pseudonym=str)):
            origins = batch["origin"] if has_origin else ["judged"] * len(batch["query"])
            for row in zip(batch["query"], batch["item_id"], batch["gain"], batch["gain_text"], origins, strict=True):
                yield _checked(file, *row)


def _checked(
    file: Path, query: str | None, item_id: str | None, gain: float | None, text: str | None, origin: str | None
) -> tuple[str, str, float | None, str]:
    if not query or not item_id:
        raise DataError(f"{file.name}: a row lacks its query or its item_id: fill it in, or leave the row out")
    if (gain is None and text) or (gain is not None and gain < 0):
        raise DataError(f"{file.name}: gain {text!r} of {query!r} and {item_id}: write a number from 0 up, or nothing")
    if origin not in _ORIGINS:
        raise DataError(f"{file.name}: origin {origin!r} is not known; there are {', '.join(_ORIGINS)}")
    return query, item_id, gain, origin
