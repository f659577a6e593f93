"""The choice of one surface: what was asked, every candidate with bill and reasons, and how sure the choice is."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from steelyard.documents.bills import BillRow, PerThousand
from steelyard.documents.ends import Ends
from steelyard.documents.list_figures import ListRow
from steelyard.documents.total import LeftOut

__all__ = [
    "Along",
    "Assumption",
    "Baseline",
    "CandidateRow",
    "Correction",
    "Ends",
    "Floor",
    "LookedAt",
    "People",
    "PeopleCommon",
    "PeopleRow",
    "Promise",
    "Quality",
    "Selection",
    "SliceRow",
    "StaysChosen",
    "SurfaceDecision",
    "Verdict",
    "ViolationRow",
]

Verdict = Literal["chosen", "feasible", "loses", "set_aside"]


class Quality(Ends, frozen=True, kw_only=True):
    """The quality over the requests that were judged."""

    n: int = 0
    """Requests."""


class ViolationRow(msgspec.Struct, frozen=True):
    """A floor that is not kept."""

    what: str
    """``quality``, ``quality_share``, ``p99``, ``memory``, ``errors`` …"""
    found: float | None
    wanted: float | None
    relative: float | None


class Correction(msgspec.Struct, frozen=True):
    """By what the check corrected the simulation of a configuration."""

    stretch: float
    """Factor on service times."""
    text: str
    text_zh: str


class CandidateRow(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration: measured, priced and judged."""

    name: str
    kind: str
    parts: dict[str, str]
    """Artefact by role."""
    quality: Quality
    beside: Quality | None = None
    """On requests made from the catalogue that were asked besides observed ones; decides nothing."""
    versus_reference: Ends | None
    """Paired difference from the reference."""
    share_of_reference: float | None
    cpu_ms: Ends
    """Processor time of a request, HTTP included."""
    rss_mb: float
    disk_mb: float
    is_quiet: bool
    """Whether the machine was quiet enough for wall times."""
    p99_ms: float | None
    p99_basis: Literal["measured", "predicted"]
    instance: str | None
    replicas: int | None
    utilisation: float | None
    """At the peak, in [0, 1]."""
    rate_per_replica_rps: float | None
    """Highest rate of one machine within the limits."""
    monthly: Decimal | None
    unpriced: tuple[str, ...]
    """What has no price, as sentences."""
    unpriced_zh: tuple[str, ...] = ()
    per_1000: PerThousand
    correction: Correction | None = None
    is_on_frontier: bool
    """Whether nothing is as cheap and better, or as good and cheaper."""
    verdict: Verdict
    violations: tuple[ViolationRow, ...]
    bill: tuple[BillRow, ...]
    reasons: tuple[str, ...]
    """Why it was not chosen."""
    reasons_zh: tuple[str, ...] = ()


class SliceRow(msgspec.Struct, frozen=True, kw_only=True):
    """The quality of the choice on requests of one kind."""

    group: str
    """Of queries ``frequency``, ``length``, ``language`` or ``intent``; of shoppers ``history`` or ``wanted``."""
    kind: str
    n: int
    """Judged requests of that kind."""
    quality: Quality | None
    """None where they are too few to say anything."""


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """What quality is asked for."""

    text: str
    text_zh: str
    is_of_best: bool = False
    """Whether the share is one of the best configuration, whichever that is."""
    min_quality: float | None
    min_quality_share: float | None
    quality: float | None = None
    """The mean that all of it comes to."""


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """What was promised of the choice, and what was measured over HTTP."""

    rate_rps: float
    promised_p99_ms: float
    measured_p99_ms: float | None
    """``None`` where the machine was too busy to tell."""
    promised_cpu_ms: float | None = None
    measured_cpu_ms: float | None = None
    response_bytes: float | None = None
    """Mean bytes of an answer."""
    requests: int
    errors: int
    at: str = ""
    """ISO time."""
    ruling: str = ""
    """``kept``, ``missed``, ``ask_lower``, ``by_processor_time`` or ``untried``."""
    busy_share: float | None = None
    """Share of the processors that other programs used, in [0, 1]."""
    stretch: float | None = None
    """Factor on service times that was found."""
    is_valid: bool
    is_kept: bool
    note: str
    note_zh: str = ""


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """The choice against the plain configuration."""

    name: str
    times_cheaper_at_capacity: float
    quality_share: float
    says: str
    says_zh: str
    why_not: str = ""
    """What limits the saving, where it is small."""
    why_not_zh: str = ""


class Along(msgspec.Struct, frozen=True):
    """A configuration on the frontier."""

    name: str
    mean: float
    corrected_mean: float
    """Less what picking the best of many flatters."""


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """By how much the best of many on the same requests is flattered."""

    best: str
    mean: float | None
    corrected_mean: float | None
    flattered_by: float
    detectable_loss: float | None
    """The smallest loss that the requests can show, as a share of the best's mean."""
    frontier: tuple[Along, ...] = ()
    says: str
    says_zh: str


class StaysChosen(msgspec.Struct, frozen=True, kw_only=True):
    """How sure the choice is."""

    draws: int
    probability: float
    by_configuration: dict[str, float]
    """Share of the draws in which each is chosen."""
    none: float
    """Share in which nothing keeps every floor."""
    load: tuple[float, float]
    """Ends of the load that was drawn, as multiples of the plan's."""
    says: str
    says_zh: str


class Assumption(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that would change the choice if it moved so far, alone."""

    setting: str
    name: str
    name_zh: str
    unit: str
    unit_zh: str
    now: Decimal
    breaks_at: Decimal
    moves_share: float | None
    winner_then: str | None
    direction: str
    """``up`` or ``down``."""
    says: str
    says_zh: str


class LookedAt(msgspec.Struct, frozen=True):
    """A figure with the range in which it was moved."""

    setting: str
    now: Decimal
    low: Decimal
    high: Decimal
    unit: str


class PeopleCommon(msgspec.Struct, frozen=True):
    """People's hours that every configuration takes alike."""

    hours_per_month: Decimal
    cost: Decimal
    items: tuple[str, ...]
    """As sentences."""


class PeopleRow(msgspec.Struct, frozen=True):
    """People's hours of one configuration beyond those."""

    name: str
    hours_beyond: Decimal
    cost_beyond: Decimal
    items: tuple[str, ...]
    without_people: Decimal
    """Its month's cost without anybody's hours."""


class People(msgspec.Struct, frozen=True):
    """What people cost, whatever is chosen, and whether machines alone would be chosen otherwise."""

    common: PeopleCommon
    rows: tuple[PeopleRow, ...]
    order_without_people: tuple[str, ...]
    chosen_without_people: str | None
    is_same_choice: bool | None


class SurfaceDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided for one surface."""

    surface: str
    metric: str
    is_synthetic: bool
    """Whether quality was measured on requests made from the catalogue."""
    judged_by: str = ""
    """Who judged the answers, where the shop says."""
    slices: tuple[SliceRow, ...] = ()
    """Quality of the choice by kinds of queries; a query may be of several intents."""
    lists: tuple[ListRow, ...] = ()
    """Of recommendations: what the lists of each configuration are like, and what each rule costs them."""
    n_requests: int
    reference: str | None
    floor: Floor
    max_p99_ms: float
    peak_rps: float
    requests_per_month: int
    chosen: str | None
    is_feasible: bool
    """Whether the choice keeps every floor; else it is the nearest."""
    candidates: tuple[CandidateRow, ...]
    promise: Promise | None = None
    baseline: Baseline | None = None
    left_out: tuple[LeftOut, ...] = ()
    why: str
    why_zh: str = ""
    selection: Selection | None = None
    stays_chosen: StaysChosen | None = None
    assumptions: tuple[Assumption, ...] = ()
    """Nearest first."""
    assumptions_looked_at: tuple[LookedAt, ...] = ()
    people: People | None = None
    why_assumptions: tuple[str, ...] = ()
    why_assumptions_zh: tuple[str, ...] = ()

    @property
    def winner(self) -> CandidateRow | None:
        """The candidate that was chosen, if one was."""
        return self.candidate(self.chosen)

    def candidate(self, name: str | None) -> CandidateRow | None:
        """The candidate of a name, if there is one."""
        return next((row for row in self.candidates if row.name == name), None)
