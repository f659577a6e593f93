"""Who trains two towers: the plugin ``towers`` of ``steelyard.learners``, which brings torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from steelyard import registry
from steelyard.domain import State
from steelyard.models.lesson_ports import TowerLessons

__all__ = ["trained"]


def trained(lessons: TowerLessons, *, unfinished: Any, progress: Callable[[int, int, str], None]) -> State:
    """Train two towers.

    Args:
        lessons: What to learn.
        unfinished: Folder for what an interrupted training goes on from; None for one that begins anew each time.
        progress: Told how far it has come.

    Returns:
        Arrays and the fact ``learning``, as ``two_tower.served_state`` takes them.

    Raises:
        MissingExtra: torch is not installed; only training needs it.
    """
    learn = registry.load("learners", "towers")
    with registry.naming_extra("training two towers"):
        made: State = learn(lessons, unfinished=unfinished, progress=progress)
    return made
