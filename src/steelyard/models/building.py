"""What models are built of: parts, each made once from others, and the bench they are made on.

A part is a value that says how it is made and from what; nothing is made when it is named. The builder of
``workflows.building`` makes the parts that something asks for, each once, and remembers them by the digest of all that
they rest on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from steelyard.domain import Cases, State, VectorArray
from steelyard.models.lesson_ports import (
    Compared,
    Lessons,
    PairLessons,
    PairStep,
    SequenceLessons,
    SequenceStep,
    TowerLessons,
)
from steelyard.models.ports import Parts
from steelyard.models.searching import Search

if TYPE_CHECKING:  # the command line asks for names of models without numpy
    from steelyard.data.log_events import LogEvents
    from steelyard.data.tables import ShopTables

__all__ = [
    "Bench",
    "Compared",
    "Fill",
    "FittedTo",
    "Folder",
    "Lessons",
    "PairLessons",
    "PairStep",
    "Part",
    "Product",
    "SequenceLessons",
    "SequenceStep",
    "TowerLessons",
    "Values",
    "Work",
    "with_ancestors",
]


Values = Mapping[str, Any]
"""Values by name that JSON holds: what a model's own tuning gave, and only the model's own recipe reads."""


class Work(StrEnum):
    """Under which head the making of a part is booked."""

    TRAIN = "train"
    COMPRESS = "compress"


@dataclass(frozen=True, slots=True)
class FittedTo:
    """What a form of an encoder is fitted to and checked with; nothing of it is needed where a form is a mere copy."""

    texts: Sequence[str] = ()
    """The catalogue's own texts, as encoded."""
    vectors: VectorArray | None = None
    """The full encoder's vectors of ``texts``, where they are known. Shape (texts, width)."""
    tokens: VectorArray | None = None
    """The full encoder's vectors of every token alone, where they are known. Shape (tokens, width)."""


class Folder(Protocol):
    """A part's folder, empty, to be filled."""

    def write_state(self, state: State) -> None:
        """Write arrays and facts, as ``Parts.state`` reads them."""
        ...

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a file of the part's own.

        Args:
            name: Letters, digits, dots and dashes.
            content: Never a pickle.
        """
        ...

    def write_index(self, engine: str, documents: Iterable[Sequence[str]]) -> None:
        """Write a term index.

        Args:
            engine: Name of the index plugin that will open it.
            documents: Terms of text 0, 1, 2 …
        """
        ...

    def write_encoder(
        self, form: str, fitted_to: FittedTo, *, full: Part | None = None, network: Part | None = None
    ) -> None:
        """Write one form of the pre-trained encoder of ``[models.encoder]``, or of what was learnt from it.

        Args:
            form: ``fp32``, ``int8``, ``3l-int8``, ``static`` …
            fitted_to: What it is fitted to and checked with.
            full: The full encoder, where it was made already: a form that needs its answers only asks it for them.
            network: Where ``learn_encoder`` wrote what was learnt; the pre-trained one is used where it does not pay.
        """
        ...

    def cut_encoder(self, texts: Sequence[str], queries: Sequence[str]) -> None:
        """Write the pre-trained encoder with as much of its vocabulary as texts and queries need, as encoded."""
        ...

    def learn_encoder(self, lessons: Lessons) -> None:
        """Train the pre-trained encoder further and write it, or that it does not pay: fact ``pays``.

        An interrupted training is gone on with.

        Args:
            lessons: What to learn.
        """
        ...

    def learn_pairs(self, lessons: PairLessons) -> None:
        """Train networks that read a query and a text together, and write each as a graph.

        Writes ``<layers>.onnx`` of each depth, ``tokenizer.json``, and the facts ``networks``: for each depth what its
        training came to, and ``ms_per_token``, its processor time. An interrupted training is gone on with.

        Args:
            lessons: What to learn.
        """
        ...

    def unfinished(self, name: str) -> Any:
        """Folder that a training of this name goes on from after an interruption; None where nothing is kept."""
        ...

    def learn_sequences(self, lessons: SequenceLessons) -> None:
        """Train a network that reads a history item by item, and write it as two graphs.

        Writes ``fp32.onnx`` and ``int8.onnx``, the array ``items``, a vector of each item, ``known``, whether an item
        has one, and the fact ``learning``: steps, seconds, the quality at each look. An interrupted training is gone on
        with.

        Args:
            lessons: What to learn.
        """
        ...

    def learn_towers(self, lessons: TowerLessons) -> None:
        """Train two towers and write arrays and the fact ``learning``. An interrupted training is gone on with.

        Args:
            lessons: What to learn.
        """
        ...

    def write_cards(self) -> None:
        """Write what the pages show of each item."""
        ...


Fill = Callable[[Folder], None]
"""Writes a part's files into its folder."""
Product = State | Mapping[str, Any] | Fill
"""What making a part gives: a state, values that JSON holds, or what fills a folder."""


class Bench(Protocol):
    """Where parts are made: the shop's tables, what was made already, and the tools."""

    @property
    def shop(self) -> ShopTables:
        """The prepared tables, read when first needed."""
        ...

    @property
    def search_tuning(self) -> Cases:
        """Judged or made queries for tuning; ``relevant`` are text numbers."""
        ...

    def encoder_digest(self) -> str:
        """SHA-256 of the weights of the pre-trained encoder of ``[models.encoder]``."""
        ...

    @property
    def seed(self) -> int:
        """Of every draw."""
        ...

    @property
    def threads(self) -> int:
        """Of long computations."""
        ...

    def state(self, part: Part) -> State:
        """Arrays and facts of a part that was made."""
        ...

    def values(self, part: Part) -> Values:
        """Values of a part that was made."""
        ...

    def open(self, parts: Mapping[str, Part]) -> Parts:
        """Parts that were made, by role, as a retriever opens them."""
        ...

    def encode(self, part: Part, texts: Sequence[str]) -> VectorArray:
        """A vector of each text by an encoder that was made, with all threads; tells how far it has come.

        Args:
            part: The encoder.
            texts: Any number.

        Returns:
            Shape (texts, width), float32, rows of length 1.
        """
        ...

    def encode_tokens(self, part: Part) -> VectorArray:
        """A vector of length 1 of every token of an encoder's vocabulary alone. Shape (tokens, width), float32."""
        ...

    def histories(self) -> State:
        """Every user's latest items."""
        ...

    def pasts(self) -> State:
        """Every user's latest events with repeats and times."""
        ...

    def basics(self) -> State:
        """What the shop's table of users says of each."""
        ...

    def log_events(self) -> LogEvents:
        """The whole log, what was merely shown included; the judging period is in it, and to be cut off."""
        ...

    def progress(self, done: int, total: int, what: str) -> None:
        """Tell how far a long making has come."""
        ...

    def search(self, search: Search) -> Values:
        """Search a model's values as far as ``[tune]`` allows.

        Args:
            search: What is varied, where it begins, and how a trial is made.

        Returns:
            A value for each name of its space: the best found, or where it begins, where nothing is searched or nothing
            better was found.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Something that is made once and stored: an index, a table of vectors, tuned numbers.

    Two parts of one name are one part; they must be made alike.
    """

    name: str
    """Name of the artefact, such as ``parts/lexical``."""
    make: Callable[[Bench], Product]
    """Makes it of what ``made_from`` names, the shop's tables and ``settings``, and of nothing else."""
    made_from: tuple[Part, ...] = ()
    settings: Any = None
    """All else it depends on; JSON-able."""
    outside: Callable[[Bench], str] | None = None
    """Digest of what it depends on outside the store: a pre-trained model's files."""
    work: Work = Work.TRAIN
    uses_tables: bool = True
    """Whether it depends on the shop's tables; False where what it is made from says all."""
    is_searched: bool = False
    """Whether its making calls ``Bench.search``: it is made again when ``[tune]`` changes."""
    learns_all: bool = False
    """Whether it learns from the validation period too, though tuned values are made from it, such as what training
    came to: whoever needs the model as it was before makes it again."""


def with_ancestors(parts: Iterable[Part]) -> Iterator[Part]:
    """Parts with all they are made from, each once, what is needed before what needs it.

    Args:
        parts: Wanted.

    Yields:
        Part: In an order in which they can be made.
    """
    seen: set[str] = set()
    for part in parts:
        yield from _unseen(part, seen)


def _unseen(part: Part, seen: set[str]) -> Iterator[Part]:
    """The part after its ancestors, without what was seen; all of it is seen from now on."""
    if part.name in seen:
        return
    seen.add(part.name)
    for parent in part.made_from:
        yield from _unseen(parent, seen)
    yield part
