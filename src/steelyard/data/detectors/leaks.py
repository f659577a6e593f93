"""What a division of the data says of the tests to come: how much is new or comes back, and what was tuned on.

Pure on counts that are there anyway.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from steelyard.config.schema import Rules
from steelyard.data.detectors.near_duplicates import squeezed
from steelyard.data.dividing.repeatable import in_categories
from steelyard.data.dividing.split import HeldOut
from steelyard.data.quality import Finding, Severity
from steelyard.data.values.normalise import words

__all__ = ["REPEATS_PAY", "REPEATS_RARE", "category_findings", "division_findings", "repeat_findings"]

REPEATS_PAY = 0.1
"""From this repeat share on, leaving out what was seen hides what many shoppers came for."""
REPEATS_RARE = 0.02
"""Under this one, offering what was seen spends places on what hardly anybody takes again."""

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


def repeat_findings(tuning: HeldOut, rules: Rules) -> list[Finding]:
    """Whether ``[rules] exclude_seen`` suits the shop, by how much of the validation period repeats.

    Args:
        tuning: Cases of the validation period, counted.
        rules: Of the shop; what its file says itself is a choice and what is left out is not.

    Returns:
        At most one finding; its share is of the items that known users took in the period. None where those are few,
        or where leaving out what was seen was chosen.
    """
    counts = tuning.counts
    if counts is None or not counts.known_pairs or counts.known_pairs < _LEAST:
        return []
    n = counts.repeated_pairs or 0
    share = n / counts.known_pairs
    exclude_seen, is_chosen = rules.exclude_seen, "exclude_seen" in rules.model_fields_set
    if exclude_seen and not is_chosen and share >= REPEATS_PAY:
        says = (
            "known users took this share of the validation period before, and it is not offered again: "
            "allow repeats with exclude_seen = false in [rules]"
        )
        return [Finding("events", "repeats_not_offered", "warning", "flag", n, share, says)]
    if not exclude_seen and share < REPEATS_RARE:
        says = (
            "known users took so little of the validation period before, and it fills their lists: "
            "leave it out with exclude_seen = true in [rules]"
        )
        return [Finding("events", "repeats_rare", "info", "flag", n, share, says)]
    return []


def category_findings(categories: Sequence[str], rules: Rules) -> list[Finding]:
    """Categories that ``[rules] repeat_categories`` names and the catalogue does not have: nothing comes back by them.

    Args:
        categories: Path of each category of the catalogue.
        rules: Of the shop.

    Returns:
        At most one finding, with the nearest path for each name; its share is of the names.
    """
    wanted = rules.repeat_categories
    unknown = [name for name in wanted if not in_categories(tuple(categories), (name,)).any()]
    if not unknown:
        return []
    near = [next(iter(difflib.get_close_matches(name, categories, n=1)), None) for name in unknown]
    samples = tuple({"named": name, "nearest": path} for name, path in zip(unknown[:5], near[:5], strict=True))
    says = "repeat_categories of [rules] names categories that no item has: nothing is offered again by them"
    share = len(unknown) / len(wanted)
    return [Finding("items", "repeat_category_unknown", "warning", "flag", len(unknown), share, says, samples)]


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
