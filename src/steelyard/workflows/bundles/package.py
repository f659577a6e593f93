"""``package``: the chosen configurations and all they need in one sealed folder that any server can run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from steelyard import __version__
from steelyard.config import Config
from steelyard.documents.bills import BillDocument, bills_builtins
from steelyard.documents.configurations import configuration_row
from steelyard.documents.decision import Decision, decision_builtins
from steelyard.documents.encoding import as_builtins
from steelyard.documents.people import people_builtins
from steelyard.documents.personal_search import PersonalSearch, personal_search_builtins
from steelyard.documents.promises import PromiseRecord, promises_builtins
from steelyard.domain import Configuration, Surface
from steelyard.errors import StageError
from steelyard.models.recipe import Companion, find_recipe
from steelyard.serving.service import HISTORY_KINDS
from steelyard.workflows.build import load_configurations
from steelyard.workflows.building.planned import companions
from steelyard.workflows.ports import BundleFolders, Store
from steelyard.workflows.stored import stored_people

__all__ = ["Details", "bought_with_configuration", "package", "similar_configurations"]

CARDS = "parts/cards"
HISTORIES = "parts/histories"
PASTS = "parts/pasts"
BASICS = "parts/basics"
CATALOGUE = "parts/catalogue"
POPULARITY = "parts/recommend/popularity"
LEXICAL = "parts/lexical"
_FORMAT = 1


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
    """The kind of event of a log that holds one kind only: pages then say "bought"."""
    bills: BillDocument | None = None
    """The bills behind the decision, where there are any."""
    promises: PromiseRecord | None = None
    """The record of promises, where any was checked."""
    personal: PersonalSearch | None = None
    """Whether searches are put in a shopper's own order, where that was fitted."""


def package(
    config: Config,
    store: Store,
    bundles: BundleFolders,
    *,
    chosen: Mapping[Surface, Configuration],
    out: Path,
    decision: Decision,
    details: Details | None = None,
) -> Path:
    """Put the chosen configurations into one bundle and make it the newest of ``out``.

    Args:
        config: The shop's settings.
        store: Holds every part the configurations name, and ``parts/cards``.
        bundles: Writes the bundle.
        chosen: What answers queries, histories, or both. What is bought together is answered from purchases where
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
    search, recommend = chosen.get(Surface.SEARCH), chosen.get(Surface.RECOMMEND)
    surfaces = _surfaces(config, store, search, recommend)
    beside = _beside(config, store, search, recommend)
    every = [*(one for found in surfaces.values() for one in found), *beside.values()]
    reads_basics = _reads_basics(config, recommend)
    parts = _parts(store, every, reads_past=_reads_past(recommend), reads_basics=reads_basics)
    bundle = {
        "format": _FORMAT,
        "version": __version__,
        "made_at": details.made_at or decision.made_at,
        "shop": as_builtins(decision.shop),
        "surfaces": {surface: [configuration_row(one) for one in found] for surface, found in surfaces.items()},
        "beside": {name: configuration_row(one) for name, one in beside.items()},
        "reasons": _reasons([*(one for found in surfaces.values() for one in found), *beside.values()]),
        "parts": {name: store.digest(name) for name in parts},
        "query_examples": list(details.query_examples),
        "max_history": details.max_history,
        "history_kinds": list(details.history_kinds),
        "log_kind": details.log_kind,
        **({"reads_past": True} if _reads_past(recommend) else {}),
    }
    if details.personal is not None:
        bundle["personal_search"] = personal_search_builtins(details.personal)
    documents: dict[str, Mapping[str, Any]] = {"bundle": bundle, "decision": decision_builtins(decision)}
    if details.bills:
        documents["bills"] = bills_builtins(details.bills)
    if details.promises:
        documents["promises"] = promises_builtins(details.promises)
    people = stored_people(store)
    if people:
        documents["people"] = people_builtins(people)
    return bundles.write(out, parts={name: store.path(name) for name in parts}, documents=documents)


def similar_configurations(config: Config, store: Store, recommend: Configuration | None) -> list[Configuration]:
    """What answers "similar to this": what could be bought instead, by what the texts say.

    Args:
        config: The shop's settings.
        store: Holds the parts.
        recommend: What answers histories, or ``None``; its rules are kept.

    Returns:
        Those whose parts were made; empty where the texts were not read.
    """
    return _companions(config, store, recommend, Companion.SUBSTITUTES, prefix="similar")


def bought_with_configuration(config: Config, store: Store, recommend: Configuration | None) -> Configuration | None:
    """What answers "often bought with this": baskets, where held-out ones do not say that best sellers do as well.

    Args:
        config: The shop's settings.
        store: Holds the parts, and the configurations that were made of them.
        recommend: What answers histories, or ``None``: then nobody's behaviour is known.

    Returns:
        The model of what lies in one basket where there are baskets of two products and more, and it was not judged or
        pays. Else models of what is bought together before those of the same people: the recommender itself where it
        says what is bought together, else the smallest one that does and was made,
        else the recommender where it says what suits the same people; its part ``popularity`` says how often each
        item is bought.
    """
    if recommend is None or not store.has(POPULARITY):
        return None
    of_baskets = _companions(config, store, recommend, Companion.BOUGHT_TOGETHER, prefix="bought-with")
    if of_baskets and _pays(store, of_baskets[0]):
        return of_baskets[0]
    built = load_configurations(store) if store.has("configurations") else []
    usable = [one for one in built if _companion(one) is Companion.BOUGHT_TOGETHER and _is_made(store, one)]
    usable.sort(key=lambda one: (store.size(one.parts["model"]), one.name))
    own = _companion(recommend)
    chosen = next(iter([recommend] if own is Companion.BOUGHT_TOGETHER else [*usable, recommend]))
    if _companion(chosen) not in (Companion.BOUGHT_TOGETHER, Companion.SAME_PEOPLE):
        return None
    parts = {role: name for role, name in chosen.parts.items() if role != "fallback"} | {"popularity": POPULARITY}
    options = {**chosen.options, **{key: recommend.options[key] for key in ("rules",) if key in recommend.options}}
    name = f"bought-with-{chosen.name}"
    return replace(chosen, name=name, surface=Surface.SIMILAR, parts=parts, options=options)


def _companions(
    config: Config, store: Store, recommend: Configuration | None, companion: Companion, *, prefix: str
) -> list[Configuration]:
    """Configurations of the models that stand beside the surfaces and say this of an item, where they were made."""
    rules = {key: value for key, value in recommend.options.items() if key == "rules"} if recommend else {}
    found = []
    for each in companions(config):
        opened = (*each.variant.parts.values(), *each.common.values())
        if find_recipe(each.kind).companion is companion and all(store.has(part.name) for part in opened):
            made = each.configuration({})
            found.append(replace(made, name=f"{prefix}-{made.name}", options=rules))
    return found


def _pays(store: Store, of_baskets: Configuration) -> bool:
    """Whether there are baskets at all, and those held out do not say that best sellers would do as well."""
    state = store.read_state(of_baskets.parts["model"])
    return bool(len(state.arrays["neighbours"])) and bool(state.facts.get("judged", {}).get("pays", True))


def _reasons(configurations: Sequence[Configuration]) -> dict[str, dict[str, str]]:
    """Sentences for reasons that the models bring themselves, by kind."""
    told = [find_recipe(one.kind).sentences(one.options.get("retriever", {})) for one in configurations]
    sentences = {kind: said for each in told for kind, said in each.items()}
    return {kind: {"en": said.en, "zh": said.zh} for kind, said in sentences.items()}


def _companion(configuration: Configuration) -> Companion | None:
    if configuration.surface is not Surface.RECOMMEND:
        return None
    return find_recipe(configuration.kind).companion


def _is_made(store: Store, configuration: Configuration) -> bool:
    return all(store.has(part) for part in configuration.parts.values())


def _beside(
    config: Config, store: Store, search: Configuration | None, recommend: Configuration | None
) -> dict[str, Configuration]:
    """What is packaged besides the surfaces: search by words where the search has none, and what is bought together."""
    found = {}
    if search is not None and "lexical" not in search.parts and store.has(LEXICAL):
        options = {"rules": search.options["rules"]} if "rules" in search.options else {}
        parts = {"lexical": LEXICAL, "catalogue": search.parts.get("catalogue", CATALOGUE)}
        found["words"] = Configuration("words", Surface.SEARCH, "lexical", parts, options)
    bought_with = bought_with_configuration(config, store, recommend)
    return {**found, "bought_with": bought_with} if bought_with else found


def _surfaces(
    config: Config, store: Store, search: Configuration | None, recommend: Configuration | None
) -> dict[str, list[Configuration]]:
    """For each surface its configurations: the later ones fill what the earlier ones left empty."""
    if search is None and recommend is None:
        raise StageError("nothing was chosen, so there is nothing to package: loosen a floor and decide again")
    found = {
        "search": [search] if search else [],
        "recommend": [recommend] if recommend else [],
        "similar": similar_configurations(config, store, recommend),
    }
    return {surface: configurations for surface, configurations in found.items() if configurations}


def _reads_past(recommend: Configuration | None) -> bool:
    return recommend is not None and find_recipe(recommend.kind).looks_back(recommend.options)


def _reads_basics(config: Config, recommend: Configuration | None) -> bool:
    is_told = config.data.users is not None and recommend is not None
    return is_told and recommend is not None and find_recipe(recommend.kind).reads_basics


def _parts(store: Store, every: Sequence[Configuration], *, reads_past: bool, reads_basics: bool) -> list[str]:
    names = {name for configuration in every for name in configuration.parts.values()} | {CARDS}
    names |= {PASTS} if reads_past else set()
    names |= {BASICS} if reads_basics else set()
    missing = sorted(name for name in names if not store.has(name))
    if missing:
        raise StageError(f"{', '.join(missing)} not made yet: run `steelyard build` first")
    return sorted(names | ({HISTORIES} if store.has(HISTORIES) else set()))
