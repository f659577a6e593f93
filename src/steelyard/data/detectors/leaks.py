"""What a division of the data says of the tests to come: how much is new or comes back, and what was tuned on.

Pure on counts that are there anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from steelyard.data.detectors.near_duplicates import squeezed
from steelyard.data.dividing.split import HeldOut
from steelyard.data.quality import Finding, Severity
from steelyard.data.values.normalise import words
from steelyard.domain import FloatArray

__all__ = ["division_findings", "future_columns"]

_MOSTLY_COLD = 0.5
_LEAST = 50
"""Of fewer users or targets a share says nothing."""
_LEAST_ITEMS = 30
_KNOWS, _MORE = 0.5, 0.2


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


def _rank_correlation(one: FloatArray, other: FloatArray) -> float:
    from scipy.stats import rankdata  # noqa: PLC0415 - slow to import

    first, second = rankdata(one), rankdata(other)
    if first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
