"""The ledger that the configuration names, opened for the verbs of ``steelyard cost``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from steelyard.cli.opening import Opened
from steelyard.cli.values import MONTH
from steelyard.errors import ConfigError
from steelyard.ledger.entries import LedgerPort, View

__all__ = ["ledger_address", "month_option", "open_ledger", "view_option"]

_FROM_ENVIRONMENT = "env:"

month_option = click.option("--month", type=MONTH, help="The month; this one when left out.")
view_option = click.option(
    "--view",
    type=click.Choice([str(view) for view in View]),
    default=str(View.ACCRUAL),
    show_default=True,
    help="What was used, or what was billed.",
)


@contextmanager
def open_ledger(opened: Opened) -> Iterator[LedgerPort]:
    """The shop's ledger: in PostgreSQL where ``[cost] ledger`` says so, else the file in the work folder.

    Args:
        opened: The shop.

    Yields:
        A ``LedgerPort``, made where there was none; shut at the end.

    Raises:
        ConfigError: The environment variable is not set, or does not hold an address.
        MissingExtra: psycopg is not installed.
        StorageError: It cannot be opened.
        ArtefactError: What is there is no ledger.
    """
    ledger = opened.tools.accounting.ledger(opened.work, ledger_address(opened))
    try:
        yield ledger
    finally:
        ledger.close()


def ledger_address(opened: Opened) -> str | None:
    """Where the ledger is, if not in the work folder.

    Args:
        opened: The shop.

    Returns:
        An address of PostgreSQL, from the configuration or the environment; ``None`` for the file.

    Raises:
        ConfigError: The environment variable is not set, or does not hold an address.
    """
    written = opened.config.cost.ledger
    if written is None or not written.startswith(_FROM_ENVIRONMENT):
        return written
    name = written.removeprefix(_FROM_ENVIRONMENT)
    found = os.environ.get(name, "")
    if not found.startswith(("postgresql://", "postgres://")):
        what = "holds no such address" if found else "is not set"
        raise ConfigError(
            f"[cost] ledger names the environment variable {name}, which {what}: set it to "
            "postgresql://user:password@host/database"
        )
    return found
