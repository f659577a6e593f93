"""How long, and for how much money, the values of models are searched: the table ``[tune]`` of steelyard.toml."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from steelyard.config.section import Count, Section

__all__ = ["Tune"]


class Tune(Section):
    """A budget for searching the values of models with Optuna, after what each model tunes by itself.

    Nothing is searched while neither ``minutes`` nor ``money`` nor ``trials`` is set; the first one reached is the end.
    """

    minutes: Annotated[float, Field(gt=0, le=100_000)] | None = None
    """Of all searches together, by the clock; divided evenly among the models that can be searched."""
    money: Annotated[Decimal, Field(gt=0, le=1_000_000)] | None = None
    """What all searches together may cost, divided likewise: processor time at the price per core of the machine that
    training is booked at (``[cost] machine``)."""
    currency: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")] = ""
    """Of ``money``; that of the price book where left out. Another one is refused: nothing is converted here."""
    trials: Count | None = None
    """Of each model at most, the first one with the values that its own tuning found."""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    """Trials at the same time, in threads. With one worker the same seed gives the same trials; with several it does
    not, since what is tried next depends on which one ends first."""
    pruning: Literal["median", "hyperband", "none"] = "median"
    """Whether a trial is given up before it has seen all validation cases: ``median`` where it is below the median of
    the earlier ones after as many cases, ``hyperband`` where it is not among the best third of its bracket."""
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    """Of the trials."""

    @property
    def is_on(self) -> bool:
        """Whether anything is searched."""
        return self.minutes is not None or self.money is not None or self.trials is not None
