"""One run of a shop: its configuration, its store, and what the stages share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from steelyard.config import Config
from steelyard.data.schema import KEPT_ROWS, KeepRows
from steelyard.documents.split import SplitDocument
from steelyard.domain import Cases, Measurement, Surface
from steelyard.workflows.building.ahead import Ahead, StartWorker
from steelyard.workflows.building.bench import ShopBench
from steelyard.workflows.measure import load_measurements
from steelyard.workflows.open_shop import OpenShop
from steelyard.workflows.ports import Sources, Store, Tools
from steelyard.workflows.stages import Steps
from steelyard.workflows.stored import stored_split

__all__ = ["Run"]


@dataclass
class Run:
    """One run: the shop's configuration and everything open."""

    config: Config
    base: Path
    work: Path
    store: Store
    steps: Steps
    key: bytes
    now: datetime
    threads: int
    tools: Tools
    ahead: Ahead = field(default_factory=Ahead)
    """Makes dear parts in a second process while the cheap ones are fitted."""
    erased: frozenset[str] = frozenset()
    """Pseudonyms of people who were erased: a load of the log leaves them out."""
    bench: ShopBench = field(init=False)

    def __post_init__(self) -> None:
        self.bench = ShopBench(self.config, self.store, self.base, self.tools, self.threads, meter=self.steps.meter)

    @classmethod
    def of(
        cls, opened: OpenShop, *, now: datetime | None = None, threads: int = 2, start_worker: StartWorker | None = None
    ) -> Run:
        """A run over what was opened; ``now`` is what its clock says where it is not given."""
        return cls(
            config=opened.config,
            base=opened.base,
            work=opened.work,
            store=opened.store,
            steps=opened.steps,
            key=opened.key,
            now=now or opened.tools.clock.now(),
            threads=threads,
            tools=opened.tools,
            ahead=Ahead(start_worker) if start_worker is not None else Ahead(),
            erased=opened.erased,
        )

    def sources(self, *, told: Callable[[str], None] | None = None) -> AbstractContextManager[Sources]:
        """The shop's files, open until the block ends.

        Args:
            told: Hears which daily files are new; where it is given, their rows are kept for the next load.

        Returns:
            Left, it forgets its intermediate tables.
        """
        data = self.config.data
        is_kept = told is not None and data.incremental and self.config.privacy.keep_days is None
        keep = KeepRows(str(self.work / KEPT_ROWS), self.key, told) if is_kept and told is not None else None
        return self.tools.shop.sources(
            self.base,
            reader=data.reader,
            engine=data.engine,
            scratch=self.work / "tmp",
            max_memory_gb=data.max_memory_gb,
            max_columns=data.max_columns,
            threads=self.threads,
            keep=keep,
        )

    def measured(self) -> dict[Surface, list[Measurement]]:
        """Every measurement there is, by surface."""
        present = [surface for surface in Surface if self.store.has(f"measurements/{surface}")]
        return {surface: load_measurements(self.store, surface) for surface in present}

    def split(self) -> SplitDocument:
        """How time, users and queries were divided, and what was found while dividing."""
        return stored_split(self.store)

    def cases(self) -> dict[Surface, Cases]:
        """The frozen requests of every surface that has some."""
        shop = self.bench.shop
        found = {Surface.SEARCH: shop.search_test, Surface.RECOMMEND: shop.recommend_test}
        return {surface: cases for surface, cases in found.items() if cases.requests}
