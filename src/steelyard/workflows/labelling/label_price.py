"""What a judgement of a person costs: a row of the price book, or an hour of somebody's work divided."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from steelyard.domain import Unpriced
from steelyard.workflows.open_shop import AccountsShop
from steelyard.workflows.pricing.shop_book import shop_book

__all__ = ["LabelPrice", "label_price"]


@dataclass(frozen=True, slots=True)
class LabelPrice:
    """Price of one judgement."""

    amount: Decimal | None
    """``None`` where it is not known; that is not free."""
    currency: str
    source: str
    """Where it comes from, or why it is not known."""

    def of(self, number: float | None) -> Decimal | None:
        """Cost of so many, to the cent."""
        if self.amount is None or number is None:
            return None
        return (self.amount * Decimal(round(number))).quantize(Decimal("0.01"))


def label_price(shop: AccountsShop) -> LabelPrice:
    """The price of a judgement by the configuration and the price book.

    Args:
        shop: The shop.

    Returns:
        Exact, with the words of where it comes from.
    """
    labels, book = shop.config.labels, shop_book(shop)
    if labels.price:
        found = book.price(labels.price, "label")
        if isinstance(found, Unpriced):
            return LabelPrice(None, book.currency, found.why)
        return LabelPrice(found.per_unit.amount, found.per_unit.currency, f"{labels.price}: {found.source}")
    role = labels.role or shop.config.cost.people.role
    hour = book.person(role)
    if isinstance(hour, Unpriced):
        return LabelPrice(None, book.currency, hour.why)
    source = f"an hour of person/{role} by [labels] per_hour = {labels.per_hour} ({hour.kind}: {hour.source})"
    return LabelPrice(hour.per_unit.amount / labels.per_hour, hour.per_unit.currency, source)
