"""The cost ledger in one SQLite file: append-only by the database's own rules, sums exact in decimals.

An amount is kept as three whole numbers (units, millionths, millionths of those), which the database sums exactly. A
closed month keeps its sums, so that reading it does not read its postings again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Context, Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from steelyard.cost.ledger import PLACES, Balance, CostCentre, Entry, Month, Posting, View, is_balanced, trial_balance
from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import ArtefactError, DataError, StorageError

__all__ = ["SqliteLedger"]

_FORMAT = 1
_WIDE = Context(prec=40)
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
    month TEXT NOT NULL REFERENCES closed (month), view TEXT NOT NULL, account INTEGER NOT NULL, currency TEXT NOT NULL,
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
_GUARDS = "".join(
    [
        *(
            _NO_CHANGE.format(table=table, verb=verb)
            for table in ("account", "centre", "entry", "posting", "closed", "closed_balance")
            for verb in ("UPDATE", "DELETE")
        ),
        *(_NOT_WHEN_CLOSED.format(table=table) for table in ("entry", "posting")),
    ]
)
_SUMS = """
SELECT view, account, currency, centre, sum(units), sum(millionths), sum(rest), count(*)
FROM posting WHERE month = ? AND view IN (?, ?) GROUP BY view, account, currency, centre
"""
_CLOSED_SUMS = """
SELECT view, account, currency, centre, units, millionths, rest, postings
FROM closed_balance WHERE month = ? AND view = ?
"""
_LARGEST = """
SELECT entry, size FROM posting WHERE month = ? AND view = ? AND account = ? ORDER BY size DESC LIMIT ? OFFSET ?
"""
_ENTRY = "SELECT id, name, day, view, text, kind, source, corrects FROM entry WHERE "
_LINES = """
SELECT account, currency, units, millionths, rest, centre FROM posting WHERE entry = ? ORDER BY line
"""
_EACH = """
SELECT entry.id, name, day, text, kind, source, corrects, account, currency, units, millionths, rest, centre
FROM entry JOIN posting ON posting.entry = entry.id
WHERE entry.month = ? AND entry.view = ? ORDER BY entry.id, line
"""
_EARLIER = "SELECT min(month) FROM entry WHERE month < ? AND month NOT IN (SELECT month FROM closed)"


class SqliteLedger:
    """A ledger of one shop, see ``steelyard.cost.ledger.LedgerPort``.

    Args:
        path: The file; made when missing.

    Raises:
        StorageError: It cannot be opened or made.
        ArtefactError: It is something else than a ledger, or of a newer version.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._store = sqlite3.connect(path, isolation_level=None)
            self._store.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")
            self._make(path)
            self._read_names()
        except (OSError, sqlite3.OperationalError) as error:
            raise StorageError(f"cannot open the ledger {path}: {error}; give a folder that can be written") from error
        except sqlite3.DatabaseError as error:
            raise ArtefactError(f"{path} is not a ledger ({error}); give another file, it was left as it is") from error

    def append(self, entries: Iterable[Entry]) -> int:
        """As ``LedgerPort.append``."""
        n_new = 0
        with self._writing():
            for entry in entries:
                known = self._entry("name = ?", entry.id)
                if known == entry:
                    continue
                if known is not None:
                    raise DataError(
                        f"entry {entry.id} is in the ledger already, and differs: nothing was booked. "
                        "Book a correction of it under a new id"
                    )
                self._insert(entry)
                n_new += 1
        return n_new

    def balances(self, month: Month, *, view: View) -> Sequence[Balance]:
        """As ``LedgerPort.balances``."""
        if self._is_closed(month):
            rows = self._store.execute(_CLOSED_SUMS, (str(month), str(view)))
        else:
            rows = self._store.execute(_SUMS, (str(month), str(view), str(view)))
        return self._balances(rows)

    def close(self, month: Month) -> int:
        """As ``LedgerPort.close``."""
        with self._writing():
            if self._is_closed(month):
                raise DataError(f"{month} was closed before; book what is found now in an open month")
            earlier = self._store.execute(_EARLIER, (str(month),)).fetchone()[0]
            if earlier is not None:
                raise DataError(f"{earlier} is still open; close it before {month}")
            rows = self._store.execute(_SUMS, (str(month), *map(str, View))).fetchall()
            found = self._balances(rows)
            for view in View:
                if not is_balanced(trial_balance(each for each in found if each.view is view)):
                    raise DataError(
                        f"the {view} accounts of {month} do not sum to zero: the file was changed from outside"
                    )
            n = sum(each.n_postings for each in found)
            self._store.execute("INSERT INTO closed VALUES (?, ?)", (str(month), n))
            self._store.executemany(
                "INSERT INTO closed_balance VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(str(month), *row) for row in rows],
            )
        return n

    def entries(self, month: Month, *, view: View, account: str = "", limit: int = 100) -> Sequence[Entry]:
        """As ``LedgerPort.entries``."""
        below = f"{account}/"
        wanted = [number for path, number in self._accounts.items() if not account or f"{path}/".startswith(below)]
        sizes: dict[int, float] = {}
        for number in wanted:
            for entry, size in self._largest(month, view, number, limit).items():
                sizes[entry] = max(size, sizes.get(entry, 0.0))
        chosen = sorted(sizes, key=lambda entry: (-sizes[entry], entry))[:limit]
        found = (self._entry("id = ?", entry) for entry in chosen)
        return [entry for entry in found if entry is not None]

    def each(self, month: Month, *, view: View) -> Iterator[Entry]:
        """As ``LedgerPort.each``."""
        rows = self._store.execute(_EACH, (str(month), str(view)))
        for _, found in groupby(rows, key=itemgetter(0)):
            lines = list(found)
            _, name, day, text, kind, source, corrects = lines[0][:7]
            postings = tuple(self._posting(line[7:]) for line in lines)
            yield Entry(name, date.fromisoformat(day), view, text, FactKind(kind), source, postings, corrects)

    def months(self) -> list[Month]:
        """As ``LedgerPort.months``."""
        rows = self._store.execute("SELECT DISTINCT month FROM entry ORDER BY month")
        return [Month(*map(int, month.split("-"))) for (month,) in rows]

    def shut(self) -> None:
        """Close the file."""
        self._store.close()

    def _make(self, path: Path) -> None:
        version = self._store.execute("PRAGMA user_version").fetchone()[0]
        if version > _FORMAT:
            raise ArtefactError(f"{path} was written by a newer version (format {version}); update steelyard")
        if version == 0:
            if self._store.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise ArtefactError(f"{path} is another program's database; give another file, it was left as it is")
            self._store.executescript(f"BEGIN; {_TABLES} {_GUARDS} PRAGMA user_version = {_FORMAT}; COMMIT;")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """All or nothing, and on the disk at the end."""
        try:
            self._store.execute("BEGIN IMMEDIATE")
            yield
            self._store.execute("COMMIT")
        except sqlite3.IntegrityError as error:
            self._roll_back()
            raise DataError(f"nothing was booked: {error}") from error
        except sqlite3.Error as error:
            self._roll_back()
            raise StorageError(f"nothing was booked: {error}; free some space and book it again") from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self._store.in_transaction:
            self._store.execute("ROLLBACK")
        self._read_names()

    def _read_names(self) -> None:
        """Accounts and cost centres by what the file holds."""
        self._accounts: dict[str, int] = dict(self._store.execute("SELECT path, id FROM account"))
        self._centres = {_centre(row[1:]): int(row[0]) for row in self._store.execute("SELECT * FROM centre")}
        self._path_of = {number: path for path, number in self._accounts.items()}
        self._centre_at = {number: centre for centre, number in self._centres.items()}

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

    def _insert(self, entry: Entry) -> None:
        month = str(entry.month)
        if self._is_closed(entry.month):
            raise DataError(f"entry {entry.id}: {month} is closed; nothing was booked. Book it in an open month")
        if entry.corrects and self._entry("name = ?", entry.corrects) is None:
            raise DataError(
                f"entry {entry.id} corrects {entry.corrects}, which is not in the ledger; nothing was booked"
            )
        made = self._store.execute(
            "INSERT INTO entry (name, month, day, view, text, kind, source, corrects) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                entry.id, month, entry.on.isoformat(), str(entry.view), entry.text, str(entry.kind), entry.source,
                entry.corrects,
            ),
        )  # fmt: skip
        self._store.executemany(
            "INSERT INTO posting VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    month, str(entry.view), made.lastrowid, line, self._account(each.account), each.amount.currency,
                    *_split(each.amount.amount), float(abs(each.amount.amount)), self._centre_of(each.centre),
                )
                for line, each in enumerate(entry.postings)
            ],
        )  # fmt: skip

    def _account(self, path: str) -> int:
        if path not in self._accounts:
            made = self._store.execute("INSERT INTO account (path) VALUES (?)", (path,))
            self._accounts[path] = int(made.lastrowid or 0)
            self._path_of[self._accounts[path]] = path
        return self._accounts[path]

    def _centre_of(self, centre: CostCentre | None) -> int:
        if centre not in self._centres:
            made = self._store.execute(
                "INSERT INTO centre (stage, model, configuration, team, experiment) VALUES (?, ?, ?, ?, ?)",
                _centre_row(centre),
            )
            self._centres[centre] = int(made.lastrowid or 0)
            self._centre_at[self._centres[centre]] = centre
        return self._centres[centre]

    def _balances(self, rows: Iterable[Sequence[Any]]) -> list[Balance]:
        paths, centres = self._path_of, self._centre_at
        return [
            Balance(View(view), paths[account], centres[centre], Money(_joined(*parts), currency), n)
            for view, account, currency, centre, *parts, n in rows
        ]

    def _is_closed(self, month: Month) -> bool:
        return self._store.execute("SELECT 1 FROM closed WHERE month = ?", (str(month),)).fetchone() is not None

    def _entry(self, where: str, value: str | int) -> Entry | None:
        row = self._store.execute(_ENTRY + where, (value,)).fetchone()
        if row is None:
            return None
        number, name, day, view, text, kind, source, corrects = row
        postings = tuple(map(self._posting, self._store.execute(_LINES, (number,))))
        return Entry(name, date.fromisoformat(day), View(view), text, FactKind(kind), source, postings, corrects)

    def _posting(self, line: Sequence[Any]) -> Posting:
        account, currency, *parts, centre = line
        return Posting(self._path_of[account], Money(_joined(*parts), currency), self._centre_at[centre])


def _split(amount: Decimal) -> tuple[int, int, int]:
    """An amount as units, millionths and millionths of those, all of its sign."""
    scaled = int(amount.scaleb(PLACES, _WIDE))
    size, sign = abs(scaled), -1 if scaled < 0 else 1
    upper, rest = divmod(size, 10**6)
    units, millionths = divmod(upper, 10**6)
    return sign * units, sign * millionths, sign * rest


def _joined(units: int, millionths: int, rest: int) -> Decimal:
    return Decimal(units * 10**12 + millionths * 10**6 + rest).scaleb(-PLACES, _WIDE)


def _centre_row(centre: CostCentre | None) -> tuple[str, ...]:
    if centre is None:
        return ("",) * 5
    return (str(centre.stage), centre.model, centre.configuration, centre.team, centre.experiment)


def _centre(row: Sequence[str]) -> CostCentre | None:
    return CostCentre(Stage(row[0]), *row[1:]) if row[0] else None
