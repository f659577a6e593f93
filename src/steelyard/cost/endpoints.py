"""What a month costs of a model behind an address: tokens by the million, or the shop's machines that it runs on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from steelyard.cost.facts import EXACT, billing_month, derived
from steelyard.cost.prices.prices import PriceBook
from steelyard.domain import CostLine, Endpoint, Fact, FactKind, LineKey, Money, Price, Stage, Unpriced
from steelyard.errors import PriceError

__all__ = ["ENDPOINT_KEYS", "EndpointUse", "endpoint_lines", "per_1000", "token_price"]

ENDPOINT_KEYS = frozenset({LineKey.PROMPT_TOKENS, LineKey.COMPLETION_TOKENS, LineKey.MODEL_MACHINES})
"""Of the lines that ``endpoint_lines`` makes: they stay whatever machines the shop itself runs on."""
_MILLION = Decimal(10**6)


@dataclass(frozen=True, slots=True)
class EndpointUse:
    """What a month's requests ask of an endpoint."""

    endpoint: Endpoint
    prompt_tokens: Fact | None
    """Millions of tokens sent in a month; ``None`` where it is not known, which is not nothing."""
    completion_tokens: Fact | None
    machines: Fact | None = None
    """Machines of the shop's own that it takes."""
    wait: Fact | None = None
    """Seconds that an answer of such a machine takes."""


def endpoint_lines(use: EndpointUse, book: PriceBook, on: date) -> Iterator[CostLine]:
    """Lines of the bill.

    Args:
        use: What is asked of it.
        book: Prices.
        on: Day of the bill.

    Yields:
        CostLine: Two for tokens, or one for machines; without a cost where quantity or price is not known.
    """
    endpoint = use.endpoint
    if endpoint.machine:
        yield _machines(use, book, on)
        return
    for key, kind, tokens in (
        (LineKey.PROMPT_TOKENS, "input", use.prompt_tokens),
        (LineKey.COMPLETION_TOKENS, "output", use.completion_tokens),
    ):
        if tokens is None:
            yield _unknown(key, endpoint.model, "Mtoken", on)
        else:
            price = token_price(endpoint, kind, book, on)
            yield CostLine(Stage.SERVING, key, tokens, price, detail=endpoint.model)


def _machines(use: EndpointUse, book: PriceBook, on: date) -> CostLine:
    if use.machines is None:
        return _unknown(LineKey.MODEL_MACHINES, use.endpoint.model, "hour", on)
    try:
        price: Price | Unpriced = book.instances([use.endpoint.machine])[0].price
    except PriceError as error:
        price = Unpriced(use.endpoint.machine, "hour", str(error))
    month = billing_month(on)
    hours = derived(use.machines.value * month.value, "machines x hours of a month", (use.machines, month), unit="hour")
    detail = f"{use.machines.value} x {use.endpoint.machine}"
    return CostLine(Stage.SERVING, LineKey.MODEL_MACHINES, hours, price, detail=detail)


def token_price(endpoint: Endpoint, kind: str, book: PriceBook, on: date) -> Price | Unpriced:
    """Price of a million tokens.

    Args:
        endpoint: Whose.
        kind: ``input`` or ``output``.
        book: Prices.
        on: Day of the bill.

    Returns:
        That of the model's own table, else that of the price book; or why there is none.
    """
    given = endpoint.prompt_price if kind == "input" else endpoint.completion_price
    if given is None:
        found = book.price(f"tokens/{endpoint.price_rows}/{kind}", "Mtoken")
        if isinstance(found, Unpriced) or found.unit == "Mtoken":
            return found
        by_million = Money(found.per_unit.amount * _MILLION, found.per_unit.currency)
        return Price(found.name, by_million, "Mtoken", found.kind, found.source, found.as_of)
    name, currency = f"{endpoint.model}/{kind}", endpoint.currency or book.currency
    if currency != book.currency:
        why = (
            f"it is in {currency}, the price book in {book.currency}: give it in {book.currency}, or as a row of "
            "service tokens in [cost] overrides, which is converted"
        )
        return Unpriced(name, "Mtoken", why)
    return Price(name, Money(given, currency), "Mtoken", FactKind.QUOTED, "the shop's own table of the model", on)


def _unknown(key: LineKey, model: str, unit: str, on: date) -> CostLine:
    why = "nothing was asked of it while it was measured: see that it answers, and measure again"
    nothing = Fact(Decimal(0), unit, FactKind.ASSUMED, why, on)
    return CostLine(Stage.SERVING, key, nothing, Unpriced(model, unit, why), detail=model)


def per_1000(use: EndpointUse, book: PriceBook, on: date, requests: int) -> Money | None:
    """What the endpoint takes of 1,000 more requests.

    Args:
        use: What a month's requests ask of it.
        book: Prices.
        on: Day of the bill.
        requests: Of the month, > 0.

    Returns:
        Tokens, or the time of the shop's own machines while they answer; ``None`` where that is not known.
    """
    lines = list(endpoint_lines(use, book, on))
    if use.endpoint.machine:
        price = lines[0].price
        if use.wait is None or isinstance(price, Unpriced):
            return None
        hours = EXACT.divide(use.wait.value * 1000, Decimal(3600 * use.endpoint.at_once))
        return price.per_unit * hours
    costs = [line.cost for line in lines]
    if any(cost is None for cost in costs):
        return None
    total = sum((cost.amount for cost in costs if cost is not None), Decimal(0))
    return Money(EXACT.divide(total * 1000, Decimal(requests)), book.currency)
