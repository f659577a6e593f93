"""The ledger in PostgreSQL, beyond its contract: rights, secrets, lost connections, other tables of those names."""

import logging
import traceback
from datetime import date

import pytest

from steelyard.errors import ArtefactError, ConfigError, DataError, StorageError
from steelyard.ledger.entries import Month, View
from steelyard.testing.ledger_contract import spent

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed: the extra postgres brings it")
PostgresLedger = pytest.importorskip("steelyard.adapters.ledgers.postgres").PostgresLedger
NOVEMBER = Month(2026, 11)


@pytest.fixture
def do(schema_url):
    """Run a statement as the owner, beside the ledger."""

    def run(statement, *values):
        with psycopg.connect(schema_url, autocommit=True) as server:
            done = server.execute(statement, values or None)
            return done.fetchall() if done.description else []

    return run


def test_a_role_that_may_only_read_and_insert_books_and_closes(schema_url, do):
    PostgresLedger(schema_url).close()
    schema = do("SELECT current_schema()")[0][0]
    role = f"clerk_{schema}"
    do(f"CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA {schema} TO {role}")
    as_role = schema_url.replace("//postgres@", f"//{role}@")

    with pytest.raises(StorageError, match=r"permission denied.*grant SELECT and INSERT on its tables"):
        PostgresLedger(as_role)
    do(f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {schema} TO {role}")
    ledger = PostgresLedger(as_role)

    assert ledger.append([spent(3, "a")]) == 1
    assert ledger.close_month(NOVEMBER) == 2
    assert [each.id for each in ledger.iter_entries(NOVEMBER, view=View.ACCRUAL)] == ["a"]
    ledger.close()
    with psycopg.connect(as_role) as server, pytest.raises(psycopg.errors.InsufficientPrivilege):
        server.execute("UPDATE ledger_posting SET amount = 1")


def test_a_role_that_may_not_make_tables_is_told_what_to_grant(schema_url, do):
    schema = do("SELECT current_schema()")[0][0]
    do(f"CREATE ROLE guest_{schema} LOGIN; GRANT USAGE ON SCHEMA {schema} TO guest_{schema}")

    with pytest.raises(StorageError, match=r"permission denied for schema.*USAGE and CREATE on its schema"):
        PostgresLedger(schema_url.replace("//postgres@", f"//guest_{schema}@"))


def test_other_tables_of_those_names_are_left_alone(schema_url, do):
    do("CREATE TABLE ledger_entry (a integer); INSERT INTO ledger_entry VALUES (7)")

    with pytest.raises(ArtefactError, match=r"holds something else .*ledger_entry"):
        PostgresLedger(schema_url)

    assert do("SELECT * FROM ledger_entry") == [(7,)]
    assert do("SELECT to_regclass('ledger_format')") == [(None,)]


def test_a_ledger_of_a_newer_version_is_not_touched(schema_url, do):
    PostgresLedger(schema_url).close()
    do("INSERT INTO ledger_format VALUES (2)")

    with pytest.raises(ArtefactError, match="newer version"):
        PostgresLedger(schema_url)


def test_a_database_without_unicode_is_refused(postgres):
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")

    with pytest.raises(ConfigError, match=r"LATIN1.*needs UTF8"):
        PostgresLedger(postgres.replace("/postgres?", "/latin?"))


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("postgresql://me:hunter2@/postgres?host=/nowhere", StorageError),
        ("postgresql://me:hunter2%zz@/postgres?host=/nowhere", ConfigError),
        ("postgresql://me:hunter2@/postgres?host=/nowhere&bogus=1", ConfigError),
        ("postgresql://127.0.0.1:1/hunter2?password=hunter2&connect_timeout=1", StorageError),
        ("hunter2", ConfigError),
    ],
)
def test_no_message_and_no_log_holds_the_password(url, error, caplog):
    caplog.set_level(logging.DEBUG)

    with pytest.raises(error) as found:
        PostgresLedger(url)

    said = "".join(traceback.format_exception(found.value, chain=True))
    frames = said.splitlines()
    assert not [line for line in frames if "hunter2" in line]
    assert "hunter2" not in caplog.text


def test_a_lost_connection_books_nothing_and_the_next_attempt_connects_again(schema_url, do):
    ledger = PostgresLedger(schema_url)
    ledger.append([spent(1, "before")])

    def cut_in_the_middle():
        yield from (spent(n + 1, f"e{n}") for n in range(700))
        do(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'steelyard' "
            "AND query LIKE '%%ledger%%'"
        )
        yield from (spent(n + 1, f"e{n}") for n in range(700, 1400))

    with pytest.raises(StorageError, match="do the same again: what is booked already is passed over"):
        ledger.append(cut_in_the_middle())

    assert [each.id for each in ledger.iter_entries(NOVEMBER, view=View.ACCRUAL)] == ["before"]
    assert ledger.append([spent(1, "before"), spent(2, "after")]) == 1
    ledger.close()


def test_what_was_changed_from_outside_does_not_close(schema_url, do):
    ledger = PostgresLedger(schema_url)
    ledger.append([spent(3, "a")])
    do("INSERT INTO ledger_posting VALUES ('2026-11', 'accrual', 1, 2, 1, 'USD', 5, 1, false)")

    with pytest.raises(DataError, match="accrual accounts of 2026-11 do not sum to zero"):
        ledger.close_month(NOVEMBER)

    with pytest.raises(DataError, match="USD postings sum to 5"):
        list(ledger.iter_entries(NOVEMBER, view=View.ACCRUAL))
    assert ledger.append([spent(3, "b", on=date(2026, 12, 1))]) == 1
    ledger.close()


def test_a_stranger_who_began_before_the_close_cannot_commit_into_the_closed_month(schema_url):
    """Beside the program, in SQL: the row waits for nobody, so the closing must wait for it or refuse it."""
    ledger = PostgresLedger(schema_url)
    ledger.append([spent(3, "a")])
    other = psycopg.connect(schema_url)
    other.execute("SELECT count(*) FROM ledger_closed")
    ledger.close_month(NOVEMBER)

    with pytest.raises(psycopg.errors.RaiseException, match="the month is closed"):
        other.execute("INSERT INTO ledger_posting VALUES ('2026-11', 'accrual', 1, 2, 1, 'USD', 5, 1, false)")

    other.close()
    ledger.close()


def test_two_that_open_an_empty_schema_at_once_make_it_once(schema_url):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: PostgresLedger(schema_url), range(4)))

    assert sum(each.append([spent(1, "a")]) for each in opened) == 1
    for each in opened:
        each.close()
