"""Reads a SkyPilot catalogue, ``vms.csv`` of one cloud: machines by region and zone, on demand and spot.

Its MemoryGiB is turned into GB exactly. Lines without an instance type price an accelerator apart and are passed over.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from steelyard.adapters.prices.books import read_text
from steelyard.cost.prices.catalogue import GB_PER_GIB, ImportRequest, Listed, PriceImporter, amount, machine_document
from steelyard.errors import PriceError

__all__ = ["IMPORTER", "import_prices"]

_NEEDED = ("InstanceType", "vCPUs", "MemoryGiB", "Price", "SpotPrice", "Region")


def import_prices(path: Path, request: ImportRequest) -> dict[str, Any]:
    """A price file of the machines that were asked for; see ``machine_document``."""
    return machine_document(_lines(path), request, where=path.name)


IMPORTER = PriceImporter(import_prices)


def _lines(path: Path) -> Iterator[Listed]:
    reader = csv.DictReader(read_text(path).splitlines())
    missing = [column for column in _NEEDED if column not in (reader.fieldnames or ())]
    if missing:
        raise PriceError(f"{path.name}: not a SkyPilot catalogue: no column {', '.join(missing)}")
    for number, line in enumerate(reader, start=2):
        where = f"{path.name}, line {number}"
        if not line["InstanceType"]:
            continue
        memory = amount(line["MemoryGiB"], where=where)
        vcpus = amount(line["vCPUs"], where=where)
        yield Listed(
            line["InstanceType"],
            line["Region"],
            amount(line["Price"], where=where),
            spot=amount(line["SpotPrice"], where=where),
            vcpus=int(vcpus or 0),
            memory_gb=(memory or Decimal(0)) * GB_PER_GIB,
            gpu=_gpu(line),
        )


def _gpu(line: dict[str, str]) -> str:
    count, name = line.get("AcceleratorCount") or "", line.get("AcceleratorName") or ""
    return f"{count.removesuffix('.0')} x {name}" if name else ""
