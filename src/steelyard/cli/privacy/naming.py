"""How people are named on the command line: one by one, or a file with one identifier a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from steelyard.errors import DataError

__all__ = ["named_people", "people_options", "states_option"]

_FILE = click.Path(path_type=Path, dir_okay=False)


def people_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options ``--user`` and ``--user-file``."""
    users = click.option("--user", "users", multiple=True, metavar="ID", help="The shop's own identifier of a person.")
    file = click.option("--user-file", type=_FILE, help="A file with one identifier a line.")
    return users(file(command))


states_option = click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of an event log, where it is not the one beside the bundles.",
)


def named_people(users: Sequence[str], file: Path | None) -> list[str]:
    """The identifiers that were given.

    Args:
        users: One by one.
        file: One a line, UTF-8; blank lines are left out.

    Returns:
        Each once, in order.

    Raises:
        DataError: The file cannot be read.
    """
    found = list(users)
    if file is not None:
        try:
            found += [line.strip() for line in file.read_text("utf-8-sig").splitlines() if line.strip()]
        except OSError as error:
            raise DataError(f"cannot read {file}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise DataError(
                f"{file} is not UTF-8 (byte {error.start}): save it as UTF-8, one identifier a line"
            ) from error
    return list(dict.fromkeys(found))
