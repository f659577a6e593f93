"""Turns what was metered into ledger entries: machine time, bytes kept, bytes sent, at the prices of the book.

Metered machine time is charged to those who used it and credited to ``pool/machines``. The invoice for the machines is
debited to the pool: what stays there is idle time and overhead, to be shared out (``steelyard.cost.ledger.closing``).
So an hour is never counted twice, once as metered and once as billed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from steelyard.cost.allocation import allocate
from steelyard.cost.book.prices import Instance, PriceBook
from steelyard.cost.book.rows import Service
from steelyard.cost.facts import EXACT, derived, exact, line_kind
from steelyard.cost.ledger.entries import PLACES, CostCentre, Entry, Month, Posting, View
from steelyard.domain import CostLine, Fact, FactKind, Money, Price, Stage, Unpriced
from steelyard.errors import DataError, PriceError

__all__ = ["MACHINES", "NETWORK", "STORED", "MeterBook", "Metered", "read_metered"]

MACHINES, STORED, NETWORK = "pool/machines", "pool/storage", "pool/network"
_GB = Decimal(10**9)
_STAGES = {
    "prepare": Stage.DATA, "train": Stage.TRAINING, "compress": Stage.TRAINING, "measure": Stage.TUNING,
    "decide": Stage.TUNING, "check": Stage.DEPLOYMENT, "package": Stage.DEPLOYMENT, "serve": Stage.SERVING,
    "keep": Stage.STORAGE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Metered:
    """One reading of the meters: a step that was done, or a stretch of serving."""

    id: str
    """Unique; the same reading booked twice is one entry."""
    what: str
    """The step, for example ``train/lexical``, or ``serve``."""
    began: datetime
    ended: datetime
    cpu_s: Decimal
    sent_bytes: int = 0
    stored_bytes: int | None = None
    """What the shop's folder held at the end; ``None`` where nobody looked."""
    shares: Mapping[str, Decimal] = field(default_factory=dict)
    """Weight of each configuration in it, >= 0; empty where it was not done for any one of them."""

    @property
    def stage(self) -> Stage:
        """The stage of the lifecycle it belongs to."""
        return _STAGES[self.what.split("/")[0]]

    @property
    def model(self) -> str:
        """The model that was made, for a step of training or compression; else empty."""
        return self.what.partition("/")[2] if self.stage is Stage.TRAINING else ""


@dataclass(frozen=True, slots=True)
class MeterBook:
    """Prices readings."""

    book: PriceBook
    machine: Instance
    """On which core-seconds are priced."""
    team: str = ""

    def entries(self, readings: Sequence[Metered]) -> tuple[list[Entry], list[Unpriced]]:
        """Entries of the accrual view.

        Args:
            readings: All there are of the shop, those booked before included: tiers of traffic fill month by month,
                and bytes are kept from one reading to the next.

        Returns:
            Entries in order of time, none for what costs nothing; and what has no price, each once.
        """
        ordered = sorted(readings, key=lambda reading: (reading.ended, reading.id))
        found = [each for reading in ordered for each in self._machine_time(reading)]
        found += [*self._traffic(ordered), *self._storage(ordered)]
        missing = {line.price.name: line.price for _, line, _, _ in found if isinstance(line.price, Unpriced)}
        made = [self._entry(*each) for each in found]
        return [entry for entry in made if entry is not None], list(missing.values())

    def _machine_time(self, reading: Metered) -> Iterator[_Priced]:
        if not reading.cpu_s:
            return
        on = reading.ended.date()
        seconds = Fact(reading.cpu_s, "core_second", FactKind.MEASURED, f"processor time of {reading.what}", on)
        machine = self.machine
        cores = Fact(machine.cores, "core", FactKind.QUOTED, f"cores of {machine.name}", machine.price.as_of)
        hours = derived(
            EXACT.divide(seconds.value, 3600 * cores.value), "core_second / 3600 / cores", (seconds, cores), unit="hour"
        )
        yield reading, CostLine(reading.stage, f"machine time of {reading.what}", hours, machine.price), MACHINES, ""

    def _traffic(self, ordered: Iterable[Metered]) -> Iterator[_Priced]:
        sent: dict[Month, Decimal] = {}
        for reading in ordered:
            if not reading.sent_bytes:
                continue
            month = Month.of(reading.ended.date())
            before = sent.get(month, Decimal(0))
            after = sent[month] = before + reading.sent_bytes / _GB
            for number, (amount, price) in enumerate(self._by_tier(before, after)):
                quantity = Fact(amount, "GB", FactKind.MEASURED, "bytes of the answers", reading.ended.date())
                yield reading, CostLine(Stage.BANDWIDTH, "answers sent", quantity, price), NETWORK, f"/sent/{number}"

    def _by_tier(self, before: Decimal, after: Decimal) -> Iterator[tuple[Decimal, Price | Unpriced]]:
        tiers = self.book.egress()
        if not tiers:
            yield after - before, self.book.price("egress", "GB")
        start = Decimal(0)
        for tier in tiers:
            end = after if tier.up_to_gb is None else min(after, tier.up_to_gb)
            if end > max(start, before):
                yield end - max(start, before), tier.price
            start = max(start, end)

    def _storage(self, ordered: Iterable[Metered]) -> Iterator[_Priced]:
        """What was kept from one look to the next, cut at the ends of months."""
        earlier: Metered | None = None
        for reading in ordered:
            if reading.stored_bytes is None:
                continue
            if earlier is not None and earlier.stored_bytes:
                for begin, end in _months(earlier.ended, reading.ended):
                    gb_months = _gb_months(earlier.stored_bytes, end - begin)
                    last_day = (end - timedelta(microseconds=1)).date()
                    quantity = Fact(gb_months, "GB_month", FactKind.MEASURED, "bytes kept x hours / 730", last_day)
                    line = CostLine(
                        Stage.STORAGE, "data and models kept", quantity, self.book.storage(Service.OBJECT_STORAGE)
                    )
                    yield earlier, line, STORED, f"/kept/{Month.of(last_day)}"
            earlier = reading

    def _entry(self, reading: Metered, line: CostLine, against: str, suffix: str) -> Entry | None:
        cost, kind = line.cost, line_kind(line)
        if cost is None or kind is None:
            return None
        total = Money(cost.amount.quantize(Decimal(1).scaleb(-PLACES), context=EXACT), cost.currency)
        if not total.amount:
            return None
        postings = [
            Posting(f"expense/{line.stage}/{against.partition('/')[2]}", part, self._centre(line.stage, reading, name))
            for name, part in self._parts(total, reading).items()
            if part.amount
        ]
        assert not isinstance(line.price, Unpriced)
        source = (
            f"{reading.id}: {line.quantity.value:.6g} {line.quantity.unit} x {line.price.name} at "
            f"{line.price.per_unit.amount} per {line.price.unit} of {line.price.as_of}"
        )
        entry_id = f"metered/{reading.id}{suffix}"
        postings.append(Posting(against, total * -1))
        return Entry(entry_id, line.quantity.as_of if suffix else reading.ended.date(), View.ACCRUAL, line.item, kind,
                     source, tuple(postings))  # fmt: skip

    def _parts(self, total: Money, reading: Metered) -> Mapping[str, Money]:
        """The total by configuration; under an empty name where it was done for none of them."""
        if not any(reading.shares.values()):
            return {"": total}
        return allocate(total, reading.shares, places=PLACES)

    def _centre(self, stage: Stage, reading: Metered, configuration: str) -> CostCentre:
        return CostCentre(stage, reading.model, configuration, self.team)


_Priced = tuple[Metered, CostLine, str, str]
"""A reading, what it costs, the pool it is taken from, and what ends the entry's id."""


def read_metered(document: Mapping[str, Any]) -> Metered:
    """A reading from its line in the journal.

    Args:
        document: ``id``, ``what``, ``began`` and ``ended`` (ISO 8601 with an offset), ``cpu_s``; optionally
            ``sent_bytes``, ``stored_bytes``, ``shares``.

    Returns:
        Times in UTC.

    Raises:
        DataError: Something is missing, of a stage that is not known, or below zero.
    """
    try:
        began, ended = (datetime.fromisoformat(document[key]).astimezone(UTC) for key in ("began", "ended"))
        stored = document.get("stored_bytes")
        found = Metered(
            str(document["id"]),
            str(document["what"]),
            began,
            ended,
            exact(document["cpu_s"]),
            int(document.get("sent_bytes") or 0),
            None if stored is None else int(stored),
            {str(name): exact(weight) for name, weight in (document.get("shares") or {}).items()},
        )
    except (KeyError, TypeError, ValueError, PriceError) as error:
        raise DataError(
            f"a line of the usage journal cannot be read ({error!r}): {str(dict(document))[:200]}"
        ) from error
    if found.what.split("/")[0] not in _STAGES:
        raise DataError(f"reading {found.id}: usage of an unknown step {found.what!r}; known: {', '.join(_STAGES)}")
    amounts = [found.cpu_s, Decimal(found.sent_bytes), Decimal(found.stored_bytes or 0), *found.shares.values()]
    if min(amounts) < 0 or ended < began:
        raise DataError(f"reading {found.id} of {found.what}: below zero, or ended before it began; meters run forward")
    return found


def _gb_months(kept_bytes: int, span: timedelta) -> Decimal:
    hours = EXACT.divide(exact(span.total_seconds()), Decimal(3600))
    return EXACT.divide(EXACT.multiply(EXACT.divide(Decimal(kept_bytes), _GB), hours), Decimal(730))


def _months(begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The parts of a stretch that lie in one calendar month each."""
    while begin < end:
        year, month = divmod(begin.year * 12 + begin.month, 12)
        until = min(end, datetime(year, month + 1, 1, tzinfo=UTC))
        yield begin, until
        begin = until
