"""The one home of the sentences that people read: of pages, report, charts and terminal, in English and Chinese.

A table for each place; ``page_words`` is what the browser is sent of them. Stages and units of a bill are named in
``documents.bill_terms``, its lines in ``documents.line_words``, since documents carry them too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from steelyard.documents.bill_terms import STAGES, UNITS
from steelyard.domain import Bilingual, filled_zh
from steelyard.reporting.words.data import DATA
from steelyard.reporting.words.decision import DECISION
from steelyard.reporting.words.explain import EXPLAIN
from steelyard.reporting.words.hardness import HARDNESS
from steelyard.reporting.words.live import LIVE
from steelyard.reporting.words.promises import PROMISES
from steelyard.reporting.words.report import REPORT
from steelyard.reporting.words.run import RUN
from steelyard.reporting.words.shop import SHOP
from steelyard.reporting.words.terms import TERMS
from steelyard.reporting.words.tuning import TUNING

__all__ = ["KINDS", "Words", "is_word", "page_words", "words_in"]

KINDS = ("measured", "invoiced", "quoted", "assumed", "derived")
Words = Callable[..., str]

_OF_BILLS = {f"s_{name}": said for name, said in STAGES.items()} | {f"u_{name}": said for name, said in UNITS.items()}
_OF_PAGES = (TERMS, RUN, LIVE, SHOP, EXPLAIN, DECISION, PROMISES, _OF_BILLS)


def page_words() -> dict[str, Bilingual]:
    """The sentences of the browser's pages by key, ``{name}`` where something is filled in."""
    return {key: Bilingual(*pair) for table in _OF_PAGES for key, pair in table.items()}


_ALL = {**page_words(), **{key: Bilingual(*pair) for key, pair in {**REPORT, **DATA, **HARDNESS, **TUNING}.items()}}


def is_word(key: str) -> bool:
    """Whether there is a sentence of that key."""
    return key in _ALL


def words_in(language: str) -> Words:
    """Gives the words of a key in one language, ``{name}`` filled in; an unknown key stands for itself."""
    is_zh = language.startswith("zh")

    def say(key: str, **values: Any) -> str:
        pair = _ALL.get(key)
        if pair is None:
            return key.removeprefix("s_").removeprefix("u_")
        return filled_zh(pair.zh, **values) if is_zh else pair.en.format(**values)

    return say
