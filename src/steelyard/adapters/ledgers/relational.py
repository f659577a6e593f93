"""What a ledger in a database is, whichever database it is: tables, rows and refusals; a subclass adds its SQL.

The tables are ``account``, ``centre``, ``entry``, ``posting``, ``closed`` and ``closed_balance``, behind a prefix. A
closed month keeps its sums, so that reading it does not read its postings again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from steelyard.adapters.ledgers.names import Names, reading_rows
from steelyard.domain import FactKind, Money
from steelyard.errors import DataError
from steelyard.ledger.entries import Balance, Entry, Month, Posting, View, is_balanced, trial_balance
from steelyard.ledger.rules import batches, names_in, new_among

__all__ = ["RelationalLedger"]

_PAGE = 1000
"""Entries read at a time where all are wanted."""
_AT_ONCE = 5000
"""Ids looked up by one question."""
_SUMS = """
SELECT view, account, currency, centre, {sums}, count(*) FROM {prefix}posting
WHERE month = {mark} AND view = {mark} GROUP BY view, account, currency, centre
"""
_CLOSED_SUMS = """
SELECT view, account, currency, centre, {amount}, postings FROM {prefix}closed_balance
WHERE month = {mark} AND view = {mark}
"""
_KEEP_SUMS = """
INSERT INTO {prefix}closed_balance
SELECT month, view, account, currency, centre, {sums}, count(*) FROM {prefix}posting
WHERE month = {mark} GROUP BY month, view, account, currency, centre
"""
_CLOSE = "INSERT INTO {prefix}closed VALUES ({mark}, {mark})"
_CLOSED = "SELECT month FROM {prefix}closed"
_LAST_ENTRY = "SELECT max(id) FROM {prefix}entry"
_ACCOUNTS = "SELECT id, path FROM {prefix}account WHERE id > {mark} ORDER BY id"
_CENTRES = """
SELECT id, stage, model, configuration, team, experiment FROM {prefix}centre WHERE id > {mark} ORDER BY id
"""
_ENTRY = """
SELECT id, name, day, view, text, kind, source, corrects FROM {prefix}entry WHERE {where} ORDER BY id
"""
_OF_MONTH = "id > {mark} AND month = {mark} AND view = {mark}"
_POSTING = """
SELECT entry, account, currency, {amount}, centre FROM {prefix}posting WHERE {where} ORDER BY entry, line
"""


class RelationalLedger(ABC):
    """A ledger of one shop, see ``steelyard.ledger.entries.LedgerPort``.

    Args:
        place: How to call it in messages.
    """

    PREFIX: ClassVar[str]
    """Before the name of each table."""
    MARK: ClassVar[str]
    """Stands for a value in a statement."""
    AMOUNT: ClassVar[tuple[str, ...]]
    """Columns that hold an amount; each can be summed."""
    NEXT_MONTH: ClassVar[str]
    """The first month after one that holds postings, or NULL."""

    def __init__(self, place: Path | str) -> None:
        self._place = place
        self._names = Names()

    @abstractmethod
    def close(self) -> None:
        """As ``LedgerPort.close``."""

    @abstractmethod
    def _asking(self) -> AbstractContextManager[None]:
        """Say plainly what the database refused."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[None]:
        """All or nothing, one writer at a time."""

    @abstractmethod
    def _ask(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a statement; none where it gives none."""

    @abstractmethod
    def _is_any(self, column: str, values: Collection[Any]) -> tuple[str, Sequence[Any]]:
        """The condition that a column is one of some values, and what stands at its marks."""

    @abstractmethod
    def _write(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows to a table, named without prefix."""

    @abstractmethod
    def _amounts(self, postings: Sequence[Posting], centres: Sequence[int]) -> Iterable[Sequence[Any]]:
        """For each posting of an entry, the columns behind its currency."""

    @abstractmethod
    def _joined(self, parts: Sequence[Any]) -> Decimal:
        """The amount in the columns of ``AMOUNT``."""

    @abstractmethod
    def _largest(self, month: Month, *, view: View, accounts: Sequence[int], limit: int) -> list[int]:
        """Numbers of the entries with the largest postings to some accounts, largest first."""

    def append(self, entries: Iterable[Entry]) -> int:
        """As ``LedgerPort.append``."""
        return sum(map(len, self._booked(entries)))

    def append_new(self, entries: Iterable[Entry]) -> list[Entry]:
        """As ``LedgerPort.append_new``."""
        return [entry for fresh in self._booked(entries) for entry in fresh]

    def find(self, ids: Sequence[str]) -> dict[str, Entry]:
        """As ``LedgerPort.find``."""
        with self._asking():
            return {
                entry.id: entry
                for start in range(0, len(ids), _AT_ONCE)
                for _, entry in self._read(*self._is_any("name", ids[start : start + _AT_ONCE]))
            }

    def balances(self, month: Month, *, view: View) -> Sequence[Balance]:
        """As ``LedgerPort.balances``."""
        with self._asking():
            return self._balances(_CLOSED_SUMS if month in self._closed() else _SUMS, month, view)

    def close_month(self, month: Month) -> int:
        """As ``LedgerPort.close_month``."""
        with self._writing():
            if month in (closed := self._closed()):
                raise DataError(f"{month} was closed before; book what is found now in an open month")
            still_open = [each for each in self._months() if each < month and each not in closed]
            if still_open:
                raise DataError(f"{still_open[0]} is still open; close it before {month}")
            self._ask(self._sql(_KEEP_SUMS), (str(month),))
            n = 0
            for view in View:
                found = self._balances(_CLOSED_SUMS, month, view)
                if not is_balanced(trial_balance(found)):
                    raise DataError(
                        f"the {view} accounts of {month} do not sum to zero: the ledger was changed from outside"
                    )
                n += sum(each.n_postings for each in found)
            self._ask(self._sql(_CLOSE), (str(month), n))
        return n

    def entries(self, month: Month, *, view: View, account: str = "", limit: int = 100) -> Sequence[Entry]:
        """As ``LedgerPort.entries``."""
        with self._asking():
            self._read_names()
            accounts = self._names.at_or_below(account)
            chosen = self._largest(month, view=view, accounts=accounts, limit=limit)
            found = dict(
                pair
                for start in range(0, len(chosen), _PAGE)
                for pair in self._read(*self._is_any("id", chosen[start : start + _PAGE]))
            )
        return [found[number] for number in chosen]

    def iter_entries(self, month: Month, *, view: View) -> Iterator[Entry]:
        """As ``LedgerPort.iter_entries``."""
        last = 0
        while True:
            with self._asking():
                page = self._read(self._sql(_OF_MONTH), (last, str(month), str(view)), limit=_PAGE)
            if not page:
                return
            yield from (entry for _, entry in page)
            last = page[-1][0]

    def months(self) -> list[Month]:
        """As ``LedgerPort.months``."""
        with self._asking():
            return self._months()

    def closed(self) -> set[Month]:
        """As ``LedgerPort.closed``."""
        with self._asking():
            return self._closed()

    def _sql(self, query: str, *, where: str = "") -> str:
        """A statement in the words of the database."""
        amount, sums = ", ".join(self.AMOUNT), ", ".join(f"sum({column})" for column in self.AMOUNT)
        return query.format(prefix=self.PREFIX, mark=self.MARK, amount=amount, sums=sums, where=where)

    def _booked(self, entries: Iterable[Entry]) -> Iterator[list[Entry]]:
        """The new ones of each batch, written when all were given."""
        with self._writing():
            self._read_names()
            closed = self._closed()
            for batch in batches(entries):
                fresh = new_among(batch, self.find(names_in(batch)), closed)
                self._insert(fresh)
                yield fresh

    def _insert(self, entries: Sequence[Entry]) -> None:
        """Write new entries, numbered on from the last."""
        first = 1 + (self._ask(self._sql(_LAST_ENTRY))[0][0] or 0)
        names, rows, lines = self._names, [], []
        for number, entry in enumerate(entries, start=first):
            day, month, view = entry.on.isoformat(), str(entry.month), str(entry.view)
            rows.append((number, entry.id, month, day, view, entry.text, str(entry.kind), entry.source, entry.corrects))
            accounts = [names.account(each.account) for each in entry.postings]
            centres = [names.centre(each.centre) for each in entry.postings]
            ends = self._amounts(entry.postings, centres)
            for line, (each, account, end) in enumerate(zip(entry.postings, accounts, ends, strict=True)):
                lines.append((month, view, number, line, account, each.amount.currency, *end))
        new_accounts, new_centres = names.take_new()
        for table, new in (("account", new_accounts), ("centre", new_centres), ("entry", rows), ("posting", lines)):
            if new:
                self._write(table, new)

    def _read_names(self) -> None:
        """Names that came since they were read last, also from elsewhere."""
        names = self._names
        names.learn(
            self._ask(self._sql(_ACCOUNTS), (names.n_accounts,)), self._ask(self._sql(_CENTRES), (names.n_centres,))
        )

    def _balances(self, query: str, month: Month, view: View) -> list[Balance]:
        rows = self._ask(self._sql(query), (str(month), str(view)))
        self._read_names()
        names = self._names
        with reading_rows(self._place):
            return [
                Balance(
                    View(view), names.path_of(account), names.centre_at(centre), Money(self._joined(parts), currency), n
                )
                for view, account, currency, centre, *parts, n in rows
            ]

    def _months(self) -> list[Month]:
        found: list[Month] = []
        last = ""
        while (rows := self._ask(self.NEXT_MONTH, (last,))) and rows[0][0] is not None:
            last = rows[0][0]
            found.append(Month.parse(last))
        return found

    def _closed(self) -> set[Month]:
        return {Month.parse(row[0]) for row in self._ask(self._sql(_CLOSED))}

    def _read(self, where: str, values: Sequence[Any], *, limit: int | None = None) -> list[tuple[int, Entry]]:
        """Entries with their numbers, in order of booking."""
        query = self._sql(_ENTRY, where=where)
        rows = self._ask(query if limit is None else f"{query} LIMIT {limit:d}", values)
        if not rows:
            return []
        postings = self._postings([row[0] for row in rows])
        with reading_rows(self._place):
            return [
                (
                    number,
                    Entry(
                        name, date.fromisoformat(str(day)), View(view), text, FactKind(kind), source,
                        tuple(postings[number]), corrects,
                    ),
                )
                for number, name, day, view, text, kind, source, corrects in rows
            ]  # fmt: skip

    def _postings(self, entries: Sequence[int]) -> dict[int, list[Posting]]:
        """By the number of their entry, in order."""
        condition, values = self._is_any("entry", entries)
        rows = self._ask(self._sql(_POSTING, where=condition), values)
        self._read_names()
        names = self._names
        found: dict[int, list[Posting]] = {number: [] for number in entries}
        with reading_rows(self._place):
            for number, account, currency, *parts, centre in rows:
                money = Money(self._joined(parts), currency)
                found[number].append(Posting(names.path_of(account), money, names.centre_at(centre)))
        return found
