"""What people did after a search, as pairs to learn from: queries that nobody judged, the bias of places taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.config.data_tables import FIXED_WEIGHTS
from steelyard.data.labels.behaviour import cells_of, label_pairs
from steelyard.data.queries import KnownItemQuery
from steelyard.data.values.normalise import words
from steelyard.domain import IntArray
from steelyard.workflows.read_shop import Reading

if TYPE_CHECKING:
    from steelyard.data.schema import Frame

__all__ = ["ENOUGH", "taught_by_behaviour", "teaching"]

ENOUGH = 200
"""With so many judged queries for tuning, learning asks for nothing else unless it is told to."""

_DAY_S = 86_400.0


def teaching(
    run: Reading,
    text_of_item: IntArray,
    *,
    asked: Mapping[str, Sequence[str]],
    made: Callable[[], Sequence[KnownItemQuery]],
) -> Iterator[tuple[str, str, Mapping[int, float]]]:
    """Queries to learn from besides those that people judged, as ``[models] taught_by`` has it.

    Args:
        run: Has read the log.
        text_of_item: Text number of each item. Shape (n_items,).
        asked: The queries that tune and judge: columns ``query`` and ``part``.
        made: Makes queries from the catalogue.

    Yields:
        tuple[str, str, Mapping[int, float]]: A query, who says what is relevant, and the gain of each text; none of
            the words of a query that tunes or judges, in whatever order. Made ones only where people judge them.
    """
    by, has_judged = run.config.models.taught_by, run.config.data.judgements is not None
    n_tuning = list(asked["part"]).count("tuning")
    if by == "judgements" or (by == "auto" and has_judged and n_tuning >= ENOUGH):
        return
    known = {_told(query) for query in asked["query"]}
    pairs = {} if by == "catalogue" else taught_by_behaviour(run, text_of_item)
    for query, gains in pairs.items():
        if _told(query) not in known:
            yield query, "behaviour", gains
    if not pairs and by != "behaviour" and has_judged:
        for each in made():
            if _told(each.query) not in known:
                yield each.query, "synthetic", dict.fromkeys(each.answers.tolist(), 1.0)


def _told(query: str) -> str:
    return " ".join(sorted(words(query))) or query


def taught_by_behaviour(run: Reading, text_of_item: IntArray) -> dict[str, dict[int, float]]:
    """Pairs of query and text with what clicks and purchases say of them.

    Propensities of the places are estimated from the log itself and clipped; a purchase says more than a click, as
    ``FIXED_WEIGHTS`` has it. A query counts where enough people typed it (``[privacy] least_people``).

    Args:
        run: Has read the log.
        text_of_item: Text number of each item. Shape (n_items,).

    Returns:
        Gain of each text by query, as it was typed in lower case; empty where the log names no queries or no places.
    """
    source = run.config.data.events
    if source is None or not source.columns.query or not source.columns.position:
        return {}
    events = _events(run, left_out=("hostile",) if source.leave_out_hostile else ())
    top = max(FIXED_WEIGHTS.values())
    cells = cells_of(run.sources, events, says={kind: weight / top for kind, weight in FIXED_WEIGHTS.items()})
    if not len(cells.query) or not cells.has_impressions:
        return {}
    labels = run.config.labels
    found = label_pairs(cells, min_looked=labels.min_impressions, max_weight=labels.max_weight)
    known = set(_typed_by_many(run, events))
    pairs: dict[str, dict[int, float]] = {}
    for query, item, gain in zip(found.query, found.item.tolist(), found.gain.tolist(), strict=True):
        if query in known:
            gains = pairs.setdefault(query, {})
            text = int(text_of_item[item])
            gains[text] = max(gains.get(text, 0.0), gain)
    return {query: gains for query, gains in pairs.items() if max(gains.values()) > 0}


def _events(run: Reading, *, left_out: Sequence[str]) -> Frame:
    """The log as labels are made from it, a visit being a session or else a user's day."""
    day = (nw.col("time") / nw.lit(_DAY_S)).floor().cast(nw.Int64()).cast(nw.String())
    day_of_user = nw.concat_str(nw.col("user"), day, separator="/")
    numbered = run.sources.table("events_numbered")
    return run.sources.keep(
        numbered.filter(~nw.col("traffic").is_in(left_out)).select(
            "user",
            nw.coalesce(nw.col("session"), day_of_user).alias("visit"),
            nw.col("query").str.strip_chars().str.to_lowercase().alias("query"),
            nw.col("item").cast(nw.Int64()),
            "position",
            "kind",
            "time",
        ),
        "teaching_events",
    )


def _typed_by_many(run: Reading, events: Frame) -> Iterator[str]:
    counted = (
        events.filter(~nw.col("query").is_null() & ~nw.col("user").is_null())
        .select("query", "user")
        .unique()
        .group_by("query")
        .agg(nw.len().alias("users"))
        .filter(nw.col("users") >= run.config.privacy.least_people)
    )
    for batch in run.sources.batches(counted.sort("query")):
        yield from batch["query"]
