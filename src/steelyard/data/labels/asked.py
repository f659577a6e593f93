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
        is_late: Whether there was no time left to wait for it.
    """

    def __init__(self, message: str, after_s: float = 0.0, *, is_late: bool = False) -> None:
        super().__init__(message)
        self.after_s, self.is_late = after_s, is_late


@dataclass(frozen=True, slots=True)
class Said:
    """What a model answered."""

    text: str
    input_tokens: int | None
    """``None`` where the endpoint does not tell."""
    output_tokens: int | None
