r"""What a query says of category, brand, attributes and measures, read from the shop's own fields and what people buy.

The category is no word of the query but what people mean by its words: among the items that hold them all, with s_i
the people who bought item i, n of them in all and n_c in category c,

.. math:: P(c \\mid q) = \\frac{\\sum_{i \\in c} s_i + \\alpha \\, n_c / n}{\\sum_i s_i + \\alpha}

Trust: it is shown and weighs nothing. As a reward it was tried on judged queries and did not pay
(``benchmarks/category_prior.py``): lexical search counts categories already, as far as that pays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from steelyard.documents.explanation import Meant, QueryRead
from steelyard.domain import FloatArray, IntArray
from steelyard.models.text.folding import fold, has_han
from steelyard.models.text.segment import MEASURES, cut
from steelyard.serving.lists.field_state import ATTRIBUTE, BRAND, CATEGORY, PATH
from steelyard.serving.lists.fields import Fields

__all__ = ["Understanding"]

_SMOOTHING = 10.0
"""Alpha: so many people are taken to have bought as the catalogue is made up."""
_MOST_CATEGORIES = 3
_LEAST_SHARE = 0.05
_MOST_WORDS = 6
"""A value of more words is not looked for."""
_MOST_VALUES = 50_000
"""Fields with more values name no kind of thing."""
_SAY_NOTHING = frozenset("yes no true false none n/a na other unknown 是 否 无 其他 未知".split())
_MEASURE = re.compile(r"[\d./-]+([a-z]+[23]?)")
_WORD = re.compile(r"[^\W_]+(?:[&'./+-][^\W_]+)*[+#]*")


class Understanding:
    """Reads queries by the fields of one catalogue.

    Args:
        fields: Of the catalogue.
        sold: How often each item was bought; ``None`` where nobody knows.
    """

    def __init__(self, fields: Fields, *, sold: FloatArray | None) -> None:
        self._fields = fields
        self._sold = sold

    def meant(self, read: QueryRead, holding: IntArray) -> tuple[Meant, ...]:
        """What a query says.

        Args:
            read: How its words were read.
            holding: Items that hold all of its words. Shape (n,).

        Returns:
            Categories, the likeliest first; then brands, attributes, measures, model numbers.
        """
        return (*self._categories(holding), *self._named(read.folded), *_measures(read.folded), *_codes(read))

    def _categories(self, holding: IntArray) -> Iterator[Meant]:
        if not len(holding) or CATEGORY not in self._fields.names:
            return
        number = self._fields.number(CATEGORY)
        narrowest = self._narrowest
        items = holding[narrowest[holding] >= 0]
        if not len(items):
            return
        n = self._fields.n_values(number)
        counts = np.bincount(narrowest[items], minlength=n) / len(items)
        bought = np.zeros(n) if self._sold is None else np.bincount(narrowest[items], self._sold[items], n)
        shares = (bought + _SMOOTHING * counts) / (bought.sum() + _SMOOTHING)
        for value in np.argsort(-shares, kind="stable")[:_MOST_CATEGORIES].tolist():
            if shares[value] >= _LEAST_SHARE:
                yield Meant("category", self._fields.text(number, value), probability=round(float(shares[value]), 4))

    @cached_property
    def _narrowest(self) -> IntArray:
        """Of each item its category's value with the longest path, -1 for none. Shape (n_items,)."""
        fields, number = self._fields, self._fields.number(CATEGORY)
        depths = np.array([fields.text(number, value).count(PATH) for value in range(fields.n_values(number))], int)
        begin, end = fields.starts[number : number + 2]
        items, values = fields.items[begin:end], fields.values[begin:end]
        order = np.argsort(depths[values], kind="stable")
        narrowest = np.full(fields.n_items, -1, np.int64)
        narrowest[items[order]] = values[order]
        return narrowest

    @cached_property
    def _values(self) -> dict[str, list[tuple[str, str, str]]]:
        """Kind, field and value as the catalogue writes it, of each value in one spelling."""
        found: dict[str, list[tuple[str, str, str]]] = {}
        for number, name in enumerate(self._fields.names[:-1]):
            is_attribute = name.startswith(ATTRIBUTE)
            if not (is_attribute or name == BRAND) or self._fields.n_values(number) > _MOST_VALUES:
                continue
            for value in range(self._fields.n_values(number)):
                text = self._fields.text(number, value)
                key = " ".join(_WORD.findall(fold(text)))
                if len(key) > 1 and not key.isdecimal() and key not in _SAY_NOTHING:
                    kind = "attribute" if is_attribute else "brand"
                    found.setdefault(key, []).append((kind, name.removeprefix(ATTRIBUTE) if is_attribute else "", text))
        return found

    def _named(self, folded: str) -> Iterator[Meant]:
        """Brands and attributes whose value the query says, of values inside each other the longest."""
        taken: set[tuple[str, str, int]] = set()
        for words, places in _phrases(folded):
            for kind, name, text in self._values.get(words, ()):
                spots = {(kind, name, place) for place in places}
                if not spots & taken:
                    taken |= spots
                    yield Meant(kind, text, name, (words,))


def _phrases(folded: str) -> Iterator[tuple[str, Sequence[int]]]:
    """Runs of words, and of Han characters, the longest first, each with the places it takes."""
    words = [(found.group(), found.start()) for found in _WORD.finditer(folded)]
    for n in range(min(_MOST_WORDS, len(words)), 0, -1):
        for first in range(len(words) - n + 1):
            run = words[first : first + n]
            yield " ".join(word for word, _ in run), [place for _, place in run]
    for word, place in words:
        if has_han(word) and len(word) <= 4 * _MOST_WORDS:
            for n in range(len(word) - 1, 1, -1):
                for first in range(len(word) - n + 1):
                    yield word[first : first + n], [place + at for at in range(first, first + n)]


def _measures(folded: str) -> Iterator[Meant]:
    found = cut(folded, language="mixed", with_dictionary=False)
    for term, first, last in found.wholes:
        match = _MEASURE.fullmatch(term)
        if match and match[1] in MEASURES:
            yield Meant("measure", term, words=tuple(word for word in found.surfaces[first:last] if word))


def _codes(read: QueryRead) -> Iterator[Meant]:
    """The longest term that mixes letters and digits and is no measure."""
    codes = [
        (term.term.lstrip("~"), term.stands_for)
        for term in read.terms
        if any(map(str.isdigit, term.term)) and any(map(str.isalpha, term.term))
    ]
    codes = [
        (term, words) for term, words in codes if not (match := _MEASURE.fullmatch(term)) or match[1] not in MEASURES
    ]
    if codes:
        term, words = max(codes, key=lambda code: len(code[0]))
        yield Meant("model_number", term, words=words)
