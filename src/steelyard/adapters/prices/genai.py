"""Reads the price data of genai-prices (MIT), ``data.json``: what language models cost by the million tokens.

Input, output and cached input are taken. Of a price with steps by the length of the prompt the base is taken, and the
row says so; prices for a time of the day, batches, sound and pictures are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from steelyard.adapters.prices.books import read_text
from steelyard.cost.prices.catalogue import ImportRequest, PriceImporter, amount
from steelyard.errors import PriceError

__all__ = ["IMPORTER", "import_prices"]

_KINDS = {"input_mtok": "input", "output_mtok": "output", "cache_read_mtok": "cache_read"}


def import_prices(path: Path, request: ImportRequest) -> dict[str, Any]:
    """A price file of the models that were asked for.

    Args:
        path: The data as JSON.
        request: Its names are models, ``provider/model``, or ``model`` of any provider; all when there are none.

    Returns:
        ``{"format", "name", "currency", "rows"}``, rows per million tokens.

    Raises:
        PriceError: No day was given, it is not that data, a model is not in it, or a price is zero and not confirmed.
    """
    day = request.as_of
    if day is None:
        raise PriceError(f"{path.name} does not say when it was made: give the day of its prices")
    models = dict(_models(path))
    wanted = {name: _named(name, models) for name in request.names}
    missing = [name for name, found in wanted.items() if not found]
    if missing:
        raise PriceError(f"{path.name} has no model {', '.join(missing)}; {len(models)} models are known")
    problems: list[str] = []
    chosen = dict.fromkeys(name for found in wanted.values() for name in found) if wanted else models
    try:
        rows = [row for name in chosen for row in _rows(name, models[name], request, day, problems)]
    except PriceError as error:
        raise PriceError(f"{path.name}: {error}") from error
    if problems:
        raise PriceError("\n".join(f"{path.name}: {problem}" for problem in problems))
    return {"format": 1, "name": "tokens", "currency": "USD", "rows": rows}


IMPORTER = PriceImporter(import_prices, needs_region=False)


def _named(name: str, models: Iterable[str]) -> list[str]:
    """The model of that name; without a provider before it, that of every provider that has it."""
    return [name] if name in models else [each for each in models if each.split("/", 1)[1] == name]


def _models(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        document = json.loads(read_text(path), parse_float=Decimal)
        providers = document["providers"] if isinstance(document, Mapping) else document
        for provider in providers:
            for model in provider["models"]:
                yield f"{provider['id']}/{model['id']}", model["prices"]
    except (ValueError, KeyError, TypeError) as error:
        raise PriceError(f"{path.name}: not the data of genai-prices: {error!r}") from error


def _rows(name: str, prices: Any, request: ImportRequest, day: date, problems: list[str]) -> Iterator[dict[str, Any]]:
    for key, kind in _KINDS.items():
        value = _in_force(prices, day).get(key)
        source = request.source
        if isinstance(value, Mapping):
            value, source = value.get("base"), f"{source}; base price, longer prompts cost more"
        price = amount(value, where=f"{name}, {key}")
        if price is None:
            continue
        row = {"name": f"tokens/{name}/{kind}", "service": "tokens", "price": f"{price:f}", "unit": "Mtoken"}
        row |= {"kind": "quoted", "source": source, "as_of": day.isoformat()}
        if price == 0 and name not in request.confirmed_free:
            problems.append(
                f"{name}: {key} is 0, usually a price nobody filled in; leave it out, or say that it is free: "
                f"--confirm-free {name}"
            )
        yield {**row, "confirmed_free": True} if price == 0 else row


def _in_force(prices: Any, day: date) -> Mapping[str, Any]:
    """Of several price lists the last that had begun by that day; those for a time of the day are passed over."""
    if isinstance(prices, Mapping):
        return prices
    found: Mapping[str, Any] = {}
    for each in prices:
        constraint = each.get("constraint") or {}
        begins = constraint.get("start_date")
        if not constraint or (begins and date.fromisoformat(str(begins)) <= day):
            found = each["prices"]
    return found
