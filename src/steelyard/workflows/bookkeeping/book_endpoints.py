"""Tokens that measuring asked for, in the ledger: under tuning, once a round, by the configuration that asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from steelyard.cost import PriceBook
from steelyard.cost.endpoints import token_price
from steelyard.domain import Configuration, Endpoint, FactKind, Money, Stage, Surface, Unpriced
from steelyard.workflows.bookkeeping.enter_cost import BOTH, HandCost, enter_cost
from steelyard.workflows.open_shop import AccountsShop

__all__ = ["book_endpoints"]

_MILLION = Decimal(10**6)


def book_endpoints(shop: AccountsShop, book: PriceBook) -> list[Unpriced]:
    """Book what models behind an address were asked while configurations were measured, unless it was before.

    Args:
        shop: The shop.
        book: Prices of today; what was booked before keeps the prices it had.

    Returns:
        What has no price: it is booked once it has one. A model on machines of the shop's own is asked for nothing.

    Raises:
        DataError: A month is closed and a round of it was not booked before.
    """
    if not shop.store.has("configurations"):
        return []
    from steelyard.workflows.build import load_configurations  # noqa: PLC0415 - a ledger starts without arrays

    asking = {each.name: each for each in load_configurations(shop.store) if each.endpoint is not None}
    unpriced: dict[str, Unpriced] = {}
    on = shop.tools.clock.now().date()
    for configuration, key, counts in _rounds(shop, asking):
        endpoint = configuration.endpoint
        if endpoint is None or endpoint.machine:
            continue
        found = {kind: token_price(endpoint, kind, book, on) for kind in ("input", "output")}
        missing = [each for each in found.values() if isinstance(each, Unpriced)]
        unpriced |= {each.name: each for each in missing}
        prices = [each.per_unit for each in found.values() if not isinstance(each, Unpriced)]
        if not missing:
            _book(shop, configuration, endpoint, (key, counts, prices, on))
    return list(unpriced.values())


def _book(
    shop: AccountsShop,
    configuration: Configuration,
    endpoint: Endpoint,
    found: tuple[str, Mapping[str, int], list[Money], date],
) -> None:
    key, counts, (prompt, completion), on = found
    amount = prompt.amount * counts["prompt_tokens"] + completion.amount * counts["completion_tokens"]
    if not amount:
        return
    tokens = counts["prompt_tokens"] + counts["completion_tokens"]
    cost = HandCost(
        id=f"endpoint/{configuration.name}/{key}",
        text=f"{counts['asked']:,} answers of {endpoint.model} while measuring, {tokens:,} tokens",
        amount=Money(amount / _MILLION, prompt.currency),
        on=on,
        stage=Stage.TUNING,
        kind=FactKind.ASSUMED if counts["estimated"] else FactKind.DERIVED,
        source="tokens that the endpoint counted, estimated where it did not, by their price",
        paid_from="payable/tokens",
        model=endpoint.model,
        configuration=configuration.name,
    )
    enter_cost(shop, cost, view=BOTH, to_pool=False)


def _rounds(
    shop: AccountsShop, asking: Mapping[str, Configuration]
) -> Iterator[tuple[Configuration, str, Mapping[str, int]]]:
    """Each round of each measurement that asked: its configuration, its name, what was counted."""
    from steelyard.workflows.measure import load_measurements  # noqa: PLC0415 - as above

    for surface in Surface if asking else ():
        if not shop.store.has(f"measurements/{surface}"):
            continue
        for measured in load_measurements(shop.store, surface):
            rounds: Any = measured.facts.get("rounds", ())
            if measured.configuration not in asking:
                continue
            for number, each in enumerate(rounds):
                if each.get("asked_in_all", {}).get("asked"):
                    key = f"{str(measured.facts.get('key', ''))[:16]}/{number}"
                    yield asking[measured.configuration], key, each["asked_in_all"]
