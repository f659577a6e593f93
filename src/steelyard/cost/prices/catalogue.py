"""From lines of a public catalogue to rows of a price book: which lines, with which source, and what looks wrong.

Pure. An adapter reads the catalogue's own form and hands its lines over; every problem is named, nothing is filled in.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from steelyard.cost.prices.families import architecture_of, burst_of, sliced_share
from steelyard.cost.prices.prices import PriceBook
from steelyard.errors import PriceError

__all__ = ["GB_PER_GIB", "ImportRequest", "Listed", "PriceImporter", "amount", "machine_document"]

GB_PER_GIB = Decimal("1.073741824")


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What is wanted of a catalogue."""

    source: str
    """Where the file is from, as the rows will say it."""
    as_of: date | None = None
    """When it was made; ``None`` where the file says it."""
    cloud: str = ""
    """First part of the rows' names: ``aws``."""
    region: str = ""
    names: tuple[str, ...] = ()
    """Instance types or models; empty for all."""
    currency: str = "USD"
    specs: PriceBook | None = None
    """Where vCPUs and memory are taken from when the catalogue has none: machines of the same short name."""
    confirmed_free: tuple[str, ...] = ()
    """Names whose price of zero is no mistake."""


@dataclass(frozen=True, slots=True)
class PriceImporter:
    """What an entry point of ``steelyard.price_importers`` names: reads the files of one public catalogue."""

    read: Callable[[Any, ImportRequest], dict[str, Any]]
    """From a path and what is wanted of it to a price file: ``format``, ``name``, ``currency``, ``rows``."""
    needs_region: bool = True
    """Whether its files list many clouds' regions, so that one has to be named."""
    is_whole_book: bool = True
    """Whether its rows are complete; otherwise they are checked when they are laid over a book."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A machine as a catalogue lists it."""

    name: str
    region: str
    price: Decimal | None
    spot: Decimal | None = None
    vcpus: int = 0
    """0 where the catalogue does not say."""
    memory_gb: Decimal = Decimal(0)
    gpu: str = ""


def amount(text: Any, *, where: str) -> Decimal | None:
    """A price as a catalogue writes it; ``None`` for an empty field.

    Args:
        text: The field.
        where: File and line, for messages.

    Returns:
        With the digits it is written with; may be zero.

    Raises:
        PriceError: It is not a number, or below zero.
    """
    if text is None or str(text).strip() in ("", "None", "nan"):
        return None
    try:
        value = Decimal(str(text).strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        raise PriceError(f"{where}: {text!r} is not a price; correct the line, or leave it out")
    return value


def machine_document(listed: Iterable[Listed], request: ImportRequest, *, where: str) -> dict[str, Any]:
    """A price file of the machines that were asked for.

    Args:
        listed: All lines of the catalogue; a machine may come several times, once for each zone.
        request: Which of them, and where they are from.
        where: The file, for messages.

    Returns:
        ``{"format", "name", "currency", "rows"}``: a row for each machine, and one for its spot price. Where zones
        differ in the spot price, the highest is taken and the range is said. ``left_out`` names machines that burst,
        or have a slice of an accelerator, and of whose share nothing is known.

    Raises:
        PriceError: No date is known, a region or a machine is not there, a price is missing or zero, zones differ in
            the price on demand, or of a machine asked for by name its size or share is not known: all of it at once.
    """
    day = request.as_of
    if day is None:
        raise PriceError(f"{where} does not say when it was made: give the day of its prices")
    by_name = _wanted(list(listed), request, where)
    problems: list[str] = []
    notes: list[str] = []
    rows: list[dict[str, Any]] = []
    for name, found in by_name.items():
        if why := _set_aside(name, found[0].gpu):
            (problems if request.names else notes).append(f"{why}: write its row by hand, with that share")
            continue
        row = _machine(name, found, request, problems)
        if row is not None:
            rows += [{**row, "source": request.source, "as_of": day.isoformat()}]
            rows += [{**spot, "as_of": day.isoformat()} for spot in _spot(row, found, request)]
    if problems:
        raise PriceError("\n".join(f"{where}: {problem}" for problem in problems))
    made = {"format": 1, "name": f"{request.cloud}-{request.region}", "currency": request.currency, "rows": rows}
    return {**made, "left_out": notes} if notes else made


def _wanted(listed: Sequence[Listed], request: ImportRequest, where: str) -> Mapping[str, list[Listed]]:
    regions = sorted({each.region for each in listed})
    here = [each for each in listed if each.region == request.region]
    if not here:
        near = difflib.get_close_matches(request.region, regions, n=3)
        raise PriceError(f"{where} has no region {request.region!r}; {f'near: {near}; ' if near else ''}has {regions}")
    names = request.names or tuple(dict.fromkeys(each.name for each in here))
    by_name: dict[str, list[Listed]] = {name: [each for each in here if each.name == name] for name in names}
    missing = [name for name, found in by_name.items() if not found]
    if missing:
        known = {each.name for each in here}
        hints = "; ".join(f"{name!r} (near: {difflib.get_close_matches(name, known, n=2)})" for name in missing)
        raise PriceError(f"{where} has no machine {hints} in {request.region}: correct the names, or leave them out")
    return by_name


def _machine(name: str, found: Sequence[Listed], request: ImportRequest, problems: list[str]) -> dict[str, Any] | None:
    before = len(problems)
    prices = {each.price for each in found} - {None}
    if not prices:
        problems.append(f"{name}: no price; an unknown price is left out, never guessed")
    elif len(prices) > 1:
        problems.append(f"{name}: {len(prices)} prices on demand in one region ({_listed(prices)}); leave it out")
    elif prices == {0} and name not in request.confirmed_free:
        problems.append(
            f"{name}: a price of 0 is usually one nobody filled in; leave it out, or say that it is free: "
            f"--confirm-free {name}"
        )
    size = _size(name, found[0], request)
    if size is None:
        problems.append(f"{name}: vCPUs and memory are not known; name a book that has this machine")
    if len(problems) > before or size is None:
        return None
    price = next(iter(prices))
    row = {"name": f"{request.cloud}/{request.region}/{name}", "service": "instance", "price": _digits(price)}
    row |= {"unit": "hour", "kind": "quoted", **size, **_known_of(name, size)}
    return {**row, "confirmed_free": True} if price == 0 else row


def _known_of(name: str, size: Mapping[str, Any]) -> dict[str, str]:
    """What a machine's name says and its catalogue does not: architecture, sustained share, slice of an accelerator."""
    known: dict[str, str] = {}
    if arch := architecture_of(name):
        known["arch"] = arch
    burst = burst_of(name)
    if burst is not None and burst.share is not None and "baseline_share" not in size:
        known |= {"baseline_share": f"{burst.share:f}", "baseline_source": burst.source}
    if size.get("gpu") and (slice_ := sliced_share(name)):
        known["accelerator_share"] = slice_
    return known


def _set_aside(name: str, gpu: str) -> str:
    """Why a machine cannot be used from its catalogue alone; empty where it can."""
    burst = burst_of(name)
    if burst is not None and burst.share is None:
        return f"{name}: it bursts, and the share of each vCPU it sustains is in no list here"
    if gpu and sliced_share(name) == "":
        return f"{name}: it has a slice of {gpu}, and how large a one is in no list here"
    return ""


def _size(name: str, listed: Listed, request: ImportRequest) -> dict[str, Any] | None:
    if listed.vcpus and listed.memory_gb:
        size = {"vcpus": listed.vcpus, "memory_gb": f"{listed.memory_gb.normalize():f}"}
        return {**size, "gpu": listed.gpu} if listed.gpu else size
    known = {each.name.rsplit("/", 1)[-1]: each for each in request.specs.instances()} if request.specs else {}
    if name not in known:
        return None
    machine = known[name]
    size = {"vcpus": machine.vcpus, "memory_gb": f"{machine.memory_gb:f}"}
    if machine.gpu:
        size["gpu"] = machine.gpu
    if machine.baseline_share < 1:
        size |= {"baseline_share": f"{machine.baseline_share:f}", "baseline_source": machine.baseline_source}
    return size


def _spot(row: Mapping[str, Any], found: Sequence[Listed], request: ImportRequest) -> list[dict[str, Any]]:
    """The row of its spot price, if any zone has one. Zero is not a price of spot machines: it is left out."""
    prices = sorted({each.spot for each in found if each.spot})
    if not prices:
        return []
    spot = {"name": f"{row['name']}/spot", "service": "instance_offer", "of": row["name"], "purchase": "spot"}
    spot |= {"price": _digits(prices[-1]), "unit": "hour", "kind": "quoted", "source": request.source}
    if len(prices) > 1:
        spot |= {"low": _digits(prices[0]), "high": _digits(prices[-1])}
        spot["source"] = f"{request.source}; highest of the zones"
    return [spot]


def _listed(prices: Iterable[Decimal | None]) -> str:
    return ", ".join(sorted(f"{price:f}" for price in prices if price is not None))


def _digits(price: Decimal | None) -> str:
    assert price is not None
    return f"{price.normalize():f}"
