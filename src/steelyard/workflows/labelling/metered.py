"""Labels that are computed here: their processor time is metered and booked under labelling, by their origin."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from steelyard.workflows.open_shop import OpenShop

__all__ = ["metered"]

T = TypeVar("T")


def metered(shop: OpenShop, origin: str, work: Callable[[], T]) -> T:
    """Do the work, and keep what it used in the journal of the meters.

    Args:
        shop: The shop.
        origin: ``behaviour`` or ``rules``: it writes the artefact ``labels/<origin>``.
        work: Makes the labels.

    Returns:
        What the work gave.
    """
    found: list[T] = []
    key = [shop.tools.clock.now().isoformat()]  # labels are made whenever they are asked for
    shop.steps.once(f"label/{origin}", key, [f"labels/{origin}"], lambda: found.append(work()))
    return found[0]
