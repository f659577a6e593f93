"""The cost ledger in one SQLite file: append-only by the database's own rules, sums exact in decimals.

An amount is kept as three whole numbers (units, millionths, millionths of those), which the database sums exactly. A
closed month keeps its sums, so that reading it does not read its postings again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

from steelyard.adapters.ledgers.relational import RelationalLedger
from steelyard.errors import ArtefactError, DataError, StorageError
from steelyard.ledger.entries import DECIMALS, Month, Posting, View

__all__ = ["SqliteLedger"]

_FORMAT = 1
_WIDE = Context(prec=40)
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
_LARGEST = """
SELECT entry, size FROM posting WHERE month = ? AND view = ? AND account = ? ORDER BY size DESC LIMIT ? OFFSET ?
"""
_INSERT = "INSERT INTO {table} VALUES ({marks})"
_STATE = "SELECT (SELECT user_version FROM pragma_user_version), count(*) FROM sqlite_master"


class SqliteLedger(RelationalLedger):
    """A ledger of one shop in a file.

    Args:
        path: The file; made when missing.

    Raises:
        StorageError: It cannot be opened or made.
        ArtefactError: It is something else than a ledger, or of a newer version.
    """

    PREFIX = ""
    MARK = "?"
    AMOUNT = ("units", "millionths", "rest")
    NEXT_MONTH = "SELECT min(month) FROM posting WHERE month > ?"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._store = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE_S)
        except (OSError, sqlite3.OperationalError) as error:
            raise StorageError(f"cannot open the ledger {path}: {error}; give a folder that can be written") from error
        try:
            with self._asking():
                self._make()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
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
        self._made = self._path.stat()

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
            is_there = self._path.stat().st_ino == self._made.st_ino
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

    def _ask(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._store.execute(query, values).fetchall()

    def _is_any(self, column: str, values: Collection[Any]) -> tuple[str, Sequence[Any]]:
        return f"{column} IN ({_marks(values)})", list(values)

    def _write(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        self._store.executemany(_INSERT.format(table=table, marks=_marks(rows[0])), rows)

    def _amounts(self, postings: Sequence[Posting], centres: Sequence[int]) -> Iterable[Sequence[Any]]:
        for each, centre in zip(postings, centres, strict=True):
            amount = each.amount.amount
            yield (*_split(amount), abs(float(amount)), centre)

    def _joined(self, parts: Sequence[Any]) -> Decimal:
        units, millionths, rest = map(int, parts)
        return Decimal(units * 10**12 + millionths * 10**6 + rest).scaleb(-DECIMALS, _WIDE)

    def _largest(self, month: Month, *, view: View, accounts: Sequence[int], limit: int) -> list[int]:
        sizes: dict[int, float] = {}
        for account in accounts:
            for entry, size in self._sizes(month, view, account, limit).items():
                sizes[entry] = max(size, sizes.get(entry, 0.0))
        return sorted(sizes, key=lambda entry: (-sizes[entry], entry))[:limit]

    def _sizes(self, month: Month, view: View, account: int, limit: int) -> dict[int, float]:
        """Entries with the largest postings to one account, and the size of each."""
        found: dict[int, float] = {}
        offset = 0
        while len(found) < limit:
            rows = self._ask(_LARGEST, (str(month), str(view), account, limit, offset))
            for entry, size in rows:
                found.setdefault(entry, size)
            if len(rows) < limit:
                break
            offset += limit
        return found


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


def _split(amount: Decimal) -> tuple[int, int, int]:
    """An amount as units, millionths and millionths of those; the latter two are never below zero."""
    upper, rest = divmod(int(amount.scaleb(DECIMALS, _WIDE)), 10**6)
    return (*divmod(upper, 10**6), rest)
