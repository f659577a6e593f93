"""Price books, and the public catalogues that price files are made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard import registry

if TYPE_CHECKING:
    from steelyard.cost.prices.catalogue import PriceImporter
    from steelyard.workflows.ports import PriceBooks

__all__ = ["Prices"]


@dataclass(frozen=True, slots=True)
class Prices:
    """Price books and catalogues."""

    def books(self, base: Path | None = None) -> PriceBooks:
        """Price books; relative paths start at ``base``."""
        from steelyard.adapters.prices.books import PriceBooks as Books

        return Books(base)

    def importer(self, name: str) -> PriceImporter:
        """What reads the files of one public catalogue (entry points ``steelyard.price_importers``)."""
        found: PriceImporter = registry.load("price-importers", name)
        return found
