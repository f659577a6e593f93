"""Columns that say nothing: the same value in every row, or hardly any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.data.quality import Finding

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, Wanted

__all__ = ["empty_columns"]

_MOSTLY = 0.5
_LEAST_ROWS = 100


def empty_columns(frame: Frame, wanted: Wanted, *, n_in: int) -> list[Finding]:
    """Columns of one value, and columns missing in more than half of the rows.

    Args:
        frame: Rows that were kept.
        wanted: The roles that were read; identifiers are looked at by checks of their own.
        n_in: Rows of the table, for shares.

    Returns:
        At most one finding of each kind, with the rows by role; none of fewer than 100 rows.
    """
    present = set(frame.collect_schema().names())
    names = [role.outputs[0] for role in wanted.roles if role.name != "item_id" and role.outputs[0] in present]
    if not names:
        return []
    sums = [nw.len().alias("_n")]
    for name in names:
        sums += [nw.col(name).count().alias(f"{name}_filled"), nw.col(name).min().alias(f"{name}_low")]
        sums.append(nw.col(name).max().alias(f"{name}_high"))
    row = frame.select(*sums).collect().rows(named=True)[0]
    n = int(row["_n"])
    if n < _LEAST_ROWS:
        return []
    missing = {name: n - int(row[f"{name}_filled"]) for name in names}
    mostly = {name: count for name, count in missing.items() if count > _MOSTLY * n}
    constant = {
        name: n - missing[name] for name in names if missing[name] < n and row[f"{name}_low"] == row[f"{name}_high"]
    }
    says = (
        ("column_mostly_missing", mostly, "more than half of the rows have no value: models learn little from it"),
        ("column_constant", constant, "every row has the same value: it tells nothing apart"),
    )
    return [
        Finding(wanted.table, reason, "info", "flag", max(of.values()), max(of.values()) / n_in, text, values=of)
        for reason, of, text in says
        if of
    ]
