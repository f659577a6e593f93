"""A bench in memory: makes parts of the toy shop without a disk, an engine or a network."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from steelyard.data.labels.asked import Said
from steelyard.data.log_events import LogEvents
from steelyard.data.tables import ShopTables
from steelyard.domain import Cases, IntArray, Interactions, State, VectorArray
from steelyard.errors import ArtefactError
from steelyard.models.building import (
    FittedTo,
    Lessons,
    PairLessons,
    Part,
    SequenceLessons,
    TowerLessons,
    with_ancestors,
)
from steelyard.models.ports import CandidateIndex, ChatModel, Encoder
from steelyard.models.searching import Search
from steelyard.models.sequence.sequence_training import trained
from steelyard.models.towers.tower_training import trained as trained_towers
from steelyard.testing.toy_shop import ToyShop

__all__ = ["HashEncoder", "MemoryBench", "MemoryParts", "TermIndex", "toy_tables"]

_WIDTH = 256
_OF_CLOCKS = ("seconds", "cpu_seconds")
_MAX_WORDS = 256


def toy_tables(shop: ToyShop) -> ShopTables:
    """The toy shop as models see a prepared shop: purchases before and after, tuning and judging cases.

    Args:
        shop: Drawn from a seed.

    Returns:
        The tuning cases are every second case; search cases have representatives as their items.
    """
    early = shop.interactions.times_s <= np.quantile(shop.interactions.times_s, 0.8)
    learn = _chosen(shop.interactions, early)
    return ShopTables(
        item_ids=tuple(f"item-{number}" for number in range(len(shop.facts.text_of_item))),
        texts=shop.texts,
        facts=shop.facts,
        learn=learn,
        learn_all=shop.interactions,
        search_tuning=_every_second(shop.search_cases, 0),
        search_test=_every_second(shop.search_cases, 1),
        recommend_tuning=_every_second(shop.cases, 0),
        recommend_test=_every_second(shop.cases, 1),
        query_examples=(),
    )


class TermIndex:
    """A term index held in memory.

    Args:
        documents: Terms of text 0, 1, 2 …
    """

    def __init__(self, documents: Iterable[Sequence[str]]) -> None:
        self._holding: dict[str, dict[int, int]] = {}
        self._n = 0
        for text, terms in enumerate(documents):
            self._n += 1
            for term in terms:
                holding = self._holding.setdefault(term, {})
                holding[text] = holding.get(text, 0) + 1

    def candidates(self, terms: Sequence[str], *, k: int) -> IntArray:
        """Texts that hold any of the terms, those with rarer ones first."""
        scores: dict[int, float] = {}
        for term in terms:
            holding = self._holding.get(term, {})
            weight = math.log(1 + self._n / max(len(holding), 1))
            for text in holding:
                scores[text] = scores.get(text, 0.0) + weight
        return np.array(sorted(scores, key=lambda text: (-scores[text], text))[:k], np.int64)


class HashEncoder:
    """Texts as sums of the vectors of their words, each drawn from the word's hash: an encoder without a network.

    Longer texts are cut at 256 words.

    Args:
        query_prefix: Put before every query by who asks; not part of a text's meaning.
    """

    def __init__(self, query_prefix: str = "") -> None:
        self.query_prefix = query_prefix

    @property
    def width(self) -> int:
        """Length of a vector."""
        return _WIDTH

    def encode(self, texts: Sequence[str]) -> VectorArray:
        """One vector for each text, of length 1. Shape (texts, width), float32."""
        vectors = np.zeros((len(texts), _WIDTH), np.float32)
        for row, text in enumerate(texts):
            for word in text.removeprefix(self.query_prefix).lower().replace(",", " ").split()[:_MAX_WORDS]:
                seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
                vectors[row] += np.random.default_rng(seed).standard_normal(_WIDTH).astype(np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(lengths == 0, 1, lengths), np.float32)


class BackwardsModel:
    """A language model without a network: it puts the products that it is shown in the opposite order."""

    def ask(
        self,
        system: str,
        user: str,
        *,
        max_tokens: int,
        within_s: float | None = None,
        schema: Mapping[str, Any] | None = None,
    ) -> Said:
        """All product numbers, the last first; tokens are not counted."""
        n = sum(line.split(". ")[0].isdecimal() for line in user.splitlines())
        return Said(str(list(range(n, 0, -1))), None, None)


@dataclass
class _Folder:
    """A part's folder, held in memory; as ``steelyard.models.building.Folder``."""

    encoder: HashEncoder
    state: State = field(default_factory=State)
    files: dict[str, bytes] = field(default_factory=dict)
    index: TermIndex | None = None
    form: str = ""

    def write_state(self, state: State) -> None:
        """Arrays and facts."""
        self.state = state

    def write_bytes(self, name: str, content: bytes) -> None:
        """A file of the part's own."""
        self.files[name] = content

    def write_index(self, engine: str, documents: Iterable[Sequence[str]]) -> None:
        """A term index, whatever the engine."""
        self.index = TermIndex(documents)

    def write_encoder(
        self, form: str, fitted_to: FittedTo, *, full: Part | None = None, network: Part | None = None
    ) -> None:
        """Any form is the hashing encoder."""
        self.form = form

    def cut_encoder(self, texts: Sequence[str], queries: Sequence[str]) -> None:
        """The hashing encoder has no vocabulary."""

    def learn_encoder(self, lessons: Lessons) -> None:
        """The hashing encoder cannot learn: it is held against itself, which never pays."""
        self.state = State({}, dict(lessons.verdict(self.encoder.encode)))

    def learn_pairs(self, lessons: PairLessons) -> None:
        """No network can be trained here: none is written."""
        self.state = State({}, {"networks": {}})

    def unfinished(self, name: str) -> None:
        """Nothing is kept of a training that was interrupted."""

    def learn_sequences(self, lessons: SequenceLessons) -> None:
        """Trained as for a shop, begun anew each time; nothing is said of a clock."""
        state, self.files = trained(lessons, unfinished=None, progress=lambda done, total, what: None)
        self.state = _untimed(state)

    def learn_towers(self, lessons: TowerLessons) -> None:
        """As ``learn_sequences``."""
        self.state = _untimed(trained_towers(lessons, unfinished=None, progress=lambda done, total, what: None))

    def write_cards(self) -> None:
        """Nobody looks at cards here."""


class MemoryParts:
    """Parts that were made in memory, by role.

    Args:
        folders: By role.
    """

    def __init__(self, folders: Mapping[str, Any]) -> None:
        self._folders = folders

    def state(self, role: str) -> State:
        """Arrays and facts of the part in this role."""
        made: State = self._folder(role).state
        return made

    def content(self, role: str, name: str) -> bytes:
        """A file of the part's own."""
        files: Mapping[str, bytes] = self._folder(role).files
        return files[name]

    def candidate_index(self, role: str) -> CandidateIndex:
        """The term index in this role."""
        index: TermIndex | None = self._folder(role).index
        if index is None:
            raise ArtefactError(f"the part in the role {role!r} holds no index")
        return index

    def encoder(self, role: str) -> Encoder:
        """The encoder in this role."""
        encoder: HashEncoder = self._folder(role).encoder
        return encoder

    def chat_model(self, role: str) -> ChatModel:
        """A language model that says what it was asked backwards: the last product first."""
        return BackwardsModel()

    def _folder(self, role: str) -> Any:
        if role not in self._folders:
            raise ArtefactError(f"there is no part in the role {role!r}; there are {sorted(self._folders)}")
        return self._folders[role]


class MemoryBench:
    """Makes parts of a shop in memory and remembers them by name.

    Args:
        shop: The shop's tables; ``toy_tables`` of a toy shop.
        seed: Of every draw.
        log: Of what was shown as well; without one, the purchases that the tables learn from.
    """

    threads = 1

    def __init__(self, shop: ShopTables, *, seed: int = 0, log: LogEvents | None = None) -> None:
        self.shop, self.seed, self._log = shop, seed, log
        self.made: dict[str, Any] = {}
        """What was made, by the part's name: a folder or values."""
        self.searches: dict[str, Search] = {}
        """What would have been searched, by the name of the part."""
        self.making: list[str] = []
        """Names of the parts in the order in which they were made."""

    @property
    def search_tuning(self) -> Cases:
        """Search cases for tuning, in text space."""
        cases, facts = self.shop.search_tuning, self.shop.facts
        return replace(cases, relevant=tuple(facts.text_of_item[items] for items in cases.relevant))

    def make(self, parts: Iterable[Part]) -> None:
        """Make parts and all they are made from, each once.

        Args:
            parts: Wanted.
        """
        for part in with_ancestors(parts):
            if part.name not in self.made:
                self.made[part.name] = self._product(part)
                self.making.append(part.name)

    def encoder_digest(self) -> str:
        """Of the one encoder there is."""
        return "hash-encoder"

    def state(self, part: Part) -> State:
        """Arrays and facts of a part that was made."""
        made: State = self.made[part.name].state
        return made

    def values(self, part: Part) -> Mapping[str, Any]:
        """Values of a part that was made."""
        made: Mapping[str, Any] = self.made[part.name]
        return made

    def open(self, parts: Mapping[str, Part]) -> MemoryParts:
        """Parts that were made, by role."""
        return MemoryParts({role: self.made[part.name] for role, part in parts.items()})

    def encode(self, part: Part, texts: Sequence[str]) -> VectorArray:
        """A vector of each text."""
        encoder: HashEncoder = self.made[part.name].encoder
        return encoder.encode(texts)

    def encode_tokens(self, part: Part) -> VectorArray:
        """Vectors of the few tokens that a test may want."""
        encoder: HashEncoder = self.made[part.name].encoder
        return encoder.encode(["red", "lamp", "table"])

    def histories(self) -> State:
        """Nobody is known here."""
        return State()

    def pasts(self) -> State:
        """Nobody is known here."""
        return State()

    def basics(self) -> State:
        """Nobody is known here."""
        return State()

    def log_events(self) -> LogEvents:
        """As it was given, or purchases alone."""
        if self._log is not None:
            return self._log
        known = self.shop.learn_all
        nothing = np.zeros(len(known.items), np.int64)
        return LogEvents(known.users, known.items, known.times_s, nothing, nothing, known.n_items, ("purchase",))

    def progress(self, done: int, total: int, what: str) -> None:
        """Nobody waits."""

    def search(self, search: Search) -> Mapping[str, Any]:
        """Nothing is searched: the values to begin with. What was to be searched is remembered."""
        self.searches[search.name] = search
        return dict(search.start)

    def _product(self, part: Part) -> Any:
        product = part.make(self)
        if isinstance(product, Mapping):
            return product
        folder = _Folder(HashEncoder())
        if isinstance(product, State):
            folder.write_state(product)
        else:
            product(folder)
        return folder


def _chosen(events: Interactions, chosen: Any) -> Interactions:
    return replace(
        events,
        users=events.users[chosen],
        items=events.items[chosen],
        times_s=events.times_s[chosen],
        weights=events.weights[chosen],
    )


def _untimed(state: State) -> State:
    """What was learnt, with nothing of how long it took."""
    learning = {name: value for name, value in state.facts["learning"].items() if name not in _OF_CLOCKS}
    return replace(state, facts={**state.facts, "learning": learning})


def _every_second(cases: Cases, first: int) -> Cases:
    return replace(
        cases,
        ids=cases.ids[first::2],
        requests=cases.requests[first::2],
        relevant=cases.relevant[first::2],
        gains=cases.gains[first::2],
    )
