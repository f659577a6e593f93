r"""What the categories say of a query: which of them its words name, and in which of them those words are bought.

A product whose title does not repeat its department is found by it all the same, and of all that hold a word the
category where people buy it comes first: coffee before coffee filters. For the needed words T of a query and the
category c of a document,

.. math::

    \text{named}_{q,c} = \frac{1}{|T|} \sum_{t \in T} [t \text{ in the path of } c]
    \qquad
    \text{bought}_{q,c} = \frac{1}{|T|} \sum_{t \in T} \frac{n_{t,c}}{\max_{c'} n_{t,c'}}

where n counts the people who took a document of c that holds t.

Trust: who bought in a category may have searched otherwise, or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray

__all__ = ["Categories", "all_named", "fit_categories", "numbered"]

_OF_DOCUMENT, _STARTS, _NUMBERS = "category_of", "category_starts", "category_numbers"
_NAMED, _BOUGHT = "category_named", "category_bought"


class Categories:
    """Which categories each term names, and where it is bought.

    Args:
        arrays: What ``fit_categories`` gave.
    """

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        self.of_document: IntArray = arrays[_OF_DOCUMENT]
        self._n = int(self.of_document.max(initial=-1)) + 1
        self._starts: list[int] = arrays[_STARTS].tolist()
        self._numbers: npt.NDArray[np.int32] = arrays[_NUMBERS]
        self._shares = np.stack([arrays[_NAMED], arrays[_BOUGHT]]).astype(np.float32)

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Categories | None:
        """Those that were stored; None where the catalogue has no categories."""
        return cls(arrays) if _STARTS in arrays else None

    def widened(self, further: IntArray, *, n_terms: int) -> Categories:
        """The same with further documents behind those there are, and terms that name no category.

        Args:
            further: Number of each further document's category; -1 of one that no document had. Shape (further,).
            n_terms: Terms in all.

        Returns:
            Other categories; these are left as they are.
        """
        found = Categories.__new__(Categories)
        more = np.where(further < 0, self._n, further).astype(self.of_document.dtype)
        of_document = np.concatenate([self.of_document, more])
        starts = self._starts + self._starts[-1:] * (n_terms + 1 - len(self._starts))
        vars(found).update({**vars(self), "of_document": of_document, "_n": self._n + 1, "_starts": starts})
        return found

    def signals(self, units: IntArray, documents: IntArray) -> FloatArray:
        """What the categories of documents say of a query, by the formulas of this module.

        Args:
            units: Needed terms of the query, all held by the catalogue. Shape (units,).
            documents: Shape (n,).

        Returns:
            Named and bought. Shape (n, 2), in [0, 1]; 0 without units.
        """
        table = np.zeros((2, self._n), np.float32)
        for unit in units.tolist():
            part = slice(self._starts[unit], self._starts[unit + 1])
            table[:, self._numbers[part]] += self._shares[:, part]
        return np.asarray(table.T[self.of_document[documents]] / max(len(units), 1), np.float64)


def all_named(categories: Categories | None, units: IntArray, documents: IntArray) -> npt.NDArray[np.bool_]:
    """Whether the category of each document names all needed words of a query.

    Args:
        categories: None where the catalogue has none.
        units: Needed terms of the query. Shape (units,).
        documents: Shape (n,).

    Returns:
        Shape (n,); nothing is named where there is no word.
    """
    if categories is None or not len(units):
        return np.zeros(len(documents), bool)
    return np.asarray(categories.signals(units, documents)[:, 0] > 1 - 1e-6)


def numbered(paths: Sequence[str]) -> IntArray:
    """A number of each path, alike for alike ones, in order of appearance. Shape (paths,)."""
    numbers = {path: number for number, path in enumerate(dict.fromkeys(paths))}
    return np.array([numbers[path] for path in paths], np.int64)


def fit_categories(
    category: IntArray,
    starts: IntArray,
    documents: npt.NDArray[np.int32],
    *,
    in_path: npt.NDArray[np.bool_],
    people: FloatArray | None = None,
) -> dict[str, npt.NDArray[Any]]:
    """Arrays for ``Categories``.

    Args:
        category: Number of each document's category path. Shape (documents,).
        starts: Where each term's postings start. Shape (terms + 1,).
        documents: Document of each posting. Shape (postings,).
        in_path: Whether the posting's term is in the document's category path. Shape (postings,).
        people: How many people took each document; None where nothing is known of behaviour. Shape (documents,).

    Returns:
        ``category_of`` (documents); ``category_starts`` (terms + 1) into ``category_numbers``, ``category_named`` and
        ``category_bought``.
    """
    n_terms, width = len(starts) - 1, int(category.max(initial=0)) + 1
    term = np.repeat(np.arange(n_terms), np.diff(starts))
    keys, place = np.unique(term * width + category[documents], return_inverse=True)
    named = np.bincount(place, in_path, len(keys)) > 0
    bought = np.zeros(len(keys))
    if people is not None:
        counts = np.bincount(place, people[documents], len(keys))
        most = np.zeros(n_terms)
        np.maximum.at(most, keys // width, counts)
        bought = counts / np.maximum(most[keys // width], 1e-9)
    return {
        _OF_DOCUMENT: category.astype(np.int32),
        _STARTS: keys.searchsorted(np.arange(n_terms + 1) * width).astype(np.int64),
        _NUMBERS: (keys % width).astype(np.int32),
        _NAMED: named,
        _BOUGHT: bought.astype(np.float32),
    }
