"""What a token of the model costs, by the price book; an unknown price is not free."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from steelyard.domain import Price, Unpriced
from steelyard.errors import PriceError
from steelyard.workflows.open_shop import AccountsShop
from steelyard.workflows.pricing.shop_book import shop_book

__all__ = ["TokenPrice", "token_price"]

_MILLION = Decimal(10**6)


@dataclass(frozen=True, slots=True)
class TokenPrice:
    """Price of a token read and of a token written."""

    read: Decimal
    written: Decimal
    currency: str
    source: str

    def of(self, n_read: int, n_written: int) -> Decimal:
        """Cost of an exchange, exact."""
        return self.read * n_read + self.written * n_written


def token_price(shop: AccountsShop) -> TokenPrice:
    """The prices of the configured model's tokens.

    Args:
        shop: The shop.

    Returns:
        Exact, by the token.

    Raises:
        PriceError: The book has no price of its input or of its output.
    """
    settings, book = shop.config.labels.model, shop_book(shop)
    name = settings.price or settings.name
    found = [book.price(f"tokens/{name}/{kind}", "Mtoken") for kind in ("input", "output")]
    missing = [each.name for each in found if isinstance(each, Unpriced)]
    if missing:
        raise PriceError(
            f"the price book has no {', '.join(missing)}: add rows of service tokens to [cost] overrides (for a model "
            "on your own machine a price of 0 with confirmed_free), or name rows it has in [labels.model] price"
        )
    read, written = (each for each in found if isinstance(each, Price))
    source = f"tokens/{name}, {read.kind}: {read.source}"
    return TokenPrice(_of_one(read), _of_one(written), read.per_unit.currency, source)


def _of_one(price: Price) -> Decimal:
    return price.per_unit.amount / _MILLION if price.unit == "Mtoken" else price.per_unit.amount
