"""Time and queries divided between learning, tuning and judging, with a check that nothing leaks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np

from steelyard.data.dividing.periods import Cuts, Events, HeldOut, Period
from steelyard.data.ranks import quantiles
from steelyard.data.values.normalise import fold
from steelyard.documents.split import HeldOutCounts, Leakage
from steelyard.domain import IntArray

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = [
    "Cuts",
    "Events",
    "HeldOut",
    "Period",
    "count",
    "cut_times",
    "hold_out",
    "leakage",
    "query_id",
    "split_queries",
    "with_period",
]


def cut_times(sources: SourcePort, positive: Frame, *, test_share: float, validation_share: float) -> Cuts:
    """Cuts at the quantiles of time.

    Args:
        sources: Works the frame out.
        positive: Positive events, in any order, with ``time``.
        test_share: Last share of the events, in (0, 0.5).
        validation_share: Share before it.

    Returns:
        An event belongs to the test period when its time >= ``test_s``. Where all events fall at one instant,
        nothing can be held out, and both cuts are ``inf``.
    """
    time = nw.col("time")
    ends = positive.select(time.min().alias("first"), time.max().alias("last")).collect()
    if ends["first"][0] is None or ends["first"][0] == ends["last"][0]:
        return Cuts(float("inf"), float("inf"))
    shares = [1 - test_share - validation_share, 1 - test_share]
    return Cuts(*quantiles(sources, positive, "time", shares))


def with_period(frame: Frame, cuts: Cuts) -> Frame:
    """The frame with ``period``: train, validation or test, by ``time``."""
    time = nw.col("time")
    test = nw.when(time >= cuts.test_s).then(nw.lit("test"))
    validation = nw.when(time >= cuts.validation_s).then(nw.lit("validation"))
    return frame.with_columns(nw.coalesce(test, validation, nw.lit("train")).alias("period"))


def hold_out(
    sources: SourcePort,
    positive: Frame,
    period: Period,
    *,
    exclude_seen: bool,
    max_users: int,
    seed: int,
    again: IntArray | None = None,
) -> HeldOut:
    """Cases of one period.

    Args:
        sources: For intermediate tables; only the users who can be drawn, and what the drawn ones want, are held.
        positive: All positive events, with ``user_number``, ``item`` and ``time``.
        period: What is held out.
        exclude_seen: Leave out targets that the user interacted with before.
        max_users: At most so many users, drawn without replacement.
        seed: Of the draw.
        again: Items that are targets although they were seen, ascending: they may be recommended again. Shape (items,).

    Returns:
        Users with events both before the period and in it; empty where there are none. With ``exclude_seen`` those who
        interacted with nothing new are left out.
    """
    time, pair, name = nw.col("time"), ["user_number", "item"], period.name
    before = positive.filter(time < period.begins_s).select(*pair)
    inside = positive.filter((time >= period.begins_s) & (time < period.ends_s))
    pairs = sources.keep(inside.select(*pair).unique(), f"{name}_pairs")
    seen = sources.keep(before.join(pairs, on=pair, how="semi").unique(), f"{name}_seen")
    wanted, gone = pairs, None
    if exclude_seen:
        gone = seen
        if again is not None and len(again):
            may = _stored(sources, again, f"{name}_again", column="item")
            gone = sources.keep(seen.join(may, on="item", how="anti"), f"{name}_seen_once")
        wanted = sources.keep(pairs.join(gone, on=pair, how="anti"), f"{name}_wanted")
    users_after = pairs.select("user_number").unique()
    known = sources.keep(before.join(users_after, on="user_number", how="semi").select("user_number").unique(), name)
    able = wanted.select("user_number").unique().join(known, on="user_number", how="semi")
    eligible: IntArray = np.sort(sources.arrays(able)["user_number"].astype(np.int64))
    rng = np.random.default_rng(seed)
    drawn = np.sort(rng.choice(eligible, max_users, replace=False)) if len(eligible) > max_users else eligible
    targets = _targets(sources, wanted, drawn, name=name)
    left_out = () if gone is None else _targets(sources, gone, drawn, name=f"{name}_left_out")
    all_targets = np.concatenate(targets) if targets else np.empty(0, dtype=np.int64)
    n_users, n_known = count(sources, users_after), count(sources, known)
    counts = HeldOutCounts(
        users=n_users,
        cold_users=n_users - n_known,
        users_with_nothing_new=n_known - len(eligible),
        eligible_users=len(eligible),
        drawn_users=len(drawn),
        targets=len(all_targets),
        cold_targets=int((~np.isin(all_targets, sources.arrays(before.select("item").unique())["item"])).sum()),
        targets_seen_before=count(sources, pairs) - count(sources, wanted),
        known_pairs=count(sources, pairs.join(known, on="user_number", how="semi")),
        repeated_pairs=count(sources, seen),
    )
    return HeldOut(drawn, targets, counts, left_out)


def count(sources: SourcePort, frame: Frame) -> int:
    """How many rows a frame has."""
    return int(sources.arrays(frame.select(nw.len().alias("n")))["n"][0])


def _targets(sources: SourcePort, wanted: Frame, drawn: IntArray, *, name: str) -> tuple[IntArray, ...]:
    """For each of the users drawn, ascending, the items wanted, ascending."""
    rows = sources.arrays(wanted.join(_stored(sources, drawn, f"{name}_drawn"), on="user_number", how="semi"))
    order = np.lexsort((rows["item"], rows["user_number"]))
    users, items = rows["user_number"][order], rows["item"][order].astype(np.int64)
    starts, stops = np.searchsorted(users, drawn, side="left"), np.searchsorted(users, drawn, side="right")
    return tuple(items[start:stop] for start, stop in zip(starts, stops, strict=True))


def _stored(sources: SourcePort, numbers: IntArray, name: str, *, column: str = "user_number") -> Frame:
    with sources.writing({column: "int"}, name=name) as rows:
        rows.write({column: numbers})
    return sources.table(name)


def query_id(query: str) -> str:
    """Stable name of a query: the same for spellings that fold to the same text."""
    return "q-" + hashlib.blake2b(fold(query).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def split_queries(ids: Sequence[str], *, tuning_share: float) -> set[str]:
    """The queries used for tuning; the others judge.

    A query's side depends on its own id alone, so it stays when queries are added. Where that would leave
    a side empty and there are two queries or more, one is moved to it.

    Args:
        ids: Distinct, from ``query_id``.
        tuning_share: In (0, 1).

    Returns:
        Their ids: at least one and not all of them; empty where there are fewer than two queries.
    """
    position = {i: int(i.removeprefix("q-"), 16) / 2**64 for i in ids}
    tuning = {i for i in ids if position[i] < tuning_share}
    if len(ids) > 1 and not tuning:
        tuning.add(min(ids, key=lambda i: position[i]))
    if len(ids) > 1 and len(tuning) == len(ids):
        tuning.remove(max(ids, key=lambda i: position[i]))
    return tuning if len(ids) > 1 else set()


def leakage(
    sources: SourcePort,
    positive: Frame,
    cuts: Cuts,
    *,
    tuning: HeldOut,
    test: HeldOut,
    parts: Mapping[str, Sequence[str]],
) -> Leakage:
    """What of the judging has leaked into the learning; all counts must be zero.

    Args:
        sources: Works the frames out.
        positive: All positive events, with ``period``.
        cuts: Where they were cut.
        tuning: Cases of the validation period.
        test: Cases of the test period.
        parts: Query texts by part (``tuning``, ``test``).

    Returns:
        The count of each leak, and whether all are zero.
    """
    time, period = nw.col("time"), nw.col("period")
    learn, learn_all = positive.filter(period == nw.lit("train")), positive.filter(period != nw.lit("test"))
    folded = {part: {fold(query) for query in queries} for part, queries in parts.items()}
    found = {
        "learnt_events_after_validation_cut": count(sources, learn.filter(time >= cuts.validation_s)),
        "learnt_events_after_test_cut": count(sources, learn_all.filter(time >= cuts.test_s)),
        "tuning_users_without_history": _strangers(sources, tuning, learn, "tuning_users"),
        "test_users_without_history": _strangers(sources, test, learn_all, "test_users"),
        "queries_in_tuning_and_test": len(folded.get("tuning", set()) & folded.get("test", set())),
    }
    return Leakage(**found, is_clean=not any(found.values()))


def _strangers(sources: SourcePort, held: HeldOut, learn: Frame, name: str) -> int:
    """How many of the users held out are not among those learnt from."""
    users = _stored(sources, held.users, name)
    return len(held.users) - count(
        sources, learn.join(users, on="user_number", how="semi").select("user_number").unique()
    )
