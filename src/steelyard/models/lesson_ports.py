"""What networks are taught by: the protocols that lessons keep, whoever made them, and that training relies on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from steelyard.domain import FloatArray, IntArray, Request, VectorArray

if TYPE_CHECKING:  # the command line asks for names of models without numpy
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "Compared",
    "Lessons",
    "PairLessons",
    "PairStep",
    "SequenceLessons",
    "SequenceStep",
    "TowerContent",
    "TowerLessons",
    "TowerStep",
]


class Compared(Protocol):
    """Queries and their candidates, compared in one step of training."""

    @property
    def rows(self) -> IntArray:
        """Numbers of the queries. Shape (queries,)."""
        ...

    @property
    def texts(self) -> IntArray:
        """Numbers of the candidates of all of them. Shape (texts,)."""
        ...

    @property
    def shares(self) -> VectorArray:
        """What each candidate is of all the gain of a query. Shape (queries, texts)."""
        ...

    @property
    def is_left_out(self) -> npt.NDArray[np.bool_]:
        """Candidates that a query is not compared with. Shape (queries, texts)."""
        ...


class Lessons(Protocol):
    """What an encoder learns from: judged queries, step by step, and queries held back to stop by and to decide by."""

    @property
    def key(self) -> str:
        """Digest of all that training depends on: what was interrupted under another one is not gone on with."""
        ...

    @property
    def queries(self) -> Sequence[str]:
        """As they are encoded."""
        ...

    @property
    def texts(self) -> Sequence[str]:
        """Of the whole catalogue, as they are encoded."""
        ...

    @property
    def minutes(self) -> float:
        """Training takes at most so long."""
        ...

    @property
    def n_steps(self) -> int:
        """Steps of a training that nothing cuts short."""
        ...

    def step(self, number: int) -> Compared:
        """The step of this number: the same one whenever it is asked for."""
        ...

    def quality(self, encode: Callable[[Sequence[str]], VectorArray]) -> float:
        """Quality of an encoder on the queries to stop by."""
        ...

    def verdict(self, encode: Callable[[Sequence[str]], VectorArray]) -> Mapping[str, Any]:
        """What an encoder gains on the queries to decide by; ``pays`` says whether it is to be kept."""
        ...


class PairStep(Protocol):
    """Pairs of a query and a text, compared in one step of training, those of one query one behind another."""

    @property
    def queries(self) -> IntArray:
        """Number of each pair's query. Shape (pairs,)."""
        ...

    @property
    def texts(self) -> IntArray:
        """Number of each pair's text. Shape (pairs,)."""
        ...

    @property
    def shares(self) -> VectorArray:
        """What each pair is of all the gain of its query. Shape (pairs,)."""
        ...

    @property
    def known(self) -> VectorArray:
        """What is known of each pair beforehand: the network learns what is to be added. Shape (pairs,)."""
        ...


class PairLessons(Protocol):
    """What a network that reads a query and a text together learns from, step by step, and what it stops by."""

    @property
    def key(self) -> str:
        """Digest of all that training depends on: what was interrupted under another one is not gone on with."""
        ...

    @property
    def queries(self) -> Sequence[str]:
        """All of them: those to learn from and those to stop by."""
        ...

    @property
    def texts(self) -> Sequence[str]:
        """Of the whole catalogue, as they are read."""
        ...

    @property
    def layers(self) -> Sequence[int]:
        """How many layers the networks have, the deepest first: the others learn from it."""
        ...

    @property
    def max_tokens(self) -> int:
        """Longer pairs are cut."""
        ...

    @property
    def minutes(self) -> float:
        """Training takes at most so long, of all networks together."""
        ...

    @property
    def n_steps(self) -> int:
        """Steps of one network's training that nothing cuts short."""
        ...

    def step(self, number: int) -> PairStep:
        """The step of this number: the same one whenever it is asked for."""
        ...

    def quality(self, score: Callable[[IntArray, IntArray], FloatArray]) -> float:
        """Quality of a network on the queries to stop by.

        Args:
            score: From numbers of queries and of texts, shape (pairs,) both, to scores. Shape (pairs,).

        Returns:
            The higher the better, >= 0.
        """
        ...


class SequenceStep(Protocol):
    """Histories and what came after each of their items, compared with sampled items in one step of training."""

    @property
    def items(self) -> IntArray:
        """Item numbers, oldest first, ``NONE`` behind the end of a shorter history. Shape (histories, longest)."""
        ...

    @property
    def targets(self) -> IntArray:
        """The item that came next after each; ``NONE`` where ``items`` is. Shape (histories, longest)."""
        ...

    @property
    def negatives(self) -> IntArray:
        """Sampled item numbers, shared by all histories. Shape (negatives,)."""
        ...

    @property
    def log_expected(self) -> VectorArray:
        """Logarithm of how often each of them is expected among the sampled. Shape (negatives,)."""
        ...

    @property
    def ages(self) -> IntArray | None:
        """How long before what came next each item was, as ``age_steps``; None where the network does not look at it.

        Shape (histories, longest, longest).
        """
        ...


class SequenceLessons(Protocol):
    """What a network that reads histories learns from, step by step, and what it stops by."""

    @property
    def key(self) -> str:
        """Digest of all that training depends on: what was interrupted under another one is not gone on with."""
        ...

    @property
    def n_items(self) -> int:
        """Items of the catalogue."""
        ...

    @property
    def width(self) -> int:
        """Of an item's vector."""
        ...

    @property
    def blocks(self) -> int:
        """Layers of the network."""
        ...

    @property
    def length(self) -> int:
        """Latest items of a history that are read."""
        ...

    @property
    def dropout(self) -> float:
        """Share of the numbers that are left out while it learns."""
        ...

    @property
    def start(self) -> VectorArray | None:
        """Vectors that the items start from; None for random ones. Shape (items, width)."""
        ...

    @property
    def texts(self) -> VectorArray | None:
        """A vector of each item's text; None where the network does not read texts. Shape (items, text width)."""
        ...

    @property
    def times(self) -> bool:
        """Whether the network looks at how long ago each item was."""
        ...

    @property
    def minutes(self) -> float:
        """Training takes at most so long."""
        ...

    @property
    def steps_in_epoch(self) -> int:
        """After so many steps every history was read once."""
        ...

    @property
    def n_steps(self) -> int:
        """Steps of a training that nothing cuts short."""
        ...

    @property
    def patience(self) -> int:
        """So many epochs without getting better end the training."""
        ...

    @property
    def seed(self) -> int:
        """Of every draw."""
        ...

    def step(self, number: int) -> SequenceStep:
        """The step of this number: the same one whenever it is asked for."""
        ...

    def later_step(self, number: int) -> SequenceStep:
        """A step after the best network was found, on all events, those to stop by among them."""
        ...

    def n_later(self, steps: int) -> int:
        """How many of these there are, where the best network was found after so many steps; 0 for none."""
        ...

    def known(self, *, later: bool) -> npt.NDArray[np.bool_]:
        """Which items occur in the events that are learnt from, or in all of them. Shape (items,)."""
        ...

    def quality(self, users: Callable[[Sequence[Request]], VectorArray], items: VectorArray) -> float:
        """Quality of a network on the histories to stop by.

        Args:
            users: From requests to a vector of what each wants. Shape (requests, width).
            items: A vector of each item, zero where it has none. Shape (items, width).

        Returns:
            nDCG@10 over the whole catalogue, what was seen removed, in [0, 1].
        """
        ...


class TowerStep(SequenceStep, Protocol):
    """As of a sequence, with what came first and what else is known of whom. ``targets`` is one longer than ``items``.

    Its first column is what came when nothing had been done; ``NONE`` where nothing is known of the shopper either.
    """

    @property
    def basics(self) -> IntArray:
        """Numbers of what else is known of each shopper, 0 for nothing. Shape (histories, facts)."""
        ...

    @property
    def owners(self) -> IntArray:
        """Row of the history that a sampled item was wanted in, which is not compared with it; ``NONE`` for none."""
        ...


class TowerContent(Protocol):
    """What is known of items besides their numbers."""

    @property
    def texts(self) -> VectorArray | None:
        """A vector of each item's text; None where texts are not read. Shape (items, text width)."""
        ...

    @property
    def codes(self) -> IntArray:
        """Numbers of its attributes from 1, 0 where it has none. Shape (items, attributes)."""
        ...

    @property
    def n_codes(self) -> int:
        """The highest of them."""
        ...


class TowerLessons(SequenceLessons, Protocol):
    """What two towers learn from: as a sequence network, with the content of items and what is known of shoppers."""

    @property
    def content(self) -> TowerContent:
        """Of the items."""
        ...

    @property
    def basic_names(self) -> tuple[str, ...]:
        """Different facts that are known of shoppers, in order of their numbers, as ``column=value``."""
        ...

    @property
    def no_id(self) -> float:
        """Share of the items that are read and compared by their content alone while it learns."""
        ...

    @property
    def attends(self) -> bool:
        """Whether items of a history weigh by how they agree with the latest one."""
        ...

    def basics_of(self, requests: Sequence[Request]) -> IntArray:
        """Numbers of what is known of who asks, 0 for nothing. Shape (requests, facts)."""
        ...

    def step(self, number: int) -> TowerStep:
        """The step of this number: the same one whenever it is asked for."""
        ...

    def later_step(self, number: int) -> TowerStep:
        """A step after the best network was found, on all events, those to stop by among them."""
        ...
