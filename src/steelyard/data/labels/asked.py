"""What a language model says when it is asked, or that it cannot be asked now."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.errors import SteelyardError

__all__ = ["Busy", "Said"]


class Busy(SteelyardError):
    """The endpoint did not answer, or asks to come again later.

    Args:
        message: What was found.
        after_s: Seconds it asks to wait; 0 where it does not say.
    """

    def __init__(self, message: str, after_s: float = 0.0) -> None:
        super().__init__(message)
        self.after_s = after_s


@dataclass(frozen=True, slots=True)
class Said:
    """What a model answered."""

    text: str
    input_tokens: int | None
    """``None`` where the endpoint does not tell."""
    output_tokens: int | None
