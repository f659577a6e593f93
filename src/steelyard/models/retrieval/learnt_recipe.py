"""``learnt``: words and meaning fused, the meaning trained further on the shop's own judged queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from steelyard.config.section import Section
from steelyard.models.recipe import Need, NoOptions, Plan, Variant
from steelyard.models.retrieval.hybrid_recipe import HybridRecipe

__all__ = ["LearntOptions", "LearntRecipe"]


class LearntOptions(Section):
    """Table ``[models.learnt]``."""

    minutes: Annotated[float, Field(gt=0, le=1440)] = 45
    """At most so many minutes the encoder is trained, where ``[models.encoder]`` does not say."""


class LearntRecipe(HybridRecipe):
    """As ``hybrid``, in every form of an encoder that the shop's judged queries have taught.

    Its whole form is the network that learnt; ``static`` is a table of token vectors fitted to what that network says
    of the catalogue, so that its query side needs no network. Where learning does not pay it is the ``hybrid`` of the
    encoder as it was.
    """

    options = LearntOptions
    needs = frozenset({Need.TEXT, Need.ENCODER, Need.JUDGEMENTS})

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """Every form of the encoder with the vectors that suit it, fused with words."""
        models = plan.config.models
        minutes = models.encoder.learn_minutes or plan.options.minutes
        encoder = models.encoder.model_copy(update={"learn_minutes": minutes})
        config = plan.config.model_copy(update={"models": models.model_copy(update={"encoder": encoder})})
        for variant in super().variants(Plan(config, NoOptions())):
            yield replace(variant, name=_renamed(variant.name), whole=_renamed(variant.whole))


def _renamed(name: str) -> str:
    return name.replace("hybrid", "learnt", 1)
