"""Bundles: one sealed folder with everything a server needs, named by its content, verified before it is parsed."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import shutil
from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from steelyard.adapters.artefacts import MANIFEST, read_state, seal, verify, write_state
from steelyard.adapters.parts import DirectoryParts
from steelyard.documents.configurations import configuration_from
from steelyard.documents.people import read_people
from steelyard.documents.personal_search import read_personal_search
from steelyard.domain import Bilingual, Configuration, FloatArray, State, Surface
from steelyard.errors import ArtefactError, SteelyardError
from steelyard.models.pipeline import Pipeline as ModelPipeline
from steelyard.models.pipeline import open_pipeline
from steelyard.models.ranking.personal import PersonalWeights
from steelyard.serving.basics import Basics
from steelyard.serving.bought_with import BoughtWith
from steelyard.serving.browse import Browse, shelf_state
from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.changes.keys import index_keys
from steelyard.serving.engine import Beside, Engine, Pipeline
from steelyard.serving.history import LoggedHistories
from steelyard.serving.lists.field_state import fields_state
from steelyard.serving.lists.fields import Fields
from steelyard.serving.numbers import Numbers, index_numbers
from steelyard.serving.pasts import LoggedPasts
from steelyard.serving.service import NO_PROMISES, About, Shop
from steelyard.serving.stacked import Stacked
from steelyard.serving.suggest import Suggestions
from steelyard.serving.suggest_state import suggest_state

__all__ = ["FORMAT", "LATEST", "Bundle"]

FORMAT = 1
LATEST = "latest"
"""File beside the bundles that holds the digest of the newest."""
CARDS = "parts/cards"
HISTORIES = "parts/histories"
PASTS = "parts/pasts"
BASICS = "parts/basics"
BILLS = "bills.json"
"""Only in bundles that were decided on prices."""
PEOPLE = "people.json"
PROMISES = "promises.json"
"""Only in bundles made after a promise was checked."""
_IDS = "ids"
_NUMBERS = "numbers"
_SHELVES = "shelves"
_FIELDS = "fields"
"""Not in bundles of earlier versions, which are read from the cards when they are opened."""
_KEYS = "keys"
"""Not in bundles of earlier versions: made when the first text of the catalogue changes."""
_SUGGESTIONS = "suggestions"
"""Not in bundles of earlier versions, which propose nothing."""
_NAME_LENGTH = 16


class Bundle:
    """An opened, verified bundle. Make one with ``open``.

    Args:
        folder: The sealed folder; its manifest was verified.
        digest: SHA-256 of the manifest.
    """

    def __init__(self, folder: Path, digest: str) -> None:
        self.folder = folder
        self.digest = digest
        try:
            self.facts: Mapping[str, Any] = json.loads((folder / "bundle.json").read_text("utf-8"))
            found = self.facts["format"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArtefactError(f"{folder} is no bundle ({error}): make one with `steelyard package`") from error
        if found != FORMAT:
            raise ArtefactError(f"{folder} has bundle format {found}, this version knows {FORMAT}: package it again")

    @classmethod
    def open(cls, path: Path) -> Bundle:
        """The bundle at ``path``, every byte of it checked before anything is parsed.

        Args:
            path: A bundle, or a folder of bundles with a ``latest`` pointer.

        Returns:
            Nothing of it is loaded yet but its description.

        Raises:
            ArtefactError: There is none, or it is damaged.
        """
        folder, expected = _find(path)
        manifest = folder / MANIFEST
        if not manifest.is_file():
            raise ArtefactError(f"{folder} has no {MANIFEST}: it is no bundle; make one with `steelyard package`")
        digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
        if not digest.startswith(expected):
            raise ArtefactError(f"{manifest} does not belong to {expected}: it was changed; package the bundle again")
        verify(folder, digest)
        return cls(folder, digest)

    @staticmethod
    def pointer(out: Path) -> str:
        """What tells the newest bundle from the one before, without opening it: changes with each that is published.

        Args:
            out: Folder of bundles.

        Returns:
            The digest that ``latest`` holds, and when it was written.

        Raises:
            ArtefactError: The folder has no ``latest``: no bundle can follow another there.
        """
        try:
            with (out / LATEST).open("rb") as file:
                return f"{file.read(64).decode('ascii', 'replace')} {os.fstat(file.fileno()).st_mtime_ns}"
        except OSError as error:
            raise ArtefactError(
                f"{out} has no {LATEST} pointer ({error.strerror}): to follow bundles, name the folder they are "
                "published in"
            ) from error

    @classmethod
    def publish(cls, draft: Path, out: Path) -> Path:
        """Seal a filled folder and make it the newest bundle of ``out``.

        Args:
            draft: On the same file system as ``out``; holds ``bundle.json``, ``decision.json`` and ``parts/``. It is
                gone afterwards.
            out: Folder of bundles.

        Returns:
            The bundle's folder, named by the first 16 digits of its digest. The same content gives the same folder.

        Raises:
            ArtefactError: The draft has no cards.
        """
        cards = _open_cards(draft / CARDS)
        write_state(_made(draft / _IDS), index_ids(cards))
        write_state(_made(draft / _NUMBERS), index_numbers(cards))
        write_state(_made(draft / _SHELVES), shelf_state(cards))
        write_state(_made(draft / _FIELDS), fields_state(cards))
        write_state(_made(draft / _KEYS), index_keys(cards))
        write_state(_made(draft / _SUGGESTIONS), _suggest_state(draft / CARDS, cards))
        digest = seal(draft)
        target = out / digest[:_NAME_LENGTH]
        if _is_sound(target, digest):
            shutil.rmtree(draft)
        else:
            shutil.rmtree(target, ignore_errors=True)
            draft.chmod(0o755)
            draft.rename(target)
        _point(out, digest)
        return target

    @property
    def configurations(self) -> dict[Surface, tuple[Configuration, ...]]:
        """What answers each surface; the later ones fill what the earlier ones left empty."""
        return {
            Surface(name): tuple(configuration_from(entry, surface=Surface(name)) for entry in entries)
            for name, entries in self.facts["surfaces"].items()
        }

    def resolve(self, part: str) -> Path:
        """Folder of a part.

        Args:
            part: Its name, for example ``parts/lexical``.

        Returns:
            Verified when the bundle was opened.

        Raises:
            ArtefactError: The bundle does not hold it.
        """
        if part not in self.facts["parts"]:
            raise ArtefactError(f"bundle {self.folder.name} has no part {part!r}; it has {sorted(self.facts['parts'])}")
        return self.folder / part

    def cards(self) -> Cards:
        """Cards of all items, mapped into memory, decoded on demand."""
        return _open_cards(self.resolve(CARDS))

    def ids(self) -> ItemIds:
        """From the shop's identifiers to item numbers."""
        return ItemIds(read_state(self.folder / _IDS), self.cards())

    @property
    def changes(self) -> str:
        """The moment of the journal up to which the cards hold the changes of the catalogue; empty where of none."""
        return str(read_state(self.resolve(CARDS)).facts.get("changes", ""))

    def about(self) -> About:
        """What the bundle says of itself."""
        facts = self.facts
        bills, promises, people = (self.folder / name for name in (BILLS, PROMISES, PEOPLE))
        logged = LoggedHistories(read_state(self.resolve(HISTORIES))) if HISTORIES in facts["parts"] else None
        basics = Basics(read_state(self.resolve(BASICS))) if BASICS in facts["parts"] else None
        pasts = LoggedPasts(read_state(self.resolve(PASTS))) if PASTS in facts["parts"] else None
        return About(
            digest=self.digest,
            made_at=facts["made_at"],
            shop=Shop(**facts["shop"]),
            query_examples=tuple(facts["query_examples"]),
            decision=(self.folder / "decision.json").read_bytes(),
            bills=bills.read_bytes() if bills.is_file() else b"",
            promises=promises.read_bytes() if promises.is_file() else NO_PROMISES,
            max_history=facts["max_history"],
            history_kinds=tuple(facts["history_kinds"]),
            log_kind=facts.get("log_kind", ""),
            logged=logged,
            reads_past=bool(facts.get("reads_past", False)),
            pasts=pasts,
            person_of=read_people(people.read_bytes()).person_of if people.is_file() else {},
            basics=basics,
            personal=self._personal(),
            changes=self.changes,
            configurations={name: entries[0]["name"] for name, entries in facts["surfaces"].items() if entries},
        )

    def _personal(self) -> PersonalWeights:
        """Weights of a shopper's own order of a search, where a fit on the log took them."""
        if "personal_search" not in self.facts:
            return PersonalWeights()
        fit = read_personal_search(self.facts["personal_search"])
        return PersonalWeights(fit.repeat, fit.likeness) if fit.is_taken else PersonalWeights()

    def engine(self) -> Engine:
        """Everything opened and ready to answer.

        Returns:
            Its surfaces are those of ``configurations``.

        Raises:
            ArtefactError: A part does not hold what its configuration needs.
        """
        opened = {
            surface: [self._open(configuration) for configuration in configurations]
            for surface, configurations in self.configurations.items()
        }
        cards = self.cards()
        return Engine(
            search=next(iter(opened.get(Surface.SEARCH, [])), None),
            recommend=_stacked(opened.get(Surface.RECOMMEND, [])),
            similar=_stacked(opened.get(Surface.SIMILAR, [])),
            cards=cards,
            ids=self.ids(),
            beside=Beside(
                words=self._words(opened.get(Surface.SEARCH, [])),
                bought_with=self._bought_with(),
                browse=self._browse(),
                numbers=self._numbers(cards),
                fields=self._fields(),
                sold=self._sold(),
                suggestions=self._suggestions(cards),
                keys=read_state(self.folder / _KEYS) if (self.folder / _KEYS).is_dir() else None,
                sentences=self._sentences(),
            ),
        )

    def _words(self, search: list[ModelPipeline]) -> ModelPipeline | None:
        """Search by words alone: a part of the search that was chosen, or one that was packaged beside it."""
        found = search[0].by_words() if search else None
        beside = self.facts.get("beside", {}).get("words")
        return self._open(configuration_from(beside, surface=Surface.SEARCH)) if found is None and beside else found

    def _bought_with(self) -> Pipeline | None:
        entry = self.facts.get("beside", {}).get("bought_with")
        if entry is None:
            return None
        configuration = configuration_from(entry, surface=Surface.SIMILAR)
        if "popularity" not in configuration.parts:  # it corrects for popularity itself
            return self._open(configuration)
        popularity = read_state(self.resolve(configuration.parts["popularity"])).arrays["scores"]
        return BoughtWith(self._open(configuration), popularity.astype(float))

    def _sentences(self) -> dict[str, Bilingual]:
        """Sentences of reasons that the packaged models bring themselves."""
        return {kind: Bilingual(said["en"], said["zh"]) for kind, said in self.facts.get("reasons", {}).items()}

    def _browse(self) -> Browse | None:
        folder = self.folder / _SHELVES
        return Browse(read_state(folder)) if folder.is_dir() else None

    def _numbers(self, cards: Cards) -> Numbers | None:
        folder = self.folder / _NUMBERS
        return Numbers.of(read_state(folder), cards) if folder.is_dir() else None

    def _fields(self) -> Fields | None:
        folder = self.folder / _FIELDS
        return Fields(read_state(folder)) if folder.is_dir() else None

    def _suggestions(self, cards: Cards) -> Suggestions | None:
        folder = self.folder / _SUGGESTIONS
        return Suggestions(read_state(folder), cards) if folder.is_dir() else None

    def _sold(self) -> FloatArray | None:
        """How often each item was bought, where the cards were made from a shop with a log."""
        found = read_state(self.resolve(CARDS)).arrays.get("sold")
        return None if found is None else found.astype(float)

    def _open(self, configuration: Configuration) -> ModelPipeline:
        try:
            return open_pipeline(configuration, DirectoryParts(self.resolve, configuration.parts))
        except (KeyError, ValueError, TypeError) as error:
            raise ArtefactError(
                f"{configuration.name} of bundle {self.folder.name} cannot be opened "
                f"({type(error).__name__}: {error}): build and package again"
            ) from error


def _suggest_state(folder: Path, cards: Cards) -> State:
    stored = read_state(folder)
    queries = stored.facts.get("queries") or {"query": [], "users": []}
    people = dict(zip(queries["query"], queries["users"], strict=True))
    return suggest_state(cards, queries=people, sold=stored.arrays.get("sold"))


def _stacked(opened: Sequence[Pipeline]) -> Pipeline | None:
    return reduce(Stacked, opened) if opened else None


def _find(path: Path) -> tuple[Path, str]:
    """The bundle's folder, and what its digest must begin with (empty when the name does not say)."""
    if (path / MANIFEST).is_file():
        name = path.resolve().name
        is_digest = len(name) == _NAME_LENGTH and all(letter in "0123456789abcdef" for letter in name)
        return path, name if is_digest else ""
    pointer = path / LATEST
    if not pointer.is_file():
        raise ArtefactError(f"{path} is no bundle and holds none: make one with `steelyard package`")
    digest = pointer.read_text("utf-8", "replace").strip()
    if len(digest) != 64 or not all(letter in "0123456789abcdef" for letter in digest):
        raise ArtefactError(f"{pointer} holds {digest[:80]!r}, not a digest: package again, or name a bundle's folder")
    return path / digest[:_NAME_LENGTH], digest


def _open_cards(folder: Path) -> Cards:
    path = folder / "cards.jsonl"
    if not path.is_file():
        raise ArtefactError(f"{folder} has no cards.jsonl: run `steelyard build` and package again")
    state: State = read_state(folder)
    if "offsets" not in state.arrays:
        raise ArtefactError(f"{folder} has no offsets: run `steelyard build` and package again")
    with path.open("rb") as file:
        is_empty = os.fstat(file.fileno()).st_size == 0
        data = b"" if is_empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return Cards(data, state.arrays["offsets"])


def _is_sound(folder: Path, digest: str) -> bool:
    try:
        verify(folder, digest)
    except (SteelyardError, OSError):
        return False
    return True


def _point(out: Path, digest: str) -> None:
    fresh = out / f".{LATEST}.tmp"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(digest + "\n")
        file.flush()
        os.fsync(file.fileno())
    _sync(out)
    fresh.replace(out / LATEST)
    _sync(out)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
