"""Proposals of the search box after changes: without items that are gone, hidden or renamed, and with new titles."""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.domain import NONE
from steelyard.serving.changes.items import Items
from steelyard.serving.suggest import MAX_SUGGESTIONS, Suggestion, Suggestions
from steelyard.serving.suggest_state import folded

__all__ = ["ChangedSuggestions"]


class ChangedSuggestions(Suggestions):
    """Proposals of a bundle and of what changed since.

    Args:
        base: Of the bundle.
        items: What became of its items.
    """

    def __init__(self, base: Suggestions, items: Items) -> None:
        self._base, self._changed = base, items
        anew = [one for one in items.changed.values() if one.before is None or one.before.title != one.card.title]
        self._new = [(f" {folded(one.card.title)}", one.card) for one in anew if not one.is_hidden]

    def of(self, typed: str, *, k: int) -> list[Suggestion]:
        """As ``Suggestions.of``; titles that came stand behind those of the bundle."""
        found = [one for one in self._base.of(typed, k=MAX_SUGGESTIONS) if self._is_left(one)]
        prefix = folded(typed)
        texts = {folded(one.text) for one in found}
        more: list[Suggestion] = []
        for title, card in self._new if prefix else ():
            if len(more) == k:
                break
            if f" {prefix}" in title and title[1:] not in texts:
                texts.add(title[1:])
                more.append(Suggestion("product", card.title, card.item_id))
        return _together(found, more, k)

    def _is_left(self, one: Suggestion) -> bool:
        if not one.id:
            return True
        number = self._changed.ids.number(one.id)
        changed = self._changed.changed.get(number)
        if changed is None or changed.before is None:
            return number != NONE
        return changed.before.title == changed.card.title and not changed.is_hidden


def _together(found: Sequence[Suggestion], more: Sequence[Suggestion], k: int) -> list[Suggestion]:
    """Proposals of the bundle first, with room for a third of new titles where there are any."""
    kept = found[: max(k - min(len(more), max(k // 3, 1)), 0)]
    return [*kept, *more[: k - len(kept)]]
