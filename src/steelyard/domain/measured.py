"""Configurations, what was measured of them, and candidates: measured and priced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from steelyard.domain.money import Bill, Money
from steelyard.domain.requests import FloatArray, Surface


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its interval."""

    mean: float
    low: float
    high: float
    confidence: float = 0.95
    n: int = 0
    """How many independent requests, users or runs it rests on."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What people have to do for a configuration, beyond what every one takes; stated by its model's recipe."""

    has_transformer: bool = False
    """Whether a transformer must be kept, re-exported and re-checked; ``[cost.people]`` says what that takes."""
    hours_per_month: Decimal = Decimal(0)
    """Further hours a month; the recipe's assumption."""
    label_hours: Decimal = Decimal(0)
    """Hours of labelling, once; the recipe's assumption."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model behind an address that is asked while shoppers wait, and what asking it costs."""

    model: str
    prompt_price: Decimal | None = None
    """Of a million tokens that are sent; ``None`` where it is not known, which is not free."""
    completion_price: Decimal | None = None
    """Of a million tokens that it writes."""
    currency: str = ""
    """ISO 4217 code of both."""
    price_rows: str = ""
    """Rows of the price book, ``tokens/<price_rows>/input`` and ``…/output``, where no price is given here."""
    machine: str = ""
    """Instance type that it runs on, where it is the shop's own: then machines are paid for and no tokens."""
    at_once: int = 1
    """Questions that one such machine answers at the same time."""
    concurrency: int = 1
    """Questions that one server of ours has under way at once; with more its first stage answers."""
    judged_on: int = 0
    """At most so many requests are asked of it when it is judged, drawn with the seed; 0 for all."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """One way to answer one surface: which stored parts, put together how.

    ``parts`` maps a role in the pipeline (``lexical``, ``encoder``, ``vectors``, ``neighbours``,
    ``factors``, ``content``, ``popularity``) to the name of a component directory.
    """

    name: str
    surface: Surface
    kind: str
    """The pipeline's plugin name: ``lexical``, ``dense``, ``hybrid``, ``item-knn``, ``ials`` …"""
    parts: Mapping[str, str]
    options: Mapping[str, Any] = field(default_factory=dict)
    """Numbers the pipeline was tuned to (fusion weights, candidates per stage)."""
    upkeep: Upkeep = Upkeep()
    is_uncompressed: bool = False
    """Whether it is the plain configuration of a large model, which savings are counted from."""
    endpoint: Endpoint | None = None
    """What it asks besides its own parts."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one configuration did on one frozen set of requests, on one machine."""

    configuration: str
    metric: str
    """Name with all its parameters, for example ``ndcg@10(gain=linear,unjudged=0)``."""
    quality: Interval
    per_request: FloatArray
    """Quality of each request, NaN where undefined; the same requests in the same order for every
    configuration of a surface, so that differences can be paired. Shape (requests,)."""
    cpu_s_per_request: Interval
    """Processor seconds of one request asked alone, all threads of the process counted."""
    service_s: FloatArray
    """Wall seconds of each request, one after another, no waiting. Shape (timed,)."""
    peak_rss_bytes: int
    """Largest resident set of a process that held only this configuration."""
    disk_bytes: int
    """Bytes on disk of all its parts."""
    disk_bytes_by_part: Mapping[str, int] = field(default_factory=dict)
    load_s: float = 0.0
    is_quiet: bool = True
    """False when the machine was too busy for wall times to be published; processor times still hold."""
    is_synthetic: bool = False
    """True when the requests were generated rather than observed: shown wherever the figure is."""
    beside: Interval | None = None
    """Quality on made requests that were asked besides observed ones."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Machine, versions, seeds, hashes, command: what is needed to repeat it."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What it takes to carry the peak within the latency limit."""

    instance: str
    """Name of the instance type in the price book."""
    replicas: int
    """Instances, spare included."""
    rate_per_replica_rps: float
    """Highest rate one instance carries within the limit."""
    p99_ms: float
    """Predicted at the peak, with the replicas above."""
    utilisation: float
    """Share of the processors used at the peak, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class UnitCost:
    """Cost per 1,000 requests, three ways; never quote one without saying which."""

    marginal: Money
    """Processor seconds × price of a core-second."""
    at_capacity: Money
    """Instance price ÷ highest rate that meets the limit."""
    fully_loaded: Money | None
    """The whole bill ÷ the month's requests; ``None`` when the bill is incomplete."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A configuration that was measured and priced, ready to be chosen or not."""

    configuration: Configuration
    measured: Measurement
    capacity: Capacity | None
    """``None`` when no instance of the price book can carry it (memory or latency)."""
    bill: Bill | None
    unit_cost: UnitCost | None

    @property
    def name(self) -> str:
        """The configuration's name."""
        return self.configuration.name
