"""The ledger that the configuration names, opened for the verbs of ``steelyard cost``."""

from __future__ import annotations

import os

from steelyard import registry
from steelyard.cli.opening import Opened
from steelyard.cost.ledger import LedgerPort
from steelyard.errors import ConfigError

__all__ = ["open_ledger"]

_FROM_ENVIRONMENT = "env:"


def open_ledger(opened: Opened) -> LedgerPort:
    """The shop's ledger: in PostgreSQL where ``[cost] ledger`` says so, else the file in the work folder.

    Args:
        opened: The shop.

    Returns:
        Ready to be written to; made where there was none.

    Raises:
        ConfigError: The environment variable is not set, or does not hold an address.
        MissingExtra: psycopg is not installed.
        StorageError: It cannot be opened.
        ArtefactError: What is there is no ledger.
    """
    address = opened.config.cost.ledger
    if address is None:
        in_file: LedgerPort = registry.load("adapters", "ledger")(opened.work / "ledger.sqlite")
        return in_file
    if address.startswith(_FROM_ENVIRONMENT):
        name = address.removeprefix(_FROM_ENVIRONMENT)
        address = os.environ.get(name, "")
        if not address.startswith(("postgresql://", "postgres://")):
            what = "holds no such address" if address else "is not set"
            raise ConfigError(
                f"[cost] ledger names the environment variable {name}, which {what}: set it to "
                "postgresql://user:password@host/database"
            )
    in_database: LedgerPort = registry.load("adapters", "postgres-ledger")(address)
    return in_database
