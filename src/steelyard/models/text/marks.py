"""Where a text holds the terms of a query: the places that a page marks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from steelyard.models.text.segment import cut, fold, has_han

__all__ = ["marks"]

_CHUNK = re.compile(r"[^\W_]+(?:['’.,/\-‐-―][^\W_]+)*")
_PIECE = re.compile(r"[^\W_]+")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")


def marks(text: str, terms: Collection[str], *, language: str) -> list[tuple[int, int]]:
    """Places of a text that match.

    Args:
        text: As it is shown.
        terms: Of the query, as the segmenter writes them.
        language: As for ``words``.

    Returns:
        Begin and end of each place, ascending, none touching another. An English word is marked whole where its stem is
        among the terms, a Chinese one just as far as it is.
    """
    wanted = {term for term in terms if not has_han(term)}
    places = [*_latin(text, wanted, language), *_han(text, [term for term in terms if has_han(term)])]
    found: list[tuple[int, int]] = []
    for begin, end in sorted(places):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def _latin(text: str, wanted: set[str], language: str) -> Iterator[tuple[int, int]]:
    for chunk in _CHUNK.finditer(_HAN_RUN.sub(lambda run: " " * len(run[0]), text)):
        whole = cut(chunk[0], language=language, with_dictionary=False)
        if wanted.issuperset(whole.units) or wanted.intersection(term for term, _, _ in whole.wholes):
            yield chunk.span()
            continue
        for piece in _PIECE.finditer(chunk[0]):
            found = cut(piece[0], language=language, with_dictionary=False)
            if wanted.intersection(found.units) or wanted.intersection(term for term, _, _ in found.wholes):
                yield chunk.start() + piece.start(), chunk.start() + piece.end()


def _han(text: str, wanted: list[str]) -> Iterator[tuple[int, int]]:
    folded = "".join(one if len(one := fold(sign)) == 1 else sign for sign in text) if wanted else ""
    for term in wanted:
        at = folded.find(term)
        while at >= 0:
            yield at, at + len(term)
            at = folded.find(term, at + 1)
