"""Takes changes over a bundle: checked against the catalogue as it is by now, kept, and folded into what stands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from steelyard.data.changes.folding import folded
from steelyard.data.changes.reading import Terms, Trouble, read_changes, says_of
from steelyard.documents.changes import Batch, ItemChange, Op, Standing, Token
from steelyard.domain import NONE
from steelyard.errors import AskError
from steelyard.serving.cards import Cards, ItemIds
from steelyard.serving.changes.ports import Journal

__all__ = ["MAX_KEY", "ChangesRefused", "Counted", "Standings", "Taken"]

MAX_KEY = 200


class ChangesRefused(AskError):
    """A batch of changes cannot be done, and none of it was.

    Args:
        troubles: What of it.
        says: In place of what the troubles say.
        is_key_taken: Whether its key was used for another batch.
    """

    def __init__(self, troubles: Sequence[Trouble], says: str = "", *, is_key_taken: bool = False) -> None:
        super().__init__("key_taken" if is_key_taken else "bad_changes", says or says_of(troubles))
        self.troubles = tuple(troubles)
        self.is_key_taken = is_key_taken


class Counted(msgspec.Struct, frozen=True):
    """What a batch comes to."""

    added: int = 0
    changed: int = 0
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch that was kept, or would be."""

    token: str
    """The moment after it; empty where nothing was kept."""
    counted: Counted
    is_repeated: bool = False
    """Whether it had been sent before under the same key, and was not done again."""


class Standings:
    """What the changes since a bundle come to. One writer at a time: the caller sees to that.

    Args:
        open_journal: Gives the journal, from its first line on.
        cards: Of the bundle.
        ids: Of the bundle.
        held: The moment up to which the bundle holds the changes itself; as ``Token`` writes it, or empty.
    """

    def __init__(self, open_journal: Callable[[], Journal], *, cards: Cards, ids: ItemIds, held: str = "") -> None:
        self._open, self._cards, self._ids, self._held = open_journal, cards, ids, held
        self.journal = open_journal()
        self.standing: dict[str, Standing] = {}
        """By item; only what the bundle does not hold."""
        self.last = 0
        """Number of the last change that was heard of."""
        self.since = ""
        """When the first of the changes came that the bundle does not hold."""
        self.n_beside = 0
        """Changes that the bundle does not hold."""
        self._from = 0
        self._begin()

    @property
    def n_before(self) -> int:
        """Items of the bundle."""
        return len(self._cards)

    @property
    def token(self) -> str:
        """The moment that ``standing`` is of; empty while nothing was ever changed."""
        return str(Token(self.journal.journal, self.last)) if self.journal.journal else ""

    def catch_up(self) -> bool:
        """Hear of batches that others wrote.

        Returns:
            Whether there were any.
        """
        if not self.journal.has_news():
            return False
        before = self.last, self.journal.journal
        news = self.journal.news()
        if self.journal.is_behind:
            self.journal = self._open()
            self._begin()
            return (self.last, self.journal.journal) != before
        for batch in news:
            self._hear(batch)
        return bool(news)

    def check(self, changes: Sequence[ItemChange]) -> tuple[Counted, list[Trouble]]:
        """What changes would come to, in their order, on the catalogue as it is by now.

        Args:
            changes: As they were read.

        Returns:
            Counts, and what cannot be done: a change or a deletion of an item that there is not.
        """
        there: dict[str, bool] = {}
        n = {"added": 0, "changed": 0, "deleted": 0}
        troubles: list[Trouble] = []
        for line, change in enumerate(changes, start=1):
            is_there = there.get(change.id)
            if is_there is None:
                is_there = self.has(change.id)
            if not is_there and change.op is not Op.UPSERT:
                troubles.append(Trouble(line, "id", self._unknown(change)))
            elif change.op is Op.DELETE:
                n["deleted"] += 1
            else:
                n["changed" if is_there else "added"] += 1
            there[change.id] = change.op is not Op.DELETE
        return Counted(**n), troubles

    def take(self, sent: Sequence[object], terms: Terms, *, at: str, key: str = "", is_trial: bool = False) -> Taken:
        """Read, check and keep a batch, whole or not at all.

        Args:
            sent: Objects of named values.
            terms: How the shop writes.
            at: The time, with time zone.
            key: By which it may be sent again: it is then done only once.
            is_trial: Whether it is only said what would be done.

        Returns:
            Once it is on the disk.

        Raises:
            ChangesRefused: A part of it cannot be done, or the key was used for another one.
        """
        read = read_changes(sent, terms)
        if read.troubles:
            raise ChangesRefused(read.troubles)
        return self.keep(read.changes, at=at, key=key, is_trial=is_trial)

    def keep(self, changes: Sequence[ItemChange], *, at: str, key: str = "", is_trial: bool = False) -> Taken:
        """As ``take``, for changes that were read already."""
        if not changes:
            raise ChangesRefused((), "nothing was changed, since nothing was sent: send at least one change")
        if is_trial:
            self.catch_up()
            return Taken("", self._checked(changes))
        digest = hashlib.sha256(msgspec.json.encode(changes)).hexdigest() if key else ""
        with self.journal.writing():
            self.catch_up()
            before = self.journal.key(key) if key else None
            if before is not None:
                return self._repeated(before, digest, key)
            counted = self._checked(changes)
            self._hear(self.journal.append(changes, at=at, key=key, digest=digest))
        return Taken(self.token, counted)

    def has(self, item_id: str) -> bool:
        """Whether the catalogue has an item by now."""
        one = self.standing.get(item_id)
        return self._ids.number(item_id) != NONE if one is None else one.change.op is not Op.DELETE

    def _begin(self) -> None:
        """Take all over that the bundle does not hold."""
        news = self.journal.news()
        beginning = self.journal.beginning
        journal, _, number = self._held.partition("-")
        self._from = int(number) if journal and journal == beginning.journal else 0
        standing = beginning.standing if self._from < beginning.last else ()
        self.standing = {one.change.id: one for one in standing if max(one.numbers.values()) > self._from}
        self.last, self.n_beside, self.since = beginning.last, len(self.standing), ""
        for batch in news:
            self._hear(batch)

    def _hear(self, batch: Batch) -> None:
        self.last = batch.last
        if batch.last <= self._from:
            return
        self.since = self.since or batch.at
        self.n_beside += len(batch.changes)
        for place, change in enumerate(batch.changes, start=1):
            self.standing[change.id] = folded(self.standing.get(change.id), change, batch.before + place)

    def _checked(self, changes: Sequence[ItemChange]) -> Counted:
        counted, troubles = self.check(changes)
        if troubles:
            raise ChangesRefused(troubles)
        return counted

    def _repeated(self, before: tuple[str, int], digest: str, key: str) -> Taken:
        if before[0] != digest:
            says = f"nothing was changed: idempotency key {key[:64]!r} was used for other changes. Use another key"
            raise ChangesRefused((), says, is_key_taken=True)
        return Taken(str(Token(self.journal.journal, before[1])), Counted(), is_repeated=True)

    def _unknown(self, change: ItemChange) -> str:
        gone = self.standing.get(change.id)
        was = " any more" if gone is not None else ""
        hint = "leave it out" if change.op is Op.DELETE else "say op: upsert, with its title, to add it"
        return f"the catalogue has no item {change.id[:64]!r}{was}: {hint}"
