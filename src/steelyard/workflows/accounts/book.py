"""``book``: what the meters saw since the last time goes into the ledger, priced from the book."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.config.schema import Cost
from steelyard.cost import PriceBook, training_instance
from steelyard.domain import Money, Unpriced
from steelyard.ledger.entering import in_open_month
from steelyard.ledger.entries import Entry, LedgerPort
from steelyard.ledger.metering import MeterBook, MeterReadings

__all__ = ["Booked", "book_metered"]


@dataclass(frozen=True, slots=True)
class Booked:
    """What one call booked, and what it could not book."""

    entries: tuple[Entry, ...]
    """New in the ledger by this call; what another program booked meanwhile is not among them."""
    unpriced: tuple[Unpriced, ...]
    """What was used and has no price: not booked, and booked once it has one."""
    refused: tuple[str, ...] = ()
    """What is wrong with lines of the journal that could not be read: not booked."""

    @property
    def n_readings(self) -> int:
        """Readings that the new entries are of; one may have an entry for its time, its traffic and what it kept."""
        return len({entry.source.partition(": ")[0] for entry in self.entries})

    @property
    def totals(self) -> dict[str, Money]:
        """Cost of the new entries by currency."""
        sums: dict[str, Money] = {}
        for each in (posting.amount for entry in self.entries for posting in entry.postings if posting.centre):
            sums[each.currency] = sums[each.currency] + each if each.currency in sums else each
        return sums


def book_metered(readings: MeterReadings, *, book: PriceBook, cost: Cost, ledger: LedgerPort) -> Booked:
    """Book what is not in the ledger yet.

    Args:
        readings: The whole journal of the shop in its order. Of readings with one id the last counts.
        book: Prices of today; what was booked before keeps the prices it had.
        cost: Settings: instance types, the machine that works, the team.
        ledger: Where entries are kept.

    Returns:
        New entries, what could not be priced, and what could not be read. What falls into a closed month is booked in
        the next open one, and says so.

    Raises:
        PriceError: There is no machine in the book on which core-seconds can be priced.
    """
    found = {reading.id: reading for reading in readings.metered}
    machine = (
        book.instances((cost.machine,))[0]
        if cost.machine
        else training_instance(book, peak_rss_bytes=0, names=cost.instances)
    )
    priced, unpriced = MeterBook(book, machine, cost.team).entries(list(found.values()))
    known = ledger.find([entry.id for entry in priced])
    closed = ledger.closed()
    new = ledger.append_new(in_open_month(entry, closed) for entry in priced if entry.id not in known)
    return Booked(tuple(new), tuple(unpriced), readings.refused)
