"""The data-protection report, from the configuration and from what is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.documents.protection import HoldingRow, PrivateModelRow, Protection, ReadingRow
from steelyard.workflows.privacy.erase import register_of

if TYPE_CHECKING:
    from steelyard.workflows.privacy.ports import PrivacyShop, Register

__all__ = ["protection_report"]

_EVENT_FIELDS = (
    "kind",
    "time",
    "user",
    "session",
    "item_id",
    "query",
    "position",
    "quantity",
    "platform",
    "rating",
    "request_id",
    "propensity",
)
_HISTORIES = "parts/histories"
_PASTS = "parts/pasts"
_BASICS = "parts/basics"


def protection_report(shop: PrivacyShop) -> Protection:
    """What is stored of people, why, how long, who read it, and how it is guarded.

    Args:
        shop: An opened shop; nothing of it is read but sizes, the log of readings and how many were erased.

    Returns:
        The document.
    """
    config, register = shop.config, register_of(shop)
    return Protection(
        shop=config.shop.name,
        made_at=shop.tools.clock.now().isoformat(timespec="seconds"),
        controller=config.privacy.controller,
        contact=config.privacy.contact,
        purposes=config.privacy.purposes,
        holdings=tuple(_holdings(shop, register)),
        n_erased=len(register.erased()),
        has_previous_key=shop.tools.privacy.keys(shop.work).previous() is not None,
        least_people=config.privacy.least_people,
        epsilon_per_month=config.privacy.epsilon_per_month,
        readings=_readings(register),
        broken_line=register.broken_note(),
        is_guarded=_is_guarded(shop),
        private_models=tuple(_private_models(shop)),
    )


def _holdings(shop: PrivacyShop, register: Register) -> Iterator[HoldingRow]:
    work, days = shop.config.work, shop.config.privacy.keep_days
    events = shop.config.data.events
    if events is not None:
        columns = events.columns.model_dump(exclude_none=True)
        size = shop.store.size("data") if shop.store.has("data") else None
        yield HoldingRow(key="log", where=f"{work}/objects", columns=tuple(columns), keep_days=days, n_bytes=size)
    users = shop.config.data.users
    if users is not None:
        named = users.columns.attributes
        known = (users.columns.user, *([named] if isinstance(named, str) else named))
        where = f"{work}/objects, {work}/bundles" if shop.store.has(_BASICS) else f"{work}/objects"
        yield HoldingRow(key="users", where=where, columns=known)
    same = shop.config.data.same_users
    if same is not None:
        linked = (same.columns.user, same.columns.same_as)
        yield HoldingRow(key="people", where=f"{work}/objects, {work}/bundles", columns=linked)
    if shop.store.has(_HISTORIES):
        has_pasts = shop.store.has(_PASTS)
        size = shop.store.size(_HISTORIES) + (shop.store.size(_PASTS) if has_pasts else 0)
        held = ("user", "item_id", "time") if has_pasts else ("user", "item_id")
        where = f"{work}/objects, {work}/bundles"
        yield HoldingRow(key="histories", where=where, columns=held, keep_days=days, n_bytes=size)
    state = Path(work) / "bundles" / "state"
    yield HoldingRow(key="events", where=f"{state}/events.sqlite", columns=_EVENT_FIELDS, keep_days=days)
    folder = shop.config.privacy.folder
    yield HoldingRow(key="erased", where=f"{folder}/erased.txt")
    yield HoldingRow(key="readings", where=f"{folder}/access.jsonl", is_pseudonymous=False)
    yield HoldingRow(key="key", where=f"{work}/secret.key", is_pseudonymous=False)


def _private_models(shop: PrivacyShop) -> Iterator[PrivateModelRow]:
    """Models whose facts say what they tell of a person at most: those of other packages too."""
    for name in sorted(shop.store.names("parts/recommend/")):
        try:
            told = shop.store.read_document(name, "facts.json").get("privacy")
        except FileNotFoundError:  # a part of another package that holds files of its own
            continue
        if isinstance(told, dict):
            model = name.removeprefix("parts/recommend/")
            yield PrivateModelRow(name=model, epsilon=told["epsilon"], delta=told["delta"], people=told["people"])


def _readings(register: Register) -> tuple[ReadingRow, ...]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for line in register.notes():
        found[line.who, line.purpose].append(line.at)
    return tuple(
        ReadingRow(who=who, purpose=purpose, n_lines=len(times), first=min(times), last=max(times))
        for (who, purpose), times in sorted(found.items())
    )


def _is_guarded(shop: PrivacyShop) -> bool:
    serve = shop.config.serve
    try:
        is_local = ip_address(serve.host).is_loopback
    except ValueError:
        is_local = serve.host == "localhost"
    return not is_local or serve.behind_proxy
