"""The weights that a log's events are given: those of the configuration, or made from the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from steelyard.config.data_tables import FIXED_WEIGHTS, Weight
from steelyard.data.labels.event_weights import learn_weights, weights_finding
from steelyard.data.labels.evidence import held_out_purchases
from steelyard.data.rated import tenth_of
from steelyard.errors import ConfigError
from steelyard.workflows.labelling.fitted_weights import Declared, Weighed, fitted

if TYPE_CHECKING:
    from steelyard.config import Config
    from steelyard.data.ratings import RatingScale
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["declared_weights", "event_weights"]

_FITTED = "fitted"
_TENTHS = range(1, 11)


def event_weights(config: Config, sources: SourcePort, kept: Frame, *, scale: RatingScale | None) -> Weighed:
    """The weights by kind and grade, and what is told of them.

    Args:
        config: The shop's configuration.
        sources: For intermediate tables.
        kept: What ``check_events`` kept.
        scale: Of the ratings, where there are some.

    Returns:
        The weights; nothing is told of those that were given.

    Raises:
        ConfigError: ``rating_weights`` names a value that is no rating of the scale, or two that are of one grade.
    """
    asked = config.data.event_weights
    is_given = isinstance(asked, dict) and "event_weights" in config.data.model_fields_set
    kinds: Mapping[str, float] = declared_weights(asked)
    free = {kind for kind, value in _by_kind(asked).items() if value == _FITTED}
    origins = {kind: "given" if is_given and kind not in free else "usual" for kind in kinds}
    of_ratings = _given_grades(config.data.rating_weights, scale)
    grades = {tenth: value for tenth, value in of_ratings.items() if not isinstance(value, str)}
    findings = []
    if asked == "learnt":
        days = config.labels.purchase_days
        learnt = learn_weights(sources, kept, fixed=FIXED_WEIGHTS, days=days, split=config.split)
        kinds, origins = learnt.weights, dict.fromkeys(learnt.weights, "usual" if learnt.why_not else "learnt")
        findings.append(weights_finding(learnt))
    declared = Declared(kinds, grades, origins, scale.top if scale else 1.0)
    free_grades = set(_TENTHS) if config.data.rating_weights == _FITTED else of_ratings.keys() - grades.keys()
    if not free and not free_grades:
        return Weighed(kinds, grades, tuple(findings), declared.rows() if findings else ())
    evidence = held_out_purchases(
        sources,
        kept,
        kinds=list(kinds),
        split=config.split,
        exclude_seen=config.rules.exclude_seen,
        seed=config.seed,
    )
    found = fitted(evidence, declared, free=free, free_grades=free_grades, seed=config.seed)
    return Weighed(found.kinds, found.grades, (*findings, *found.findings), found.rows)


def declared_weights(asked: str | Mapping[str, Weight]) -> dict[str, float]:
    """Weights of kinds as they are without a look at the log."""
    values = _by_kind(asked).items()
    return {kind: FIXED_WEIGHTS.get(kind, 1.0) if isinstance(value, str) else value for kind, value in values}


def _by_kind(asked: str | Mapping[str, Weight]) -> Mapping[str, Weight]:
    if not isinstance(asked, str):
        return asked
    return dict.fromkeys(FIXED_WEIGHTS, "fitted") if asked == _FITTED else dict(FIXED_WEIGHTS)


def _given_grades(given: str | Mapping[str, Weight], scale: RatingScale | None) -> dict[int, Weight]:
    """What the configuration says of ratings, by tenths of the best one."""
    found: dict[int, Weight] = {}
    if isinstance(given, str) or scale is None:
        return found
    for text, value in given.items():
        tenth = tenth_of(text, scale)
        if not tenth:
            raise ConfigError(f"[data] rating_weights names {text!r}, which is no rating up to {scale.top:g}")
        if tenth in found:
            says = f"[data] rating_weights names {text!r} beside another value of the same tenth of the scale: keep one"
            raise ConfigError(says)
        found[tenth] = value
    return found
