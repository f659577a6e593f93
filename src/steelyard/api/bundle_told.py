"""What a bundle says of itself as a server's pages and answers tell it: with the server's own pictures and weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from steelyard.errors import ConfigError
from steelyard.models.ranking.personal import PersonalWeights
from steelyard.serving.service import About

if TYPE_CHECKING:
    from steelyard.assembly import Tools

__all__ = ["told_of"]

PICTURES = "/pictures/"


class Told(Protocol):
    """What of a server's settings a bundle is told with (``steelyard.api.server.Settings``)."""

    @property
    def tools(self) -> Tools:
        """Open folders of pictures."""
        ...

    @property
    def pictures(self) -> str:
        """A folder, or https:// and a host."""
        ...

    @property
    def picture_sources(self) -> tuple[str, ...]:
        """Where pages may load pictures from, besides the server itself."""
        ...

    @property
    def personal_search(self) -> float | str:
        """``fitted``, or how much what is known of a shopper counts in a search."""
        ...

    @property
    def example_users(self) -> int:
        """How many users of the log anybody may try."""
        ...


def told_of(bundle: Any, settings: Told) -> About:
    """What the bundle says of itself, with what this server adds: weights, pictures, users to try.

    Args:
        bundle: Opened.
        settings: Of the server.

    Returns:
        For the service.

    Raises:
        ConfigError: ``pictures`` is no address that a page can use.
    """
    about: About = _with_weights(bundle.about(), settings.personal_search)
    if about.logged is not None and settings.example_users:
        about = replace(about, examples=about.logged.longest(settings.example_users))
    return _with_pictures(about, settings)


def _with_weights(about: About, wanted: float | str) -> About:
    """With the weights of a shopper's own order: those of the bundle, none, or one that nobody measured."""
    if wanted == "fitted":
        return about
    weight = 0.0 if isinstance(wanted, str) else wanted
    return replace(about, personal=PersonalWeights(weight, weight / 2))


def _with_pictures(about: About, settings: Told) -> About:
    """Where pages find the pictures of items: in a folder that this server hands out, or at another host."""
    sources, where = settings.picture_sources, settings.pictures
    if not where:
        return replace(about, picture_sources=sources)
    address = urlsplit(where)
    if address.scheme == "https" and address.netloc and not address.query and not address.fragment:
        return replace(about, pictures=where, picture_sources=sources)
    if "://" in where:
        raise ConfigError(f"pictures = {where!r} is no address a page can use: give a folder, or https:// and a host")
    folder = settings.tools.serving.pictures(Path(where))
    return replace(about, pictures=PICTURES, picture_sources=sources, picture_folder=folder)
