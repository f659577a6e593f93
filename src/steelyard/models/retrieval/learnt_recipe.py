"""``learnt``: words and meaning fused, the meaning trained further on the shop's own judged queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from steelyard.config.section import Section
from steelyard.models.building import Bench, Part, Work
from steelyard.models.recipe import Need, NoOptions, Plan, Variant
from steelyard.models.refusals import refusal
from steelyard.models.retrieval.hybrid_recipe import HybridRecipe
from steelyard.models.text.parts import network_of

__all__ = ["LearntOptions", "LearntRecipe"]


class LearntOptions(Section):
    """Table ``[models.learnt]``."""

    minutes: Annotated[float, Field(gt=0, le=1440)] = 45
    """At most so many minutes the encoder is trained, where ``[models.encoder]`` does not say."""


class LearntRecipe(HybridRecipe):
    """As ``hybrid``, in every form of an encoder that the shop's judged queries have taught.

    Its whole form is the network that learnt; ``static`` is a table of token vectors fitted to what that network says
    of the catalogue, so that its query side needs no network. Where learning does not pay it would be the ``hybrid``
    of the encoder as it was, so it is left out, and it is said why.
    """

    options = LearntOptions
    needs = frozenset({Need.TEXT, Need.ENCODER, Need.JUDGEMENTS})

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """Every form of the encoder with the vectors that suit it, fused with words."""
        models = plan.config.models
        minutes = models.encoder.learn_minutes or plan.options.minutes
        encoder = models.encoder.model_copy(update={"learn_minutes": minutes})
        config = plan.config.model_copy(update={"models": models.model_copy(update={"encoder": encoder})})
        network = network_of(config)
        for variant in super().variants(Plan(config, NoOptions())):
            assert variant.tuned is not None and network is not None
            tuned = _judged(variant.tuned, network)
            yield replace(variant, name=_renamed(variant.name), whole=_renamed(variant.whole), tuned=tuned)


def _judged(fusion: Part, network: Part) -> Part:
    """The fusion, and whether what the network learnt pays."""

    def judged(bench: Bench) -> Mapping[str, Any]:
        return {**bench.values(fusion), **refusal(bench.state(network).facts)}

    name = fusion.name.replace("tuned/hybrid-learnt", "tuned/learnt", 1)
    return Part(name, judged, (fusion, network), work=Work.COMPRESS, uses_tables=False)


def _renamed(name: str) -> str:
    return name.replace("hybrid", "learnt", 1)
