"""Changing the key of the pseudonyms while shoppers go on, and cutting the link to the one before.

Nobody can be known under two keys without their identifier, and that is stored nowhere. So there is a time in which
both keys are kept: whoever stands in the shop's own log gets the new pseudonym at once, whoever comes to the server
gets it then. When the key before is destroyed, whoever did neither gets a pseudonym of a key that nobody keeps.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.data.privacy import Pseudonyms
from steelyard.data.privacy.change import Change, Touched
from steelyard.data.schema import wanted_events
from steelyard.errors import ConfigError
from steelyard.workflows.privacy.erase import note, register_of

if TYPE_CHECKING:
    from steelyard.workflows.privacy.ports import PrivacyShop

__all__ = ["Rotated", "destroy", "rotate"]


@dataclass(frozen=True, slots=True)
class Rotated:
    """What came of a change of the key."""

    touched: tuple[Touched, ...]
    n_waiting: int
    """People, visits and events that stand in no file of the shop and wait to come to the server."""


def rotate(shop: PrivacyShop, raw: Sequence[str] = (), *, states: Sequence[Path] = ()) -> Rotated:
    """Make a new key and give everybody who is at hand the pseudonym of it; goes on where it was interrupted.

    Args:
        shop: An opened shop.
        raw: Identifiers of people who stand in no file of the shop.
        states: Folders of event logs that lie elsewhere.

    Returns:
        What was renamed, and how many wait.

    Raises:
        SourceError: The shop's log cannot be read.
        StorageError: The disk refuses; the same call goes on with the rest.
    """
    keys, register = shop.tools.privacy.keys(shop.work), register_of(shop)
    holdings = shop.tools.privacy.holdings(shop.work, states)
    previous = keys.previous()
    if previous is None:
        register.keep_carried({*holdings.people(), *register.erased()})
        keys.rotate()
        previous = keys.previous()
        assert previous is not None
    old, new = Pseudonyms(previous), Pseudonyms(keys.current())
    renamed = {old(one): new(one) for one in raw} | _of_log(shop, old, new)
    if holdings.is_served:
        shop.tools.clock.sleep(1.0)  # the server has heard of the key: nothing more comes in under the one before
    touched = holdings.apply(Change(renamed=renamed))
    register.renew(renamed)
    waiting = register.carried() - renamed.keys()
    register.keep_carried(waiting)
    note(shop, "rotate-key", f"{sum(one.n_rows for one in touched)} rows renamed, {len(waiting)} wait")
    return Rotated(tuple(touched), len(waiting))


def destroy(shop: PrivacyShop, *, states: Sequence[Path] = ()) -> Rotated:
    """Cut the link to the key before: who still waits is renamed by a key that nobody keeps, then the key is destroyed.

    Args:
        shop: An opened shop.
        states: Folders of event logs that lie elsewhere.

    Returns:
        What was renamed so.

    Raises:
        ConfigError: There is no key before.
        StorageError: The disk refuses; the same call goes on with the rest.
    """
    keys, register = shop.tools.privacy.keys(shop.work), register_of(shop)
    if keys.previous() is None:
        raise ConfigError("there is no key before: make a new one with `steelyard privacy rotate-key`")
    holdings = shop.tools.privacy.holdings(shop.work, states)
    nobody = Pseudonyms(secrets.token_bytes(32))
    waiting = register.carried()  # who came meanwhile is found under the new key, and left alone
    touched = holdings.apply(Change(renamed={name: nobody(name) for name in waiting}))
    keys.destroy_previous()
    register.keep_carried(())
    n_rows = sum(one.n_rows for one in touched)
    note(shop, "rotate-key", f"key before destroyed, {n_rows} rows unlinked")
    return Rotated(tuple(touched), 0)


def _of_log(shop: PrivacyShop, old: Pseudonyms, new: Pseudonyms) -> dict[str, str]:
    """New pseudonyms of everybody in the shop's log, by the old ones; identifiers are seen and kept nowhere."""
    source = shop.config.data.events
    if source is None:
        return {}
    every = wanted_events(source)
    people = tuple(role for role in every.roles if role.is_personal and role.kind == "text")
    data = shop.config.data
    found: dict[str, str] = {}
    with shop.tools.shop.sources(
        shop.base,
        reader=data.reader,
        scratch=shop.work / "tmp",
        max_memory_gb=data.max_memory_gb,
        max_columns=data.max_columns,
    ) as sources:
        frame = sources.scan(replace(every, roles=people), pseudonym=lambda raw: f"{old(raw)} {new(raw)}")
        for role in people:
            for batch in sources.batches(frame.select(role.name).unique()):
                pairs = (both.split() for both in batch[role.name] if both)
                found |= {one[0]: one[1] for one in pairs}
    return found
