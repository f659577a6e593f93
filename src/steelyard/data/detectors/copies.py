"""Near duplicates of the catalogue as a finding, and which item stands for each of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steelyard.data.detectors.near_duplicates import Described, near_groups
from steelyard.data.quality import Finding
from steelyard.domain import IntArray

if TYPE_CHECKING:
    from steelyard.data.schema import SourcePort

__all__ = ["Copies", "find_copies"]

_NOT_WORD = re.compile(r"[\W_]+")
_MOST_TEXTS = 1_000_000
"""Of more distinct texts the first million are compared: some 2 GB of memory would be needed for ten million."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Texts that are copies of others."""

    stands_for: IntArray
    """For each text the one that stands for it. Shape (texts compared,)."""
    findings: tuple[Finding, ...]


def find_copies(sources: SourcePort, *, text_of_item: IntArray, n_in: int) -> Copies:
    """Compare the distinct texts of the catalogue.

    Args:
        sources: Holds the scratch table ``texts``.
        text_of_item: Text of each item.
        n_in: Rows of the table, for shares.

    Returns:
        A finding that counts the items which are copies, with five pairs; none where there is no copy. Products whose
        attributes differ are variants, not copies.
    """
    texts: list[Described] = []
    sizes: list[int] = []
    for batch in sources.batches(sources.table("texts").sort("text").head(_MOST_TEXTS)):
        for row in zip(batch["title"], batch["brand"], batch["category"], strict=True):
            texts.append(Described(*row))
        sizes += [hash(_NOT_WORD.sub("", text).lower()) for text in batch["attributes"]]
    first: dict[tuple[int, int], int] = {}  # of a group, by its size or colour: those are no other writing
    groups = zip(near_groups(texts).tolist(), sizes, strict=True)
    stands_for = np.array([first.setdefault(group, text) for text, group in enumerate(groups)], dtype=np.int64)
    copies = np.flatnonzero(stands_for != np.arange(len(texts)))
    n = int(np.isin(text_of_item, copies).sum())
    if not n:
        return Copies(stands_for, ())
    samples: list[dict[str, Any]] = [
        {"title": texts[copy].title, "copy_of": texts[int(stands_for[copy])].title} for copy in copies[:5].tolist()
    ]
    says = "the same product in other writing: its history is split, and lists show it twice"
    found = Finding("items", "items_near_duplicate", "warning", "flag", n, n / n_in, says, tuple(samples))
    return Copies(stands_for, (found,))
