"""What is to become of stored rows that know people: gone, known by another pseudonym, or too old to stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

__all__ = ["Change", "Touched", "pseudonyms_in"]

WIDTH = 32
"""Letters of a pseudonym."""
_DIGITS = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Change:
    """One change of all that is stored."""

    erased: frozenset[str] = frozenset()
    """Pseudonyms whose rows go."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Pseudonyms of people, visits and events that get another."""
    before_s: float = float("-inf")
    """Events from before this time (seconds since 1970) go, and those without one."""

    @property
    def has_age(self) -> bool:
        """Whether old events go."""
        return self.before_s > float("-inf")

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to do."""
        return not self.erased and not self.renamed and not self.has_age


@dataclass(frozen=True, slots=True)
class Touched:
    """What was changed in one place."""

    place: str
    """As people read it: ``artefact data``, ``bundle 1a2b…``, ``event log state``."""
    n_rows: int
    """Rows, histories or mentions that went or were renamed."""


def pseudonyms_in(text: str) -> Iterator[str]:
    """Every stretch of a text that could be a pseudonym: 32 hexadecimal digits, overlapping ones too.

    Args:
        text: Any.

    Yields:
        Candidates, from left to right.
    """
    run = 0
    for at, letter in enumerate(text):
        run = run + 1 if letter in _DIGITS else 0
        if run >= WIDTH:
            yield text[at + 1 - WIDTH : at + 1]
