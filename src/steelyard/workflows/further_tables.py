"""The shop's further tables, where it has them: users' basic information, questions and answers."""

from __future__ import annotations

from dataclasses import replace

import narwhals.stable.v2 as nw

from steelyard.data.answers import check_answers, write_answers
from steelyard.data.people import check_users, write_users
from steelyard.data.privacy.erasure import NOTHING_TO_LEAVE_OUT, leave_out
from steelyard.data.same_people import as_one_person
from steelyard.data.schema import wanted_answers, wanted_users
from steelyard.workflows.read_shop import Reading, account, catalogue_of, read_rows

__all__ = ["read_answers", "read_further_tables", "read_users", "write_further_tables"]


def read_further_tables(run: Reading) -> None:
    """Read and check the further tables.

    Args:
        run: Has read the catalogue and the log; gets what was found.

    Raises:
        DataError: No row of a table can be used.
    """
    if run.config.data.users:
        read_users(run)
    if run.config.data.answers:
        read_answers(run)


def read_users(run: Reading) -> None:
    """Read and check the users' basic information.

    Args:
        run: As for ``read_further_tables``.

    Raises:
        DataError: No row can be used.
    """
    source, log = run.config.data.users, run.checked.get("events")
    assert source is not None
    wanted = wanted_users(source, run.config.shop)
    known = log.kept.filter(~nw.col("user").is_null()).select("user").unique() if log else None
    rows = read_rows(run, wanted)
    left = leave_out(run.sources, rows, replace(NOTHING_TO_LEAVE_OUT, people=run.erased), table="users")
    frame = as_one_person(run.sources, left.frame, run.joined, table="users")
    run.checked["users"] = check_users(run.sources, frame, wanted, known=known)
    account(run, wanted, run.checked["users"], left_out=left.findings)


def read_answers(run: Reading) -> None:
    """Read and check the questions and answers.

    Args:
        run: As for ``read_further_tables``.

    Raises:
        DataError: No row can be used.
    """
    source, items = run.config.data.answers, catalogue_of(run)
    assert source is not None
    wanted = wanted_answers(source, run.config.shop)
    run.checked["answers"] = check_answers(run.sources, read_rows(run, wanted), wanted, items=items)
    account(run, wanted, run.checked["answers"])


def write_further_tables(run: Reading) -> None:
    """Store what was kept of the further tables as ``users.parquet`` and ``answers.parquet``.

    Args:
        run: Has read them; where there is a log, its users are numbered.
    """
    sources, data = run.sources, run.config.data
    if data.users:
        numbers = sources.table("users") if data.events else None
        target = str(run.folder / "users.parquet")
        write_users(
            sources,
            run.checked["users"].kept,
            wanted_users(data.users, run.config.shop),
            numbers=numbers,
            target=target,
            least_people=run.config.privacy.least_people,
        )
    if data.answers:
        write_answers(sources, run.checked["answers"].kept, target=str(run.folder / "answers.parquet"))
