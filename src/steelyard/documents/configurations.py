"""Configurations as JSON: the list of what is measured, an entry of a bundle, the task of a probe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from steelyard.domain import Configuration, Endpoint, Surface, Upkeep

__all__ = [
    "FORMAT",
    "Built",
    "LeftOut",
    "built_json",
    "configuration_from",
    "configuration_row",
    "read_built",
]

FORMAT = 2
"""1 was a bare list of configurations."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A model of ``[models]`` of which no configuration was built, and why."""

    model: str
    why: str
    """``no_behaviour``, ``no_judgements``, ``no_text``; of a single configuration, ``too_dear``, whose fields follow,
    and ``refused``, in its recipe's own words."""
    surface: str = ""
    least: str = ""
    """Amount of its least monthly bill."""
    by: str = ""
    """Name of what it could not beat."""
    bill: str = ""
    """Amount of that one's monthly bill."""
    currency: str = ""
    en: str = ""
    """Why it was refused, in English."""
    zh: str = ""
    """The same in Chinese."""


@dataclass(frozen=True, slots=True)
class Built:
    """What was built to be measured: the artefact ``configurations``."""

    configurations: tuple[Configuration, ...]
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Artefacts of each configuration, its tuned values included."""
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What each artefact is made of; those of the data alone are left out."""
    left_out: tuple[LeftOut, ...] = ()
    lasting: tuple[str, ...] = ()
    """Artefacts that rest on nothing of the shop's tables: doing the training again leaves them as they are."""


def built_json(built: Built) -> dict[str, Any]:
    """The document as JSON.

    Args:
        built: What was built.

    Returns:
        With a format number.
    """
    return {
        "format": FORMAT,
        "configurations": [configuration_row(each) for each in built.configurations],
        "needs": {name: list(artefacts) for name, artefacts in built.needs.items()},
        "parents": {name: list(artefacts) for name, artefacts in built.parents.items()},
        "left_out": [asdict(each) for each in built.left_out],
        "lasting": list(built.lasting),
    }


def read_built(value: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Built:
    """The document back from JSON, of this format or of the one before.

    Args:
        value: As ``built_json`` gave it, or the bare list of older versions, which tells no parents.

    Returns:
        What was built.
    """
    if not isinstance(value, Mapping):
        configurations = tuple(configuration_from(row) for row in value)
        return Built(configurations, {each.name: tuple(each.parts.values()) for each in configurations})
    return Built(
        tuple(configuration_from(row) for row in value["configurations"]),
        {name: tuple(artefacts) for name, artefacts in value["needs"].items()},
        {name: tuple(artefacts) for name, artefacts in value["parents"].items()},
        tuple(LeftOut(**row) for row in value["left_out"]),
        tuple(value.get("lasting", ())),
    )


def configuration_row(configuration: Configuration) -> dict[str, Any]:
    """The configuration as JSON.

    Args:
        configuration: Any.

    Returns:
        Every field; hours as text, so that none is rounded.
    """
    upkeep = configuration.upkeep
    return {
        "name": configuration.name,
        "surface": configuration.surface.value,
        "kind": configuration.kind,
        "parts": dict(configuration.parts),
        "options": dict(configuration.options),
        "upkeep": {
            "has_transformer": upkeep.has_transformer,
            "hours_per_month": str(upkeep.hours_per_month),
            "label_hours": str(upkeep.label_hours),
        },
        "is_uncompressed": configuration.is_uncompressed,
        **({} if configuration.endpoint is None else {"endpoint": _endpoint_row(configuration.endpoint)}),
    }


def configuration_from(row: Mapping[str, Any], *, surface: Surface | None = None) -> Configuration:
    """The configuration back from JSON.

    Args:
        row: As ``configuration_row`` gave it, now or before models declared their upkeep.
        surface: Where the row does not say it.

    Returns:
        The same configuration. Of an older row, upkeep is what was then told from the names of its parts.
    """
    upkeep = row.get("upkeep")
    return Configuration(
        name=str(row["name"]),
        surface=surface or Surface(row["surface"]),
        kind=str(row["kind"]),
        parts=dict(row["parts"]),
        options=dict(row["options"]),
        upkeep=_upkeep(upkeep) if upkeep is not None else Upkeep(has_transformer=_had_transformer(row["parts"])),
        is_uncompressed=bool(row.get("is_uncompressed", _was_uncompressed(row))),
        endpoint=_endpoint(row["endpoint"]) if row.get("endpoint") else None,
    )


def _endpoint_row(endpoint: Endpoint) -> dict[str, Any]:
    """Prices as text, so that none is rounded."""
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(endpoint).items()}


def _endpoint(row: Mapping[str, Any]) -> Endpoint:
    prices = {name: Decimal(row[name]) for name in ("prompt_price", "completion_price") if row.get(name) is not None}
    return Endpoint(**{**row, **prices})


def _upkeep(row: Mapping[str, Any]) -> Upkeep:
    return Upkeep(bool(row["has_transformer"]), Decimal(row["hours_per_month"]), Decimal(row["label_hours"]))


def _had_transformer(parts: Mapping[str, str]) -> bool:
    """Before format 2 the name of the encoder's part said it."""
    encoder = parts.get("encoder", "")
    return bool(encoder) and not encoder.endswith("-static")


def _was_uncompressed(row: Mapping[str, Any]) -> bool:
    """As above."""
    parts = row["parts"]
    is_whole: bool = parts.get("encoder", "").endswith("-fp32") and parts.get("vectors", "").endswith(".fp32")
    return is_whole and row["kind"] == "dense"
