"""Events and rows as columns: one or a million, the same code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import IntArray

__all__ = ["EventColumns", "Rows", "TextArray"]

TextArray = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Events, column by column. Shape (events,) each."""

    event_id: TextArray
    """The same event sent again has the same id."""
    time_ms: IntArray
    """Milliseconds since 1970, whole numbers: sums and cuts are exact."""
    kind: TextArray
    by: Mapping[str, TextArray]
    """``user``, ``item``, ``session``, ``query`` …: what tallies are kept by; empty where an event has none."""
    amounts: Mapping[str, IntArray]
    """Whole numbers that tallies add up, such as ``dwell_ms`` or ``price_cents``."""

    def __len__(self) -> int:
        return len(self.time_ms)

    def take(self, places: npt.NDArray[Any]) -> EventColumns:
        """Some of the events, by place or by mask."""
        return EventColumns(
            self.event_id[places],
            self.time_ms[places],
            self.kind[places],
            {name: values[places] for name, values in self.by.items()},
            {name: values[places] for name, values in self.amounts.items()},
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """What features are wanted of, and when. Shape (rows,) each."""

    time_ms: IntArray
    """Nothing from this moment on is looked at."""
    by: Mapping[str, TextArray]

    def __len__(self) -> int:
        return len(self.time_ms)


def keys_of(by: Mapping[str, TextArray], names: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """The key of each event or row: its values of those names."""
    columns = [by[name].tolist() for name in names]
    return list(zip(*columns, strict=True)) if columns else [()] * n
