"""Who trains a sequence network: the plugin ``sequence`` of ``steelyard.learners``, which brings torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from steelyard import registry
from steelyard.domain import State
from steelyard.models.lesson_ports import SequenceLessons

__all__ = ["trained"]


def trained(
    lessons: SequenceLessons, *, unfinished: Any, progress: Callable[[int, int, str], None]
) -> tuple[State, dict[str, bytes]]:
    """Train a network; as ``steelyard.models.building.Folder.learn_sequences``.

    Args:
        lessons: What to learn.
        unfinished: Folder for what an interrupted training goes on from; None for one that begins anew each time.
        progress: Told how far it has come.

    Returns:
        Arrays and facts, and files by name.

    Raises:
        MissingExtra: torch or onnx is not installed; only training needs them.
    """
    learn = registry.load("learners", "sequence")
    with registry.naming_extra("training a transformer"):
        made: tuple[State, dict[str, bytes]] = learn(lessons, unfinished=unfinished, progress=progress)
    return made
