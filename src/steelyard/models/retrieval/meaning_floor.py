r"""How near a text must be to a query to be shown for its meaning alone.

Something is always nearest. So that nonsense finds nothing, queries that have no answer in the shop are asked when the
model is built: letters at random, and words of other trades that none of the shop's texts holds. With m_1 … m_n the
cosines of the nearest text of each,

.. math:: \text{floor} = Q_{.95}(m) \qquad \text{sure} = \max_i m_i

Below the floor a text is no answer by its meaning; between the two it is a weak one. Queries are drawn with the seed
of the build, and both numbers are stored with the model.

Trust: says nothing of queries that have an answer. What those lose is in the figures of the model, which is measured
with its floor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.domain import Texts
from steelyard.models.text.segment import cut, fold

__all__ = ["Floor", "fit_floor", "foreign_queries", "has_letters"]

_N_RANDOM = 120
_QUANTILE = 0.95
_VOWELS, _CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxz"
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_ELSEWHERE = (
    "kubernetes|javascript tutorial|database migration|operating system kernel|compiler error|quantum entanglement|"
    "photosynthesis|plate tectonics|supernova remnant|prime number theorem|tax return deadline|parliament election|"
    "constitutional court|divorce lawyer|mortgage interest rate|stock exchange crash|pension reform|embassy visa|"
    "bus timetable|airport delay|train strike|weather tomorrow|earthquake magnitude|knee surgery|blood test results|"
    "appendicitis symptoms|vaccination appointment|philosophy of mind|medieval history|roman emperor|world war treaty|"
    "football league table|chess opening theory|olympic opening ceremony|wedding speech|job interview questions|"
    "cover letter example|university entrance exam|homework help|english grammar rules|latin declension|"
    "translate to finnish|capital of mongolia|population of brazil|who invented the telephone|how old is the pope|"
    "lottery numbers|horoscope libra|dream interpretation|forgot my password|internet is down|delete my account|"
    "customer complaint|refund policy|opening hours|nearest bank|ambulance|fire department|lost passport|"
    "used car insurance|apartment for rent|babysitter wanted|plumber near me|volcano eruption|glacier melting|"
    "dinosaur extinction|black hole|algebra equation|periodic table|opera libretto|sonnet|novel summary|film actor|"
    "量子力学|光合作用|法院判决|离婚律师|房贷利率|股市行情|天气预报|高考分数线|公交时刻表|航班延误|地震震级|阑尾炎症状|"
    "数据库迁移|编译错误|素数定理|罗马皇帝|宪法修正|选举结果|签证申请|世界杯赛程|面试问题|彩票号码|星座运势|忘记密码|"
    "退款政策|附近的银行|火山喷发|恐龙灭绝|黑洞|元素周期表"
).split("|")


@dataclass(frozen=True, slots=True)
class Floor:
    """Cosines that a text shown for its meaning alone is held against."""

    floor: float = -1.0
    """Below it a text is no answer. -1 lets everything pass."""
    sure: float = -1.0
    """Below it an answer is weak."""


def has_letters(query: str) -> bool:
    """Whether there is anything in a query that can have a meaning: a letter of any script."""
    return any(character.isalpha() for character in query)


def foreign_queries(texts: Texts, *, seed: int) -> list[str]:
    """Queries that have no answer in a shop.

    Args:
        texts: Of the shop.
        seed: Draws the letters.

    Returns:
        Letters at random, and questions of other trades of whose words no title, category or brand holds one.
    """
    rng = np.random.default_rng(seed)
    held: set[str] = set()
    for column in (texts.title, texts.category, texts.brand):
        for value in dict.fromkeys(column):
            held.update(cut(value, language="mixed", with_dictionary=False).units)
    elsewhere = [
        query for query in _ELSEWHERE
        if not held.intersection(cut(query, language="mixed", with_dictionary=False).units)
    ]  # fmt: skip
    return [*(_random_words(rng) for _ in range(_N_RANDOM)), *elsewhere]


def fit_floor(nearest: Callable[[str], float], queries: Sequence[str]) -> Floor:
    """The floor by queries without an answer.

    Args:
        nearest: Cosine of the text that is nearest to a query.
        queries: As ``foreign_queries`` gives them.

    Returns:
        Quantiles of their cosines; everything passes where there are no queries.
    """
    if not queries:
        return Floor()
    found = np.array([nearest(fold(query)) for query in queries])
    return Floor(round(float(np.quantile(found, _QUANTILE)), 4), round(float(found.max()), 4))


def _random_words(rng: np.random.Generator) -> str:
    """One to three words that are none: syllables, consonants, or a run of the keyboard."""
    return " ".join(_random_word(rng) for _ in range(int(rng.integers(1, 4))))


def _random_word(rng: np.random.Generator) -> str:
    kind, length = int(rng.integers(3)), int(rng.integers(4, 11))
    if kind == 0:
        row = _ROWS[int(rng.integers(len(_ROWS)))]
        return row[int(rng.integers(3)) :][:length]
    letters = (_CONSONANTS, _VOWELS) if kind == 1 else (_CONSONANTS, _CONSONANTS)
    return "".join(rng.choice(list(letters[place % 2])) for place in range(length))
