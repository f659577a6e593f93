"""One line of the log of who read people's data."""

from __future__ import annotations

from typing import Any

import msgspec

from steelyard.documents.encoding import as_builtins

__all__ = ["AccessLine", "access_line_builtins"]


class AccessLine(msgspec.Struct, frozen=True, kw_only=True):
    """Who read what, when and what for; never about whom."""

    at: str = "?"
    """ISO time, UTC."""
    who: str = "?"
    purpose: str = "?"
    """The verb, the step, or ``recommend``."""
    what: str = "?"


def access_line_builtins(line: AccessLine) -> dict[str, Any]:
    """The line as JSON's own types."""
    return as_builtins(line)
