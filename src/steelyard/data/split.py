"""Time and queries divided between learning, tuning and judging, with a check that nothing leaks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.data.normalise import fold
from steelyard.documents.split import HeldOutCounts, Leakage, SplitDocument
from steelyard.domain import FloatArray, IntArray

__all__ = ["Cuts", "Events", "HeldOut", "cut_times", "hold_out", "leakage", "query_id", "split_queries"]


@dataclass(frozen=True, slots=True)
class Cuts:
    """Instants that divide the log; ``inf`` where nothing is held out."""

    validation_s: float
    test_s: float

    @classmethod
    def of(cls, split: SplitDocument) -> Cuts:
        """The cuts of a stored division, which holds none where nothing is held out."""
        cuts = (split.cut_validation_s, split.cut_test_s)
        return cls(*(float("inf") if cut is None else cut for cut in cuts))


@dataclass(frozen=True, slots=True)
class Events:
    """Positive events of known users, oldest first."""

    users: IntArray
    items: IntArray
    times_s: FloatArray
    weights: FloatArray

    def until(self, cut_s: float) -> Events:
        """The events before an instant."""
        n = int(np.searchsorted(self.times_s, cut_s, side="left"))
        return Events(self.users[:n], self.items[:n], self.times_s[:n], self.weights[:n])


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Users of one period whose next items are to be guessed from what they interacted with before it."""

    users: IntArray
    """Those drawn, ascending. Shape (cases,)."""
    targets: tuple[IntArray, ...]
    """For each, the items interacted with in the period, ascending."""
    counts: HeldOutCounts | None = None
    """Of the period; ``None`` where its cases were stored and are back."""


def cut_times(times_s: FloatArray, *, test_share: float, validation_share: float) -> Cuts:
    """Cuts at the quantiles of time.

    Args:
        times_s: Times of positive events, in any order.
        test_share: Last share of the events, in (0, 0.5).
        validation_share: Share before it.

    Returns:
        An event belongs to the test period when its time >= ``test_s``. Where all events fall at one instant,
        nothing can be held out, and both cuts are ``inf``.
    """
    if len(times_s) == 0 or float(np.min(times_s)) == float(np.max(times_s)):
        return Cuts(float("inf"), float("inf"))
    quantiles = [1 - test_share - validation_share, 1 - test_share]
    validation, test = (float(cut) for cut in np.quantile(times_s, quantiles, method="linear"))
    return Cuts(validation, test)


def hold_out(
    events: Events, *, begins_s: float, ends_s: float, exclude_seen: bool, max_users: int, seed: int
) -> HeldOut:
    """Cases of one period.

    Args:
        events: All positive events.
        begins_s: Start of the period; earlier events are history.
        ends_s: Its end, not included.
        exclude_seen: Leave out targets that the user interacted with before.
        max_users: At most so many users, drawn without replacement.
        seed: Of the draw.

    Returns:
        Users with events both before the period and in it; empty where there are none. With ``exclude_seen`` those who
        interacted with nothing new are left out.
    """
    n_items = int(events.items.max()) + 1 if len(events.items) else 1
    start, stop = np.searchsorted(events.times_s, [begins_s, ends_s], side="left")
    pairs = events.users * n_items + events.items
    wanted = np.unique(pairs[start:stop])
    n_wanted = len(wanted)
    if exclude_seen:
        wanted = np.setdiff1d(wanted, pairs[:start], assume_unique=False)
    users_after = np.unique(events.users[start:stop])
    is_known = np.isin(users_after, events.users[:start])
    eligible = np.intersect1d(users_after[is_known], wanted // n_items)
    rng = np.random.default_rng(seed)
    drawn = np.sort(rng.choice(eligible, max_users, replace=False)) if len(eligible) > max_users else eligible
    bounds = np.searchsorted(wanted, np.stack([drawn, drawn + 1]) * n_items)
    targets = tuple(wanted[a:b] % n_items for a, b in bounds.T)
    all_targets = np.concatenate(targets) if targets else np.empty(0, dtype=np.int64)
    counts = HeldOutCounts(
        users=len(users_after),
        cold_users=int((~is_known).sum()),
        users_with_nothing_new=int(is_known.sum()) - len(eligible),
        eligible_users=len(eligible),
        drawn_users=len(drawn),
        targets=len(all_targets),
        cold_targets=int((~np.isin(all_targets, events.items[:start])).sum()),
        targets_seen_before=n_wanted - len(wanted),
    )
    return HeldOut(drawn, targets, counts)


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
    events: Events, cuts: Cuts, *, tuning: HeldOut, test: HeldOut, parts: Mapping[str, Sequence[str]]
) -> Leakage:
    """What of the judging has leaked into the learning; all counts must be zero.

    Args:
        events: All positive events.
        cuts: Where they were cut.
        tuning: Cases of the validation period.
        test: Cases of the test period.
        parts: Query texts by part (``tuning``, ``test``).

    Returns:
        The count of each leak, and whether all are zero.
    """
    learn, learn_all = events.until(cuts.validation_s), events.until(cuts.test_s)
    folded = {part: {fold(query) for query in queries} for part, queries in parts.items()}
    found = {
        "learnt_events_after_validation_cut": int((learn.times_s >= cuts.validation_s).sum()),
        "learnt_events_after_test_cut": int((learn_all.times_s >= cuts.test_s).sum()),
        "tuning_users_without_history": int((~np.isin(tuning.users, learn.users)).sum()),
        "test_users_without_history": int((~np.isin(test.users, learn_all.users)).sum()),
        "queries_in_tuning_and_test": len(folded.get("tuning", set()) & folded.get("test", set())),
    }
    return Leakage(**found, is_clean=not any(found.values()))
