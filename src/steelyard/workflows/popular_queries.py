"""What many people typed into the search box, told only where enough of them did."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from steelyard.data.schema import MAX_POPULAR
from steelyard.data.values.lower_case import lower_case, with_final_sigma
from steelyard.workflows.read_shop import Reading

__all__ = ["popular_queries"]


def popular_queries(run: Reading) -> dict[str, int]:
    """What many people typed.

    Args:
        run: Has read the log.

    Returns:
        The commonest first, and of how many people: a multiple of the fewest that are shown.
    """
    source, least = run.config.data.events, run.config.privacy.least_people
    if source is None or source.columns.query is None:
        return {}
    counted = (
        run.sources.table("searches")
        .filter(~nw.col("query").is_null() & ~nw.col("user").is_null())
        .select(lower_case(nw.col("query")).alias("typed"), "user")
        .unique()
        .group_by("typed")
        .agg(nw.len().alias("users"))
        .filter(nw.col("users") >= least)
        .sort("users", "typed", descending=[True, False])
        .head(MAX_POPULAR)
    ).collect()
    rows = zip(counted["typed"].to_list(), counted["users"].to_list(), strict=True)
    return {with_final_sigma(typed): users // least * least for typed, users in rows}
