"""A shop with accounts and nothing else: real ledger, store and price book, and a clock that stands still."""

from dataclasses import dataclass
from datetime import UTC, datetime

from steelyard.adapters.artefacts import Artefacts
from steelyard.assembly import Tools
from steelyard.config import parse

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SETTINGS = """
[shop]
name = "Small"
currency = "USD"
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[cost]
team = "web"
"""


class StandingClock:
    def now(self):
        return NOW


class AccountsTools:
    """The real tools but for the clock."""

    def __init__(self):
        real = Tools()
        self.clock, self.accounting, self.prices, self.shop = StandingClock(), real.accounting, real.prices, real.shop


@dataclass
class Accounts:
    """What a workflow of the accounts is handed."""

    folder: object
    settings: str = SETTINGS

    def __post_init__(self):
        self.base = self.work = self.folder
        self.config = parse(self.settings, name="steelyard.toml")
        self.store, self.tools = Artefacts(self.folder), AccountsTools()
