"""The shop's further tables, where it has them: users' basic information, questions and answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.config import Config
from steelyard.data.answers import check_answers, write_answers
from steelyard.data.people import check_users, write_users
from steelyard.data.quality import TableReport
from steelyard.data.schema import SourcePort, Wanted, wanted_answers, wanted_users
from steelyard.workflows.pricing.account_rows import account_rows

if TYPE_CHECKING:
    from steelyard.data.schema import Frame

__all__ = ["read_further_tables", "wanted_further_tables"]


def wanted_further_tables(config: Config) -> list[Wanted]:
    """The further tables that the configuration names."""
    data = config.data
    wanted = [wanted_users(data.users)] if data.users else []
    return wanted + ([wanted_answers(data.answers)] if data.answers else [])


def read_further_tables(
    config: Config, *, sources: SourcePort, read: Callable[[Wanted], Frame], folder: Path
) -> list[TableReport]:
    """Read, check and store the further tables.

    Args:
        config: The shop's configuration.
        sources: Holds the tables ``items`` and, where there is a log, ``users``.
        read: Gives the stored rows of a table.
        folder: Gets ``users.parquet`` and ``answers.parquet``, each where it was configured.

    Returns:
        Counts and findings of each table.

    Raises:
        DataError: No row of a table can be used.
    """
    reports = []
    for wanted in wanted_further_tables(config):
        target = str(folder / f"{wanted.table}.parquet")
        if wanted.table == "users":
            known = sources.table("users") if config.data.events else None
            checked = check_users(sources, read(wanted), wanted, known=known)
            write_users(sources, checked.kept, wanted, target=target)
        else:
            checked = check_answers(sources, read(wanted), wanted, items=sources.table("items"))
            write_answers(sources, checked.kept, target=target)
        reports.append(account_rows(sources, folder, wanted, checked))
    return reports
