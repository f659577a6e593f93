"""Reads a gpuhunt catalogue, the CSV of one provider: machines by location, on demand and spot on lines of their own.

A location is a region, or a zone of one (``us-east1-b``). Its memory column does not say GB or GiB: it is read as GB,
the smaller of the two.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from steelyard.adapters.prices.books import read_text
from steelyard.cost.prices.catalogue import ImportRequest, Listed, PriceImporter, amount, machine_document
from steelyard.errors import PriceError

__all__ = ["IMPORTER", "import_prices"]

_NEEDED = ("instance_name", "location", "price", "cpu", "memory", "gpu_count", "gpu_name", "gpu_memory", "spot")
_ZONE = re.compile(r"(?<=\d)-?[a-z]$")


def import_prices(path: Path, request: ImportRequest) -> dict[str, Any]:
    """A price file of the machines that were asked for; see ``machine_document``."""
    return machine_document(_lines(path), request, where=path.name)


IMPORTER = PriceImporter(import_prices)


def _lines(path: Path) -> Iterator[Listed]:
    reader = csv.DictReader(read_text(path).splitlines())
    missing = [column for column in _NEEDED if column not in (reader.fieldnames or ())]
    if missing:
        raise PriceError(f"{path.name}: not a gpuhunt catalogue: no column {', '.join(missing)}")
    for number, line in enumerate(reader, start=2):
        where = f"{path.name}, line {number}"
        if line["spot"] not in ("True", "False"):
            raise PriceError(f"{where}: spot is {line['spot']!r}; it is True or False")
        price, is_spot = amount(line["price"], where=where), line["spot"] == "True"
        yield Listed(
            line["instance_name"],
            _ZONE.sub("", line["location"]),
            None if is_spot else price,
            spot=price if is_spot else None,
            vcpus=int(amount(line["cpu"], where=where) or 0),
            memory_gb=amount(line["memory"], where=where) or Decimal(0),
            gpu=_gpu(line),
        )


def _gpu(line: dict[str, str]) -> str:
    if not line["gpu_name"] or line["gpu_count"] in ("", "0"):
        return ""
    memory = line["gpu_memory"].removesuffix(".0")
    return f"{line['gpu_count']} x {line['gpu_name']}" + (f" {memory} GB" if memory else "")
