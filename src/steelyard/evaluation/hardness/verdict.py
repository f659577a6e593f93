"""Whether a sequential transformer can pay on a shop's data: a rule of thumb that says why, and how unsure it is.

The thresholds are placed by the sets that were measured (``benchmarks/hardness.py`` prints their table). On Beauty the
history adds 13 % to the last visit (7 to 19) and its order 19 % (11 to 26), and the published transformer has 2 % more
nDCG@10 than item neighbours; on Toys they add 17 % (11 to 24) and 13 % (9 to 20), and it has 11 % less. So what they
add there is what a transformer is level with at best: it is unlikely to pay where they add less for sure, and worth a
trial only where the history adds more for sure. No set was measured where a transformer clearly paid: the favourable
verdict is no more than an invitation to try.
"""

from __future__ import annotations

from msgspec.structs import replace

from steelyard.documents.hardness import Hardness, HardnessFigure

__all__ = ["FEW_EVENTS", "GAIN_LEVEL", "GAIN_LITTLE", "MOSTLY_REPEATS", "ORDER_LITTLE", "with_verdict"]

GAIN_LITTLE = 0.07
"""The low end of what the history adds on Beauty, the only set where the transformer was ahead."""
GAIN_LEVEL = 0.24
"""The high end of what it adds on Toys, where the transformer was behind."""
ORDER_LITTLE = 0.08
"""Below the low ends of what the order adds on Toys and on Beauty."""
MOSTLY_REPEATS = 0.5
"""With more repeats than this, what a user bought before decides most of the list."""
FEW_EVENTS = 100_000
"""The measured sets have 154,000 and 129,000 events to learn from; with fewer no transformer was measured."""
_FEW_USERS = 100
"""Users whose held-out events the figures rest on; with fewer the intervals cover less than they say."""


def with_verdict(found: Hardness) -> Hardness:
    """The figures with what follows from them.

    A verdict needs the whole interval on its side of a threshold; what is not known is never favourable.

    Args:
        found: The figures.

    Returns:
        ``unlikely`` where repeats decide, or the history or its order adds little for sure; ``worth_a_trial`` where the
        history adds more for sure than on the measured sets, its order says something, there are as many events as
        there and repeats do not decide; ``unknown`` where nothing could be held out; ``open`` for all others. The
        reasons come with it.
    """
    history, repeats = found.history, found.repeats
    if history.low is None or history.high is None or history.n < _FEW_USERS:
        return replace(found, verdict="unknown", reasons=("few_held_out",))
    reasons: list[str] = []
    is_repeating = _above(repeats, MOSTLY_REPEATS)
    if is_repeating:
        reasons.append("repeats")
    if history.high < GAIN_LITTLE:
        reasons.append("history_little")
    if found.order.high is not None and found.order.high < ORDER_LITTLE:
        reasons.append("order_little")
    if reasons:
        return replace(found, verdict="unlikely", reasons=tuple(reasons))
    has_order = _above(found.order, 0.0)
    doubts = [] if has_order else ["order_unsure"]
    doubts += [] if found.events >= FEW_EVENTS else ["few_events"]
    if history.low <= GAIN_LEVEL:
        return replace(found, verdict="open", reasons=("history_as_measured", *doubts))
    doubts += [] if _below(repeats, MOSTLY_REPEATS) else ["repeats_unsure"]
    return replace(found, verdict="open" if doubts else "worth_a_trial", reasons=("history_much", *doubts))


def _above(figure: HardnessFigure, limit: float) -> bool:
    return figure.low is not None and figure.low > limit


def _below(figure: HardnessFigure, limit: float) -> bool:
    return figure.high is not None and figure.high < limit
