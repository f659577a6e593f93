"""``[labels]`` of steelyard.toml: what judgements cost, and the language model that may be asked for some."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from steelyard.config.endpoint import EndpointAddress
from steelyard.config.section import Count, Seconds, Section

__all__ = ["LabelModel", "Labels"]


class LabelModel(Section):
    """A language model behind an OpenAI-compatible endpoint, asked for judgements by ``steelyard labels ask``."""

    endpoint: EndpointAddress = ""
    """Address up to and with ``/v1``; nothing is contacted without it. Plain ``http`` only for this machine."""
    name: str = ""
    """The model, as the endpoint calls it."""
    key_env: str = "STEELYARD_LABELS_KEY"
    """Environment variable that holds the key; none is sent where it is not set."""
    price: str = ""
    """Rows of the price book: ``tokens/<price>/input`` and ``…/output``; the model's name when empty."""
    grades: Annotated[int, Field(ge=1, le=10)] = 3
    """Best grade; the worst is 0."""
    max_item_chars: Annotated[int, Field(ge=50, le=20_000)] = 1200
    """Longer item texts are cut."""
    max_output_tokens: Annotated[int, Field(ge=1, le=10_000)] = 60
    """Of one answer."""
    timeout_s: Seconds = 60.0
    """Of one answer."""
    retries: Annotated[int, Field(ge=0, le=20)] = 4
    """After an answer that the endpoint is busy or broken; each waits twice as long."""
    budget: Annotated[Decimal, Field(gt=0, le=1_000_000)] = Decimal(5)
    """Most that one run may spend, in the price book's currency; it stops before."""
    min_agreement: Annotated[float, Field(ge=-1, le=1)] = 0.4
    """Least weighted kappa with people's judgements; below it the labels are not written."""
    min_compared: Annotated[int, Field(ge=2, le=100_000)] = 30
    """Fewest pairs that people judged too; with fewer the labels are not written."""
    made_with: tuple[str, ...] = ()
    """Models that wrote texts or queries of this shop: such a model is not asked to judge them."""


class Labels(Section):
    """What judgements cost, how they are learnt from behaviour, and who may be asked."""

    price: str = ""
    """Row of the price book (service ``labels``) that one judgement of a person costs; when empty, an hour of ``role``
    is divided by ``per_hour``."""
    role: str = ""
    """Row of the price book's ``person_hour`` entries; that of ``[cost.people]`` when empty."""
    per_hour: Count = 120
    """Judgements that a person makes in an hour; an assumption until a shop enters its own."""
    min_impressions: Annotated[float, Field(ge=1, le=1_000_000)] = 20.0
    """A pair of query and item gets a label from behaviour when it was shown so often, worth of position counted."""
    max_weight: Annotated[float, Field(ge=1, le=1000)] = 10.0
    """Inverse propensities are clipped here."""
    purchase_days: Annotated[float, Field(gt=0, le=365)] = 7.0
    """A purchase counts as said by an event that came at most so many days before it."""
    model: LabelModel = LabelModel()
