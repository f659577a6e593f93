"""Which ledger the verbs of ``steelyard cost`` write to."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from steelyard.adapters.ledgers.sqlite import SqliteLedger
from steelyard.assembly import Tools
from steelyard.config.schema import Cost
from steelyard.errors import ConfigError
from steelyard.ledger.entries import Month, View
from steelyard.testing.ledger_contract import spent
from steelyard.workflows.bookkeeping.opened_ledger import open_ledger


@dataclass
class Shop:
    """As much of an opened shop as a ledger needs."""

    work: Path
    ledger: str | None = None
    tools: Tools = field(default_factory=Tools)

    @property
    def config(self):
        return SimpleNamespace(cost=Cost(ledger=self.ledger))


def test_without_a_setting_it_is_the_file_in_the_work_folder(tmp_path):
    with open_ledger(Shop(tmp_path)) as ledger:
        ledger.append([spent(3, "a")])

        assert isinstance(ledger, SqliteLedger)
    assert (tmp_path / "ledger.sqlite").is_file()


@pytest.mark.parametrize("is_from_environment", [False, True])
def test_an_address_is_opened_as_it_is_or_from_the_environment(schema_url, tmp_path, monkeypatch, is_from_environment):
    monkeypatch.setenv("SHOP_LEDGER", schema_url)

    with open_ledger(Shop(tmp_path, "env:SHOP_LEDGER" if is_from_environment else schema_url)) as ledger:
        ledger.append([spent(3, "a")])
        assert [each.id for each in ledger.iter_entries(Month(2026, 11), view=View.ACCRUAL)] == ["a"]
    assert list(tmp_path.iterdir()) == []


def test_a_variable_that_is_not_set_or_holds_something_else_is_named_and_not_repeated(tmp_path, monkeypatch):
    monkeypatch.delenv("SHOP_LEDGER", raising=False)
    with pytest.raises(ConfigError, match="environment variable SHOP_LEDGER, which is not set"):
        open_ledger(Shop(tmp_path, "env:SHOP_LEDGER")).__enter__()

    monkeypatch.setenv("SHOP_LEDGER", "hunter2")
    with pytest.raises(ConfigError, match="holds no address of a ledger") as found:
        open_ledger(Shop(tmp_path, "env:SHOP_LEDGER")).__enter__()
    assert "hunter2" not in str(found.value)


def test_an_address_in_the_environment_may_be_that_of_any_installed_ledger(tmp_path, monkeypatch):
    site = tmp_path / "site"
    info = site / "steelyard_shelf-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "shelf_ledger.py").write_text("def opened(address):\n    return address\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: steelyard-shelf\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[steelyard.ledgers]\nshelf = shelf_ledger:opened\n")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("SHOP_LEDGER", "shelf://there")
    accounting = Tools().accounting

    address = accounting.ledger_address("env:SHOP_LEDGER")

    assert accounting.ledger(tmp_path, address) == "shelf://there"
    monkeypatch.setenv("SHOP_LEDGER", "sqlite:///there")
    with pytest.raises(ConfigError, match=r"holds no address of a ledger: .*shelf://"):
        accounting.ledger_address("env:SHOP_LEDGER")
