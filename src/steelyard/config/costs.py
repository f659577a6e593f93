"""What things cost, and over how long one-off costs are spread: the sections ``[cost]`` of steelyard.toml."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from steelyard.config.section import Hours, Months, Percent, Section

__all__ = ["Alerts", "Calibration", "Cost", "Include", "People"]

_TELLING = r"[?&;](\w*pass(word|wd|phrase)?|pwd|\w*token|\w*secret|(api|access)_?key)="
"""What in an address tells a secret."""


class People(Section):
    """People's hours, all assumptions until a shop enters its own."""

    role: str = "engineer"
    """Row of the price book's ``person_hour`` entries."""
    maintenance_hours_per_month: Hours = Decimal(2)
    """To keep a configuration running, whatever it is."""
    encoder_hours_per_month: Hours = Decimal(1)
    """On top, where a transformer must be kept, re-exported and re-checked."""
    tuning_hours: Hours = Decimal(8)
    """Once, to set a configuration up and tune it."""
    labelling_hours: Hours = Decimal(0)
    """Once, for judgements made by people."""


class Alerts(Section):
    """When `steelyard cost budget check` speaks, and whom it tells when asked to."""

    actual_percent: Percent = 80.0
    """Share of a budget, in percent, that may be spent without a word."""
    jump_percent: Percent = 50.0
    """A month may cost so many percent more than the month before."""
    webhook: str | None = None
    """Address that `--notify` posts alerts to as JSON; none is contacted without it."""
    webhook_allows_http: bool = False
    """True where the address may be plain HTTP."""
    webhook_networks: tuple[str, ...] = ()
    """Networks the address may lie in though they are not public, for example ``10.1.0.0/16``."""
    webhook_key_env: str = "STEELYARD_WEBHOOK_KEY"
    """Environment variable that holds the key for signing; unsigned where it is not set."""


class Calibration(Section):
    """How fast the instances are beside the machine that measured: files of `steelyard cost calibrate`."""

    here: str
    """Calibration of the machine that measured, a path relative to the configuration file."""
    there: dict[str, str]
    """Calibration of each instance type, by its name (``c7a.large``) or its family (``c7a``)."""
    profile: str = ""
    """Share of each kernel in the work, for example ``int8=0.6,text=0.4``; equal shares when empty."""


class Include(Section):
    """What stands around the machines: on the bill where it is switched on, said to be left out where it is not."""

    load_balancer: bool | None = None
    """A balancer that keeps each user at one server, since every server keeps its own events. When left out: where
    there is more than one machine and the book has its price."""
    public_addresses: bool = False
    """A public address for each machine."""
    zone_traffic: bool = False
    """Answers that cross from one availability zone to another."""
    nat: bool = False
    """A NAT gateway."""
    logs: bool = False
    """Logs and monitoring, half a kilobyte a request."""
    backups: bool = False
    """Snapshots of the machines' disks."""
    cdn: bool = False
    """A content delivery network before the answers."""
    domain: bool = False
    """Domain name, DNS zone and TLS certificate."""
    on_call_hours_per_month: Hours = Decimal(0)
    """People's hours of being on call, at the price of the role of ``[cost.people]``."""
    tax_percent: Annotated[float, Field(ge=0, le=100)] = 0.0
    """Tax on what is bought, which the shop cannot take back: in every price of the bill but people's hours."""


class Cost(Section):
    """What things cost, and over how long one-off costs are spread."""

    book: str = "aws-us-east-1"
    """Name of a price book shipped with Steelyard, or a path to one."""
    overrides: str | None = None
    """A price file of the shop's own: its rows win over the book's."""
    instances: tuple[str, ...] = ()
    """Instance types to consider; empty means all of the book's that fit."""
    machine: str = ""
    """Row of the book that the machine doing the work is priced as; when empty, the cheapest per core."""
    journals: tuple[str, ...] = ()
    """Meters of servers whose state lies elsewhere: their ``usage.jsonl``, relative to the configuration file."""
    team: str = ""
    """Cost centre of what is booked, besides stage, model and configuration."""
    horizon_months: Months = 12
    """One-off costs are spread over so many months."""
    retrainings_per_month: Annotated[float, Field(ge=0, le=100_000)] = 4.0
    """How often the models are trained again."""
    stale_after_days: Annotated[int, Field(ge=1, le=1_000_000)] = 180
    """Older prices are used with a warning."""
    calendars: tuple[str, ...] | None = None
    """Calendars of holidays and sales: ``china``, ``america``, ``britain``; by the shop's language where left out."""
    promotions: str | None = None
    """A CSV file of the shop's own days (date, name, expected_lift), which win over the calendars'."""
    alerts: Alerts = Alerts()
    people: People = People()
    include: Include = Include()
    calibration: Calibration | None = None
    """Without it, one core of an instance is taken for one core of the machine that measured."""
    ledger: str | None = None
    """Where the ledger is kept: ``postgresql://user@host/database``, or ``env:NAME`` for the environment variable that
    holds such an address; a file in the work folder when left out. Before ``://`` stands the name of the plugin that
    opens it (entry points ``steelyard.ledgers``). A password has no place here."""

    @field_validator("ledger")
    @classmethod
    def _ledger_has_no_password(cls, value: str | None) -> str | None:
        """Refuse what is no address, and an address that tells a secret to whoever reads the file."""
        if value is None or re.fullmatch(r"env:\w+", value):
            return value
        if not re.match(r"[a-z][\w+.-]*://", value):
            raise PydanticCustomError("secret", "it must begin like postgresql://, or be env:NAME")
        if re.search(r"://[^/?#]*:[^/?#]*@", value) or re.search(_TELLING, value, re.IGNORECASE):
            raise PydanticCustomError(
                "secret",
                "it holds a password: put the address into an environment variable and write env:NAME here, or keep "
                "the password in ~/.pgpass",
            )
        return value
