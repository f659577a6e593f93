"""The cost ledger in one SQLite file: append-only by the database's own rules, sums exact in decimals.

Amounts are kept as text and summed as decimals. A closed month keeps its sums, so that reading it does not read its
postings again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

from steelyard.cost.ledger import Balance, CostCentre, Entry, Month, Posting, View, is_balanced, trial_balance
from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import ArtefactError, DataError, StorageError

__all__ = ["SqliteLedger"]

_FORMAT = 1
_TABLES = """
CREATE TABLE entry (
    id TEXT PRIMARY KEY, month TEXT NOT NULL, day TEXT NOT NULL, view TEXT NOT NULL, text TEXT NOT NULL,
    kind TEXT NOT NULL, source TEXT NOT NULL, corrects TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE posting (
    month TEXT NOT NULL, view TEXT NOT NULL, entry TEXT NOT NULL REFERENCES entry (id), line INTEGER NOT NULL,
    account TEXT NOT NULL, currency TEXT NOT NULL, amount TEXT NOT NULL, size REAL NOT NULL,
    stage TEXT NOT NULL, model TEXT NOT NULL, configuration TEXT NOT NULL, team TEXT NOT NULL, experiment TEXT NOT NULL
);
CREATE INDEX posting_of_entry ON posting (entry, line);
CREATE INDEX posting_by_size ON posting (month, view, account, size DESC);
CREATE TABLE closed (month TEXT PRIMARY KEY, postings INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE closed_balance (
    month TEXT NOT NULL REFERENCES closed (month), view TEXT NOT NULL, account TEXT NOT NULL, currency TEXT NOT NULL,
    stage TEXT NOT NULL, model TEXT NOT NULL, configuration TEXT NOT NULL, team TEXT NOT NULL,
    experiment TEXT NOT NULL, amount TEXT NOT NULL, postings INTEGER NOT NULL
);
CREATE INDEX closed_balance_of ON closed_balance (month, view);
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
            for table in ("entry", "posting", "closed", "closed_balance")
            for verb in ("UPDATE", "DELETE")
        ),
        *(_NOT_WHEN_CLOSED.format(table=table) for table in ("entry", "posting")),
    ]
)
_SUMS = """
SELECT view, account, currency, stage, model, configuration, team, experiment, decimal_sum(amount), count(*)
FROM posting WHERE month = ? AND view IN (?, ?)
GROUP BY view, account, currency, stage, model, configuration, team, experiment
"""
_CLOSED_SUMS = """
SELECT view, account, currency, stage, model, configuration, team, experiment, amount, postings
FROM closed_balance WHERE month = ? AND view = ?
"""
_LARGEST = """
SELECT entry, max(size) AS largest FROM posting
WHERE month = ? AND view = ? AND (? = '' OR account = ? OR (account > ? AND account < ?))
GROUP BY entry ORDER BY largest DESC, entry LIMIT ?
"""
_LINES = """
SELECT account, amount, currency, stage, model, configuration, team, experiment FROM posting
WHERE entry = ? ORDER BY line
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
            self._store.create_aggregate("decimal_sum", 1, _DecimalSum)  # type: ignore[arg-type]
            self._store.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")
            self._make(path)
        except (OSError, sqlite3.OperationalError) as error:
            raise StorageError(f"cannot open the ledger {path}: {error}; give a folder that can be written") from error
        except sqlite3.DatabaseError as error:
            raise ArtefactError(f"{path} is not a ledger ({error}); give another file, it was left as it is") from error

    def append(self, entries: Iterable[Entry]) -> int:
        """As ``LedgerPort.append``."""
        n_new = 0
        with self._writing():
            for entry in entries:
                known = self._entry(entry.id)
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
        return [_balance(row) for row in rows]

    def close(self, month: Month) -> int:
        """As ``LedgerPort.close``."""
        with self._writing():
            if self._is_closed(month):
                raise DataError(f"{month} was closed before; book what is found now in an open month")
            earlier = self._store.execute(_EARLIER, (str(month),)).fetchone()[0]
            if earlier is not None:
                raise DataError(f"{earlier} is still open; close it before {month}")
            rows = self._store.execute(_SUMS, (str(month), *map(str, View))).fetchall()
            found = [_balance(row) for row in rows]
            for view in View:
                if not is_balanced(trial_balance(each for each in found if each.view is view)):
                    raise DataError(
                        f"the {view} accounts of {month} do not sum to zero: the file was changed from outside"
                    )
            n = sum(each.n_postings for each in found)
            self._store.execute("INSERT INTO closed VALUES (?, ?)", (str(month), n))
            self._store.executemany(
                "INSERT INTO closed_balance VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(str(month), *row) for row in rows],
            )
        return n

    def entries(self, month: Month, *, view: View, account: str = "", limit: int = 100) -> Sequence[Entry]:
        """As ``LedgerPort.entries``."""
        below, beyond = f"{account}/", f"{account}0"  # 0 is the sign after /
        given = (str(month), str(view), account, account, below, beyond, limit)
        rows = self._store.execute(_LARGEST, given).fetchall()
        found = (self._entry(row[0]) for row in rows)
        return [entry for entry in found if entry is not None]

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

    def _insert(self, entry: Entry) -> None:
        month = str(entry.month)
        if self._is_closed(entry.month):
            raise DataError(f"entry {entry.id}: {month} is closed; nothing was booked. Book it in an open month")
        if entry.corrects and self._entry(entry.corrects) is None:
            raise DataError(
                f"entry {entry.id} corrects {entry.corrects}, which is not in the ledger; nothing was booked"
            )
        self._store.execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                entry.id, month, entry.on.isoformat(), str(entry.view), entry.text, str(entry.kind), entry.source,
                entry.corrects,
            ),
        )  # fmt: skip
        self._store.executemany(
            "INSERT INTO posting VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    month, str(entry.view), entry.id, line, each.account, each.amount.currency, str(each.amount.amount),
                    float(abs(each.amount.amount)), *_centre_row(each.centre),
                )
                for line, each in enumerate(entry.postings)
            ],
        )  # fmt: skip

    def _is_closed(self, month: Month) -> bool:
        return self._store.execute("SELECT 1 FROM closed WHERE month = ?", (str(month),)).fetchone() is not None

    def _entry(self, entry_id: str) -> Entry | None:
        row = self._store.execute(
            "SELECT id, day, view, text, kind, source, corrects FROM entry WHERE id = ?", (entry_id,)
        ).fetchone()
        if row is None:
            return None
        lines = self._store.execute(_LINES, (entry_id,))
        postings = tuple(
            Posting(account, Money(Decimal(value), currency), _centre(centre))
            for account, value, currency, *centre in lines
        )
        return Entry(
            row[0], date.fromisoformat(row[1]), View(row[2]), row[3], FactKind(row[4]), row[5], postings, row[6]
        )


class _DecimalSum:
    """Sum of texts as decimals, exact."""

    def __init__(self) -> None:
        self._total = Decimal(0)

    def step(self, value: str) -> None:
        self._total += Decimal(value)

    def finalize(self) -> str:
        return str(self._total)


def _centre_row(centre: CostCentre | None) -> tuple[str, ...]:
    if centre is None:
        return ("",) * 5
    return (str(centre.stage), centre.model, centre.configuration, centre.team, centre.experiment)


def _centre(row: Sequence[str]) -> CostCentre | None:
    return CostCentre(Stage(row[0]), *row[1:]) if row[0] else None


def _balance(row: Sequence[str | int]) -> Balance:
    view, account, currency, *centre, amount, n = row
    money = Money(Decimal(str(amount)), str(currency))
    return Balance(View(str(view)), str(account), _centre([str(each) for each in centre]), money, int(n))
