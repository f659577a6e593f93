"""Users' basic information: checked, and joined to the users of the behaviour log."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from steelyard.data.quality import Check, Checked, check_rows
from steelyard.data.schema import StoredType, Wanted
from steelyard.data.values.normalise import clean
from steelyard.errors import DataError

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, Role, SourcePort

__all__ = ["USER_COLUMNS", "check_users", "write_users"]

USER_COLUMNS: dict[str, StoredType] = {"user": "text", "user_number": "int", "attributes": "text", "basics": "text"}
"""Columns of ``users.parquet``: the pseudonym, its number in the log (-1 for none), a JSON object of texts, and a JSON
list of those that a model may read, as ``column=value``."""


def check_users(sources: SourcePort, frame: Frame, wanted: Wanted, *, known: Frame | None) -> Checked:
    """Check the rows.

    Args:
        sources: For intermediate tables.
        frame: What ``scan`` gave, stored.
        wanted: The roles that were read.
        known: Has ``user`` of the log, each once; ``None`` where there is no log.

    Returns:
        The rows kept, each user once.

    Raises:
        DataError: No row names a user.
    """
    filled = nw.coalesce(*(nw.col(name) for role in wanted.roles if role.is_list for name in role.outputs))
    firsts = frame.filter(~nw.col("user").is_null()).group_by("user").agg(nw.col("row").min().alias("_first"))
    frame = frame.join(firsts, on="user", how="left")
    if known is not None:
        frame = frame.join(known.select("user", nw.lit(1).alias("_is_seen")), on="user", how="left")
    unseen = [] if known is None else [nw.col("_is_seen").is_null()]
    checked = check_rows(sources, frame, _checks(filled, unseen), table="users")
    if checked.n_quarantined == checked.n_in:
        column = wanted.roles[0].columns[0]
        raise DataError(
            f"none of the {checked.n_in:,} rows of [data.users] names a user in column {column!r}: "
            "name the right one in [data.users.columns]"
        )
    return checked


def write_users(
    sources: SourcePort, kept: Frame, wanted: Wanted, *, numbers: Frame | None, target: str, least_people: int = 1
) -> None:
    """Store the rows as ``users.parquet``, in the order of the pseudonyms.

    Args:
        sources: Writes the file.
        kept: What ``check_users`` kept.
        wanted: The roles that were read.
        numbers: Has ``user`` and ``user_number`` of the log's users; ``None`` where there is no log.
        target: The file.
        least_people: A value that fewer users have tells who they are, and no model may read it.
    """
    attributes = wanted.role("attributes")
    assert attributes is not None
    if numbers is None:
        kept = kept.with_columns(nw.lit(-1).alias("user_number"))
    else:
        kept = kept.join(numbers.select("user", "user_number"), on="user", how="left")
    kept = kept.sort("user")
    counts = Counter(
        fact for batch in sources.batches(kept) for text in _texts(batch, attributes) for fact in text.items()
    )
    with sources.writing(USER_COLUMNS, target=target) as rows:
        for batch in sources.batches(kept):
            texts = _texts(batch, attributes)
            basics = [[f"{n}={text}" for n, text in each.items() if counts[n, text] >= least_people] for each in texts]
            rows.write(
                {
                    "user": batch["user"],
                    "user_number": [-1 if n is None else n for n in batch["user_number"]],
                    "attributes": [json.dumps(text, ensure_ascii=False) for text in texts],
                    "basics": [json.dumps(each, ensure_ascii=False) for each in basics],
                }
            )


def _texts(batch: Mapping[str, Sequence[Any]], attributes: Role) -> list[dict[str, str]]:
    """What is known of each user of a batch, by column."""
    values = zip(*(batch[name] for name in attributes.outputs), strict=True)
    return [{name: clean(text) for name, text in zip(attributes.columns, row, strict=True) if text} for row in values]


def _checks(filled: nw.Expr, unseen: list[nw.Expr]) -> list[Check]:
    twice = "an earlier row has the same user; the first is kept"
    checks = [
        Check("basic_user_missing", "error", "quarantine", nw.col("user").is_null(), "the row names no user"),
        Check("basic_user_duplicate", "warning", "quarantine", nw.col("row") != nw.col("_first"), twice),
        Check("basic_user_empty", "info", "flag", filled.is_null(), "nothing is known of the user"),
    ]
    says = "the user is not in the behaviour log: new, or written otherwise"
    return checks + [Check("basic_user_unseen", "info", "flag", each, says) for each in unseen]
