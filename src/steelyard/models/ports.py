"""What a pipeline's parts promise. The promises are checked by the contract suites in ``steelyard.testing``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

from steelyard.domain import IntArray, Interactions, Ranked, Reason, Request, State, VectorArray


class Retriever(Protocol):
    """From requests to short lists of candidates, best first."""

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Best ``k`` candidates for each request.

        Args:
            requests: A batch; a single question is a batch of one. A batch equals its rows one by one.
            k: Length of each list, >= 1.

        Returns:
            Shape (requests, k), padded with ``NONE`` and -inf; ties go to the lower number.
            Search retrievers return text numbers, the others item numbers; the pipeline translates.
        """
        ...

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """Why each of ``items`` answers ``request``: for each item its reasons, strongest first, at most three."""
        ...


class Recommender(Retriever, Protocol):
    """A retriever learnt from behaviour, whose state can be stored."""

    def fit(self, interactions: Interactions, *, seed: int) -> Self:
        """Learn; the same interactions and seed give the same model."""
        ...

    def state(self) -> State:
        """All that was learnt, ready to be stored."""
        ...

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The model back from what ``state`` gave."""
        ...


class Encoder(Protocol):
    """Texts to vectors."""

    @property
    def width(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> VectorArray:
        """One vector for each text, of length 1. Shape (texts, width), float32."""
        ...


class CandidateIndex(Protocol):
    """First phase of lexical search: documents that hold the terms, roughly ordered."""

    def candidates(self, terms: Sequence[str], *, k: int) -> IntArray:
        """Text numbers of at most ``k`` documents holding any of ``terms``, best first. Shape (<= k,)."""
        ...


class Parts(Protocol):
    """Opens the stored parts of one configuration by role. Every part is verified before it is parsed."""

    def state(self, role: str) -> State:
        """Arrays and facts of the part in this role."""
        ...

    def content(self, role: str, name: str) -> bytes:
        """A file of the part's own in this role, as ``Folder.write_bytes`` wrote it."""
        ...

    def candidate_index(self, role: str) -> CandidateIndex:
        """The term index stored in the part in this role."""
        ...

    def encoder(self, role: str) -> Encoder:
        """The encoder stored in the part in this role."""
        ...
