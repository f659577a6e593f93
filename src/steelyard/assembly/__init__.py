"""Opens what touches the world and hands it over as typed ports: the only room that imports adapters.

Every adapter is imported when it is first asked for, so that a verb which needs no table engine does not wait for one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from steelyard.assembly.accounting import Accounting
from steelyard.assembly.encoders import Encoders
from steelyard.assembly.files import Files
from steelyard.assembly.labelling import Labelling
from steelyard.assembly.measuring import Measuring
from steelyard.assembly.prices import Prices
from steelyard.assembly.privacy import PrivacyFiles
from steelyard.assembly.serving import Bundles, Serving
from steelyard.assembly.shop import ShopFiles
from steelyard.assembly.tuning import Tuning
from steelyard.assembly.workers import Workers

if TYPE_CHECKING:
    from steelyard.models.recipe import InstalledModels
    from steelyard.workflows.ports import Clock

__all__ = ["Tools"]


@dataclass(frozen=True, slots=True)
class Tools:
    """All that touches the world, by what it is for; nothing is open yet."""

    files: Files = field(default_factory=Files)
    shop: ShopFiles = field(default_factory=ShopFiles)
    encoders: Encoders = field(default_factory=Encoders)
    measuring: Measuring = field(default_factory=Measuring)
    bundles: Bundles = field(default_factory=Bundles)
    prices: Prices = field(default_factory=Prices)
    privacy: PrivacyFiles = field(default_factory=PrivacyFiles)
    accounting: Accounting = field(default_factory=Accounting)
    serving: Serving = field(default_factory=Serving)
    workers: Workers = field(default_factory=Workers)
    labelling: Labelling = field(default_factory=Labelling)
    tuning: Tuning = field(default_factory=Tuning)

    @property
    def clock(self) -> Clock:
        """The system's clock."""
        from steelyard.adapters.clock import SystemClock

        return SystemClock()

    @property
    def models(self) -> InstalledModels:
        """The models that are installed, with the tables of their options."""
        from steelyard.models.recipe import InstalledModels

        return InstalledModels()
