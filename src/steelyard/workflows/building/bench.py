"""The bench: the shop's tables, what was made already, and the tools, as ``models.building.Bench`` asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from steelyard.config import Config
from steelyard.data.log_events import LogEvents
from steelyard.data.tables import ShopTables
from steelyard.domain import Cases, CatalogueFacts, IntArray, State, VectorArray
from steelyard.models.building import FittedTo, Lessons, PairLessons, Part, SequenceLessons, TowerLessons, Values
from steelyard.models.ports import Parts
from steelyard.models.searching import Search
from steelyard.models.sequence.sequence_training import trained
from steelyard.models.text.parts import shop_vocabulary
from steelyard.models.towers.tower_training import trained as trained_towers
from steelyard.workflows.building.first_wave import n_searches
from steelyard.workflows.ports import Pretrained, Progress, Store, TextEncoder, Tools
from steelyard.workflows.stages import Besides, Meter, Reading
from steelyard.workflows.tuning.searched import searched

_LARGE = 2_000_000
"""Events."""

__all__ = ["PartFolder", "ShopBench", "in_text_space"]


def in_text_space(cases: Cases, facts: CatalogueFacts) -> Cases:
    """The same search cases with text numbers in place of representatives."""
    relevant: tuple[IntArray, ...] = tuple(facts.text_of_item[items] for items in cases.relevant)
    return replace(cases, relevant=relevant)


def _untold(done: int, total: int, what: str) -> None:
    """Nobody wants to know."""


def _unmetered() -> Reading:
    """Nobody reads the meters."""
    return Reading(0.0, 0.0, 0)


@dataclass
class ShopBench:
    """A bench over the store of one shop."""

    config: Config
    store: Store
    base: Path
    """Folder of the configuration file."""
    tools: Tools
    threads: int = 1
    """Threads of long computations; measurements always use one."""
    progress: Progress = field(default=_untold)
    meter: Meter = field(default=_unmetered)
    """Reads clock and processor time, for searches with a budget."""
    besides: Besides = field(init=False, default=Besides())
    """What processes that are gone spent on the search of the part that is being made."""

    @property
    def seed(self) -> int:
        """Of every draw."""
        return self.config.seed

    @cached_property
    def shop(self) -> ShopTables:
        """The prepared tables, read when first needed."""
        return self.tools.shop.tables(self.store.path("data"), max_history=self.config.models.max_history)

    @property
    def is_large(self) -> bool:
        """Whether tables were read that leave no room for what earlier parts were made of."""
        return "shop" in vars(self) and len(self.shop.learn_all.items) > _LARGE

    @cached_property
    def search_tuning(self) -> Cases:
        """Search cases for tuning, in text space."""
        return in_text_space(self.shop.search_tuning, self.shop.facts)

    def encoder_digest(self) -> str:
        """SHA-256 of the weights of the pre-trained encoder."""
        return self.uncut.digest()

    @cached_property
    def pretrained(self) -> Pretrained:
        """The text encoder of the configuration, its vocabulary cut where that is asked for; opened when needed."""
        cut = shop_vocabulary(self.config)
        return self._network(self.config.models.encoder.source if cut is None else str(self.store.path(cut.name)))

    @cached_property
    def uncut(self) -> Pretrained:
        """The text encoder as it was pre-trained."""
        return self._network(self.config.models.encoder.source)

    def _network(self, source: str) -> Pretrained:
        most = self.config.models.encoder.max_tokens
        return self.tools.encoders.pretrained(source, self.base, max_tokens=most, threads=self.threads)

    def network(self, learnt: Part | None) -> Pretrained:
        """The network that forms are made of: the learnt one where there is one and it pays."""
        if learnt is None or not self.state(learnt).facts["pays"]:
            return self.pretrained
        return self._network(str(self.store.path(learnt.name)))

    def state(self, part: Part) -> State:
        """Arrays and facts of a part that was made."""
        return self.store.read_state(part.name)

    def values(self, part: Part) -> Values:
        """Values of a part that was made."""
        found: Values = self.store.read_json(part.name)
        return found

    def open(self, parts: Mapping[str, Part]) -> Parts:
        """Parts that were made, by role."""
        names = {role: part.name for role, part in parts.items()}
        return self.tools.files.parts(self.store.path, names)

    def encode(self, part: Part, texts: Sequence[str]) -> VectorArray:
        """A vector of each text, by all threads."""
        return self._graph(part).encode(texts, progress=self.progress)

    def encode_tokens(self, part: Part) -> VectorArray:
        """A vector of every token alone, by all threads."""
        return self._graph(part).token_vectors(progress=self.progress)

    def search(self, search: Search) -> Values:
        """Search a model's values as far as ``[tune]`` allows."""
        if not self.config.tune.is_on:
            return dict(search.start)
        found, self.besides = searched(self, search, searches=n_searches(self.config))
        return found

    def histories(self) -> State:
        """Every user's latest items."""
        return self.tools.shop.histories(self.store.path("data"))

    def pasts(self) -> State:
        """Every user's latest events with repeats and times."""
        return self.tools.shop.pasts(self.store.path("data"))

    def basics(self) -> State:
        """What the shop's table of users says of each."""
        return self.tools.shop.basics(self.store.path("data"))

    def log_events(self) -> LogEvents:
        """The whole log."""
        return self.tools.shop.log_events(self.store.path("data"))

    def _graph(self, part: Part) -> TextEncoder:
        return self.tools.encoders.served(self.store.path(part.name), threads=self.threads)

    def folder(self, path: Path) -> PartFolder:
        """A part's folder, to be filled."""
        return PartFolder(self, path)


@dataclass(frozen=True, slots=True)
class PartFolder:
    """A folder with the tools that write into it; as ``steelyard.models.building.Folder``."""

    bench: ShopBench
    path: Path

    def write_state(self, state: State) -> None:
        """Arrays and facts."""
        self.bench.tools.files.write_state(self.path, state)

    def write_bytes(self, name: str, content: bytes) -> None:
        """A file of the part's own."""
        self.bench.tools.files.save_bytes(self.path, name, content)

    def write_index(self, engine: str, documents: Iterable[Sequence[str]]) -> None:
        """A term index."""
        self.bench.tools.files.write_term_index(engine, self.path, documents)

    def write_encoder(
        self, form: str, fitted_to: FittedTo, *, full: Part | None = None, network: Part | None = None
    ) -> None:
        """One form of the pre-trained encoder, or of the learnt one."""
        bench = self.bench
        bench.network(network).write_form(
            self.path,
            form,
            fitted_to=fitted_to,
            full=None if full is None else bench.store.path(full.name),
            seed=bench.seed,
            query_prefix=bench.config.models.encoder.query_prefix,
        )

    def cut_encoder(self, texts: Sequence[str], queries: Sequence[str]) -> None:
        """The pre-trained encoder with as much of its vocabulary as is needed."""
        self.bench.uncut.cut(self.path, texts=texts, queries=queries)

    def learn_encoder(self, lessons: Lessons) -> None:
        """Train the encoder further; what an interrupted training goes on from lies in the store meanwhile."""
        bench = self.bench
        bench.pretrained.learn(
            self.path, lessons, unfinished=bench.store.root / "unfinished" / "encoder", progress=bench.progress
        )

    def learn_pairs(self, lessons: PairLessons) -> None:
        """Train networks that read pairs; what an interrupted training goes on from lies in the store meanwhile."""
        bench = self.bench
        bench.pretrained.learn_pairs(
            self.path, lessons, unfinished=bench.store.root / "unfinished" / "pairs", progress=bench.progress
        )

    def unfinished(self, name: str) -> Path:
        """In the store, beside the parts."""
        return self.bench.store.root / "unfinished" / name

    def learn_sequences(self, lessons: SequenceLessons) -> None:
        """Train a network that reads histories; what it goes on from after an interruption lies in the store."""
        bench = self.bench
        state, files = trained(
            lessons, unfinished=bench.store.root / "unfinished" / "sequences", progress=bench.progress
        )
        self.write_state(state)
        for name, content in files.items():
            bench.tools.files.save_bytes(self.path, name, content)

    def learn_towers(self, lessons: TowerLessons) -> None:
        """Train two towers; what an interrupted training goes on from lies in the store meanwhile."""
        self.write_state(trained_towers(lessons, unfinished=self.unfinished("towers"), progress=self.bench.progress))

    def write_cards(self) -> None:
        """What the pages show of each item."""
        self.bench.tools.shop.write_cards(self.bench.store.path("data"), self.path)
