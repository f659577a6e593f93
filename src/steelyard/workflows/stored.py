"""The documents that stages stored, as values."""

from __future__ import annotations

from collections.abc import Mapping

from steelyard.documents.bills import BillDocument, read_bills
from steelyard.documents.changes import HeldChanges, held_from
from steelyard.documents.decision import Decision, read_decision
from steelyard.documents.people import read_people
from steelyard.documents.profile import DataProfile, read_profile
from steelyard.documents.quality import QualityReport, read_quality
from steelyard.documents.split import SplitDocument, read_split
from steelyard.errors import ArtefactError
from steelyard.workflows.ports import Store

__all__ = [
    "CHANGES",
    "PEOPLE",
    "PROFILE",
    "REFUSED",
    "stored_bills",
    "stored_changes",
    "stored_decision",
    "stored_people",
    "stored_profile",
    "stored_quality",
    "stored_refusal",
    "stored_split",
]

CHANGES = "changes.json"
"""File of the artefact ``data``: what was taken over of the changes of the catalogue; there where any came."""
PEOPLE = "people.json"
"""File of the artefact ``data``: which pseudonyms are one person; there where the shop has a table of that."""
PROFILE = "profile.json"
"""File of the artefact ``data``: what the load looks like."""
REFUSED = "refused"
"""Artefact: the report on the latest load, where it was refused."""


def stored_changes(store: Store) -> HeldChanges:
    """What the latest load took over of the changes of the catalogue.

    Args:
        store: The shop's artefacts.

    Returns:
        Nothing where nothing was changed, nothing was loaded, or what was stored is damaged: then every change stands.
    """
    if not store.has("data"):
        return HeldChanges("")
    try:
        return held_from(store.read_document("data", CHANGES))
    except (ArtefactError, FileNotFoundError):
        return HeldChanges("")


def stored_decision(store: Store) -> Decision:
    """The decision that ``decide`` stored.

    Args:
        store: The shop's artefacts, with a decision.

    Returns:
        The decision, also of an earlier version.

    Raises:
        ArtefactError: There is none, or it is damaged.
    """
    return read_decision(store.read_json("decision"))


def stored_bills(store: Store) -> BillDocument:
    """The bills that ``decide`` stored.

    Args:
        store: The shop's artefacts, with bills.

    Returns:
        The bills, also of an earlier version.

    Raises:
        ArtefactError: There are none, or they are damaged.
    """
    return read_bills(store.read_json("bills"))


def stored_quality(store: Store) -> QualityReport:
    """What ``prepare`` found in the data.

    Args:
        store: The shop's artefacts, with the data.

    Returns:
        The report, also of an earlier version.

    Raises:
        ArtefactError: There is none, or it is damaged.
    """
    return read_quality(store.read_document("data", "quality.json"))


def stored_people(store: Store) -> Mapping[str, str]:
    """Which pseudonyms are one person.

    Args:
        store: The shop's artefacts.

    Returns:
        From an identifier to the one that stands for its person; nothing where the shop does not say so.

    Raises:
        ArtefactError: It is damaged: whoever is erased could not be erased whole.
    """
    if not store.has("data"):
        return {}
    try:
        return read_people(store.read_document("data", PEOPLE)).person_of
    except FileNotFoundError:
        return {}


def stored_profile(store: Store) -> DataProfile:
    """What the load looks like that ``prepare`` stored.

    Args:
        store: The shop's artefacts.

    Returns:
        Without a table where nothing was stored yet, what was stored is damaged, or is of an earlier version: then
        there is nothing to compare with.
    """
    if not store.has("data"):
        return DataProfile()
    try:
        return read_profile(store.read_document("data", PROFILE))
    except (ArtefactError, FileNotFoundError):
        return DataProfile()


def stored_refusal(store: Store) -> QualityReport | None:
    """What was found in the latest load, where it was refused.

    Args:
        store: The shop's artefacts.

    Returns:
        ``None`` where the latest load was not refused.

    Raises:
        ArtefactError: The report is damaged.
    """
    return read_quality(store.read_json(REFUSED)) if store.has(REFUSED) else None


def stored_split(store: Store) -> SplitDocument:
    """How ``prepare`` divided the data.

    Args:
        store: The shop's artefacts, with the data.

    Returns:
        The division, also of an earlier version.

    Raises:
        ArtefactError: There is none, or it is damaged.
    """
    return read_split(store.read_document("data", "split.json"))
