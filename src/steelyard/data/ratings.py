"""Ratings as people wrote them, brought to one scale that the whole column decides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["LIKE_SHARE", "RATING_NAMES", "RatingScale", "read_rating", "scale_of"]

LIKE_SHARE = 0.6
"""Ratings above this share of the best one are liking: 4 and 5 of five stars, 7 and more of ten, above 60 %."""

RATING_NAMES = (
    "rating",
    "ratings",
    "stars",
    "starrating",
    "overall",
    "ratingvalue",
    "评分",
    "星级",
    "打分",
    "评价分数",
)
"""Names, folded to letters and digits, of columns that can hold nothing but the value of a rating."""

_TOPS = (1.0, 5.0, 10.0, 100.0)
_INSIDE = 0.95
"""Share of the ratings a scale must hold to be the column's: a typing error is not a scale."""
_OF = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:/|of|out of|von|sur)\s*(\d+(?:[.,]\d+)?)(?:\s*(?:stars?|星|分))?")
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")
_NUMBER = re.compile(r"([-+]?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)\s*(?:stars?|星|分|points?|pts)?")
_STARS = re.compile(r"([★⭐🌟*]+)[☆✩]*")
_LETTERS = {"a": 1.0, "b": 0.8, "c": 0.6, "d": 0.4, "e": 0.2, "f": 0.0}
_WORDS = {
    **dict.fromkeys(("up", "thumbs up", "thumbsup", "like", "liked", "love", "good", "positive", "👍", "赞"), 1.0),
    **dict.fromkeys(("down", "thumbs down", "thumbsdown", "dislike", "disliked", "bad", "negative", "👎", "踩"), 0.0),
    **dict.fromkeys(("neutral", "ok", "average", "mixed", "中评", "一般"), 0.5),
    **dict.fromkeys(("好评", "满意", "非常满意", "喜欢"), 1.0),
    **dict.fromkeys(("差评", "不满意", "非常不满意", "不喜欢"), 0.0),
}


@dataclass(frozen=True, slots=True)
class RatingScale:
    """What the numbers of a rating column mean."""

    top: float = 5.0
    """The best rating there is."""
    like_above: float = 3.0
    """Ratings above it are liking; the others are not learnt from."""

    def is_liking(self, value: float) -> bool:
        """Whether a rating of the scale says that the item was liked."""
        return value > self.like_above


def read_rating(text: str) -> tuple[float, bool] | None:
    """A written rating.

    Args:
        text: ``4``, ``4.5``, ``4,5``, ``4/5``, ``80 %``, ``★★★★☆``, ``B``, ``thumbs up``, ``好评``.

    Returns:
        The number, and whether it is a share of its own scale in [0, 1]; ``None`` where it cannot be read.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if found := _OF.fullmatch(plain):
        value, top = (float(part.replace(",", ".")) for part in found.groups())
        return (value / top, True) if top > 0 else None
    if found := _PERCENT.fullmatch(plain):
        return float(found[1].replace(",", ".")) / 100, True
    if found := _NUMBER.fullmatch(plain):
        return float(found[1].replace(",", ".")), False
    if found := _STARS.fullmatch(plain.replace("️", "")):
        return float(len(found[1])), False
    if (letter := plain.rstrip("+-")) in _LETTERS and len(plain) <= 2:
        return _LETTERS[letter], True
    return (_WORDS[plain], True) if plain in _WORDS else None


def scale_of(
    counted: Iterable[tuple[str, int]], *, top: float | None = None, like_above: float | None = None
) -> RatingScale | None:
    """The scale of a column, told from all its values.

    Args:
        counted: Written values and in how many rows each occurs.
        top: The best rating, where the shop says it.
        like_above: The threshold of liking, where the shop says it.

    Returns:
        Shares are on a scale that ends at 1 where the column holds nothing else, or where it ends at 100 or 1 as
        numbers. ``None`` where it cannot be told: nothing that can be read, one value only that could be the best or
        the worst, or a largest value that is the end of no usual scale (4, 7, 20).
    """
    if top is None:
        top = _top({value: n for value, n in _numbers(counted)})
    if top is None:
        return None
    return RatingScale(top, top * LIKE_SHARE if like_above is None else like_above)


def _numbers(counted: Iterable[tuple[str, int]]) -> Iterable[tuple[tuple[float, bool], int]]:
    sums: dict[tuple[float, bool], int] = {}
    for text, n in counted:
        read = read_rating(text)
        if read is not None:
            sums[read] = sums.get(read, 0) + n
    return sums.items()


def _top(found: Mapping[tuple[float, bool], int]) -> float | None:
    bare = {value: n for (value, is_share), n in found.items() if not is_share}
    if not bare:
        return 1.0 if found else None
    total = sum(bare.values())
    for top in _TOPS:
        inside = [value for value in bare if 0 <= value <= top]
        if inside and sum(bare[value] for value in inside) >= _INSIDE * total:
            return top if _is_told(top, inside) else None
    return None


def _is_told(top: float, values: list[float]) -> bool:
    """Whether the values reach far enough up to be of a scale that ends at ``top``."""
    highest = max(values)
    if top == 1.0:
        return len(values) > 1  # all 1 may be one star, or yes
    return highest >= {5.0: 4.5, 10.0: 7.5, 100.0: 50.5}[top]
