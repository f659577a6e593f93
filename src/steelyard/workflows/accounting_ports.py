"""What the accounts are handed: files of bills, journals of meters, calendars, factors, traffic, where alerts go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from steelyard.cost.carbon.emission_factors import Factors
    from steelyard.documents.meter_line import MeterLine
    from steelyard.domain import Fact, FloatArray
    from steelyard.ledger.entries import LedgerPort
    from steelyard.ledger.invoices.centres import StageRules
    from steelyard.ledger.invoices.mapping import BillMapping
    from steelyard.ledger.invoices.problems import BillProblems
    from steelyard.ledger.metering import MeterReadings
    from steelyard.planning.history import History
    from steelyard.planning.promotions import Calendar, Promotion
    from steelyard.planning.smoothing import Method

__all__ = ["Accounting", "BillFile", "BillFiles", "Calendars", "Hook", "Journal", "Traffic"]


class BillFile(Protocol):
    """An open file of a bill: its header, and its lines as they are read."""

    @property
    def name(self) -> str:
        """The file's name."""
        ...

    @property
    def header(self) -> tuple[str, ...]:
        """Names of its columns."""
        ...

    @property
    def lines(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Line number in the file, and values by the header's names; can be read once."""
        ...

    @property
    def delimiter(self) -> str:
        """Between the fields; empty where the file has types."""
        ...


class BillFiles(Protocol):
    """Files of bills, with mappings and rules to read them (``steelyard.adapters.invoices.bill_files.BillFiles``)."""

    def open(self, path: Path, problems: BillProblems, *, encoding: str = "utf-8") -> BillFile:
        """A file whose header was read; lines of another length are added to the problems while they are read."""
        ...

    def mappings(self) -> list[BillMapping]:
        """The mappings that are shipped, by name."""
        ...

    def mapping(self, path: Path) -> BillMapping:
        """A user's own mapping."""
        ...

    def stage_rules(self, path: Path | None = None) -> StageRules:
        """Rules that choose a stage: a user's own, or those shipped."""
        ...

    def document(self, path: Path) -> Any:
        """What a small JSON file holds: rates, names."""
        ...

    def write(self, path: Path, header: Sequence[str], rows: Iterable[Mapping[str, str]]) -> int:
        """Write rows as CSV, gzipped where the name ends in ``.gz``, and give how many."""
        ...


class Journal(Protocol):
    """A journal of meters (``steelyard.adapters.ledgers.journal.UsageJournal``)."""

    def has_readings(self) -> bool:
        """Whether a reading was ever kept."""
        ...

    def append(self, line: MeterLine) -> None:
        """Keep a reading."""
        ...

    def read(self) -> MeterReadings:
        """All readings, oldest first."""
        ...


class Calendars(Protocol):
    """Days that differ (``steelyard.adapters.calendars.Calendars``)."""

    def names(self) -> list[str]:
        """Names of the shipped calendars."""
        ...

    def load(self, name: str) -> Calendar:
        """A shipped calendar."""
        ...

    def own(self, path: Path) -> list[Promotion]:
        """A shop's own days, from a CSV file."""
        ...

    def counts(self, path: Path) -> History:
        """Daily counts, from a CSV file."""
        ...


class Traffic(Protocol):
    """What a log says of traffic (``steelyard.adapters.shop.traffic.Traffic``)."""

    @property
    def history(self) -> History:
        """Events of each whole day."""
        ...

    @property
    def of_hour(self) -> FloatArray:
        """Events of each hour of the day. Shape (24,)."""
        ...

    @property
    def left_out(self) -> tuple[date, ...]:
        """Days that are seldom whole."""
        ...


class Hook(Protocol):
    """Where alerts are posted (``steelyard.adapters.webhook.Webhook``)."""

    @property
    def shown(self) -> str:
        """Its address as it may be shown."""
        ...

    def post(self, value: Mapping[str, Any], *, now: datetime) -> int:
        """Deliver a document once, and give the status of the answer."""
        ...


class Accounting(Protocol):
    """What the accounts are kept in and read from (``steelyard.assembly.accounting.Accounting``)."""

    def ledger_address(self, written: str | None) -> str | None:
        """Where the ledger is by the configuration or the environment; ``None`` for the file in the work folder."""
        ...

    def ledger(self, work: Path, address: str | None = None) -> LedgerPort:
        """A shop's ledger, made where there was none; to be closed."""
        ...

    def journal(self, path: Path) -> Journal:
        """A journal of meters."""
        ...

    def bill_files(self) -> BillFiles:
        """Files of bills, and the mappings and rules that read them."""
        ...

    def table(self, path: Path, *, needed: tuple[str, ...]) -> list[Mapping[str | None, Any]]:
        """The rows of a small CSV file, as texts."""
        ...

    def calendars(self) -> Calendars:
        """Calendars of days that differ, and a shop's own days and counts."""
        ...

    def forecasting_methods(self) -> tuple[Method, ...]:
        """Further methods of forecasting."""
        ...

    def emission_factors(self) -> Factors:
        """Factors of energy and carbon."""
        ...

    def energy_meters(self, path: Path) -> dict[str, Fact]:
        """A month's metered energy by configuration."""
        ...

    def hook(self, url: str, *, allows_http: bool, networks: Sequence[str], key: bytes | None) -> Hook:
        """Where alerts are posted."""
        ...
