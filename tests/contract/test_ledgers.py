import sqlite3
from functools import partial

import pytest

from steelyard.adapters.ledgers.sqlite import SqliteLedger
from steelyard.testing.ledger_contract import LedgerContract


class TestSqliteLedger(LedgerContract):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path):
        self.path = tmp_path / "ledger.sqlite"

    def connect(self):
        return SqliteLedger(self.path)

    def changes(self):
        inserts = {
            "entry": "9, 'x', '2026-11', '2026-11-01', 'accrual', 't', 'measured', 's', ''",
            "posting": "'2026-11', 'accrual', 1, 7, 1, 'USD', 1, 0, 0, 1.0, 1",
            "closed_balance": "'2026-11', 'accrual', 1, 'USD', 1, 1, 0, 0, 1",
        }
        tables = {"account": "path", "centre": "model"} | dict.fromkeys([*inserts, "closed"], "month")
        return [
            *(partial(self._do, f"DELETE FROM {table}") for table in tables),
            *(partial(self._do, f"UPDATE {table} SET {column} = '2020-01'") for table, column in tables.items()),
            *(partial(self._do, f"INSERT INTO {table} VALUES ({values})") for table, values in inserts.items()),
            *(partial(self._do, f"INSERT OR REPLACE INTO {table} VALUES ({v})") for table, v in inserts.items()),
        ]

    def _do(self, statement):
        with sqlite3.connect(self.path) as other:
            _refused(other.execute, statement)


class TestPostgresLedger(LedgerContract):
    @pytest.fixture(autouse=True)
    def place(self, schema_url):
        self.url = schema_url

    def connect(self):
        from steelyard.adapters.ledgers.postgres import PostgresLedger

        return PostgresLedger(self.url)

    def changes(self):
        inserts = {
            "entry": "9, 'x', '2026-11', '2026-11-01', 'accrual', 't', 'measured', 's', ''",
            "posting": "'2026-11', 'accrual', 1, 7, 1, 'USD', 1, 1, false",
            "closed_balance": "'2026-11', 'accrual', 1, 'USD', 1, 1, 1",
        }
        tables = {"format": "version", "account": "path", "centre": "model"}
        tables |= dict.fromkeys([*inserts, "closed"], "month")
        insert = "INSERT INTO ledger_{} VALUES ({})"
        serial = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; "
        return [
            *(partial(self._do, f"DELETE FROM ledger_{table}") for table in tables),
            *(partial(self._do, f"TRUNCATE ledger_{table} CASCADE") for table in tables),
            *(partial(self._do, f"UPDATE ledger_{table} SET {column} = {column}") for table, column in tables.items()),
            *(partial(self._do, insert.format(*each)) for each in inserts.items()),
            *(partial(self._do, serial + insert.format(*each)) for each in inserts.items()),
            partial(
                self._do, "CREATE TEMP TABLE ledger_closed (month text); " + insert.format(*next(iter(inserts.items())))
            ),
        ]

    def _do(self, statement):
        import psycopg

        with psycopg.connect(self.url) as other:
            _refused(other.execute, statement)


def _refused(execute, statement):
    """Pass the refusal on, if it is that of the guards and no slip of the statement."""
    with pytest.raises(Exception, match=r"append-only|the month is closed|book at READ COMMITTED") as found:
        execute(statement)
    raise found.value
