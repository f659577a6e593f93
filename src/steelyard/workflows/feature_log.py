"""The prepared log as the columns that features are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from steelyard.data.detectors.traffic import HOSTILE
from steelyard.data.features.columns import EventColumns
from steelyard.data.features.table_set import PAID
from steelyard.data.schema import Role, Wanted
from steelyard.domain import IntArray

if TYPE_CHECKING:
    from steelyard.workflows.ports import Sources

__all__ = ["Log", "read_item_ids", "read_log"]

_TEXTS = ("user", "kind", "traffic")
_NUMBERS = ("time", "item", "quantity", "price")


@dataclass(frozen=True, slots=True)
class Log:
    """Events of people, in the order of the log."""

    events: EventColumns
    users: tuple[str, ...]
    """Pseudonyms; the events have their numbers here, as texts."""


@dataclass(slots=True)
class _Gathered:
    users: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    parts: list[list[IntArray]] = field(default_factory=list)

    def add(self, batch: dict[str, list[Any]]) -> None:
        """Rows of people, with the item that the catalogue has."""
        kept = [
            i
            for i, (user, item, traffic) in enumerate(zip(batch["user"], batch["item"], batch["traffic"], strict=True))
            if user is not None and item is not None and item >= 0 and traffic != HOSTILE
        ]
        user = [self.users.setdefault(batch["user"][i], len(self.users)) for i in kept]
        kind = [self.kinds.setdefault(batch["kind"][i], len(self.kinds)) for i in kept]
        time = [round(1000 * batch["time"][i]) for i in kept]
        paid = [round(100 * (batch["price"][i] or 0.0) * _pieces(batch["quantity"][i])) for i in kept]
        columns = (user, kind, time, [batch["item"][i] for i in kept], paid)
        self.parts.append([np.array(column, np.int64) for column in columns])


def _pieces(quantity: float | None) -> float:
    return 1.0 if quantity is None else quantity


def read_log(sources: Sources) -> Log:
    """The checked log, without the events of hostile robots.

    Args:
        sources: Open on the prepared tables.

    Returns:
        Times in milliseconds; the price of a line in hundredths, 0 where none is known.
    """
    there = sources.columns("events.parquet")
    roles = [Role(name, (name,)) for name in _TEXTS if name in there]
    roles += [Role(name, (name,), "number") for name in _NUMBERS if name in there]
    frame = sources.scan(Wanted("events", "events.parquet", tuple(roles)), pseudonym=str)
    gathered = _Gathered()
    for batch in sources.batches(frame):
        nothing: list[Any] = [None] * len(batch["time"])
        gathered.add({name: batch.get(name, nothing) for name in (*_TEXTS, *_NUMBERS)})
    parts = gathered.parts or [[np.zeros(0, np.int64)] * 5]
    user, kind, time, item, paid = (np.concatenate(column) for column in zip(*parts, strict=True))
    names = np.array([*gathered.kinds, ""])
    by = {"user": user.astype(np.str_), "item": item.astype(np.str_)}
    events = EventColumns(np.arange(len(time)).astype(np.str_), time, names[kind], by, {PAID: paid})
    return Log(events, tuple(gathered.users))


def read_item_ids(sources: Sources) -> list[str]:
    """The shop's ids of the catalogue's items, by number."""
    roles = (Role("item", ("item",), "number"), Role("item_id", ("item_id",)))
    found: dict[int, str] = {}
    for batch in sources.batches(sources.scan(Wanted("items", "items.parquet", roles), pseudonym=str)):
        found |= {int(n): str(name) for n, name in zip(batch["item"], batch["item_id"], strict=True)}
    return [found[number] for number in sorted(found)]
