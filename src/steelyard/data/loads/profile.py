"""What a load looks like, in counts that a later load can be compared with. Nothing in it names a person."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from steelyard.data.schema import Role, Wanted
from steelyard.documents.profile import ColumnProfile, TableProfile

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["BINS_A_DECADE", "DUPLICATES", "profile_of_table"]

BINS_A_DECADE = 40
DUPLICATES = ("event_duplicate", "item_id_duplicate", "judgement_duplicate")
MAX_VALUES = 50
"""A column with more different values is not one of few."""
READ_TITLES = 20_000
KEPT_PAIRS = 400
CURRENCIES = ("$", "€", "£", "¥", "￥", "元", "₩", "₹", "USD", "EUR", "GBP", "CNY", "RMB", "JPY", "KRW", "CHF", "kr")
_FREE = ("title", "description", "image", "query", "item_id")
"""Roles whose values are never few by meaning."""


def profile_of_table(sources: SourcePort, wanted: Wanted, *, configured: Wanted, n_duplicates: int) -> TableProfile:
    """The profile of one table.

    Args:
        sources: Has the scratch table ``<table>_read``.
        wanted: The roles that were read.
        configured: Those that the configuration names; where they change, loads are not compared.
        n_duplicates: Rows that were found to be there twice.

    Returns:
        Counts only; of columns that name people, how many values are missing.
    """
    frame = sources.table(f"{wanted.table}_read")
    outputs = [(role, output) for role in wanted.roles for output in _outputs(role)]
    sums = [nw.len().alias("n")]
    for role, output in outputs:
        sums += _sums(role, output)
    row = frame.select(*sums).collect()
    figures = {name: row[name][0] or 0 for name in row.columns}
    n_rows = int(figures["n"])
    columns = {output: _column(sources, frame, role, output, figures) for role, output in outputs}
    share = n_duplicates / n_rows if n_rows else 0.0
    return TableProfile(wanted=_digest(configured), n_rows=n_rows, duplicates=share, columns=columns)


def _outputs(role: Role) -> tuple[str, ...]:
    return role.outputs if role.kind == "text" else (role.name,)


def _digest(wanted: Wanted) -> str:
    told = [wanted.path, *(f"{role.name}={','.join(role.columns)}" for role in wanted.roles)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _written(role: Role, output: str) -> nw.Expr:
    return nw.col(output if role.kind == "text" else f"{output}_text")


def _count(when: nw.Expr) -> nw.Expr:
    return nw.when(when).then(nw.lit(1)).otherwise(nw.lit(0)).sum()


def _sums(role: Role, output: str) -> list[nw.Expr]:
    """All that one pass over the rows tells of a column."""
    written = _written(role, output)
    is_empty = written.is_null() & nw.col(output).is_null()
    found = [_count(is_empty).alias(f"{output}|missing"), _count(~written.is_null()).alias(f"{output}|written")]
    if role.is_personal:
        return found
    found += [
        _count(written.str.contains(r"^[+-]?[0-9]+([.,][0-9]+)?$")).alias(f"{output}|numeric"),
        _count(written.str.contains(r"[^\W\d_]")).alias(f"{output}|letters"),
        _count(written.str.contains(r"^0[0-9]")).alias(f"{output}|zeros"),
        written.str.len_chars().mean().alias(f"{output}|length"),
    ]
    if role.kind == "number":
        found += [_count(written.str.contains(mark, literal=True)).alias(f"{output}|{mark}") for mark in CURRENCIES]
    return found


def _column(sources: SourcePort, frame: Frame, role: Role, output: str, figures: dict[str, Any]) -> ColumnProfile:
    n_rows, written = int(figures["n"]), int(figures[f"{output}|written"])
    n = n_rows - int(figures[f"{output}|missing"])
    told: dict[str, Any] = {"kind": role.kind, "columns": role.columns, "n": n}
    told["missing"] = 1 - n / n_rows if n_rows else 0.0
    if role.is_personal:
        return ColumnProfile(**told)
    of = max(written, 1)
    told |= {name: int(figures[f"{output}|{name}"]) / of for name in ("numeric", "letters", "zeros")}
    told |= {"is_typed": role.kind != "text" and not written, "length": float(figures[f"{output}|length"])}
    if role.kind == "number":
        told["sizes"] = _counted(frame.filter(nw.col(output) > 0), _bin(output))
        marks = {mark: int(figures[f"{output}|{mark}"]) for mark in CURRENCIES}
        told["marks"] = {mark: count for mark, count in marks.items() if count}
    elif role.kind == "time":
        hour = ((nw.col(output) % 86_400) // 3_600).cast(nw.Int64())
        counted = _counted(frame.filter(~nw.col(output).is_null()), hour)
        told["hours"] = tuple(counted.get(str(each), 0) for each in range(24))
    elif role.name == "title":
        told["pairs"] = _pairs(sources, frame, output)
    elif role.name not in _FREE:
        told["values"] = _few(frame, output)
    return ColumnProfile(**told)


def _bin(output: str) -> nw.Expr:
    return (nw.col(output).log(10) * BINS_A_DECADE).round().cast(nw.Int64())


def _counted(frame: Frame, by: nw.Expr) -> dict[str, int]:
    counted = frame.select(by.alias("by")).group_by("by").agg(nw.len().alias("n")).sort("by").collect()
    return {str(row["by"]): int(row["n"]) for row in counted.rows(named=True)}


def _few(frame: Frame, output: str) -> dict[str, int]:
    """How often each value is there; empty where there are many."""
    there = frame.filter(~nw.col(output).is_null()).group_by(output).agg(nw.len().alias("n"))
    rows = there.sort("n", output, descending=[True, False]).head(MAX_VALUES + 1).collect()
    found = {str(row[output])[:80]: int(row["n"]) for row in rows.rows(named=True)}
    return found if len(found) <= MAX_VALUES else {}


def _pairs(sources: SourcePort, frame: Frame, output: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    for batch in sources.batches(frame.sort("row").head(READ_TITLES).select(output)):
        for title in batch[output]:
            for word in (title or "").casefold().split():
                if word.isalpha():
                    found.update(word[i : i + 2] for i in range(max(1, len(word) - 1)))
    return dict(sorted(found.most_common(KEPT_PAIRS)))
