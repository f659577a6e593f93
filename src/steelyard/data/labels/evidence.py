"""What weights are fitted on: a sample of people before the validation period, and what they bought in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np

from steelyard.data.dividing.split import cut_times
from steelyard.domain import EventKind, IntArray, PurchaseEvidence

if TYPE_CHECKING:
    from steelyard.config.schema import Split
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["held_out_purchases"]

_MOST_ASKED = 1_000
"""People whose purchases are to be found; drawn by the seed where there are more."""
_MOST_PEOPLE = 3_000
"""People learnt from, those among them."""
_LATEST = 60
"""Events of a person that count, the latest before the period: fifty pairs of millions would drown the others."""
_PURCHASE = EventKind.PURCHASE.value


def held_out_purchases(
    sources: SourcePort, kept: Frame, *, kinds: Sequence[str], split: Split, exclude_seen: bool, seed: int
) -> PurchaseEvidence:
    """What people did before the validation period, and what they bought in it; nothing of the judging period.

    Args:
        sources: For the tables.
        kept: Checked events: ``user``, ``_item``, ``_kind``, ``_grade``, ``time`` in seconds, ``_is_liking``.
        kinds: Kinds of events that may be learnt from, by number.
        split: Where the periods end.
        exclude_seen: Whether what is in a history is not to be found again.
        seed: Of the draw of people.

    Returns:
        In a log without purchases whatever is learnt from counts as one: ratings above the limit of liking, say. Nobody
        is asked for where nobody has a history and bought something.
    """
    events = kept.filter(~nw.col("user").is_null() & ~nw.col("_item").is_null() & (nw.col("_is_liking") != 0))
    events = events.filter(nw.col("_kind").is_in(list(kinds)))
    numbers = (nw.when(nw.col("_kind") == nw.lit(kind)).then(nw.lit(n)) for n, kind in enumerate(kinds))
    events = events.select(
        "user",
        nw.col("_item").cast(nw.Int64()).alias("item"),
        nw.coalesce(*numbers).alias("kind"),
        nw.coalesce(nw.col("_grade"), nw.lit(0)).alias("tenth"),
        "time",
    )
    users = events.select("user").unique().with_row_index("who", order_by="user")
    numbered = events.join(sources.keep(users, "evidence_users"), on="user", how="inner").drop("user")
    events = sources.keep(numbered, "evidence_events")
    if not len(events.head(1).collect()):
        return _nobody()
    cuts = cut_times(sources, events, test_share=split.test_share, validation_share=split.validation_share)
    before = events.filter(nw.col("time") < cuts.validation_s)
    inside = events.filter((nw.col("time") >= cuts.validation_s) & (nw.col("time") < cuts.test_s))
    purchase = list(kinds).index(_PURCHASE) if _PURCHASE in kinds else -1
    bought = inside.filter(nw.col("kind") == nw.lit(purchase))
    bought = bought if len(bought.head(1).collect()) else inside
    asked, drawn = _drawn(sources, before, bought, seed=seed)
    with sources.writing({"who": "int"}, name="evidence_drawn") as rows:
        rows.write({"who": drawn})
    people = sources.table("evidence_drawn")
    history = sources.arrays(before.join(people, on="who", how="semi"))
    wanted = sources.arrays(bought.join(people, on="who", how="semi").select("who", "item").unique())
    return _arranged(history, (wanted["who"], wanted["item"]), asked, exclude_seen=exclude_seen)


def _drawn(sources: SourcePort, before: Frame, bought: Frame, *, seed: int) -> tuple[IntArray, IntArray]:
    """Who is asked for, and who is learnt from."""
    generator = np.random.default_rng(seed)
    known = np.sort(sources.arrays(before.select("who").unique())["who"].astype(np.int64))
    able = np.intersect1d(known, sources.arrays(bought.select("who").unique())["who"].astype(np.int64))
    asked = able if len(able) <= _MOST_ASKED else np.sort(generator.choice(able, _MOST_ASKED, replace=False))
    others = np.setdiff1d(known, asked)
    n_others = _MOST_PEOPLE - len(asked)
    others = others if len(others) <= n_others else generator.choice(others, n_others, replace=False)
    return asked, np.sort(np.concatenate([asked, others]))


def _arranged(
    history: dict[str, IntArray], bought: tuple[IntArray, IntArray], asked: IntArray, *, exclude_seen: bool
) -> PurchaseEvidence:
    order = np.lexsort((history["kind"], history["item"], history["time"], history["who"]))
    who = history["who"][order].astype(np.int64)
    ends = np.searchsorted(who, who, side="right")
    order, who = order[ends - np.arange(len(who)) <= _LATEST], who[ends - np.arange(len(who)) <= _LATEST]
    known, items = np.unique(np.concatenate([history["item"][order], bought[1]]), return_inverse=True)
    mine, theirs = items[: len(order)], items[len(order) :]
    wanted = {}
    for each in asked.tolist():
        found = np.unique(theirs[bought[0] == each])
        found = np.setdiff1d(found, mine[who == each]) if exclude_seen else found
        if len(found):
            wanted[each] = found
    others = np.setdiff1d(who, list(wanted))
    place = {each: n for n, each in enumerate((*wanted, *others.tolist()))}
    tenths = history["tenth"][order]
    grades = np.unique(tenths[tenths > 0])
    return PurchaseEvidence(
        users=np.array([place[each] for each in who.tolist()], np.int64),
        items=mine.astype(np.int64),
        kinds=history["kind"][order].astype(np.int64),
        grades=np.where(tenths > 0, np.searchsorted(grades, tenths), -1).astype(np.int64),
        wanted=tuple(wanted.values()),
        n_users=len(place),
        n_items=len(known),
        leave_out_seen=exclude_seen,
        tenths=tuple(int(tenth) for tenth in grades),
    )


def _nobody() -> PurchaseEvidence:
    none = np.empty(0, np.int64)
    return PurchaseEvidence(none, none, none, none, (), 0, 0)
