"""The words everybody uses, as frozen values. Standard library only (arrays by name); imports nothing but errors."""

from steelyard.domain.bilingual import Bilingual, capitalised, filled_zh
from steelyard.domain.catalogue import Event, EventKind, Item
from steelyard.domain.interactions import Cases, CatalogueFacts, Interactions, Texts
from steelyard.domain.line_key import LineKey
from steelyard.domain.measured import (
    Candidate,
    Capacity,
    Configuration,
    Endpoint,
    Interval,
    Measurement,
    UnitCost,
    Upkeep,
)
from steelyard.domain.money import Bill, CostLine, Fact, FactKind, Money, Price, Stage, Unpriced
from steelyard.domain.purchase_evidence import PurchaseEvidence
from steelyard.domain.requests import (
    MAX_PAST,
    NO_PAST,
    NONE,
    FloatArray,
    IntArray,
    Past,
    Ranked,
    Reason,
    Request,
    State,
    Surface,
    VectorArray,
    split_history,
)
from steelyard.domain.understood import Guess, Match, Understood
from steelyard.domain.written import is_currency

__all__ = [
    "MAX_PAST",
    "NONE",
    "NO_PAST",
    "Bilingual",
    "Bill",
    "Candidate",
    "Capacity",
    "Cases",
    "CatalogueFacts",
    "Configuration",
    "CostLine",
    "Endpoint",
    "Event",
    "EventKind",
    "Fact",
    "FactKind",
    "FloatArray",
    "Guess",
    "IntArray",
    "Interactions",
    "Interval",
    "Item",
    "LineKey",
    "Match",
    "Measurement",
    "Money",
    "Past",
    "Price",
    "PurchaseEvidence",
    "Ranked",
    "Reason",
    "Request",
    "Stage",
    "State",
    "Surface",
    "Texts",
    "Understood",
    "UnitCost",
    "Unpriced",
    "Upkeep",
    "VectorArray",
    "capitalised",
    "filled_zh",
    "is_currency",
    "split_history",
]
