"""Which pseudonyms are one person: ``people.json`` of the artefact ``data`` and of a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = ["People", "PersonId", "people_builtins", "read_people"]


class PersonId(msgspec.Struct, frozen=True):
    """One identifier of a person. Erasing and renaming people take such rows as they take those of tables."""

    user: str
    """Pseudonym of the identifier."""
    person: str
    """Pseudonym that stands for the person."""


class People(msgspec.Struct, frozen=True, kw_only=True):
    """Identifiers that stand for somebody who is known by another one."""

    format: int = 1
    ids: tuple[PersonId, ...] = ()

    @property
    def person_of(self) -> Mapping[str, str]:
        """From each identifier to the one that stands for its person."""
        return {each.user: each.person for each in self.ids}


def read_people(source: Source) -> People:
    """The people of a document.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The document.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, People, name="list of people", migrations=(dict,))


def people_builtins(person_of: Mapping[str, str]) -> dict[str, Any]:
    """The document as JSON's own types, in the order of the pseudonyms."""
    return as_builtins(People(ids=tuple(PersonId(one, person) for one, person in sorted(person_of.items()))))
