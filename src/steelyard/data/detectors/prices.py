"""Prices and quantities far from the rest of their kind, slips of a unit, and several currencies in one column."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from steelyard.data.detectors.counting import count_flags
from steelyard.data.quality import Check, Finding
from steelyard.data.ranks import medians
from steelyard.domain import FloatArray, IntArray

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["item_price_findings", "paid_findings"]

_ROBUST = 1.4826
"""A standard deviation of a normal distribution for each median absolute deviation."""
_DEVIATIONS = 6.0
_LEAST_RATIO = 8.0
_SLIPS = (10.0, 100.0, 1000.0)
_NEAR = 1.26
"""A slip is by ten, a hundred or a thousand, give or take this factor: a tenth of a decade."""
_LEAST_ITEMS = 12
_FEW = 1e-4
_SAYS = {
    "price_unit_slip": "the price is ten, a hundred or a thousand times that of others of its kind: cents for units",
    "price_outlying": "the price is far from all others of its category",
    "price_unlike_paid": "the catalogue's price is far from what is paid for the item: another unit or currency",
    "paid_unit_slip": "what was paid is ten, a hundred or a thousand times what is usually paid for the item",
    "quantity_outlying": "a thousand times as many pieces as are usually bought of the item",
}


def item_price_findings(sources: SourcePort, *, n_in: int) -> list[Finding]:
    r"""Prices of the catalogue far from those of their category.

    With :math:`l = \ln p`, a price is outlying where :math:`|l - med| > \max(6 \cdot 1.4826\, MAD, \ln 8)` within its
    category; categories of fewer than 12 prices are taken together. It is a slip where its ratio to the median is
    near 10, 100 or 1,000 up or down.

    Args:
        sources: Holds the scratch table ``items``.
        n_in: Rows of the table, for shares.

    Returns:
        At most two findings.
    """
    priced = sources.table("items").filter(~nw.col("price").is_null())
    columns = sources.arrays(priced.select("item", "category_number", nw.col("price").cast(nw.Float64())))
    prices: FloatArray = columns["price"]
    if len(prices) < _LEAST_ITEMS:
        return []
    logs = np.log(prices)
    of = np.asarray(columns["category_number"], np.int64)
    sizes = np.bincount(of + 1)
    of = np.where(sizes[of + 1] < _LEAST_ITEMS, -1, of)
    distance, spread = _robust(logs, of)
    is_far = np.abs(distance) > np.maximum(_DEVIATIONS * spread, np.log(_LEAST_RATIO))
    is_slip = is_far & _is_slip(distance)
    found = []
    for reason, those in (("price_unit_slip", is_slip), ("price_outlying", is_far & ~is_slip)):
        if n := int(those.sum()):
            numbers = np.sort(columns["item"][those])[:5].tolist()
            rows = sources.table("items").filter(nw.col("item").is_in(numbers)).sort("item")
            shown = rows.select("item_id", "title", nw.col("price").cast(nw.Float64())).collect()
            samples = tuple(shown.rows(named=True))
            found.append(Finding("items", reason, "warning", "flag", n, n / n_in, _SAYS[reason], samples))
    return found


def paid_findings(sources: SourcePort, kept: Frame, *, is_line_total: bool, n_in: int) -> list[Finding]:
    """What was paid for a piece, and how many, far from what is usual for the item.

    Args:
        sources: Holds the scratch table ``items``.
        kept: Checked events with ``price``, ``quantity`` and ``_item``.
        is_line_total: Whether a price is for all pieces of its row.
        n_in: Rows of the log, for shares.

    Returns:
        At most three findings: slips of the price paid, quantities, and catalogue prices unlike those paid.
    """
    known = kept.filter(~nw.col("_item").is_null())
    pieces = nw.when(nw.col("quantity") > 0).then(nw.col("quantity")).otherwise(nw.lit(1.0))
    price = nw.col("price") / pieces if is_line_total else nw.col("price")
    rows = known.with_columns(price.alias("_paid"))
    is_paid, is_bought = nw.col("_paid") > 0, nw.col("quantity") > 0
    usual = rows.group_by("_item").agg(
        nw.when(is_paid).then(nw.lit(1)).otherwise(nw.lit(0)).sum().alias("_n_paid"),
        nw.when(is_paid).then(nw.col("_paid")).min().alias("_least"),
        nw.col("_paid").max().alias("_most"),
        nw.col("quantity").max().alias("_most_pieces"),
    )
    paid = rows.filter(is_paid).select("_item", nw.col("_paid").alias("_usual"))
    bought = rows.filter(is_bought).select("_item", nw.col("quantity").alias("_usually"))
    for column, values in (("_usual", paid), ("_usually", bought)):
        middle = medians(sources, values, column, by="_item", name=f"values{column}")
        usual = usual.join(sources.keep(middle, f"middle{column}"), on="_item", how="left")
    usual = sources.keep(usual, "usual_paid")
    far = (nw.col("_most") >= 50 * nw.col("_usual")) | (nw.col("_least") <= nw.col("_usual") / 50)
    odd = usual.filter(far | (nw.col("_most_pieces") >= 1000 * nw.col("_usually")))
    joined = rows.join(odd.drop("_least", "_most", "_most_pieces"), on="_item", how="inner")
    ratio = nw.col("_paid") / nw.col("_usual")
    is_known = (nw.col("_n_paid") >= 3) & (nw.col("_paid") > 0)
    many = (nw.col("quantity") >= 1000 * nw.col("_usually")) & (nw.col("quantity") >= 1000)
    checks = [
        Check("paid_unit_slip", "warning", "flag", is_known & _near_slip(ratio), _SAYS["paid_unit_slip"]),
        Check("quantity_outlying", "warning", "flag", many, _SAYS["quantity_outlying"]),
    ]
    found = count_flags(joined, checks, table="events", n_in=n_in)
    found = [replace(f, severity="info") if f.share < _FEW else f for f in found]  # every long log has some
    return [*found, *_unlike_paid(sources, usual)]


def _unlike_paid(sources: SourcePort, usual: Frame) -> list[Finding]:
    items = sources.table("items")
    priced = items.filter(~nw.col("price").is_null()).select("item", "item_id", nw.col("price").cast(nw.Float64()))
    both = priced.join(usual.filter(nw.col("_n_paid") >= 3), left_on="item", right_on="_item", how="inner")
    ratio = (nw.col("price") / nw.col("_usual")).alias("_ratio")
    columns = sources.arrays(both.select("item", ratio))
    ratios: FloatArray = np.log(columns["_ratio"]) if len(columns["_ratio"]) else np.empty(0)
    if not len(ratios):
        return []
    centre = float(np.median(ratios))
    spread = _ROBUST * float(np.median(np.abs(ratios - centre)))
    far = np.abs(ratios - centre) > max(_DEVIATIONS * spread, np.log(_LEAST_RATIO))
    if not (n := int(far.sum())):
        return []
    first = np.sort(columns["item"][far])[:5].tolist()
    shown = (
        both.filter(nw.col("item").is_in(first)).sort("item").select("item_id", "price", nw.col("_usual").alias("paid"))
    )
    n_items = int(items.select(nw.len().alias("n")).collect()["n"][0])
    samples = tuple(shown.collect().rows(named=True))
    says = _SAYS["price_unlike_paid"]
    return [Finding("items", "price_unlike_paid", "warning", "flag", n, n / n_items, says, samples)]


def _robust(logs: FloatArray, of: IntArray) -> tuple[FloatArray, FloatArray]:
    """Distance of each value from the median of its group, and the group's robust standard deviation."""
    centre = _group_median(logs, of)
    distance = logs - centre
    return distance, _ROBUST * _group_median(np.abs(distance), of)


def _group_median(values: FloatArray, of: IntArray) -> FloatArray:
    """The median of each value's group, at the value's place."""
    order = np.lexsort((values, of))
    _, starts, counts = np.unique(of[order], return_index=True, return_counts=True)
    ordered = values[order]
    low, high = ordered[starts + (counts - 1) // 2], ordered[starts + counts // 2]
    found = np.empty(len(values))
    found[order] = np.repeat((low + high) / 2, counts)
    return found


def _is_slip(distance: FloatArray) -> npt.NDArray[np.bool_]:
    marks = np.log(np.array(_SLIPS))
    near: npt.NDArray[np.bool_] = (np.abs(np.abs(distance)[:, None] - marks) <= np.log(_NEAR)).any(axis=1)
    return near


def _near_slip(ratio: nw.Expr) -> nw.Expr:
    """True near a hundred or a thousand times the usual, or a hundredth or a thousandth: a tenth may be a discount."""
    near = nw.lit(False)
    for slip in _SLIPS[1:]:
        for mark in (slip, 1 / slip):
            near = near | ((ratio >= mark / 2) & (ratio <= mark * 2))
    return near
