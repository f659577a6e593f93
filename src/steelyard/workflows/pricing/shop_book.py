"""The price book of a shop."""

from __future__ import annotations

from steelyard.cost.prices.prices import PriceBook
from steelyard.workflows.open_shop import AccountsShop

__all__ = ["shop_book"]


def shop_book(shop: AccountsShop) -> PriceBook:
    """The price book that the configuration names, with the shop's own rows laid over it."""
    cost = shop.config.cost
    return shop.tools.prices.books(shop.base).load(cost.book, overrides=cost.overrides)
