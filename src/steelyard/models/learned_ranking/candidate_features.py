"""All that a learned ranking looks at, as a row of numbers for each candidate of a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import IntArray, State, VectorArray
from steelyard.models.learned_ranking import judged_memory, meaning_space, title_features
from steelyard.models.learned_ranking.judged_memory import JudgedMemory, Recalled
from steelyard.models.learned_ranking.meaning_space import Space
from steelyard.models.learned_ranking.title_features import Candidates, Titles
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.retrieval.query_plan import Reading

__all__ = ["Asked", "Describer", "describer_from", "state_of"]

_OF_SPACE = ("centre", "axes", "vectors")
_OF_MEMORY = ("term_starts", "term_queries", "term_weights", "starts", "texts", "gains")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, and the judgements of queries like it."""

    reading: Reading
    vector: VectorArray | None
    """Projected; None where its meaning is not looked at."""
    known: Recalled
    """By shared words."""
    near: Recalled | None
    """By vectors."""

    def good(self) -> IntArray:
        """Texts judged good for queries like it. Shape (n,); some may occur twice."""
        found = self.known.good()
        return found if self.near is None else np.concatenate([found, self.near.good()])


class Describer:
    """Describes candidates.

    Args:
        lexical: Found them.
        brands: Number of each text's brand. Shape (texts,).
        memory: Judged queries.
        space: Vectors of the products; without it nothing is said of meaning.
    """

    def __init__(
        self, lexical: Lexical, *, brands: npt.NDArray[np.int32], memory: JudgedMemory, space: Space | None
    ) -> None:
        arrays = lexical.state.arrays
        self.titles = Titles(
            lexical.postings,
            starts=arrays["title_starts"],
            units=arrays["title_units"],
            terms=arrays["terms"],
            brands=brands,
            kinds=memory.kinds,
        )
        self.memory, self.space = memory, space
        self.brands = brands

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        names = [*title_features.FEATURES, *(f"words_{name}" for name in judged_memory.FEATURES)]
        if self.space is not None:
            names += meaning_space.FEATURES
            names += [f"words_{name}" for name in judged_memory.JUDGED_FEATURES]
        if self.memory.vectors is not None:
            names += meaning_space.QUERY_FEATURES
            names += [f"meaning_{n}" for n in (*judged_memory.FEATURES, *judged_memory.JUDGED_FEATURES)]
        return tuple(names)

    def ask(self, reading: Reading, query: VectorArray | None, *, without: int = -1) -> Asked:
        """A query with what is remembered of queries like it.

        Args:
            reading: Of the query.
            query: Its vector, projected, where the memory has vectors. Shape (width,).
            without: Number of a judged query that is not to be remembered: the one that is learnt from.

        Returns:
            What ``rows`` asks for.
        """
        near = None if query is None else self.memory.by_meaning(query, without=without)
        return Asked(reading, query, self.memory.by_words(reading, without=without), near)

    def rows(self, asked: Asked, candidates: Candidates) -> npt.NDArray[np.float32]:
        """A row for each candidate.

        Args:
            asked: From ``ask``.
            candidates: At least one.

        Returns:
            Shape (n, features), float32.
        """
        texts, known, near = candidates.texts, asked.known, asked.near
        columns = [*self.titles.features(asked.reading, candidates), *self.memory.features(known, texts)]
        if self.space is not None:
            vectors = self.space.of(texts)
            columns += self.space.features(candidates, vectors)
            columns += self.memory.judged_features(known, vectors, self.space.of(known.texts))
            if asked.vector is not None and near is not None:
                columns += self.space.query_features(vectors, asked.vector)
                columns += self.memory.features(near, texts)
                columns += self.memory.judged_features(near, vectors, self.space.of(near.texts))
        return np.stack(columns, axis=1).astype(np.float32)


def state_of(describer: Describer) -> State:
    """Arrays of a describer, without what lexical search holds already.

    Args:
        describer: Any.

    Returns:
        As ``describer_from`` reads them.
    """
    memory, space = describer.memory, describer.space
    arrays: dict[str, npt.NDArray[Any]] = {"brands": describer.brands, "kinds": memory.kinds}
    arrays |= {f"memory_{name}": getattr(memory, name) for name in _OF_MEMORY}
    if memory.vectors is not None:
        arrays["memory_vectors"] = memory.vectors.astype(np.float16)
    if space is not None:
        arrays |= {f"space_{name}": getattr(space, name) for name in _OF_SPACE}
    return State(arrays)


def describer_from(state: State, lexical: Lexical) -> Describer:
    """The describer back from what ``state_of`` gave.

    Args:
        state: Its arrays.
        lexical: Finds the candidates.

    Returns:
        The describer.
    """
    arrays = state.arrays
    held = {name: arrays[f"memory_{name}"] for name in _OF_MEMORY}
    vectors = arrays["memory_vectors"].astype(np.float32) if "memory_vectors" in arrays else None
    memory = JudgedMemory(**held, kinds=arrays["kinds"], vectors=vectors)
    space = Space(*(arrays[f"space_{name}"] for name in _OF_SPACE)) if "space_vectors" in arrays else None
    return Describer(lexical, brands=arrays["brands"], memory=memory, space=space)
