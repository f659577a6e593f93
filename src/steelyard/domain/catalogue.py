"""What a shop sells and what its shoppers do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class EventKind(StrEnum):
    """What a shopper did, from the faintest sign of interest to the strongest."""

    IMPRESSION = "impression"
    VIEW = "view"
    CLICK = "click"
    ADD_TO_CART = "add_to_cart"
    PURCHASE = "purchase"
    RATING = "rating"
    SEARCH = "search"
    RETURN = "return"
    """A purchase sent back or cancelled: undoes the latest purchase of the item."""
    HIDE = "hide"
    """The shopper wants to see no more of the item: "not interested"."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing the shop sells, as the pages show it and the rules see it."""

    item_id: str
    """The shop's own identifier."""
    title: str
    description: str = ""
    category: tuple[str, ...] = ()
    """Path from the widest category to the narrowest."""
    brand: str = ""
    price: Decimal | None = None
    """In the shop's currency; ``None`` when unknown, which is not zero."""
    stock: int | None = None
    """Pieces available; ``None`` when the shop does not say, which counts as available."""
    image: str = ""
    """Reference to a picture, as the shop gave it."""
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a shopper did. Stored once per ``event_id``, however often it is sent."""

    event_id: str
    """Unique; given by the client, or made by the server when absent."""
    kind: EventKind
    time: datetime
    """When it happened, with time zone."""
    user: str = ""
    """Pseudonym; empty for anonymous or without consent."""
    session: str = ""
    item_id: str = ""
    query: str = ""
    position: int | None = None
    """Rank at which the item was shown, 1-based."""
    quantity: Decimal = Decimal(1)
    platform: str = ""
    rating: Decimal | None = None
    """Value of a rating, on the shop's scale."""
    is_timed: bool = True
    """False where the client gave no time and ``time`` is the server's clock."""
    request_id: str = ""
    """Of the answer that it follows, where that explored; empty otherwise."""
    propensity: float | None = None
    """The chance that the item was shown by, as the server knows it; ``None`` where nothing was left to chance."""
    is_usual: bool | None = None
    """Whether the item would have stood there without exploring, where a chance is known."""
