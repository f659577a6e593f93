"""Reads the shop's table of identifiers that are one person, and says what of it was not joined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from steelyard.data.quality import Finding, check_rows
from steelyard.data.same_people import join_people
from steelyard.data.schema import wanted_same_users
from steelyard.workflows.read_shop import Reading, account, read_rows

if TYPE_CHECKING:
    from steelyard.config.data_tables import SameUsersSource
    from steelyard.data.same_people import Joined
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["read_same_people"]

_TABLE = "same_users"
Severity = Literal["error", "warning", "info"]


def read_same_people(run: Reading, source: SameUsersSource) -> None:
    """Read which identifiers are one person. All of somebody's are erased with one of them.

    Args:
        run: Has read the catalogue and nothing of the log; gets who is one person, and what was found.
        source: The table's section of the configuration.

    Raises:
        DataError: There is no row.
    """
    wanted = wanted_same_users(source, run.config.shop)
    rows = read_rows(run, wanted)
    pairs, n_missing = _pairs(run.sources, rows)
    joined = join_people(pairs, most_ids=source.most_ids)
    run.erased = joined.others_of(run.erased) if run.erased else run.erased
    run.joined = joined.without(run.erased)
    checked = check_rows(run.sources, rows, [], table=_TABLE)
    n_in = max(checked.n_in, 1)
    found = [
        Finding(_TABLE, reason, severity, "flag", n, min(1.0, n / n_in), says)
        for reason, severity, n, says in _said(joined, n_missing, most_ids=source.most_ids)
        if n
    ]
    account(run, wanted, checked, more=found)


def _pairs(sources: SourcePort, rows: Frame) -> tuple[list[tuple[str, str]], int]:
    pairs, n_missing = [], 0
    for batch in sources.batches(rows.select("user", "same_as")):
        for one, other in zip(batch["user"], batch["same_as"], strict=True):
            if one and other:
                pairs.append((one, other))
            else:
                n_missing += 1
    return pairs, n_missing


def _said(joined: Joined, n_missing: int, *, most_ids: int) -> Iterator[tuple[str, Severity, int, str]]:
    n = len(joined.person_of)
    yield "same_user_joined", "info", n, f"{n:,} identifiers are other names of {joined.n_people:,} people: read as one"
    says = "the row lacks an identifier: it joins nobody"
    yield "same_user_missing", "warning", n_missing, says
    says = "identifiers that belong to several people: joined to none of them"
    yield "same_user_claimed", "warning", len(joined.claimed), says
    says = f"identifiers with more than {most_ids} others, as shared till cards have: joined to nobody"
    yield "same_user_shared", "warning", len(joined.shared), says
