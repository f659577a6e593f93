"""All that a learned ranking looks at, as a row of numbers for each candidate of a query.

Which products were judged for other queries is not among it: see ``learning``.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import State, VectorArray
from steelyard.models.learned_ranking import meaning_space, title_features, word_pairs
from steelyard.models.learned_ranking.meaning_space import Space
from steelyard.models.learned_ranking.title_features import Candidates, Titles
from steelyard.models.learned_ranking.word_pairs import WordPairs
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.retrieval.query_plan import Reading

__all__ = ["Describer", "describer_from", "state_of"]

_OF_SPACE = ("centre", "axes", "vectors")
_OF_PAIRS = ("starts", "units", "values")


class Describer:
    """Describes candidates.

    Args:
        lexical: Found them.
        brands: Number of each text's brand. Shape (texts,).
        kinds: Number of each text's kind of thing. Shape (texts,).
        space: Vectors of the products; without it nothing is said of meaning.
        pairs: Which words of queries go with which words of titles; without them nothing is said of it.
    """

    def __init__(
        self,
        lexical: Lexical,
        *,
        brands: npt.NDArray[np.int32],
        kinds: npt.NDArray[np.int32],
        space: Space | None = None,
        pairs: WordPairs | None = None,
    ) -> None:
        arrays = lexical.state.arrays
        self.titles = Titles(
            lexical.postings,
            starts=arrays["title_starts"],
            units=arrays["title_units"],
            terms=arrays["terms"],
            brands=brands,
            kinds=kinds,
        )
        self.brands, self.kinds, self.space, self.pairs = brands, kinds, space, pairs

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        of_pairs = () if self.pairs is None else word_pairs.FEATURES
        of_space = () if self.space is None else (*meaning_space.FEATURES, *meaning_space.QUERY_FEATURES)
        return (*title_features.FEATURES, *of_space, *of_pairs)

    def told(self, pairs: WordPairs) -> Describer:
        """One that says the same, and knows these pairs of words."""
        other = copy(self)
        other.pairs = pairs
        return other

    def rows(self, reading: Reading, query: VectorArray | None, candidates: Candidates) -> npt.NDArray[np.float32]:
        """A row for each candidate.

        Args:
            reading: Of the query.
            query: Its vector, projected, where there is a space. Shape (width,).
            candidates: At least one.

        Returns:
            Shape (n, features), float32.
        """
        columns = self.titles.features(reading, candidates)
        if self.space is not None and query is not None:
            vectors = self.space.of(candidates.texts)
            columns += self.space.features(candidates, vectors)
            columns += self.space.query_features(vectors, query)
        if self.pairs is not None:
            columns += self.pairs.features(self.titles.words_of(reading), self.titles.units[candidates.texts])
        return np.stack(columns, axis=1).astype(np.float32)


def state_of(describer: Describer) -> State:
    """Arrays of a describer, without what lexical search holds already.

    Args:
        describer: Any.

    Returns:
        As ``describer_from`` reads them.
    """
    arrays: dict[str, npt.NDArray[Any]] = {"brands": describer.brands, "kinds": describer.kinds}
    if describer.space is not None:
        arrays |= {f"space_{name}": getattr(describer.space, name) for name in _OF_SPACE}
    if describer.pairs is not None:
        arrays |= {f"pairs_{name}": getattr(describer.pairs, name) for name in _OF_PAIRS}
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
    space = Space(*(arrays[f"space_{name}"] for name in _OF_SPACE)) if "space_vectors" in arrays else None
    pairs = WordPairs(*(arrays[f"pairs_{name}"] for name in _OF_PAIRS)) if "pairs_starts" in arrays else None
    return Describer(lexical, brands=arrays["brands"], kinds=arrays["kinds"], space=space, pairs=pairs)
