"""Questions that are asked of every row of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import narwhals.stable.v2 as nw

__all__ = ["Action", "Check", "Severity"]

Severity = Literal["error", "warning", "info"]
Action = Literal["quarantine", "set_aside", "flag"]
"""What happens: the row is put in quarantine; one value is emptied and the row copied; or it is only counted."""


@dataclass(frozen=True, slots=True)
class Check:
    """One question asked of every row of a table."""

    reason: str
    severity: Severity
    action: Action
    when: nw.Expr
    """True where the row has the problem; null counts as no."""
    says: str
    """What the finding means, for a reader of the report."""
    values_of: str = ""
    """Column whose commonest values the finding lists with their counts; never one that names people."""
    is_loss: bool = True
    """Whether rows or values that it takes away are lost; False where the shop itself undoes them (a return), or
    nothing of what they say is missed. What loses more than a tenth of a table stops and asks."""
