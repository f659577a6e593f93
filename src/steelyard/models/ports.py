"""What a pipeline's parts promise. The promises are checked by the contract suites in ``steelyard.testing``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

from steelyard.domain import IntArray, Interactions, Ranked, Reason, Request, State, VectorArray

if TYPE_CHECKING:
    from steelyard.data.labels.asked import Said


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


class ChatModel(Protocol):
    """A language model behind an endpoint."""

    def ask(
        self,
        system: str,
        user: str,
        *,
        max_tokens: int,
        within_s: float | None = None,
        schema: Mapping[str, Any] | None = None,
    ) -> Said:
        """One answer, at temperature 0.

        Args:
            system: What it is told to do.
            user: What it is asked.
            max_tokens: Most that it may write.
            within_s: The whole answer must be there by then; None waits as long as the endpoint's own limit says.
            schema: JSON schema that the endpoint is to keep the answer to; it is read with care all the same.

        Returns:
            Its words and the tokens that are paid for.

        Raises:
            Busy: It did not answer in time, is busy or broken.
            ConfigError: The address, the key or the model is refused.
        """
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

    def chat_model(self, role: str) -> ChatModel:
        """The language model that the part in this role names; nothing is contacted yet."""
        ...
