"""The cost ledger in one SQLite file: append-only by the database's own rules, sums exact in decimals.

An amount is kept as three whole numbers (units, millionths, millionths of those), which the database sums exactly. A
closed month keeps its sums, so that reading it does not read its postings again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

from steelyard.adapters.ledgers.names import Names, reading_rows
from steelyard.domain import FactKind, Money
from steelyard.errors import ArtefactError, DataError, StorageError
from steelyard.ledger.entries import PLACES, Balance, Entry, Month, Posting, View, is_balanced, trial_balance
from steelyard.ledger.rules import batches, names_in, new_among

__all__ = ["SqliteLedger"]

_FORMAT = 1
_WIDE = Context(prec=40)
_PAGE = 1000
"""Entries read at a time where all are wanted."""
_PATIENCE_S = 60
"""How long to wait for another program that is booking."""
_CACHE_KIB = 64 * 1024
"""Memory for pages of the file: its indexes are written all over, and what does not fit is written many times."""
_TABLES = """
CREATE TABLE account (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE centre (
    id INTEGER PRIMARY KEY, stage TEXT NOT NULL, model TEXT NOT NULL, configuration TEXT NOT NULL, team TEXT NOT NULL,
    experiment TEXT NOT NULL, UNIQUE (stage, model, configuration, team, experiment)
);
CREATE TABLE entry (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, month TEXT NOT NULL, day TEXT NOT NULL, view TEXT NOT NULL,
    text TEXT NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL, corrects TEXT NOT NULL
);
CREATE TABLE posting (
    month TEXT NOT NULL, view TEXT NOT NULL, entry INTEGER NOT NULL REFERENCES entry (id), line INTEGER NOT NULL,
    account INTEGER NOT NULL REFERENCES account (id), currency TEXT NOT NULL,
    units INTEGER NOT NULL, millionths INTEGER NOT NULL, rest INTEGER NOT NULL, size REAL NOT NULL,
    centre INTEGER NOT NULL REFERENCES centre (id)
);
CREATE INDEX posting_of_entry ON posting (entry, line);
CREATE INDEX posting_by_size ON posting (month, view, account, size DESC);
CREATE TABLE closed (month TEXT PRIMARY KEY, postings INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE closed_balance (
    month TEXT NOT NULL, view TEXT NOT NULL, account INTEGER NOT NULL, currency TEXT NOT NULL,
    centre INTEGER NOT NULL, units INTEGER NOT NULL, millionths INTEGER NOT NULL, rest INTEGER NOT NULL,
    postings INTEGER NOT NULL
);
CREATE INDEX closed_balance_of ON closed_balance (month, view, account);
"""
_NO_CHANGE = """
CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""
_NOT_WHEN_CLOSED = """
CREATE TRIGGER {table}_in_closed_month BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM closed WHERE month = NEW.month)
BEGIN SELECT RAISE(ABORT, 'the month is closed'); END;
"""
_NO_REPLACEMENT = """
CREATE TRIGGER {table}_replaced BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""  # INSERT OR REPLACE removes the old row without asking the triggers on DELETE
_SAME = {
    "account": "id = NEW.id OR path = NEW.path",
    "centre": "id = NEW.id OR (stage, model, configuration, team, experiment) = "
    "(NEW.stage, NEW.model, NEW.configuration, NEW.team, NEW.experiment)",
    "entry": "id = NEW.id OR name = NEW.name",
    "closed": "month = NEW.month",
}
_GUARDS = "".join(
    [
        *(
            _NO_CHANGE.format(table=table, verb=verb)
            for table in ("account", "centre", "entry", "posting", "closed", "closed_balance")
            for verb in ("UPDATE", "DELETE")
        ),
        *(_NOT_WHEN_CLOSED.format(table=table) for table in ("entry", "posting", "closed_balance")),
        *(_NO_REPLACEMENT.format(table=table, same=same) for table, same in _SAME.items()),
    ]
)
_SUMS = """
SELECT view, account, currency, centre, sum(units), sum(millionths), sum(rest), count(*)
FROM posting WHERE month = ? AND view IN (?, ?) GROUP BY view, account, currency, centre
"""
_CLOSED_SUMS = """
SELECT view, account, currency, centre, units, millionths, rest, postings
FROM closed_balance WHERE month = ? AND view IN (?, ?)
"""
_LARGEST = """
SELECT entry, size FROM posting WHERE month = ? AND view = ? AND account = ? ORDER BY size DESC LIMIT ? OFFSET ?
"""
_ENTRY = "SELECT id, name, day, view, text, kind, source, corrects FROM entry WHERE {where} ORDER BY id LIMIT {limit}"
_LINES = """
SELECT entry, account, currency, units, millionths, rest, centre FROM posting WHERE entry IN ({marks})
ORDER BY entry, line
"""
_STATE = "SELECT (SELECT user_version FROM pragma_user_version), count(*) FROM sqlite_master"
_NEXT_MONTH = "SELECT min(month) FROM posting WHERE month > ?"
_AT_ONCE = 5000
"""Ids looked up by one question."""


class SqliteLedger:
    """A ledger of one shop, see ``steelyard.ledger.entries.LedgerPort``.

    Args:
        path: The file; made when missing.

    Raises:
        StorageError: It cannot be opened or made.
        ArtefactError: It is something else than a ledger, or of a newer version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names = Names()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._store = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE_S)
        except (OSError, sqlite3.OperationalError) as error:
            raise StorageError(f"cannot open the ledger {path}: {error}; give a folder that can be written") from error
        try:
            with self._asking():
                self._make()
        except BaseException:
            self.shut()
            raise

    def append(self, entries: Iterable[Entry]) -> int:
        """As ``LedgerPort.append``."""
        return sum(map(len, self._booked(entries)))

    def append_new(self, entries: Iterable[Entry]) -> list[Entry]:
        """As ``LedgerPort.append_new``."""
        return [entry for fresh in self._booked(entries) for entry in fresh]

    def _booked(self, entries: Iterable[Entry]) -> Iterator[list[Entry]]:
        """The new ones of each batch, written when all were given."""
        with self._writing():
            self._read_names()
            closed = self._closed()
            for batch in batches(entries):
                fresh = new_among(batch, self.kept(names_in(batch)), closed)
                self._insert(fresh)
                yield fresh

    def kept(self, ids: Sequence[str]) -> dict[str, Entry]:
        """As ``LedgerPort.kept``."""
        found: dict[str, Entry] = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            found |= {entry.id: entry for _, entry in self._read(f"name IN ({_marks(some)})", some)}
        return found

    def balances(self, month: Month, *, view: View) -> Sequence[Balance]:
        """As ``LedgerPort.balances``."""
        with self._asking():
            wanted = _CLOSED_SUMS if month in self._closed() else _SUMS
            rows = self._store.execute(wanted, (str(month), str(view), str(view)))
            return self._balances(rows.fetchall())

    def close(self, month: Month) -> int:
        """As ``LedgerPort.close``."""
        with self._writing():
            if month in (closed := self._closed()):
                raise DataError(f"{month} was closed before; book what is found now in an open month")
            still_open = [each for each in self._months() if each < month and each not in closed]
            if still_open:
                raise DataError(f"{still_open[0]} is still open; close it before {month}")
            rows = self._store.execute(_SUMS, (str(month), *map(str, View))).fetchall()
            found = self._balances(rows)
            for view in View:
                if not is_balanced(trial_balance(each for each in found if each.view is view)):
                    raise DataError(
                        f"the {view} accounts of {month} do not sum to zero: the file was changed from outside"
                    )
            n = sum(each.n_postings for each in found)
            kept = [(str(month), *row) for row in rows]
            self._store.executemany("INSERT INTO closed_balance VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", kept)
            self._store.execute("INSERT INTO closed VALUES (?, ?)", (str(month), n))
        return n

    def entries(self, month: Month, *, view: View, account: str = "", limit: int = 100) -> Sequence[Entry]:
        """As ``LedgerPort.entries``."""
        sizes: dict[int, float] = {}
        with self._asking():
            self._read_names()
            for number in self._names.at_or_below(account):
                for entry, size in self._largest(month, view, number, limit).items():
                    sizes[entry] = max(size, sizes.get(entry, 0.0))
            chosen = sorted(sizes, key=lambda entry: (-sizes[entry], entry))[:limit]
            pages = [chosen[at : at + _PAGE] for at in range(0, len(chosen), _PAGE)]
            found = dict(pair for page in pages for pair in self._read(f"id IN ({_marks(page)})", page))
        return [found[number] for number in chosen]

    def each(self, month: Month, *, view: View) -> Iterator[Entry]:
        """As ``LedgerPort.each``."""
        last = 0
        where = "id > ? AND month = ? AND view = ?"
        while True:
            with self._asking():
                page = self._read(where, (last, str(month), str(view)), limit=_PAGE)
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

    def shut(self) -> None:
        """Close the file."""
        self._store.close()

    def _make(self) -> None:
        """Make the tables where there are none; two that come first at once make them once."""
        version, n_tables = self._store.execute(_STATE).fetchone()
        if version > _FORMAT:
            raise ArtefactError(f"{self._path} was written by a newer version (format {version}); update steelyard")
        if version == 0 and n_tables:
            raise ArtefactError(f"{self._path} is another program's database; give another file, it was left as it is")
        self._store.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
        self._store.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        if version == 0:
            try:
                self._store.executescript(
                    f"BEGIN IMMEDIATE; {_TABLES} {_GUARDS} PRAGMA user_version = {_FORMAT}; COMMIT;"
                )
            except sqlite3.OperationalError:
                self._roll_back()
                if self._store.execute(_STATE).fetchone()[0] != _FORMAT:
                    raise
        self._place = self._path.stat()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Say plainly what the file refused."""
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise DataError(f"nothing was booked: {error}") from error
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            what = "wait until the other program that books is done" if is_busy else "free some space or rights there"
            raise StorageError(f"nothing was booked in {self._path}: {error}; {what} and do it again") from error
        except sqlite3.DatabaseError as error:
            raise ArtefactError(
                f"{self._path} is not a ledger, or is damaged ({error}): put a copy of it back or give another file; "
                "it was left as it is"
            ) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """All or nothing, and on the disk at the end."""
        try:
            with self._asking():
                self._store.execute("BEGIN IMMEDIATE")
                self._check_place()
                yield
                self._store.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _check_place(self) -> None:
        """Refuse to write to a file that nobody would find again."""
        try:
            is_there = self._path.stat().st_ino == self._place.st_ino
        except OSError:
            is_there = False
        if not is_there:
            raise StorageError(
                f"nothing was booked: {self._path} was removed or replaced since it was opened; put it back and begin "
                "again"
            )

    def _roll_back(self) -> None:
        if self._store.in_transaction:
            self._store.execute("ROLLBACK")
        self._names.forget()

    def _read_names(self) -> None:
        """Names that came since they were read last, also from other processes."""
        names = self._names
        names.learn(
            self._store.execute("SELECT id, path FROM account WHERE id > ? ORDER BY id", (names.n_accounts,)),
            self._store.execute("SELECT * FROM centre WHERE id > ? ORDER BY id", (names.n_centres,)),
        )

    def _largest(self, month: Month, view: View, account: int, limit: int) -> dict[int, float]:
        """Entries with the largest postings to one account, and the size of each."""
        found: dict[int, float] = {}
        offset = 0
        while len(found) < limit:
            given = (str(month), str(view), account, limit, offset)
            rows = self._store.execute(_LARGEST, given).fetchall()
            for entry, size in rows:
                found.setdefault(entry, size)
            if len(rows) < limit:
                break
            offset += limit
        return found

    def _insert(self, entries: Sequence[Entry]) -> None:
        """Write new entries, numbered on from the last."""
        first = 1 + (self._store.execute("SELECT max(id) FROM entry").fetchone()[0] or 0)
        names, rows, lines = self._names, [], []
        for number, entry in enumerate(entries, start=first):
            day, view = entry.on.isoformat(), str(entry.view)
            month = day[:7]
            rows.append((number, entry.id, month, day, view, entry.text, str(entry.kind), entry.source, entry.corrects))
            for line, each in enumerate(entry.postings):
                amount = each.amount.amount
                account, centre = names.account(each.account), names.centre(each.centre)
                size = abs(float(amount))
                lines.append((month, view, number, line, account, each.amount.currency, *_split(amount), size, centre))
        accounts, centres = names.take_new()
        self._store.executemany("INSERT INTO account VALUES (?, ?)", accounts)
        self._store.executemany("INSERT INTO centre VALUES (?, ?, ?, ?, ?, ?)", centres)
        self._store.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._store.executemany("INSERT INTO posting VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", lines)

    def _balances(self, rows: Iterable[Sequence[Any]]) -> list[Balance]:
        self._read_names()
        names = self._names
        with reading_rows(self._path):
            return [
                Balance(
                    View(view), names.path_of(account), names.centre_at(centre), Money(_joined(*parts), currency), n
                )
                for view, account, currency, centre, *parts, n in rows
            ]

    def _months(self) -> list[Month]:
        found: list[Month] = []
        last = ""
        while (row := self._store.execute(_NEXT_MONTH, (last,)).fetchone())[0] is not None:
            last = row[0]
            found.append(Month.parse(last))
        return found

    def _closed(self) -> set[Month]:
        return {Month.parse(row[0]) for row in self._store.execute("SELECT month FROM closed")}

    def _read(self, where: str, values: Sequence[str | int], *, limit: int = -1) -> list[tuple[int, Entry]]:
        """Entries with their numbers, in order of booking."""
        rows = self._store.execute(_ENTRY.format(where=where, limit=limit), values).fetchall()
        lines: dict[int, list[Posting]] = {row[0]: [] for row in rows}
        found = self._store.execute(_LINES.format(marks=_marks(lines)), list(lines)).fetchall() if rows else []
        self._read_names()
        names = self._names
        with reading_rows(self._path):
            for number, account, currency, *parts, centre in found:
                money = Money(_joined(*parts), currency)
                lines[number].append(Posting(names.path_of(account), money, names.centre_at(centre)))
            return [
                (
                    number,
                    Entry(
                        name, date.fromisoformat(day), View(view), text, FactKind(kind), source, tuple(lines[number]),
                        corrects,
                    ),
                )
                for number, name, day, view, text, kind, source, corrects in rows
            ]  # fmt: skip


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


def _split(amount: Decimal) -> tuple[int, int, int]:
    """An amount as units, millionths and millionths of those; the latter two are never below zero."""
    upper, rest = divmod(int(amount.scaleb(PLACES, _WIDE)), 10**6)
    return (*divmod(upper, 10**6), rest)


def _joined(units: int, millionths: int, rest: int) -> Decimal:
    return Decimal(int(units) * 10**12 + int(millionths) * 10**6 + int(rest)).scaleb(-PLACES, _WIDE)
