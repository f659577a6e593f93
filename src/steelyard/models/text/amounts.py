"""Amounts in titles: how much of a thing a pack holds says nothing of what the thing is."""

from __future__ import annotations

import re

__all__ = ["UNITS", "without_amounts"]

UNITS = (
    "fl oz|sq ft|oz|ounces?|lbs?|pounds?|kg|mg|g|grams?|ml|cl|dl|l|lt|ltr|lit(?:er|re)s?|gal?|gl|gallons?|qt|pt|"
    "ct|count|pk|packs?|pc|pcs|pieces?|dz|doz|dozen|rolls?|in|inch(?:es)?|cm|mm|m|ft|w|watts?|gb|tb|"
    "千克|公斤|毫升|英寸|克|斤|升|片|包|盒|瓶|袋|罐|听|支|只|码|寸|件|个|卷|抽|枚|条|双"
)
"""Alternatives of a regular expression: units in which packs are measured or counted."""
_AMOUNT = re.compile(
    rf"(?<![0-9A-Za-z./])(?:\d+\s?[x×*]\s?)?(?:\d+(?:[.,/\-x×*]\d+)*|\.\d+)[\s_]*(?:{UNITS})(?![A-Za-z])"
    rf"(?:\s?[x×*/]\s?\d+\s?(?:{UNITS})?(?![A-Za-z]))?|\s(?:gal?|gl|pt|qt|dz|doz)\s*$",
    re.IGNORECASE,
)


def without_amounts(title: str) -> str:
    """A title without its amounts: ``Shampoo 14.5 oz`` and ``Shampoo 2 x 400 ml`` are both ``Shampoo``.

    Args:
        title: Of a product.

    Returns:
        What is left, white space folded; the title itself where nothing would be left. Numbers without a unit stay:
        they may be of a model.
    """
    left = " ".join(_AMOUNT.sub(" ", title).split())
    return left or title
