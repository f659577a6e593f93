"""A mean with its interval, as rows of many documents hold it."""

from __future__ import annotations

import msgspec

__all__ = ["Ends"]


class Ends(msgspec.Struct, frozen=True, kw_only=True):
    """A mean with its 95 % interval; ``None`` for what is undefined or without end."""

    mean: float | None
    low: float | None
    high: float | None
