"""What a model learnt, and the one error of a model that is asked before it learnt anything."""

from __future__ import annotations

from typing import TypeVar

from steelyard.errors import StageError

__all__ = ["fitted"]

T = TypeVar("T")


def fitted(learnt: T | None, what: str, *, do: str = "call fit or open a stored part") -> T:
    """What a model learnt.

    Args:
        learnt: ``None`` where it learnt nothing yet.
        what: The model with its verb, as ``the substitutes are``.
        do: What to do about it.

    Returns:
        The same.

    Raises:
        StageError: Nothing was learnt.
    """
    if learnt is None:
        raise StageError(f"{what} not fitted: {do}")
    return learnt
