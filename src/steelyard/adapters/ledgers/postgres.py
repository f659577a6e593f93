"""The cost ledger in PostgreSQL, for shops whose ledger is written from several machines.

The same entries, refusals and sums as in a file. Appending and closing wait for each other; the
tables themselves refuse changes and postings into closed months, whoever writes. Amounts are ``numeric(27, 12)``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from steelyard.adapters.ledgers.relational import RelationalLedger
from steelyard.errors import ArtefactError, ConfigError, DataError, StorageError
from steelyard.ledger.entries import Month, Posting, View

__all__ = ["PostgresLedger"]

_FORMAT = 1
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
_LARGEST = """
SELECT entry FROM unnest(%(accounts)s::integer[]) AS wanted (account), LATERAL (
    SELECT entry, abs(amount) AS size FROM ledger_posting
    WHERE month = %(month)s AND view = %(view)s AND ledger_posting.account = wanted.account AND leads
    ORDER BY abs(amount) DESC, entry LIMIT %(limit)s
) AS of_account GROUP BY entry ORDER BY max(size) DESC, entry LIMIT %(limit)s
"""


class PostgresLedger(RelationalLedger):
    """A ledger of one shop in a schema of its own.

    Args:
        url: ``postgresql://user@host/database``; what it leaves out comes from libpq's own places, such as
            ``~/.pgpass``. The tables are made in the first schema of its search path when they are missing.

    Raises:
        ConfigError: The address cannot be read. It is not repeated, since it may hold a password.
        StorageError: The server does not answer, or the role may not do what is needed.
        ArtefactError: The schema holds something else, or a ledger of a newer version.
    """

    PREFIX = "ledger_"
    MARK = "%s"
    AMOUNT = ("amount",)
    NEXT_MONTH = "SELECT min(month) FROM ledger_posting WHERE month > %s AND leads"

    def __init__(self, url: str) -> None:
        super().__init__("the ledger")
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
        self._connect()
        try:
            with self._asking():
                self._make()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
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

    def _ask(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        cursor = self._store.execute(query, values)
        return cursor.fetchall() if cursor.description else []

    def _is_any(self, column: str, values: Collection[Any]) -> tuple[str, Sequence[Any]]:
        return f"{column} = ANY(%s)", (list(values),)

    def _amounts(self, postings: Sequence[Posting], centres: Sequence[int]) -> Iterable[Sequence[Any]]:
        leaders = _leaders(postings)
        for line, (each, centre) in enumerate(zip(postings, centres, strict=True)):
            yield each.amount.amount, centre, line in leaders

    def _joined(self, parts: Sequence[Any]) -> Decimal:
        amount: Decimal = parts[0]
        return amount

    def _largest(self, month: Month, *, view: View, accounts: Sequence[int], limit: int) -> list[int]:
        given = {"accounts": list(accounts), "month": str(month), "view": str(view), "limit": limit}
        return [row[0] for row in self._store.execute(_LARGEST, given)]

    def _write(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
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
