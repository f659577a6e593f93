"""Users who come for the first time in the judging period, and what they want: nobody's history helps with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np

from steelyard.data.dividing.periods import HeldOut, Period

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["hold_out_newcomers"]


def hold_out_newcomers(sources: SourcePort, positive: Frame, period: Period, *, max_users: int, seed: int) -> HeldOut:
    """What users without an earlier event interacted with in a period.

    Args:
        sources: For intermediate tables.
        positive: All positive events, with ``user_number``, ``item`` and ``time``.
        period: In which they come for the first time.
        max_users: At most so many users, drawn without replacement.
        seed: Of the draw.

    Returns:
        Users ascending, and the items of each, ascending; none where everybody was known.
    """
    firsts = positive.group_by("user_number").agg(nw.col("time").min().alias("_first"))
    new = firsts.filter((nw.col("_first") >= period.begins_s) & (nw.col("_first") < period.ends_s))
    numbers = sources.keep(new.select("user_number"), "newcomers")
    users = np.sort(sources.arrays(numbers)["user_number"].astype(np.int64))
    if len(users) > max_users:
        users = np.sort(np.random.default_rng(seed).choice(users, max_users, replace=False))
    inside = positive.filter(nw.col("time") < period.ends_s).join(numbers, on="user_number", how="semi")
    rows = sources.arrays(inside.select("user_number", "item").unique())
    order = np.lexsort((rows["item"], rows["user_number"]))
    of_user, items = rows["user_number"][order].astype(np.int64), rows["item"][order].astype(np.int64)
    starts, stops = np.searchsorted(of_user, users, side="left"), np.searchsorted(of_user, users, side="right")
    return HeldOut(users, tuple(items[a:b] for a, b in zip(starts, stops, strict=True)))
