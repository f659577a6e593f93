"""What each defect of the data costs in quality, and through the value of quality in money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = ["DefectPrice", "DefectPrices", "Unpriced", "defect_prices_builtins", "read_defect_prices"]


class DefectPrice(msgspec.Struct, frozen=True, kw_only=True):
    """One defect at the rate at which it was found."""

    table: str
    reason: str
    count: int
    share: float
    """Of the table's rows, in [0, 1]."""
    surface: str
    model: str
    """That was trained without and with the defect."""
    metric: str
    clean: float
    """Mean of the metric without the defect."""
    change: float
    """Relative change of the mean with it: -0.009 is 0.9 % less."""
    low: float
    high: float
    """Ends of its 95 % interval over requests and seeds."""
    n_seeds: int
    loss_per_month: Decimal | None = None
    """Gross profit lost in a month; ``None`` where nobody said what quality is worth, which is not nothing."""
    loss_low: Decimal | None = None
    loss_high: Decimal | None = None

    @property
    def is_certain(self) -> bool:
        """Whether the whole interval is on one side of no change."""
        return self.high < 0 or self.low > 0


class Unpriced(msgspec.Struct, frozen=True, kw_only=True):
    """A defect that was found and has no price here."""

    table: str
    reason: str
    count: int
    why: str
    """``no_model`` (no cheap model looks at it), ``mended`` (it is repaired on reading), ``no_cases`` (nothing judges
    it), ``no_time`` (the minutes were used up)."""


class DefectPrices(msgspec.Struct, frozen=True, kw_only=True):
    """All defects, what is worth mending first on top."""

    format: int = 1
    seed: int = 0
    currency: str = ""
    """Of the losses; empty where there are none."""
    value_kind: str = ""
    """``measured`` or ``assumed``: what the losses rest on; empty where quality has no value."""
    value_source: str = ""
    rows: tuple[DefectPrice, ...] = ()
    unpriced: tuple[Unpriced, ...] = ()


def read_defect_prices(source: Source) -> DefectPrices:
    """The prices of a document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The prices.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, DefectPrices, name="prices of defects", migrations=(dict,))


def defect_prices_builtins(prices: DefectPrices) -> dict[str, Any]:
    """The prices as JSON's own types."""
    return as_builtins(prices)
