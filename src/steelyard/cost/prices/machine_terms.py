"""What a row of a machine says beside its price, checked against what its name is known to mean. Nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from steelyard.cost.facts import EXACT
from steelyard.cost.prices.families import ARM, X86, architecture_of, burst_of, sliced_share
from steelyard.cost.prices.fields import Fields

__all__ = ["machine_terms"]

_ARCHITECTURES = {"x86_64": X86, "amd64": X86, "x64": X86, "x86": X86, "arm64": ARM, "aarch64": ARM, "arm": ARM}
_MOST_GB = Decimal(1_000_000)
_MOST_CORES = 100_000
_MOST_DIGITS = 100


def machine_terms(reader: Fields, *, is_rented: bool) -> dict[str, Any]:
    """Fields of a machine's row.

    Args:
        reader: The row; problems are noted there.
        is_rented: False for a machine of the shop's own, whose name says nothing.

    Returns:
        ``vcpus``, ``memory_gb``, ``baseline_share``, ``arch``, ``instruction_set``, ``accelerator_share``.
    """
    row, problems = reader.row, reader.problems
    vcpus = reader.count("vcpus")
    if vcpus > _MOST_CORES:
        problems.append(f"vcpus: {vcpus} is more than any machine has ({_MOST_CORES:,})")
    memory = reader.number("memory_gb") if row.get("memory_gb") not in (None, "") else None
    if not memory or memory > _MOST_GB:
        problems.append(f"memory_gb: an instance needs its memory in GB, above 0 and at most {_MOST_GB:,}")
    name = str(row.get("name") or "")
    return {
        "vcpus": vcpus,
        "memory_gb": memory or Decimal(0),
        "baseline_share": _sustained(reader, name, vcpus, is_rented=is_rented),
        "arch": _architecture(row, name, problems, is_rented=is_rented),
        "instruction_set": str(row.get("instruction_set") or ""),
        "accelerator_share": _accelerator(row, name, problems, is_rented=is_rented),
    }


def _sustained(reader: Fields, name: str, vcpus: int, *, is_rented: bool) -> Decimal:
    """Share of each vCPU that can be used without end."""
    row, problems = reader.row, reader.problems
    given = [key for key in ("baseline_share", "sustained_cores") if row.get(key) not in (None, "")]
    burst = burst_of(name) if is_rented else None
    if not given:
        if burst is not None:
            problems.append(_bursts(name, str(burst.share or ""), burst.source))
        return Decimal(1)
    if len(given) > 1:
        problems.append("baseline_share, sustained_cores: they say the same; keep one")
    value = reader.number(given[0])
    share = value if given[0] == "baseline_share" or value is None else EXACT.divide(value, Decimal(max(vcpus, 1)))
    if share is None or not 0 < share <= 1:
        if share is not None:
            problems.append(f"{given[0]}: a share of each vCPU, above 0 and at most all of them")
        return Decimal(1)
    if (share < 1 or burst is not None) and not row.get("baseline_source"):
        problems.append("baseline_source: missing; say where the sustained share was read")
    return share


def _bursts(name: str, share: str, source: str) -> str:
    known = (
        f"add baseline_share = {share} and baseline_source = {source}"
        if share
        else "add the share of each vCPU it sustains (baseline_share) and where that was read (baseline_source)"
    )
    return (
        f"baseline_share: missing; {name.rsplit('/', 1)[-1]} is of a family that bursts, so not all its vCPUs can be "
        f"used without end: {known}, or leave the row out"
    )


def _architecture(row: Mapping[str, Any], name: str, problems: list[str], *, is_rented: bool) -> str:
    said = architecture_of(name) if is_rented else ""
    given = str(row.get("arch") or "").strip().lower()
    if given and given not in _ARCHITECTURES:
        problems.append(f"arch: {row['arch']!r} is not one of {X86}, {ARM}")
        return said
    found = _ARCHITECTURES.get(given, "")
    if found and said and found != said:
        problems.append(f"arch: {found}, but {name.rsplit('/', 1)[-1]} is {said}: correct it, or leave it out")
    return found or said


def _accelerator(row: Mapping[str, Any], name: str, problems: list[str], *, is_rented: bool) -> Decimal:
    """Share of the accelerator named in ``gpu`` that the machine has; 1 where it has it whole, or has none."""
    known = sliced_share(name) if is_rented and row.get("gpu") else None
    given = str(row.get("accelerator_share") or "").strip()
    if not given:
        if known is not None:
            say = f"add accelerator_share = {known}" if known else "add accelerator_share"
            problems.append(
                f"accelerator_share: missing; {name.rsplit('/', 1)[-1]} has a slice of {row['gpu']}, not all of it: "
                f"{say}, or leave the row out"
            )
        return Decimal(1)
    try:
        share = Fraction(given) if len(given) <= _MOST_DIGITS and "e" not in given.lower() else Fraction(0)
    except (ValueError, ZeroDivisionError):
        share = Fraction(0)
    if not 0 < share <= 1:
        problems.append(f"accelerator_share: {given!r} is not a share above 0 and at most 1; write it like 1/6 or 0.5")
        return Decimal(1)
    return EXACT.divide(Decimal(share.numerator), Decimal(share.denominator))
