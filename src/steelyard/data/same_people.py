"""Several identifiers of one person (cookie, till card, app) resolved to one; what cannot be told is not joined.

Only pseudonyms are seen here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["Joined", "as_one_person", "join_people"]


@dataclass(frozen=True, slots=True)
class Joined:
    """Who is the same person."""

    person_of: Mapping[str, str] = field(default_factory=dict)
    """From each identifier that was joined to the one that stands for its person; that one itself is not in it."""
    claimed: frozenset[str] = frozenset()
    """Identifiers that are said to belong to several people, and were joined to none of them."""
    shared: frozenset[str] = frozenset()
    """Identifiers with so many others that they are no person's: till cards, test accounts."""

    @property
    def n_people(self) -> int:
        """How many people have several identifiers."""
        return len(set(self.person_of.values()))

    def others_of(self, people: Iterable[str]) -> frozenset[str]:
        """All identifiers of whoever is known by one of these, these among them."""
        named = set(people)
        persons = named | {self.person_of[one] for one in named if one in self.person_of}
        return frozenset(persons | {one for one, person in self.person_of.items() if person in persons})

    def without(self, people: frozenset[str]) -> Joined:
        """The same, without whoever is known by one of these."""
        gone = self.others_of(people)
        left = {one: person for one, person in self.person_of.items() if one not in gone}
        return Joined(left, self.claimed - gone, self.shared - gone)


def join_people(pairs: Iterable[tuple[str, str]], *, most_ids: int) -> Joined:
    """People, from rows that name an identifier and another one of the same person.

    Chains and circles are followed. Of a person the identifier stands for all that belongs to no further one, and of
    several such, or in a circle, the least.

    Args:
        pairs: An identifier, and the one that it belongs to. The order and repeats do not count.
        most_ids: With more others an identifier is taken to be shared by many, and a person of more is none.

    Returns:
        An identifier that belongs to two, which nothing else says to be one person, is joined to neither.
    """
    links: dict[str, set[str]] = defaultdict(set)
    near: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        if one != other:
            links[one].add(other)
            near[one].add(other)
            near[other].add(one)
    shared = {one for one, others in near.items() if len(others) > most_ids}
    kept = {one: others - shared for one, others in links.items() if one not in shared}
    doubted = {one for one, others in kept.items() if len(others) > 1}
    known = _roots((one, other) for one, others in kept.items() if one not in doubted for other in others)
    claimed = {one for one in doubted if len({known.get(other, other) for other in kept[one]}) > 1}
    found = _roots((one, other) for one, others in kept.items() if one not in claimed for other in others)
    people: dict[str, list[str]] = defaultdict(list)
    for one, root in found.items():
        people[root].append(one)
    person_of: dict[str, str] = {}
    for members in people.values():
        if len(members) > most_ids:
            shared.update(members)
            continue
        person = min(members, key=lambda one: (bool(kept.get(one)) and one not in claimed, one))
        person_of |= {one: person for one in members if one != person}
    return Joined(person_of, frozenset(claimed - shared), frozenset(shared))


def as_one_person(sources: SourcePort, frame: Frame, joined: Joined, *, table: str) -> Frame:
    """The frame with one identifier for each person.

    Args:
        sources: For an intermediate table.
        frame: Has ``user``.
        joined: Who is the same.
        table: Name of the intermediate table.

    Returns:
        The same rows and columns.
    """
    if not joined.person_of:
        return frame
    name = f"{table}_people"
    with sources.writing({"user": "text", "_person": "text"}, name=name) as rows:
        rows.write({"user": list(joined.person_of), "_person": list(joined.person_of.values())})
    names = frame.collect_schema().names()
    found = frame.join(sources.table(name), on="user", how="left")
    return found.with_columns(nw.coalesce(nw.col("_person"), nw.col("user")).alias("user")).select(*names)


def _roots(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For each identifier in the pairs the least of those that it is linked with, directly or not."""
    above: dict[str, str] = {}

    def root(one: str) -> str:
        above.setdefault(one, one)
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    for one, other in pairs:
        first, second = sorted((root(one), root(other)))
        above[second] = first
    return {one: root(one) for one in list(above)}
