"""The cost ledger in PostgreSQL, for shops whose ledger is written from several machines.

The same entries, refusals and sums as in the file of ``sqlite_ledger``. Appending and closing wait for each other; the
tables themselves refuse changes and postings into closed months, whoever writes. Amounts are ``numeric(27, 12)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from steelyard.adapters.ledgers.names import Names, reading_rows
from steelyard.domain import FactKind, Money
from steelyard.errors import ArtefactError, ConfigError, DataError, StorageError
from steelyard.ledger.entries import Balance, Entry, Month, Posting, View
from steelyard.ledger.rules import batches, names_in, new_among

__all__ = ["PostgresLedger"]

_FORMAT = 1
_PAGE = 1000
_MAKING = 0x7374656C  # a number of our own for the lock under which the tables are made
_LOCK = "SELECT pg_advisory_xact_lock('ledger_closed'::regclass::oid::bigint)"
_CONNECT_TIMEOUT_S = 10
_TABLES = """
CREATE TABLE ledger_format (version integer NOT NULL);
CREATE TABLE ledger_account (id integer PRIMARY KEY, path text COLLATE "C" NOT NULL UNIQUE);
CREATE TABLE ledger_centre (
    id integer PRIMARY KEY, stage text NOT NULL, model text NOT NULL, configuration text NOT NULL, team text NOT NULL,
    experiment text NOT NULL, UNIQUE (stage, model, configuration, team, experiment)
);
CREATE TABLE ledger_entry (
    id bigint PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE, month text COLLATE "C" NOT NULL, day date NOT NULL,
    view text NOT NULL, text text NOT NULL, kind text NOT NULL, source text NOT NULL, corrects text NOT NULL
);
CREATE TABLE ledger_posting (
    month text COLLATE "C" NOT NULL, view text COLLATE "C" NOT NULL, entry bigint NOT NULL REFERENCES ledger_entry,
    line integer NOT NULL, account integer NOT NULL REFERENCES ledger_account, currency text NOT NULL,
    amount numeric(27, 12) NOT NULL CHECK (amount <> 0 AND amount <> 'NaN'),
    centre integer NOT NULL REFERENCES ledger_centre, leads boolean NOT NULL, PRIMARY KEY (entry, line)
);
CREATE INDEX ledger_posting_by_size ON ledger_posting (month, view, account, abs(amount) DESC, entry) WHERE leads;
CREATE TABLE ledger_closed (month text COLLATE "C" PRIMARY KEY, postings bigint NOT NULL);
CREATE TABLE ledger_closed_balance (
    month text COLLATE "C" NOT NULL, view text COLLATE "C" NOT NULL, account integer NOT NULL, currency text NOT NULL,
    centre integer NOT NULL, amount numeric NOT NULL, postings bigint NOT NULL
);
CREATE INDEX ledger_closed_balance_of ON ledger_closed_balance (month, view, account);
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE FUNCTION ledger_refuse_closed() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT LIKE 'read%' THEN
        RAISE EXCEPTION 'book at READ COMMITTED: an older view may not show that a month was closed';
    END IF;
    PERFORM pg_advisory_xact_lock_shared('ledger_closed'::regclass::oid::bigint);
    IF EXISTS (SELECT FROM ledger_closed WHERE month IN (SELECT month FROM booked)) THEN
        RAISE EXCEPTION 'the month is closed';
    END IF;
    RETURN NULL;
END $$;
"""  # fmt: skip
_NO_CHANGE = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
_NOT_WHEN_CLOSED = """
CREATE TRIGGER month_is_open AFTER INSERT ON {table} REFERENCING NEW TABLE AS booked
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_closed();
"""
_KEPT = ("format", "account", "centre", "entry", "posting", "closed", "closed_balance")
_GUARDS = "".join(
    [
        *(_NO_CHANGE.format(table=f"ledger_{table}") for table in _KEPT),
        *(_NOT_WHEN_CLOSED.format(table=f"ledger_{table}") for table in ("entry", "posting", "closed_balance")),
    ]
)
_SUMS = """
SELECT view, account, currency, centre, sum(amount), count(*) FROM ledger_posting
WHERE month = %s AND view = %s GROUP BY view, account, currency, centre
"""
_CLOSED_SUMS = """
SELECT view, account, currency, centre, amount, postings FROM ledger_closed_balance WHERE month = %s AND view = %s
"""
_CLOSE = """
INSERT INTO ledger_closed_balance
SELECT month, view, account, currency, centre, sum(amount), count(*) FROM ledger_posting
WHERE month = %s GROUP BY month, view, account, currency, centre
"""
_UNBALANCED = """
SELECT view FROM ledger_closed_balance WHERE month = %s GROUP BY view, currency HAVING sum(amount) <> 0
"""
_MARK_CLOSED = """
INSERT INTO ledger_closed
SELECT %(month)s, coalesce(sum(postings), 0) FROM ledger_closed_balance WHERE month = %(month)s RETURNING postings
"""
_LARGEST = """
SELECT entry FROM unnest(%(accounts)s::integer[]) AS wanted (account), LATERAL (
    SELECT entry, abs(amount) AS size FROM ledger_posting
    WHERE month = %(month)s AND view = %(view)s AND ledger_posting.account = wanted.account AND leads
    ORDER BY abs(amount) DESC, entry LIMIT %(limit)s
) AS of_account GROUP BY entry ORDER BY max(size) DESC, entry LIMIT %(limit)s
"""
_ENTRY = "SELECT id, name, day, view, text, kind, source, corrects FROM ledger_entry WHERE "
_LINES = """
SELECT entry, account, currency, amount, centre FROM ledger_posting WHERE entry = ANY(%s) ORDER BY entry, line
"""
_NEXT_MONTH = "SELECT min(month) FROM ledger_posting WHERE month > %s AND leads"


class PostgresLedger:
    """A ledger of one shop, see ``steelyard.ledger.entries.LedgerPort``.

    Args:
        url: ``postgresql://user@host/database``; what it leaves out comes from libpq's own places, such as
            ``~/.pgpass``. The tables are made in the first schema of its search path when they are missing.

    Raises:
        ConfigError: The address cannot be read. It is not repeated, since it may hold a password.
        StorageError: The server does not answer, or the role may not do what is needed.
        ArtefactError: The schema holds something else, or a ledger of a newer version.
    """

    def __init__(self, url: str) -> None:
        try:
            given = conninfo_to_dict(url)
        except psycopg.Error:
            raise ConfigError(
                "the address of the ledger cannot be read: it must look like postgresql://user@host:5432/database, "
                "with special characters as %40 and so on"
            ) from None
        self._url, self._secret = url, str(given.get("password") or "")
        self._settings: dict[str, Any] = {"application_name": "steelyard", "client_encoding": "utf8"}
        self._settings |= {"connect_timeout": given.get("connect_timeout", _CONNECT_TIMEOUT_S)}
        self._names = Names()
        self._connect()
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
            closed = self._closed()
            for batch in batches(entries):
                fresh = new_among(batch, self.kept(names_in(batch)), closed)
                self._insert(fresh)
                yield fresh

    def kept(self, ids: Sequence[str]) -> dict[str, Entry]:
        """As ``LedgerPort.kept``."""
        with self._asking():
            return {entry.id: entry for _, entry in self._read("name = ANY(%s)", (list(ids),))}

    def balances(self, month: Month, *, view: View) -> Sequence[Balance]:
        """As ``LedgerPort.balances``."""
        with self._asking():
            wanted = _CLOSED_SUMS if month in self._closed() else _SUMS
            rows = self._store.execute(wanted, (str(month), str(view))).fetchall()
            self._read_names()
        names = self._names
        with reading_rows("the ledger"):
            return [
                Balance(View(view), names.path_of(account), names.centre_at(centre), Money(total, currency), n)
                for view, account, currency, centre, total, n in rows
            ]

    def close(self, month: Month) -> int:
        """As ``LedgerPort.close``."""
        with self._writing():
            closed = self._closed()
            if month in closed:
                raise DataError(f"{month} was closed before; book what is found now in an open month")
            still_open = [each for each in self._months() if each < month and each not in closed]
            if still_open:
                raise DataError(f"{still_open[0]} is still open; close it before {month}")
            self._store.execute(_CLOSE, (str(month),))
            unbalanced = self._store.execute(_UNBALANCED, (str(month),)).fetchone()
            if unbalanced:
                raise DataError(
                    f"the {unbalanced[0]} accounts of {month} do not sum to zero: the ledger was changed from outside"
                )
            found = self._store.execute(_MARK_CLOSED, {"month": str(month)}).fetchone()
        return int(found[0]) if found else 0

    def entries(self, month: Month, *, view: View, account: str = "", limit: int = 100) -> Sequence[Entry]:
        """As ``LedgerPort.entries``."""
        with self._asking():
            self._read_names()
            given = {"accounts": self._names.at_or_below(account), "month": str(month), "view": str(view)}
            rows = self._store.execute(_LARGEST, {**given, "limit": limit}).fetchall()
            chosen = [row[0] for row in rows]
            found = dict(self._read("id = ANY(%s)", (chosen,)))
        return [found[number] for number in chosen]

    def each(self, month: Month, *, view: View) -> Iterator[Entry]:
        """As ``LedgerPort.each``."""
        last = 0
        where = "id > %s AND month = %s AND view = %s ORDER BY id LIMIT %s"
        while True:
            with self._asking():
                page = self._read(where, (last, str(month), str(view), _PAGE))
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
        """End the connection."""
        self._store.close()

    def _connect(self) -> None:
        with self._asking(is_open=False):
            self._store = psycopg.connect(self._url, autocommit=True, prepare_threshold=None, **self._settings)
            self._store.isolation_level = psycopg.IsolationLevel.READ_COMMITTED

    def _make(self) -> None:
        """Make the tables where there are none; two that come first at once make them once."""
        with self._store.transaction():
            self._store.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING,))
            if self._one("SELECT to_regclass('ledger_format')") is None:
                self._make_tables()
            version = self._one("SELECT max(version) FROM ledger_format")
        if version is None or version > _FORMAT:
            raise ArtefactError(f"the ledger was written by a newer version (format {version}); update steelyard")

    def _make_tables(self) -> None:
        schema, encoding = self._one("SELECT current_schema()"), self._one("SHOW server_encoding")
        if schema is None or encoding != "UTF8":
            raise ConfigError(
                f"the ledger's database has encoding {encoding} and schema {schema}: it needs UTF8 and a schema to "
                "write to, such as postgresql://user@host/database?options=-csearch_path%3Dledger"
            )
        try:
            self._store.execute(sql.SQL(_TABLES).format(schema=sql.Identifier(schema)))
            self._store.execute(_GUARDS)
            self._store.execute("INSERT INTO ledger_format VALUES (%s)", (_FORMAT,))
        except (psycopg.errors.DuplicateTable, psycopg.errors.DuplicateFunction) as error:
            raise ArtefactError(f"schema {schema} holds something else ({_first_line(error)}); name another") from error

    @contextmanager
    def _asking(self, *, is_open: bool = True) -> Iterator[None]:
        """Say plainly what the server refused, and never the password."""
        if is_open and self._store.closed:
            self._connect()
        try:
            yield
        except psycopg.errors.InsufficientPrivilege as error:
            raise StorageError(
                f"the ledger's database refuses: {self._said(error)}; grant SELECT and INSERT on its tables, or "
                "USAGE and CREATE on its schema to make them"
            ) from None
        except (psycopg.errors.RaiseException, psycopg.IntegrityError, psycopg.DataError) as error:
            raise DataError(f"nothing was booked: {self._said(error)}") from None
        except psycopg.Error as error:
            raise StorageError(
                f"the ledger's database failed: {self._said(error)}; look after it and do the same again: "
                "what is booked already is passed over"
            ) from None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """All or nothing, one writer at a time."""
        try:
            with self._asking(), self._store.transaction():
                self._store.execute(_LOCK)
                self._read_names()
                yield
        except BaseException:
            self._names.forget()
            raise

    def _said(self, error: psycopg.Error) -> str:
        text = _first_line(error)
        return text.replace(self._secret, "***") if self._secret else text

    def _one(self, query: str) -> Any:
        row = self._store.execute(query).fetchone()
        return row[0] if row else None

    def _closed(self) -> set[Month]:
        return {Month.parse(row[0]) for row in self._store.execute("SELECT month FROM ledger_closed")}

    def _months(self) -> list[Month]:
        found: list[Month] = []
        last = ""
        while (row := self._store.execute(_NEXT_MONTH, (last,)).fetchone()) and row[0] is not None:
            last = row[0]
            found.append(Month.parse(last))
        return found

    def _read_names(self) -> None:
        """Names that came since they were read last, also from elsewhere."""
        names = self._names
        names.learn(
            self._store.execute("SELECT * FROM ledger_account WHERE id > %s ORDER BY id", (names.n_accounts,)),
            self._store.execute("SELECT * FROM ledger_centre WHERE id > %s ORDER BY id", (names.n_centres,)),
        )

    def _read(self, where: str, values: Sequence[Any]) -> list[tuple[int, Entry]]:
        """Entries with their numbers."""
        rows = self._store.execute(_ENTRY + where, values).fetchall()
        if not rows:
            return []
        lines: dict[int, list[Posting]] = {row[0]: [] for row in rows}
        found = self._store.execute(_LINES, (list(lines),)).fetchall()
        self._read_names()
        names = self._names
        for entry, account, currency, amount, centre in found:
            lines[entry].append(Posting(names.path_of(account), Money(amount, currency), names.centre_at(centre)))
        with reading_rows("the ledger"):
            return [
                (number, Entry(name, day, View(view), text, FactKind(kind), source, tuple(lines[number]), corrects))
                for number, name, day, view, text, kind, source, corrects in rows
            ]

    def _insert(self, entries: Sequence[Entry]) -> None:
        """Write new entries, numbered on from the last."""
        first = 1 + (self._one("SELECT max(id) FROM ledger_entry") or 0)
        names, rows, lines = self._names, [], []
        for number, entry in enumerate(entries, start=first):
            month, view = str(entry.month), str(entry.view)
            rows.append(
                (number, entry.id, month, entry.on, view, entry.text, str(entry.kind), entry.source, entry.corrects)
            )
            leaders = _leaders(entry.postings)
            for line, each in enumerate(entry.postings):
                account, centre = names.account(each.account), names.centre(each.centre)
                money = each.amount
                lines.append(
                    (month, view, number, line, account, money.currency, money.amount, centre, line in leaders)
                )
        accounts, centres = names.take_new()
        for table, found in (("account", accounts), ("centre", centres), ("entry", rows), ("posting", lines)):
            if found:
                self._copy(table, found)

    def _copy(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        name = sql.Identifier(f"ledger_{table}")
        with self._store.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
            for row in rows:
                copy.write_row(row)


def _leaders(postings: Sequence[Posting]) -> set[int]:
    """Lines that hold the largest amount of the entry on their account, one for each account."""
    found: dict[str, int] = {}
    for line, each in enumerate(postings):
        known = found.setdefault(each.account, line)
        if each.amount.amount.copy_abs() > postings[known].amount.amount.copy_abs():
            found[each.account] = line
    return set(found.values())


def _first_line(error: psycopg.Error) -> str:
    return str(error).strip().partition("\n")[0]
