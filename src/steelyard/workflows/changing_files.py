"""``changes``: takes changes of the catalogue from a file in the columns of the shop's own, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from steelyard.data.changes.reading import FIELDS, Terms
from steelyard.data.schema import Kind, Reading, Role, SourcePort, Wanted, wanted_items
from steelyard.data.values.category_paths import PathCutter
from steelyard.documents.changes import Op
from steelyard.documents.changes_report import ChangesReport
from steelyard.errors import DataError
from steelyard.serving.cards import Cards, ItemIds
from steelyard.serving.changes.taking import Counted, Standings, Taken
from steelyard.workflows.session import Run

__all__ = ["MAX_FILE", "OpenBundle", "Sent", "changes_of_file", "standings_of", "state_of"]

MAX_FILE = 200_000
"""Changes of one file."""
_TABLE = "changes"
_PLAIN = tuple(name for name in FIELDS if name not in ("op", "id", "currency"))


@dataclass(frozen=True, slots=True)
class Sent:
    """A file of changes, and how it is taken."""

    path: str
    """Relative to the shop's configuration, or absolute."""
    op: Op = Op.UPSERT
    """Of rows that name none."""
    key: str = ""
    """By which the file may be sent again; it is then done once."""
    is_trial: bool = False
    """Whether it is only said what would be done."""


def changes_of_file(run: Run, standings: Standings, sent: Sent, *, at: str) -> ChangesReport:
    """Read a file of changes and keep them.

    Args:
        run: Configuration and everything open.
        standings: What stands beside the newest bundle.
        sent: The file.
        at: The time, with time zone.

    Returns:
        What it came to; once it is on the disk.

    Raises:
        SourceError: The file cannot be read.
        DataError: It has no column of item ids, or too many rows.
        ChangesRefused: A row cannot be done; nothing of the file was.
    """
    source, shop = run.config.data.items, run.config.shop
    with run.sources() as sources:
        columns = list(sources.columns(sent.path))
        configured = wanted_items(source, shop)
        wanted = Wanted(_TABLE, sent.path, _roles(configured, columns), Reading(), configured.habits)
        if wanted.role("item_id") is None:
            raise DataError(
                f"{sent.path} has no column of item ids: name it {source.columns.item_id!r} or 'id'. It has "
                + ", ".join(columns)
            )
        sources.check([wanted])
        rows = list(_rows(sources, wanted, price_divisor=source.columns.price_divisor))
        malformed = sources.malformed(_TABLE)
    if malformed:
        raise DataError(
            f"{sent.path} has {len(malformed):,} lines that cannot be cut into columns (line {malformed[0]}); nothing "
            "was changed: mend them, and send the file again"
        )
    used = set(wanted.columns)
    terms = Terms(
        shop.currency,
        source.decimal or "",
        source.stock_words,
        sent.op,
        PathCutter(one for row in rows if isinstance(one := row.get("category"), str)),
    )
    taken = standings.take(rows, terms, at=at, key=sent.key, is_trial=sent.is_trial)
    unused = tuple(name for name in columns if name not in used)
    return _report(run, standings, taken, file=sent.path, is_trial=sent.is_trial, unused=unused)


def state_of(run: Run, standings: Standings) -> ChangesReport:
    """What stands beside the newest bundle.

    Args:
        run: Configuration and everything open.
        standings: Of that bundle.

    Returns:
        The report.
    """
    return _report(run, standings, Taken("", Counted()))


class OpenBundle(Protocol):
    """As much of a bundle as changes need (``steelyard.adapters.bundle.Bundle``)."""

    @property
    def changes(self) -> str:
        """The moment up to which it holds the changes itself."""
        ...

    def cards(self) -> Cards:
        """Cards of all items."""
        ...

    def ids(self) -> ItemIds:
        """From the shop's identifiers to item numbers."""
        ...


def standings_of(run: Run, bundle: OpenBundle) -> Standings:
    """What stands beside a bundle.

    Args:
        run: Configuration and everything open.
        bundle: The newest one.

    Returns:
        Takes changes.
    """
    bundles = run.work / "bundles"
    return Standings(
        lambda: run.tools.bundles.changes(bundles), cards=bundle.cards(), ids=bundle.ids(), held=bundle.changes
    )


def _report(run: Run, standings: Standings, taken: Taken, **more: Any) -> ChangesReport:
    n_items = max(standings.n_before, 1)
    counted = taken.counted
    return ChangesReport(
        is_repeated=taken.is_repeated,
        added=counted.added,
        changed=counted.changed,
        deleted=counted.deleted,
        token=standings.token,
        beside=standings.n_beside,
        items=len(standings.standing),
        since=standings.since,
        is_rebuild_due=len(standings.standing) > run.config.serve.rebuild_share * n_items,
        **more,
    )


def _roles(configured: Wanted, columns: Sequence[str]) -> tuple[Role, ...]:
    """Roles whose columns the file has: by the shop's names of them, or by the plain ones."""
    roles = []
    for role in configured.roles:
        there = tuple(name for name in role.columns if name in columns)
        if there:
            roles.append(replace(role, columns=there, places=()))
    used = {name for role in roles for name in role.columns}
    known = {role.name for role in roles}
    for plain, name in (("id", "item_id"), *((name, name) for name in (*_PLAIN, "currency")), ("op", "op")):
        column = plain if plain in columns else name
        if name not in known and column in columns and column not in used:
            kind: Kind = "number" if name == "price" else "text"
            is_list = name in ("title", "description", "category", "attributes")
            roles.append(Role(name, (column,), kind, is_list=is_list))
    return tuple(roles)


def _rows(sources: SourcePort, wanted: Wanted, *, price_divisor: int) -> Iterator[dict[str, object]]:
    n = 0
    frame = sources.scan(wanted, pseudonym=str)
    for batch in sources.batches(frame):
        names = list(batch)
        for values in zip(*batch.values(), strict=True):
            n += 1
            if n > MAX_FILE:
                raise DataError(
                    f"{wanted.path} holds more than {MAX_FILE:,} changes; nothing was changed. Where so much changes, "
                    "export the whole catalogue anew and run `steelyard run`"
                )
            yield _row(dict(zip(names, values, strict=True)), wanted, price_divisor=price_divisor)


def _row(row: Mapping[str, object], wanted: Wanted, *, price_divisor: int) -> dict[str, object]:
    """A row as a change is sent; what is empty is not given."""
    found: dict[str, object] = {"id": row.get("item_id")}
    for role in wanted.roles:
        given = [(column, row[output]) for column, output in zip(role.columns, role.outputs, strict=False)]
        texts = {column: value for column, value in given if value not in (None, "")}
        if not texts:
            continue
        if role.name in ("title", "description"):
            found[role.name] = " ".join(map(str, texts.values()))
        elif role.name == "category":
            found["category"] = next(iter(texts.values())) if len(role.columns) == 1 else list(texts.values())
        elif role.name == "attributes":
            found["attributes"] = texts if len(role.columns) > 1 else _attributes(texts)
        elif role.name in ("brand", "image", "stock", "currency", "op"):
            found[role.name] = next(iter(texts.values()))
    price = _price(row, wanted, price_divisor=price_divisor)
    return found if price is None else {**found, "price": price}


def _attributes(texts: Mapping[str, object]) -> object:
    """Attributes of one column: an object as JSON, or one attribute by the column's name."""
    (column, value) = next(iter(texts.items()))
    return value if str(value).lstrip().startswith("{") else {column: value}


def _price(row: Mapping[str, object], wanted: Wanted, *, price_divisor: int) -> object | None:
    """The first price of a row that is above zero; what is written where it is no number."""
    roles = [role for role in wanted.roles if role.name.startswith("price")]
    numbers = [one for role in roles if isinstance(one := row[role.name], int | float)]
    if numbers:
        price = next((one for one in numbers if one > 0), numbers[0])
        return price if price_divisor == 1 else price / price_divisor
    return next((text for role in roles if (text := row[f"{role.name}_text"]) not in (None, "")), None)
