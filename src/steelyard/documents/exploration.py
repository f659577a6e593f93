"""What a place that explores has learnt: ``exploration.json`` in a server's state folder, sealed."""

from __future__ import annotations

from typing import Any

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = ["Exploration", "exploration_builtins", "read_exploration"]


class Exploration(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over what was shown and what was rewarded; nothing of any person, and of no single showing."""

    format: int = 1
    bundle: str
    """Digest of the bundle whose lists were explored."""
    options: dict[str, float]
    """The table ``[serve.explore]``."""
    shown: tuple[tuple[float, ...], ...]
    """Sum of the outer products of the rows that were shown, with the prior."""
    rewarded: tuple[float, ...]
    """Sum of the rows that were rewarded."""
    n_shown: int


def read_exploration(source: Source) -> Exploration:
    """What was learnt.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The document.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, Exploration, name="state of the exploration", migrations=(dict,))


def exploration_builtins(learnt: Exploration) -> dict[str, Any]:
    """What was learnt as JSON's own types."""
    return as_builtins(learnt)
