"""Options that several verbs of ``steelyard cost`` share."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from steelyard.assembly import Tools
from steelyard.domain.written import read_decimal
from steelyard.errors import ConfigError
from steelyard.workflows.accounts.bill_source import NOTATIONS, BillForm, bill_source
from steelyard.workflows.accounts.read_bills import BillSource

__all__ = ["amount_of", "bill_options", "source_of"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = (
    click.option("--mapping", "mapping", type=_FILE, help="Your own mapping of a bill's columns (JSON)."),
    click.option("--stages", "stages", type=_FILE, help="Your own rules for lines that state no stage (JSON)."),
    click.option("--decimal", type=click.Choice(NOTATIONS),
                 help="Sign before the decimals, where a file's columns do not tell."),
    click.option("--any-period", is_flag=True, help="Book usage more than a month outside its billing period too."),
    click.option("--encoding", default="utf-8", show_default=True, help="Of the files, for example gb18030."),
    click.option("--currency", default="", metavar="CODE",
                 help="Of files that state none; with --rates, what to convert to."),
    click.option("--rates", "rates", type=_FILE, help="Rates of exchange with date and source (JSON)."),
)  # fmt: skip
_KINDS = "auto, focus, aws, azure, azure-amortised, google or alibaba"


def bill_options(*, also: str = "") -> Callable[[Any], Any]:
    """The options that say how bills are read.

    Args:
        also: Further kinds, for the help.

    Returns:
        To put above a command.
    """
    kind = click.option("--bill-as", "kind", default="auto", show_default=True, metavar="NAME", help=f"{_KINDS}{also}.")

    def decorated(command: Any) -> Any:
        for option in reversed((kind, *_OPTIONS)):
            command = option(command)
        return command

    return decorated


def source_of(**how: Any) -> BillSource:
    """How bills are read, from the options of ``bill_options``.

    Args:
        **how: By their names.

    Returns:
        With the files at hand.

    Raises:
        ConfigError: Rates without a currency to convert to, or a file is missing or wrong.
    """
    return bill_source(Tools().accounting.bill_files(), BillForm(**how))


def amount_of(text: str, what: str) -> Decimal:
    """An amount as the command line writes it.

    Args:
        text: ``1234.56``.
        what: The option, for the message.

    Returns:
        Exact.

    Raises:
        ConfigError: It is none.
    """
    try:
        return read_decimal(text, like="1234.56")
    except ValueError as error:
        raise ConfigError(f"{what}: {error}") from None
