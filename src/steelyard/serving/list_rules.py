"""What the rules did to a list: told with ``explain``, as data and as sentences in both languages."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol, TypeGuard

from steelyard.domain import Request, Surface
from steelyard.models.ranking.rule_words import MOVED, rules_said
from steelyard.models.ranking.rules import Rules
from steelyard.serving.bought_with import BoughtWith
from steelyard.serving.inside import Inside
from steelyard.serving.pipelines import Pipeline
from steelyard.serving.shown import RuleApplied, Why
from steelyard.serving.stacked import Stacked

__all__ = ["RulingPipeline", "moved_up", "rules_applied", "rules_of"]


class RulingPipeline(Protocol):
    """A pipeline that tells its rules, and what they did (``steelyard.models.pipeline.Pipeline``)."""

    @property
    def rules(self) -> Rules:
        """What its lists may hold."""
        ...

    def moved(self, request: Request, *, k: int) -> dict[int, str]:
        """By item why it stands higher than its score."""
        ...


def rules_applied(inside: Inside, shelf: str) -> list[RuleApplied]:
    """The rules that hold for recommendations, similar items, or what is bought with an item.

    Args:
        inside: Pipelines of an engine.
        shelf: ``recommend``, ``similar`` or ``bought_with``.

    Returns:
        In the order in which they act; none where the shelf is not served, or its pipeline does not tell.
    """
    beside = {"recommend": inside.recommend, "similar": inside.similar, "bought_with": inside.beside.bought_with}
    pipeline = beside[shelf]
    ruling = None if pipeline is None else _ruling(pipeline)
    surface = Surface.RECOMMEND if shelf == "recommend" else Surface.SIMILAR
    return [] if ruling is None else list(_applied(ruling.rules, surface))


@lru_cache(maxsize=32)
def _applied(rules: Rules, surface: Surface) -> tuple[RuleApplied, ...]:
    """The same for every answer of a bundle."""
    said = rules_said(rules, surface)
    return tuple(RuleApplied(each.name, each.value, each.said.en, each.said.zh) for each in said)


def rules_of(pipeline: Pipeline) -> Rules | None:
    """What the lists of a pipeline may hold; ``None`` where it does not tell."""
    ruling = _ruling(pipeline)
    return None if ruling is None else ruling.rules


def moved_up(pipeline: Pipeline, request: Request, *, k: int) -> dict[int, Why]:
    """What the rules moved up in a list, each with a reason that explains no share of its score.

    Args:
        pipeline: That answered; the list is made once more.
        request: What was asked.
        k: Length of the list that the pipeline was asked for.

    Returns:
        By item number; empty where no rule puts the list in another order.
    """
    ruling = _ruling(pipeline)
    moved = {} if ruling is None else ruling.moved(request, k=k)
    return {item: Why(kind, 0.0, text=MOVED[kind].en, text_zh=MOVED[kind].zh) for item, kind in moved.items()}


def _ruling(pipeline: Pipeline) -> RulingPipeline | None:
    """Of pipelines about others the innermost first one, whose list the others only fill up or weigh anew."""
    if isinstance(pipeline, Stacked):
        return _ruling(pipeline.both[0])
    if isinstance(pipeline, BoughtWith):
        return _ruling(pipeline.pipeline)
    return pipeline if _tells(pipeline) else None


def _tells(pipeline: Pipeline) -> TypeGuard[RulingPipeline]:
    """As ``isinstance`` of a protocol, which takes as long as a tenth of a list."""
    return callable(getattr(pipeline, "moved", None)) and hasattr(pipeline, "rules")
