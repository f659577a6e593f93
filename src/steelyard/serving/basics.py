"""Each shopper's basic information, for the models that read it: ``Request.basics``.

Only the bundle of such a model holds it. It is erased and renamed as the histories are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from steelyard.domain import State
from steelyard.errors import ArtefactError
from steelyard.serving.history import PseudonymRows, histories_changed, rows_by_pseudonym

__all__ = ["Basics", "basics_state"]


def basics_state(pseudonyms: Sequence[str], basics: Sequence[Sequence[str]]) -> State:
    """What is known of each user, ready to be stored as ``parts/basics``.

    Args:
        pseudonyms: Keyed, hexadecimal, all of one length, each once.
        basics: Of each of them, as ``column=value``.

    Returns:
        Arrays ``pseudonyms`` and ``offsets`` as ``histories_state`` makes them, and ``items``, numbers of the fact
        ``names``.
    """
    letters, rank = rows_by_pseudonym(pseudonyms)
    names = sorted({fact for facts in basics for fact in facts})
    number = {fact: place for place, fact in enumerate(names)}
    in_order = [basics[user] for user in np.argsort(rank).tolist()]
    offsets = np.concatenate([[0], np.cumsum([len(facts) for facts in in_order])]).astype(np.int64)
    items = np.array([number[fact] for facts in in_order for fact in facts], np.int32)
    return State({"pseudonyms": letters, "offsets": offsets, "items": items}, {"names": names})


class Basics:
    """What is known of users, from the bundle's arrays.

    Args:
        state: What ``basics_state`` made.

    Raises:
        ArtefactError: An array is missing, or their lengths do not fit.
    """

    def __init__(self, state: State) -> None:
        self._rows = PseudonymRows(state, what="users' basic information")
        self._state = state
        try:
            self._names: list[str] = list(state.facts["names"])
        except KeyError as error:
            raise ArtefactError(f"the users' basic information lacks {error}: package the bundle again") from error

    def of(self, pseudonym: str, *, before: str = "") -> tuple[str, ...]:
        """What is known of somebody, as offline cases hold it.

        Args:
            pseudonym: Under today's key; nobody where it is empty.
            before: The same user under the key before, while that is kept.

        Returns:
            As ``column=value``; empty for those who are not in the shop's table.
        """
        for name in filter(None, (pseudonym, before)):
            found = self._state.arrays["items"][self._rows.of(name)].tolist()
            if found:
                return tuple(self._names[number] for number in found)
        return ()

    def without(self, erased: Collection[str]) -> Basics:
        """What is known of all others; itself where it knows none of these pseudonyms."""
        state, n_changed = histories_changed(self._state, erased=erased, renamed={})
        return Basics(state) if n_changed else self
