"""Ledgers, journals of meters, files of bills, calendars, factors of carbon, and where alerts go."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from steelyard import registry
from steelyard.errors import ConfigError

if TYPE_CHECKING:
    from steelyard.cost.carbon.emission_factors import Factors
    from steelyard.domain import Fact
    from steelyard.ledger.entries import LedgerPort
    from steelyard.planning.smoothing import Method
    from steelyard.workflows.accounting_ports import BillFiles, Calendars, Hook, Journal

__all__ = ["Accounting"]

_FILE = "ledger.sqlite"
_FROM_ENVIRONMENT = "env:"


@dataclass(frozen=True, slots=True)
class Accounting:
    """What the accounts are kept in and read from."""

    def ledger_address(self, written: str | None) -> str | None:
        """Where the ledger is, if not in the work folder.

        Args:
            written: ``[cost] ledger``: an address, ``env:NAME`` for the variable that holds it, or ``None``.

        Returns:
            An address that an installed ledger opens, from the configuration or the environment; ``None`` for the file.

        Raises:
            ConfigError: The environment variable is not set, or does not hold an address.
        """
        if written is None or not written.startswith(_FROM_ENVIRONMENT):
            return written
        name = written.removeprefix(_FROM_ENVIRONMENT)
        found = os.environ.get(name, "")
        scheme, is_address, _ = found.partition("://")
        if not is_address or scheme not in registry.ledger_schemes():
            what = "holds no address of a ledger" if found else "is not set"
            raise ConfigError(
                f"[cost] ledger names the environment variable {name}, which {what}: set it to an address such as "
                "postgresql://user:password@host/database (installed: "
                f"{', '.join(f'{each}://' for each in registry.ledger_schemes())})"
            )
        return found

    def ledger(self, work: Path, address: str | None = None) -> LedgerPort:
        """A shop's ledger (entry points ``steelyard.ledgers``).

        Args:
            work: The shop's work folder.
            address: Where it is if not in a file there; what stands before ``://`` names the plugin.

        Returns:
            Made where there was none; to be shut.

        Raises:
            UnknownPlugin: Nothing installed opens such an address.
            MissingExtra: What opens it needs something that is not installed.
            StorageError: It cannot be opened.
            ArtefactError: What is there is no ledger.
        """
        scheme = (address or "").partition("://")[0]
        opened: LedgerPort = (
            registry.load("ledgers", "sqlite")(work / _FILE)
            if address is None
            else registry.load("ledgers", registry.LEDGER_SCHEMES.get(scheme, scheme))(address)
        )
        return opened

    def journal(self, path: Path) -> Journal:
        """A journal of meters; its file is made with the first reading."""
        from steelyard.adapters.ledgers.journal import UsageJournal

        return UsageJournal(path)

    def bill_files(self) -> BillFiles:
        """Files of bills, and the mappings and rules that read them."""
        from steelyard.adapters.invoices.bill_files import BillFiles as Opened

        return Opened()

    def table(self, path: Path, *, needed: tuple[str, ...]) -> list[Mapping[str | None, Any]]:
        """The rows of a small CSV file, as texts.

        Args:
            path: In UTF-8, with a header.
            needed: Columns that must be there.

        Returns:
            By the header's names.

        Raises:
            SourceError: It cannot be read.
            DataError: A needed column is missing.
        """
        from steelyard.adapters.calendars import read_csv

        return read_csv(path, needed=needed)

    def calendars(self) -> Calendars:
        """Calendars of days that differ, and a shop's own days and counts."""
        from steelyard.adapters.calendars import Calendars as Shipped

        return Shipped()

    def forecasting_methods(self) -> tuple[Method, ...]:
        """The forecasting methods of the library statsforecast."""
        with registry.naming_extra("the engine statsforecast"):
            from steelyard.adapters.statsforecast_methods import statsforecast_methods

        return statsforecast_methods()

    def emission_factors(self) -> Factors:
        """The shipped factors of energy and carbon."""
        from steelyard.adapters.carbon_factors import load_factors

        return load_factors()

    def energy_meters(self, path: Path) -> dict[str, Fact]:
        """A month's metered energy by configuration, from a CSV file."""
        from steelyard.adapters.carbon_factors import read_meters

        return read_meters(path)

    def hook(self, url: str, *, allows_http: bool, networks: Sequence[str], key: bytes | None) -> Hook:
        """Where alerts are posted.

        Args:
            url: Address; ``https`` unless plain HTTP is allowed.
            allows_http: Whether ``http`` will do.
            networks: Networks that are allowed though they are not public.
            key: Secret that signs the body, at least 16 bytes; ``None`` leaves it unsigned.

        Returns:
            Nothing is connected yet.

        Raises:
            ConfigError: The address or a network is not one, or the key is too short.
        """
        from steelyard.adapters.webhook import Webhook

        return Webhook(url, allows_http=allows_http, networks=networks, key=key)
