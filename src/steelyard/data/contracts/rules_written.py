"""What a shop expects of its data, as rules of the standard."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from steelyard.documents.contract import QualityRule, ServiceLevel

__all__ = ["ENGINE", "as_option", "as_rule", "as_service_level"]

ENGINE = "steelyard"
"""Of the rules that the standard has no words for."""
_OPTIONS = {"min": "minimum", "max": "maximum"}
_DIMENSIONS = {
    "unique": "uniqueness",
    "in": "conformity",
    "matches": "conformity",
    "max_missing_share": "completeness",
    "min_rows": "coverage",
}


def as_option(kind: str, value: float, *, except_share: float, taken: Mapping[str, object]) -> dict[str, object]:
    """A bound of a column as an option of its logical type.

    Args:
        kind: Of the rule.
        value: The bound.
        except_share: Of the rows that may break it.
        taken: Options that are there.

    Returns:
        Empty where the rule is no bound, may be broken by some rows, or another bound is there.
    """
    name = _OPTIONS.get(kind)
    return {} if name is None or except_share or name in taken else {name: _whole(value)}


def as_rule(kind: str, value: Any, *, except_share: float) -> QualityRule:
    """A rule as one of the standard's library, or, where that has none, of Steelyard's own.

    Args:
        kind: Of the rule, as ``Expectation.rules`` has it; not ``max_age_days``.
        value: What is expected.
        except_share: Of the rows that may break it.

    Returns:
        A rule whose breach is an error.
    """
    told: dict[str, Any] = {"severity": "error", "dimension": _DIMENSIONS.get(kind, "accuracy")}
    if kind == "min_rows":
        return QualityRule(type="library", metric="rowCount", must_be_greater_or_equal_to=value, **told)
    if kind == "max_missing_share":
        return QualityRule(
            type="library", metric="missingValues", arguments={"missingValues": [None, ""]}, **_share(value), **told
        )
    if kind == "unique":
        return QualityRule(type="library", metric="duplicateValues", **_share(except_share), **told)
    if kind == "in":
        return QualityRule(
            type="library",
            metric="invalidValues",
            arguments={"validValues": list(value)},
            **_share(except_share),
            **told,
        )
    if kind == "matches":
        return QualityRule(
            type="library",
            metric="invalidValues",
            arguments={"pattern": f"^(?:{value})$"},
            **_share(except_share),
            **told,
        )
    asked = {kind: _whole(value)} | ({"except_share": except_share} if except_share else {})
    return QualityRule(type="custom", engine=ENGINE, implementation=asked, **told)


def as_service_level(table: str, column: str, days: float) -> ServiceLevel:
    """How old the newest time of a column may be."""
    return ServiceLevel(property="freshness", value=_whole(days), unit="d", element=f"{table}.{column}")


def _share(share: float) -> dict[str, Any]:
    if not share:
        return {"must_be": 0}
    percent = Decimal(repr(share)) * 100
    return {"must_be_less_or_equal_to": float(percent), "unit": "percent"}


def _whole(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value
