"""Takes the changes of a journal over into a load: the shop's file as it would be had it heard of them.

A file that is exported anew may know better than a change, or may not have heard of it yet. What a field held in the
file when the change was first taken over is therefore remembered: as long as the file still holds that, the change
stands; once the file holds something else, the shop's own system has moved on, and the file is right. A deletion stands
until a file comes without the item.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from steelyard.data.changes.folding import CONTENT
from steelyard.documents.changes import HeldChanges, ItemChange, Op, Standing

__all__ = ["CatalogueChanges"]

_ABSENT = ""
"""What a file held of an item that it did not have."""


@dataclass(slots=True)
class CatalogueChanges:
    """Changes while a load is made: told each item of the file once, then asked for those that it does not have."""

    standing: Mapping[str, Standing] = field(default_factory=dict)
    """By item, what its changes come to."""
    before: HeldChanges = field(default_factory=lambda: HeldChanges(""))
    """What the load before took over."""
    token: str = ""
    """The moment of the journal that ``standing`` is of."""
    n_changed: int = 0
    n_removed: int = 0
    n_added: int = 0
    n_overtaken: int = 0
    """Changes that the file has moved on from."""
    _known: dict[str, dict[str, tuple[int, str]]] = field(default_factory=dict)
    _settled: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)

    def applied(self, item: dict[str, Any]) -> dict[str, Any] | None:
        """An item of the file, changed; None where it is deleted.

        Args:
            item: As it was read; it is left as it is.

        Returns:
            The item itself where nothing of it was changed.
        """
        one = self.standing.get(item["item_id"])
        if one is None:
            return item
        self._seen.add(one.change.id)
        if one.change.op is Op.DELETE:
            return self._without(item, one)
        given = _given(one.change)
        taken = {name: value for name, value in given.items() if self._stands(one, name, _said(name, item[name]))}
        is_held = all(_said(name, item[name]) == _said(name, value) for name, value in given.items())
        if is_held or not taken:
            self._settled.add(one.change.id)
        self.n_overtaken += not taken
        self.n_changed += bool(taken) and not is_held
        return _changed(item, taken)

    def new(self) -> Iterator[dict[str, Any]]:
        """Items that the file does not have, in the order in which they came."""
        for item_id, one in self.standing.items():
            if item_id in self._seen:
                continue
            if one.change.op is not Op.UPSERT:
                self._settled.add(item_id)  # a deletion that the file has heard of, or a change of what it lets go
                continue
            given = _given(one.change)
            for name in given:
                self._stands(one, name, _ABSENT)
            self.n_added += 1
            nothing = {"item_id": item_id, "in_stock": 1, "is_hidden": False}
            yield _changed(nothing, given)

    def held(self) -> HeldChanges:
        """What this load took over, for the next one."""
        return HeldChanges(self.token, self._known, tuple(sorted(self._settled)))

    def _without(self, item: dict[str, Any], one: Standing) -> dict[str, Any] | None:
        if not self._stands(one, "op", "there"):
            self._settled.add(one.change.id)
            self.n_overtaken += 1
            return item
        self.n_removed += 1
        return None

    def _stands(self, one: Standing, name: str, said: str) -> bool:
        """Whether a change holds over what the file says of a field; and remembers what that was at first."""
        number = one.numbers[name]
        known = self.before.known.get(one.change.id, {}).get(name)
        if known is None or known[0] != number:
            known = (number, said)
        self._known.setdefault(one.change.id, {})[name] = known
        return known[1] == said


def _given(change: ItemChange) -> dict[str, Any]:
    return {name: value for name in CONTENT if (value := getattr(change, name)) is not UNSET}


def _changed(item: dict[str, Any], taken: Mapping[str, Any]) -> dict[str, Any]:
    """An item with some fields in the place of its own."""
    found = {**item, **taken}
    if "category" in taken:
        found["category"] = list(taken["category"])
    if "price" in taken and taken["price"] is not None:
        found["price"] = Decimal(taken["price"])
    if "stock" in taken:
        found["in_stock"] = int(taken["stock"] is None or taken["stock"] > 0)
    if not found["title"] and found["category"]:
        found["title"] = found["category"][-1]
    return found


def _said(name: str, value: Any) -> str:
    """A value as it is compared."""
    if name == "price" and value is not None:
        value = f"{Decimal(value):.4f}"
    if name == "category":
        value = list(value)
    return hashlib.blake2b(msgspec.json.encode(value), digest_size=8).hexdigest()
