"""Keeping no event longer than the shop's policy says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.data.privacy.change import Change, Touched
from steelyard.errors import ConfigError
from steelyard.workflows.privacy.erase import note

if TYPE_CHECKING:
    from steelyard.workflows.privacy.ports import PrivacyShop

__all__ = ["Retained", "retain"]


@dataclass(frozen=True, slots=True)
class Retained:
    """What was deleted for its age."""

    before: datetime
    """Events from before this time are gone."""
    touched: tuple[Touched, ...]


def retain(shop: PrivacyShop, *, now: datetime, states: Sequence[Path] = ()) -> Retained:
    """Delete what is older than ``[privacy] keep_days`` from tables, quarantine, histories, bundles and event logs.

    Args:
        shop: An opened shop.
        now: With time zone.
        states: Folders of event logs that lie elsewhere.

    Returns:
        Places and rows; a second call at the same time finds nothing.

    Raises:
        ConfigError: The shop has no policy.
        StorageError: The disk refuses; the same call goes on with the rest.
    """
    days = shop.config.privacy.keep_days
    if days is None:
        raise ConfigError("[privacy] keep_days is not set: say how long events are kept, as keep_days = 730")
    before = now - timedelta(days=days)
    change = Change(before_s=before.timestamp())
    touched = shop.tools.privacy.holdings(shop.work, states).apply(change)
    note(shop, "retain", f"{sum(one.n_rows for one in touched)} rows from before {before:%Y-%m-%d} deleted")
    return Retained(before, tuple(touched))
