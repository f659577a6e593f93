"""What a division of the data says of the tests to come: how much is new or comes back, and what was tuned on.

Pure on counts that are there anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from steelyard.data.detectors.near_duplicates import squeezed
from steelyard.data.dividing.split import HeldOut
from steelyard.data.quality import Finding, Severity
from steelyard.data.values.normalise import words

__all__ = ["division_findings"]

_MOSTLY_COLD = 0.5
_LEAST = 50
"""Of fewer users or targets a share says nothing."""


def division_findings(test: HeldOut, queries: Mapping[str, Sequence[str]]) -> list[Finding]:
    """Shares of what is cold and what repeats, and queries of the test that were tuned on.

    Args:
        test: Cases of the test period, counted.
        queries: Judged ones by part (``tuning``, ``test``).

    Returns:
        Findings for a reader; shares are of the period's users or targets.
    """
    counts = test.counts
    found = []
    if counts is not None:
        says = "users of the test period without history: no behaviour helps them"
        found += _share("test_users_cold", counts.cold_users, counts.users, says)
        says = "targets of the test that nobody took before: only texts find them"
        found += _share("test_items_cold", counts.cold_targets, counts.targets, says)
        says = "what users of the test period took again: left out where seen items are not offered"
        found += _share("test_repeats", counts.targets_seen_before, counts.targets + counts.targets_seen_before, says)
    return [*found, *_near_queries(queries)]


def _share(reason: str, count: int, of: int, says: str) -> list[Finding]:
    if not count or of < _LEAST:
        return []
    is_much = reason != "test_repeats" and count > _MOSTLY_COLD * of
    severity: Severity = "warning" if is_much else "info"
    return [Finding("events", reason, severity, "flag", count, count / of, says)]


def _near_queries(queries: Mapping[str, Sequence[str]]) -> list[Finding]:
    """Queries of the test that are queries of the tuning in another order or setting."""
    tuned = {_bag(query): query for query in queries.get("tuning", ())}
    met = [(query, tuned[_bag(query)]) for query in queries.get("test", ()) if _bag(query) in tuned]
    if not met:
        return []
    samples = tuple({"query": query, "tuned_on": other} for query, other in met[:5])
    n, says = len(met), "queries of the test that were tuned on in another order or setting of their words"
    share = n / max(len(queries.get("test", ())), 1)
    return [Finding("judgements", "query_near_in_tuning_and_test", "warning", "flag", n, share, says, samples)]


def _bag(query: str) -> str:
    return " ".join(sorted(words(query))) or squeezed(query)
