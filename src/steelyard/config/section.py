"""What all sections of steelyard.toml have in common, and the bounds of their quantities.

Every number of the schema has a lower and an upper end: a figure beyond it is a slip of the keyboard or of a unit.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Count", "Hours", "KiloBytes", "Milliseconds", "Months", "Percent", "Rate", "Requests", "Seconds",
           "Section", "Share"]  # fmt: skip

MAX_RPS = 1_000_000.0
MAX_REQUESTS = 1_000_000_000_000
MAX_HOURS = 100_000

Count = Annotated[int, Field(ge=1, le=1_000_000)]
"""How many of something that is learnt, kept or drawn."""
Hours = Annotated[Decimal, Field(ge=0, le=MAX_HOURS)]
"""Hours of people: at most those of some six hundred at work all month."""
KiloBytes = Annotated[float, Field(gt=0, le=100_000)]
"""In units of 1,000 bytes."""
Milliseconds = Annotated[float, Field(gt=0, le=600_000)]
"""At most ten minutes."""
Months = Annotated[int, Field(ge=1, le=600)]
"""At most fifty years."""
Percent = Annotated[float, Field(gt=0, le=100_000)]
"""Of something that may be exceeded many times."""
Rate = Annotated[float, Field(gt=0, le=MAX_RPS)]
"""Requests per second."""
Requests = Annotated[int, Field(ge=1, le=MAX_REQUESTS)]
"""Requests of a month."""
Seconds = Annotated[float, Field(gt=0, le=86_400)]
"""At most a day."""
Share = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    """A table of the configuration: unknown keys are refused, and no number is without end."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)
