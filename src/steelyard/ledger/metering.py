"""Turns what was metered into ledger entries: machine time, bytes kept, bytes sent, at the prices of the book.

Metered machine time is charged to those who used it and credited to ``pool/machines``. The invoice for the machines is
debited to the pool: what stays there is idle time and overhead, to be allocated (``steelyard.ledger.closing``).
So an hour is never counted twice, once as metered and once as billed.

The journal is only ever added to, and read in its own order: what comes late, or from a clock that was set back, is
counted after what was booked before, and moves none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from steelyard.cost.facts import EXACT, derived, exact, line_kind
from steelyard.cost.prices.prices import Instance, PriceBook
from steelyard.cost.prices.rows import Service
from steelyard.documents.line_words import line_said
from steelyard.domain import CostLine, Fact, FactKind, LineKey, Money, Price, Stage, Unpriced
from steelyard.errors import DataError, PriceError
from steelyard.ledger.allocation import allocate
from steelyard.ledger.entries import DECIMALS, CostCentre, Entry, Month, Posting, View

__all__ = ["MACHINES", "NETWORK", "STORED", "MeterBook", "MeterReadings", "Metered", "read_metered"]

MACHINES, STORED, NETWORK = "pool/machines", "pool/storage", "pool/network"
_GB = Decimal(10**9)
_MAX_QUANTITY = Decimal(10**15)
"""Bytes, core-seconds or weight of one reading: no shop does so much."""
_STAGES = {  # journals of before say ``check`` for ``verify``, and ``hardness`` alone
    "prepare": Stage.DATA, "train": Stage.TRAINING, "compress": Stage.TRAINING, "measure": Stage.TUNING,
    "decide": Stage.TUNING, "verify": Stage.DEPLOYMENT, "package": Stage.DEPLOYMENT, "serve": Stage.SERVING,
    "keep": Stage.STORAGE, "check": Stage.DEPLOYMENT, "label": Stage.LABELLING,
    "hardness": Stage.DATA,
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
        """The model that was made, for a step of training or compression; else empty. Its forms count as one."""
        made = self.what.partition("/")[2].rpartition("/")[2]
        if self.stage is Stage.LABELLING:
            return f"labels/{made}"
        return made.partition(".")[0] if self.stage is Stage.TRAINING else ""


@dataclass(frozen=True, slots=True)
class MeterReadings:
    """What a journal holds, in its order."""

    metered: tuple[Metered, ...] = ()
    refused: tuple[str, ...] = ()
    """What is wrong with the lines that are no readings."""

    @classmethod
    def of(cls, documents: Iterable[Mapping[str, Any]]) -> MeterReadings:
        """The readings of lines that were parsed, each by ``read_metered``."""
        metered, refused = [], []
        for each in documents:
            try:
                metered.append(read_metered(each))
            except DataError as error:
                refused.append(str(error))
        return cls(tuple(metered), tuple(refused))

    def __add__(self, later: MeterReadings) -> MeterReadings:
        """These, and then those of another journal."""
        return MeterReadings(self.metered + later.metered, self.refused + later.refused)


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
            readings: All there are of the shop in the order of their journal, each once, those booked before included:
                tiers of traffic fill month by month, and bytes are kept from one reading to the next.

        Returns:
            At most one entry for the machine time of a reading, one for its traffic, and one for each month its bytes
            were kept; none for what costs nothing. And what has no price, each once.

        Trust:
            Traffic that cost nothing leaves no entry: where a free tier shrinks, it is booked at today's price.
        """
        found = [each for reading in readings for each in self._machine_time(reading)]
        found += [*self._traffic(readings), *self._storage(readings)]
        lines = (line for _, lines, _, _ in found for line in lines)
        missing = {line.price.name: line.price for line in lines if isinstance(line.price, Unpriced)}
        made = [self._entry(*each) for each in found]
        return [entry for entry in made if entry is not None], list(missing.values())

    def _machine_time(self, reading: Metered) -> Iterator[_Priced]:
        if not reading.cpu_s:
            return
        on = reading.ended.date()
        seconds = _measured(reading.cpu_s, "core_second", f"processor time of {reading.what}", on)
        machine = self.machine
        cores = Fact(machine.cores, "core", FactKind.QUOTED, f"cores of {machine.name}", machine.price.as_of)
        hours = derived(
            EXACT.divide(seconds.value, 3600 * cores.value), "core_second / 3600 / cores", (seconds, cores), unit="hour"
        )
        line = CostLine(reading.stage, LineKey.METERED_TIME, hours, machine.price, detail=reading.what)
        yield reading, (line,), MACHINES, ""

    def _traffic(self, readings: Iterable[Metered]) -> Iterator[_Priced]:
        sent: dict[Month, Decimal] = {}
        for reading in readings:
            if not reading.sent_bytes:
                continue
            on = reading.ended.date()
            before = sent.get(Month.of(on), Decimal(0))
            after = sent[Month.of(on)] = before + reading.sent_bytes / _GB
            lines = tuple(
                CostLine(
                    Stage.BANDWIDTH, LineKey.METERED_TRAFFIC, _measured(gb, "GB", "bytes of the answers", on), price
                )
                for gb, price in self._by_tier(before, after)
            )
            yield reading, lines, NETWORK, "/sent"

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

    def _storage(self, readings: Iterable[Metered]) -> Iterator[_Priced]:
        """What was kept from one look to the next later one, cut at the ends of months."""
        price = self.book.storage(Service.OBJECT_STORAGE)
        earlier: Metered | None = None
        for reading in readings:
            if reading.stored_bytes is None or (earlier is not None and reading.ended <= earlier.ended):
                continue
            if earlier is not None and earlier.stored_bytes:
                for begin, end in _months(earlier.ended, reading.ended):
                    gb_months = _gb_months(earlier.stored_bytes, end - begin)
                    last_day = (end - timedelta(microseconds=1)).date()
                    quantity = _measured(gb_months, "GB_month", "bytes kept x hours / 730", last_day)
                    line = CostLine(Stage.STORAGE, LineKey.METERED_STORAGE, quantity, price)
                    yield earlier, (line,), STORED, f"/kept/{Month.of(last_day)}"
            earlier = reading

    def _entry(self, reading: Metered, lines: Sequence[CostLine], against: str, suffix: str) -> Entry | None:
        """The lines as one entry; ``None`` where one has no price, or all cost nothing."""
        kinds, costs = {line_kind(line) for line in lines}, [line.cost for line in lines]
        known = [cost for cost in costs if cost is not None]
        if len(known) < len(costs) or not known:
            return None
        whole = sum((cost.amount for cost in known), Decimal(0))
        total = Money(whole.quantize(Decimal(1).scaleb(-DECIMALS), context=EXACT), known[0].currency)
        if not total.amount:
            return None
        stage, account = lines[0].stage, against.partition("/")[2]
        postings = [
            Posting(f"expense/{stage}/{account}", part, self._centre(stage, reading, name))
            for name, part in self._parts(total, reading).items()
            if part.amount
        ]
        postings.append(Posting(against, total * -1))
        kind = (kinds.pop() if len(kinds) == 1 else None) or FactKind.DERIVED
        source = f"{reading.id}: {' + '.join(map(_said, lines))}"
        on = lines[0].quantity.as_of if suffix else reading.ended.date()
        text = line_said(lines[0]).en
        return Entry(f"metered/{reading.id}{suffix}", on, View.ACCRUAL, text, kind, source, tuple(postings))

    def _parts(self, total: Money, reading: Metered) -> Mapping[str, Money]:
        """The total by configuration; under an empty name where it was done for none of them."""
        if not any(reading.shares.values()):
            return {"": total}
        return allocate(total, reading.shares, places=DECIMALS)

    def _centre(self, stage: Stage, reading: Metered, configuration: str) -> CostCentre:
        return CostCentre(stage, reading.model, configuration, self.team)


_Priced = tuple[Metered, tuple[CostLine, ...], str, str]
"""A reading, what it costs, the pool it is taken from, and what ends the entry's id."""


def read_metered(document: Mapping[str, Any]) -> Metered:
    """A reading from its line in the journal.

    Args:
        document: ``id``, ``what``, ``began`` and ``ended`` (ISO 8601 with an offset), ``cpu_s``; optionally
            ``sent_bytes``, ``stored_bytes``, ``shares``.

    Returns:
        Times in UTC.

    Raises:
        DataError: Something is missing, of a stage that is not known, below zero, or beyond what any shop does.
    """
    try:
        began, ended = _time(document["began"]), _time(document["ended"])
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
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError, PriceError) as error:
        raise DataError(
            f"a line of the usage journal cannot be read ({error!r}): {str(dict(document))[:200]}"
        ) from error
    if found.what.split("/")[0] not in _STAGES:
        raise DataError(f"reading {found.id}: usage of an unknown step {found.what!r}; known: {', '.join(_STAGES)}")
    amounts = [found.cpu_s, Decimal(found.sent_bytes), Decimal(found.stored_bytes or 0), *found.shares.values()]
    if min(amounts) < 0 or ended < began:
        raise DataError(f"reading {found.id} of {found.what}: below zero, or ended before it began; meters run forward")
    if max(amounts) >= _MAX_QUANTITY:
        raise DataError(f"reading {found.id} of {found.what}: {max(amounts):g} of something; look at what wrote it")
    return found


def _measured(value: Decimal, unit: str, what: str, on: date) -> Fact:
    return Fact(value, unit, FactKind.MEASURED, what, on)


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no offset from UTC")
    return found.astimezone(UTC)


def _said(line: CostLine) -> str:
    """Quantity, price, and where it was read."""
    assert not isinstance(line.price, Unpriced)
    price = line.price
    return (
        f"{line.quantity.value:.6g} {line.quantity.unit} x {price.name} at {price.per_unit.amount} per {price.unit} of "
        f"{price.as_of}"
    )


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
