"""Columns of the catalogue that know what sold after the cut: a model that reads them is judged on what it was told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np

from steelyard.data.quality import Finding
from steelyard.data.schema import Wanted
from steelyard.domain import FloatArray

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["future_columns", "future_findings"]

_LEAST_ITEMS = 30
_KNOWS, _MORE = 0.5, 0.2


def future_findings(
    sources: SourcePort, kept: Frame, wanted: Wanted, *, positive: Frame, n_items: int
) -> list[Finding]:
    """Look at the attributes that are numbers.

    Args:
        sources: Holds the scratch table ``items``.
        kept: The catalogue's rows, one an item.
        wanted: The roles that were read.
        positive: Positive events with ``item`` and ``period``.
        n_items: Number of items.

    Returns:
        One finding, or none.
    """
    role = wanted.role("attributes")
    if role is None:
        return []
    names = dict(zip(role.outputs, role.columns, strict=True))
    numbers = {column: np.full(n_items, np.nan) for column in names.values()}
    rows = kept.join(sources.table("items").select("item_id", "item"), on="item_id", how="inner")
    for batch in sources.batches(rows.select("item", *names)):
        for output, column in names.items():
            numbers[column][batch["item"]] = [_number(text) for text in batch[output]]
    is_later = nw.col("period") == nw.lit("test")
    learnt, later = (_counts(sources, positive.filter(part), n_items) for part in (~is_later, is_later))
    found = future_columns(numbers, learnt=learnt, later=later)
    if not found:
        return []
    says = "the numbers of the column go with what sold after the cut more than before it: it may know the future"
    values = {f"{name} ({after:.2f} after, {before:.2f} before)": 1 for name, (after, before) in found.items()}
    n = int(max(np.count_nonzero(~np.isnan(numbers[name])) for name in found))
    return [Finding("items", "column_knows_future", "warning", "flag", n, n / n_items, says, values=values)]


def future_columns(
    columns: Mapping[str, FloatArray], *, learnt: FloatArray, later: FloatArray
) -> dict[str, tuple[float, float]]:
    """Columns of the catalogue that know what happened after the cut better than what happened before it.

    Args:
        columns: Numbers by name, NaN where there is none. Shape (items,) each.
        learnt: Interactions of each item before the cut.
        later: And after it.

    Returns:
        By name the rank correlation with what came later and with what was learnt, where the first is at least 0.5 and
        0.2 above the second.

    Trust:
        A column of yesterday's bestsellers is not found, and should not be: it knows the past.
    """
    found = {}
    for name, values in columns.items():
        known = ~np.isnan(values)
        if known.sum() < _LEAST_ITEMS or len(np.unique(values[known])) < 3:
            continue
        after, before = (_rank_correlation(values[known], counts[known]) for counts in (later, learnt))
        if after >= _KNOWS and after - before >= _MORE:
            found[name] = (after, before)
    return found


def _counts(sources: SourcePort, events: Frame, n_items: int) -> FloatArray:
    found = sources.arrays(events.group_by("item").agg(nw.len().alias("n")))
    counts = np.zeros(n_items)
    counts[found["item"]] = found["n"]
    return counts


def _number(text: str | None) -> float:
    try:
        return float(text) if text else float("nan")
    except ValueError:
        return float("nan")


def _rank_correlation(one: FloatArray, other: FloatArray) -> float:
    from scipy.stats import rankdata  # noqa: PLC0415 - slow to import

    first, second = rankdata(one), rankdata(other)
    if first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
