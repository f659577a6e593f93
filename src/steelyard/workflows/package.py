"""``package``: the chosen configurations and all they need in one sealed folder that any server can run."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from steelyard import __version__, registry
from steelyard.documents.bills import BillDocument, bills_builtins
from steelyard.documents.decision import Decision, decision_builtins
from steelyard.documents.encoding import as_builtins
from steelyard.documents.promises import PromiseRecord, promises_builtins
from steelyard.domain import Configuration, Surface
from steelyard.errors import StageError, StorageError
from steelyard.serving.service import HISTORY_KINDS
from steelyard.workflows.compress import load_configurations
from steelyard.workflows.ports import Store

__all__ = ["Details", "bought_with_configuration", "package", "similar_configurations"]

CARDS = "parts/cards"
HISTORIES = "parts/histories"
CATALOGUE = "parts/catalogue"
CONTENT = "parts/recommend/content"
POPULARITY = "parts/recommend/popularity"
LEXICAL = "parts/lexical"
_FORMAT = 1
_MANIFEST = "manifest.json"
_NEIGHBOURS = "item-knn"
_FROM_BEHAVIOUR = (_NEIGHBOURS, "ials")


@dataclass(frozen=True, slots=True)
class Details:
    """What a bundle says of itself besides its configurations."""

    made_at: str = ""
    """ISO time, handed in; when empty, that of the decision."""
    query_examples: Sequence[str] = ()
    """Shown in the store front."""
    max_history: int = 50
    """A user's latest items that a recommender looks at."""
    history_kinds: Sequence[str] = HISTORY_KINDS
    """Kinds of event that go into a history."""
    log_kind: str = ""
    """The kind of event of a log that holds one kind only: pages then say "bought" and not "took"."""
    bills: BillDocument | None = None
    """The bills behind the decision, where there are any."""
    promises: PromiseRecord | None = None
    """The record of promises, where any was checked."""


def package(
    store: Store,
    *,
    search: Configuration | None,
    recommend: Configuration | None,
    out: Path,
    decision: Decision,
    details: Details | None = None,
) -> Path:
    """Put the chosen configurations into one bundle and make it the newest of ``out``.

    Args:
        store: Holds every part the configurations name, and ``parts/cards``.
        search: What answers queries, or ``None``.
        recommend: What answers histories, or ``None``. What is bought together is answered from purchases where
            there are any, similar items from the product texts.
        out: Folder of bundles; made when missing.
        decision: The decision; it names the shop.
        details: What else the bundle says of itself.

    Returns:
        ``out/<first 16 digits of the digest>``. The same content gives the same folder.

    Raises:
        StageError: Nothing was chosen, or a part was not made.
        ArtefactError: A part in the store is damaged.
        StorageError: The disk is full or refuses to write; ``latest`` still means what it meant.
    """
    details = details or Details()
    chosen = _surfaces(store, search, recommend)
    beside = _beside(store, search, recommend)
    parts = _parts(store, [*(one for found in chosen.values() for one in found), *beside.values()])
    bundle = {
        "format": _FORMAT,
        "version": __version__,
        "made_at": details.made_at or decision.made_at,
        "shop": as_builtins(decision.shop),
        "surfaces": {surface: [_described(one) for one in found] for surface, found in chosen.items()},
        "beside": {name: _described(one) for name, one in beside.items()},
        "parts": {name: store.digest(name) for name in parts},
        "query_examples": list(details.query_examples),
        "max_history": details.max_history,
        "history_kinds": list(details.history_kinds),
        "log_kind": details.log_kind,
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=out, prefix=".draft-"))
        try:
            documents: dict[str, Mapping[str, Any] | None] = {"bundle": bundle, "decision": decision_builtins(decision)}
            documents["bills"] = bills_builtins(details.bills) if details.bills else None
            documents["promises"] = promises_builtins(details.promises) if details.promises else None
            _fill(draft, store, parts, documents)
            folder: Path = registry.load("adapters", "bundle").publish(draft, out)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise StorageError(
            f"cannot write a bundle to {out}: {error.strerror}. The newest one is as it was; "
            "free some space or rights there and run again"
        ) from error
    return folder


def similar_configurations(store: Store, recommend: Configuration | None) -> list[Configuration]:
    """What answers "similar to this": what could be taken instead, by what the texts say.

    Args:
        store: Holds the parts.
        recommend: What answers histories, or ``None``; its rules are kept.

    Returns:
        At most one; empty where the texts were not read.
    """
    if not store.has(CONTENT):
        return []
    rules = {key: value for key, value in recommend.options.items() if key == "rules"} if recommend else {}
    parts = {"model": CONTENT, "catalogue": CATALOGUE}
    return [Configuration("similar-content", Surface.SIMILAR, "content", parts, rules)]


def bought_with_configuration(store: Store, recommend: Configuration | None) -> Configuration | None:
    """What answers "often bought with this": item neighbours before factors, which say what suits the same people.

    Args:
        store: Holds the parts, and the configurations that were made of them.
        recommend: What answers histories, or ``None``: then nobody's behaviour is known.

    Returns:
        The recommender itself where it is one of neighbours, else the smallest one of neighbours that was made, else
        the recommender where it learnt from behaviour; its part ``popularity`` says how often each item is bought.
    """
    if recommend is None or not store.has(POPULARITY):
        return None
    made = load_configurations(store) if store.has("configurations") else []
    usable = [one for one in made if one.kind == _NEIGHBOURS and all(store.has(part) for part in one.parts.values())]
    usable.sort(key=lambda one: (store.size(one.parts["model"]), one.name))
    chosen = next(iter([recommend] if recommend.kind == _NEIGHBOURS else [*usable, recommend]))
    if chosen.kind not in _FROM_BEHAVIOUR:
        return None
    parts = {role: name for role, name in chosen.parts.items() if role != "fallback"} | {"popularity": POPULARITY}
    options = {**chosen.options, **{key: recommend.options[key] for key in ("rules",) if key in recommend.options}}
    name = f"bought-with-{chosen.name}"
    return replace(chosen, name=name, surface=Surface.SIMILAR, parts=parts, options=options)


def _beside(store: Store, search: Configuration | None, recommend: Configuration | None) -> dict[str, Configuration]:
    """What is packaged besides the surfaces: search by words where the search has none, and what is bought together."""
    found = {}
    if search is not None and "lexical" not in search.parts and store.has(LEXICAL):
        options = {"rules": search.options["rules"]} if "rules" in search.options else {}
        parts = {"lexical": LEXICAL, "catalogue": search.parts.get("catalogue", CATALOGUE)}
        found["words"] = Configuration("words", Surface.SEARCH, "lexical", parts, options)
    bought_with = bought_with_configuration(store, recommend)
    return {**found, "bought_with": bought_with} if bought_with else found


def _surfaces(
    store: Store, search: Configuration | None, recommend: Configuration | None
) -> dict[str, list[Configuration]]:
    """For each surface its configurations: the later ones fill what the earlier ones left empty."""
    if search is None and recommend is None:
        raise StageError("nothing was chosen, so there is nothing to package: loosen a floor and decide again")
    found = {
        "search": [search] if search else [],
        "recommend": [recommend] if recommend else [],
        "similar": similar_configurations(store, recommend),
    }
    return {surface: configurations for surface, configurations in found.items() if configurations}


def _parts(store: Store, every: Sequence[Configuration]) -> list[str]:
    names = {name for configuration in every for name in configuration.parts.values()} | {CARDS}
    missing = sorted(name for name in names if not store.has(name))
    if missing:
        raise StageError(f"{', '.join(missing)} not made yet: run `steelyard train` and `steelyard compress` first")
    return sorted(names | ({HISTORIES} if store.has(HISTORIES) else set()))


def _described(configuration: Configuration) -> dict[str, Any]:
    return {
        "name": configuration.name,
        "kind": configuration.kind,
        "parts": dict(configuration.parts),
        "options": dict(configuration.options),
    }


def _fill(draft: Path, store: Store, parts: Sequence[str], documents: Mapping[str, Mapping[str, Any] | None]) -> None:
    for name in parts:
        _link_folder(store.path(name), draft / name)
    for name, value in documents.items():
        if value is not None:
            text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1)
            (draft / f"{name}.json").write_text(text, "utf-8")


def _link_folder(source: Path, target: Path) -> None:
    """The same files under another name: linked where the file system can, copied where it cannot."""
    for path in sorted(source.rglob("*")):
        if not path.is_file() or path.relative_to(source).as_posix() == _MANIFEST:
            continue
        to = target / path.relative_to(source)
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, to)
        except OSError:
            shutil.copyfile(path, to)
