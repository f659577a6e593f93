"""Reads price lists that the Karpenter providers carry, as Go source or JSON: machines on demand, by region.

Four forms: Go maps (AWS, Azure), JSON of prices (Alibaba Cloud), JSON with machine sizes (priceserver), JSON with spot
prices (Google). Where a list has no sizes, they are taken from a book that has the same machines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from steelyard.adapters.prices.books import read_text
from steelyard.cost.prices.catalogue import ImportRequest, Listed, PriceImporter, amount, machine_document
from steelyard.errors import PriceError

__all__ = ["IMPORTER", "import_prices"]

_REGION = re.compile(r'^\s*(?:"([a-z0-9-]+)": \{|initialOnDemandPrices\["([a-z0-9-]+)"\] = .*)$')
_PRICE = re.compile(r'"([\w.-]+)":\s+([^\s,}]+)')
_MADE = re.compile(r"^// generated at (\d{4}-\d{2}-\d{2})T", re.MULTILINE)
_AZURE = "Standard_"


def import_prices(path: Path, request: ImportRequest) -> dict[str, Any]:
    """A price file of the machines that were asked for; see ``machine_document``. Go source says its own day."""
    text = read_text(path)
    if path.suffix == ".go":
        made = _MADE.search(text)
        if request.as_of is None and made:
            request = replace(request, as_of=date.fromisoformat(made.group(1)))
        return machine_document(_go(text, path.name), request, where=path.name)
    try:
        document = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise PriceError(f"{path.name} cannot be read: {error}") from error
    return machine_document(_json(document, path.name), request, where=path.name)


IMPORTER = PriceImporter(import_prices)


def _go(text: str, where: str) -> Iterator[Listed]:
    region = ""
    for line in text.splitlines():
        found = _REGION.match(line)
        if found:
            region = found.group(1) or found.group(2)
        elif region:
            for name, price in _PRICE.findall(line):
                yield Listed(name.removeprefix(_AZURE), region, amount(price, where=f"{where}, {region}/{name}"))


def _json(document: Any, where: str) -> Iterator[Listed]:
    regions = document.get("prices", document) if isinstance(document, Mapping) else None
    if not isinstance(regions, Mapping) or not all(isinstance(found, Mapping) for found in regions.values()):
        raise PriceError(f"{where}: not a price list of a Karpenter provider: it needs machines by region")
    for region, found in regions.items():
        spot = found.get("spot", {})
        for name, value in found.get("instanceTypePrices", found.get("on_demand", found)).items():
            at = f"{where}, {region}/{name}"
            if isinstance(value, Mapping):
                yield _sized(name, region, value, at)
            else:
                yield Listed(name, region, amount(value, where=at), spot=amount(spot.get(name), where=at))


def _sized(name: str, region: str, value: Mapping[str, Any], at: str) -> Listed:
    return Listed(
        name,
        region,
        amount(value.get("onDemandPricePerHour"), where=at),
        vcpus=int(amount(value.get("vcpu"), where=at) or 0),
        memory_gb=amount(value.get("memory"), where=at) or Decimal(0),
        gpu=f"{value['gpu']} x GPU" if value.get("gpu") else "",
    )
