"""What was decided for a shop, with every reason: artefact ``decision``, read by doors, pages and the report."""

from __future__ import annotations

from typing import Any

import msgspec

from steelyard.documents.bills import Book
from steelyard.documents.choice import CandidateRow, SurfaceDecision
from steelyard.documents.earlier_decision import with_keys
from steelyard.documents.encoding import Source, as_builtins, as_json, read_document
from steelyard.documents.machine import MachineFacts
from steelyard.documents.total import Total

__all__ = [
    "Decision",
    "NotBuilt",
    "NotJudged",
    "ShopRow",
    "decision_builtins",
    "decision_json",
    "read_decision",
]

"""Of a machine: processor, cores, memory, versions of what ran."""


class ShopRow(msgspec.Struct, frozen=True):
    """The shop that was decided for."""

    name: str = ""
    currency: str = ""
    """ISO 4217 code."""
    language: str = ""
    """``en``, ``zh`` or ``mixed``."""


class NotJudged(msgspec.Struct, frozen=True):
    """A surface that could not be judged: why, what is served all the same, and what to do."""

    surface: str
    why: str
    why_zh: str
    served: str
    served_zh: str
    do: str
    do_zh: str
    says: str
    """All three in one sentence each."""
    says_zh: str


class NotBuilt(msgspec.Struct, frozen=True):
    """A configuration that was not built, or a model of which none was, and why."""

    name: str
    surface: str
    why: str
    """Key of the reason: ``too_dear``, ``may_be_cheaper``, ``no_behaviour``, ``no_judgements``, ``no_text``,
    ``refused``."""
    says: str
    says_zh: str
    least: str = ""
    """Amount of its least monthly bill; empty where it has none."""
    by: str = ""
    """Name of the configuration it could not beat."""
    bill: str = ""
    """Amount of that one's monthly bill."""
    currency: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The cheapest configuration of each surface that keeps its floors, and what the shop costs then."""

    format: int = 1
    shop: ShopRow = ShopRow()
    made_at: str = ""
    """ISO time, with time zone."""
    machine: MachineFacts = MachineFacts()
    """What everything was measured on."""
    book: Book = Book("", "", "")
    surfaces: tuple[SurfaceDecision, ...] = ()
    total: Total = Total()
    warnings: tuple[str, ...] = ()
    """What a reader must know of the figures, weightiest first."""
    warnings_zh: tuple[str, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    not_built: tuple[NotBuilt, ...] = ()
    """Configurations that were passed over since they were too dear to win, and models that the shop cannot have."""

    @property
    def names(self) -> frozenset[str]:
        """Of every configuration, those that were passed over and models that the shop cannot have among them."""
        judged = {row.name for surface in self.surfaces for row in surface.candidates}
        return frozenset(judged | {row.name for row in self.not_built})

    @property
    def candidates(self) -> tuple[CandidateRow, ...]:
        """Of all surfaces."""
        return tuple(row for surface in self.surfaces for row in surface.candidates)

    def of(self, surface: str) -> SurfaceDecision | None:
        """What was decided for a surface; ``None`` where it was not judged."""
        return next((row for row in self.surfaces if row.surface == surface), None)


def read_decision(source: Source) -> Decision:
    """The decision of a document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The decision; one without surfaces for an empty document.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, Decision, name="decision", migrations=(with_keys,))


def decision_builtins(decision: Decision) -> dict[str, Any]:
    """The decision as JSON's own types."""
    return as_builtins(decision)


def decision_json(decision: Decision) -> bytes:
    """The decision as JSON."""
    return as_json(decision)
