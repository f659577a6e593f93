"""How time, users and queries were divided, and what was found doing it: ``split.json`` of the artefact ``data``."""

from __future__ import annotations

from typing import Any

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = [
    "HeldOutCounts",
    "HeldOutParts",
    "Leakage",
    "PositiveEvents",
    "RatingRow",
    "SearchSplit",
    "SplitDocument",
    "read_split",
    "split_builtins",
]


class RatingRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the numbers of the log's ratings mean."""

    top: float = 5.0
    """The best rating there is."""
    like_above: float = 3.0
    """Ratings above it are liking."""


class PositiveEvents(msgspec.Struct, frozen=True, kw_only=True):
    """Positive events of known users by period."""

    train: int
    validation: int
    test: int


class HeldOutCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The users of one period, and the items that are to be guessed."""

    users: int
    cold_users: int
    """Those without an earlier event."""
    users_with_nothing_new: int
    """Those who came back to known items only."""
    eligible_users: int
    drawn_users: int
    targets: int
    """Of the users drawn."""
    cold_targets: int
    """Those that nobody interacted with before."""
    targets_seen_before: int
    """Left out, since their user knew them."""
    known_pairs: int | None = None
    """Distinct items of users with an earlier event, targets or not; ``None`` where it was not counted."""
    repeated_pairs: int | None = None
    """Those of them that the user had interacted with before: the shop's repeat share is theirs of ``known_pairs``."""
    targets_in_stock: int | None = None
    """``None`` where it was not counted."""


class HeldOutParts(msgspec.Struct, frozen=True, kw_only=True):
    """What is held out of the log for recommendation, by part."""

    tuning: HeldOutCounts
    test: HeldOutCounts


class Leakage(msgspec.Struct, frozen=True, kw_only=True):
    """What of the judging has leaked into the learning; all counts must be zero."""

    learnt_events_after_validation_cut: int
    learnt_events_after_test_cut: int
    tuning_users_without_history: int
    test_users_without_history: int
    queries_in_tuning_and_test: int
    is_clean: bool
    """Whether all counts are zero."""


class SearchSplit(msgspec.Struct, frozen=True, kw_only=True):
    """The queries, and what is known of their answers."""

    tuning_queries: int
    test_queries: int
    queries_without_relevant: int
    gains: int
    is_synthetic: bool
    """Whether the queries were made from the catalogue."""
    definition: str
    """What a gain is of."""


class SplitDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to learning, to tuning and to judging."""

    format: int = 1
    cut_validation_s: float | None
    """Seconds since 1970; ``None`` where nothing is held out."""
    cut_test_s: float | None
    cut_validation: str | None
    """The same instant in ISO form."""
    cut_test: str | None
    n_items: int
    n_texts: int
    n_users: int
    language: str
    exclude_seen: bool
    """Whether targets are only what their user did not interact with before."""
    repeat_categories: tuple[str, ...] = ()
    """Categories whose items are targets all the same, each with all below it."""
    seed: int
    rating: RatingRow = RatingRow()
    max_test_users: int
    positive_events: PositiveEvents
    recommend: HeldOutParts
    leakage: Leakage
    search: SearchSplit


def read_split(source: Source) -> SplitDocument:
    """The division of a document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The division.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, SplitDocument, name="division of the data", migrations=(dict,))


def split_builtins(document: SplitDocument) -> dict[str, Any]:
    """The division as JSON's own types."""
    return as_builtins(document)
