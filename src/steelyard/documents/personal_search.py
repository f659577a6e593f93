"""Whether a search is put in a shopper's own order: what was found in the shop's log, and what a bundle serves with."""

from __future__ import annotations

from typing import Any

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = ["PersonalSearch", "personal_search_builtins", "read_personal_search"]


class PersonalSearch(msgspec.Struct, frozen=True, kw_only=True):
    """The fit of one search."""

    format: int = 0
    key: str
    """All that it rests on, as a digest."""
    configuration: str
    """Name of the search that it was fitted to."""
    verdict: str
    """``taken``, ``no_searches``, ``no_gain``, ``not_certain``."""
    repeat: float
    """Weight of what was bought before, as a share of the width of a tier; chosen, but served only where taken."""
    likeness: float
    """Likewise, of what is like it."""
    without: float
    """Mean nDCG@10 of the people that judge, without personal order."""
    gain: float
    low: float
    """Low end of the 95 % interval of the gain, the people drawn anew."""
    high: float
    n_searches: int
    n_people: int
    """That judge."""

    @property
    def is_taken(self) -> bool:
        """Whether a server puts lists in order by it."""
        return self.verdict == "taken"


def read_personal_search(source: Source) -> PersonalSearch:
    """The fit as a value; ``ArtefactError`` where it is none."""
    return read_document(source, PersonalSearch, name="fit of the personal search", migrations=())


def personal_search_builtins(fit: PersonalSearch) -> dict[str, Any]:
    """The fit as JSON's own types."""
    return as_builtins(fit)
