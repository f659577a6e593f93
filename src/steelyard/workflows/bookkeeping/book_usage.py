"""``cost ledger book``: books what the meters saw: the journal of the runs, that of the server, and those elsewhere."""

from __future__ import annotations

from dataclasses import replace

from steelyard.documents.meter_line import MeterLine
from steelyard.errors import ConfigError
from steelyard.ledger.metering import MeterReadings
from steelyard.workflows.accounts.book import Booked, book_metered
from steelyard.workflows.bookkeeping.book_endpoints import book_endpoints
from steelyard.workflows.bookkeeping.opened_ledger import open_ledger
from steelyard.workflows.open_shop import USAGE, AccountsShop
from steelyard.workflows.pricing.shop_book import shop_book

__all__ = ["book_usage"]


def book_usage(shop: AccountsShop) -> Booked:
    """Book what is new, and what the store keeps today.

    Args:
        shop: The shop.

    Returns:
        What was booked, what has no price, and what could not be read.

    Raises:
        ConfigError: A journal that the configuration names is not there.
        PriceError: The price book has no machine to price core-seconds on.
    """
    open_journal, cost = shop.tools.accounting.journal, shop.config.cost
    elsewhere = [shop.base / path for path in cost.journals]
    missing = [str(path) for path in elsewhere if not open_journal(path).has_readings()]
    if missing:
        raise ConfigError(f"[cost] journals: {', '.join(missing)} is not there; tiers need all of a month's traffic")
    places = (shop.work / USAGE, shop.work / "bundles" / "state" / USAGE, *elsewhere)
    now = shop.tools.clock.now().isoformat(timespec="milliseconds")
    open_journal(places[0]).append(
        MeterLine(id=f"{now}/keep", what="keep", began=now, ended=now, cpu_s=0, stored_bytes=shop.store.total_bytes())
    )
    readings = sum((open_journal(path).read() for path in places), MeterReadings())
    book = shop_book(shop)
    with open_ledger(shop) as ledger:
        booked = book_metered(readings, book=book, cost=cost, ledger=ledger)
    unpriced = book_endpoints(shop, book)
    return replace(booked, unpriced=(*booked.unpriced, *unpriced)) if unpriced else booked
