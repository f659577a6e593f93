"""What a query says of the price: "boots under 200", "200元以下", "$20 - $50".

A number counts as a price where money is named beside it, or where a word of comparison stands before it (in Chinese
behind it) and the query ends there: "lamp under 50" asks for a price, "tv under 50 inches", "cabinet under sink" and
"kids under 5 toys" do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from steelyard.models.text.folding import fold

__all__ = ["PriceWish", "price_wish"]

_MOST = Decimal(10**9)
_LEAST_BARE = 20
"""A smaller number behind which 以内 stands without naming money may well be an age or a size."""
_SIGN = r"(?:us\$|hk\$|a\$|c\$|[$€£¥₩₹])"
_WORD = (
    r"(?:dollars?|bucks|usd|euros?|eur|pounds?|quid|gbp|yuan|rmb|cny|yen|jpy|元|块钱|塊錢|块|塊|人民币|美元|欧元|英镑|日元"
    rf"|{_SIGN})"
)
_OF_CURRENCY = {
    "USD": "us$ $ dollar dollars bucks usd 美元", "EUR": "€ euro euros eur 欧元",
    "GBP": "£ pound pounds quid gbp 英镑", "CNY": "¥ yuan rmb cny 元 块 块钱 塊 塊錢 人民币",
    "JPY": "¥ yen jpy 円 日元", "HKD": "hk$ $", "AUD": "a$ $ dollar dollars bucks",
    "CAD": "c$ $ dollar dollars bucks", "TWD": "$ 元 块 块钱 塊 塊錢", "KRW": "₩", "INR": "₹",
}  # fmt: skip
_FIGURE = r"(\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?|\d+(?:[.,]\d{1,2})?)(?!\d)"
_CHINESE_FIGURE = r"([一二两三四五六七八九十百千万]{1,7})"
_NUMBER = rf"(?:{_FIGURE}(千|万|k(?![a-z]))?|{_CHINESE_FIGURE})"
_AMOUNT = rf"({_SIGN}?)\s*{_NUMBER}\s*({_WORD}?)"
_BELOW = (
    r"(?:under|below|less than|cheaper than|no more than|not more than|up to|at most|max(?:imum)?(?: price)?|unter|bis)"
)
_ABOVE = r"(?:over|above|more than|at least|from|min(?:imum)?(?: price)?|über)"
_UNTIL = r"(?:-|–|~|～|to|and|bis|到|至)"
_GOES_ON = re.compile(r"\s*(?:$|(?:for|with|in|and|für|mit)\b)")

_RANGE = re.compile(rf"(?:between\s+|from\s+)?{_AMOUNT}\s*{_UNTIL}\s*{_AMOUNT}(?:\s*(之间|左右))?")
_BEFORE = re.compile(rf"(?<![\w])({_BELOW}|{_ABOVE})\s+{_AMOUNT}(?![\w%\"'/])")
_BEFORE_CHINESE = re.compile(rf"(低于|少于|不超过|不到|高于|超过)\s*{_AMOUNT}")
_BEHIND = re.compile(rf"{_AMOUNT}\s*(以下|以内|之内|以上|起)")
_BELOW_CHINESE = frozenset(["低于", "少于", "不超过", "不到", "以下", "以内", "之内"])
_BELOW_WORD = re.compile(_BELOW)
_DIGITS = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {"两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}


@dataclass(frozen=True, slots=True)
class PriceWish:
    """A price that a query asks for."""

    low: Decimal | None
    """At least so much, in the shop's currency."""
    high: Decimal | None
    """At most so much."""
    phrase: str
    """The words that say so."""
    rest: str
    """The query without them."""


def price_wish(query: str, *, currency: str) -> PriceWish | None:
    """What a query says of the price.

    Args:
        query: As the shopper typed it.
        currency: ISO code of the shop's prices; a price in another currency is not read as one.

    Returns:
        None where it says nothing of the price, or nothing else.
    """
    folded, money = fold(query), frozenset(_OF_CURRENCY.get(currency, "").split())
    for read in (_range, _compared):
        found = read(folded, money)
        if found is not None and found.rest:
            return found
    return None


def _range(query: str, money: frozenset[str]) -> PriceWish | None:
    for match in _RANGE.finditer(query):
        named, (low, high) = _parts(match)
        if not named or not named <= money or _is_part_of_a_word(query, match):
            continue
        if low is not None and high is not None and low < high:
            return _wish(query, match, low, high)
    return None


def _compared(query: str, money: frozenset[str]) -> PriceWish | None:
    for pattern, at in ((_BEHIND, -1), (_BEFORE_CHINESE, 0), (_BEFORE, 0)):
        for match in pattern.finditer(query):
            named, (amount, *_) = _parts(match)
            if amount is None or not named <= money or _is_part_of_a_word(query, match):
                continue
            if not named and not _may_be_bare(query, match, amount):
                continue
            said = match.groups()[at] or ""
            is_below = said in _BELOW_CHINESE or _BELOW_WORD.fullmatch(said) is not None
            return _wish(query, match, None if is_below else amount, amount if is_below else None)
    return None


def _may_be_bare(query: str, match: re.Match[str], amount: Decimal) -> bool:
    """Whether a number is a price though no money is named."""
    if match.re is not _BEFORE:
        return amount >= _LEAST_BARE
    return match.start() > 0 and _GOES_ON.match(query, match.end()) is not None


def _is_part_of_a_word(query: str, match: re.Match[str]) -> bool:
    """Whether letters or digits go on before a figure that begins the phrase, or behind one that ends it."""
    before, behind = query[: match.start()][-1:], query[match.end() :][:1]
    begins, ends = match.group()[0], match.group()[-1]
    return (begins.isdigit() and ((before.isascii() and before.isalnum()) or before in tuple("-/.#"))) or (
        ends.isdigit() and behind.isascii() and behind.isalnum()
    )


def _parts(match: re.Match[str]) -> tuple[frozenset[str], list[Decimal | None]]:
    """What names money in a match, and its numbers."""
    groups = [group or "" for group in match.groups()]
    if match.re in (_BEFORE, _BEFORE_CHINESE):
        groups = groups[1:]
    amounts = [groups[i : i + 5] for i in range(0, len(groups) - len(groups) % 5, 5)]
    named = frozenset(word for amount in amounts for word in (amount[0], amount[4]) if word)
    return named, [_number(*amount[1:4]) for amount in amounts]


def _number(figure: str, times: str, letters: str) -> Decimal | None:
    if letters:
        return _chinese_number(letters)
    plain = re.sub(r"[,.](?=\d{3}(?:\D|$))", "", figure).replace(",", ".")
    value = Decimal(plain) * {"千": 1000, "k": 1000, "万": 10_000}.get(times, 1)
    return value if value <= _MOST else None


def _chinese_number(letters: str) -> Decimal | None:
    """三百五十 is 350; a digit behind a unit counts the next smaller one: 三百五 is 350."""
    total, digit, last = 0, 0, 0
    for letter in letters:
        if letter in _TENS:
            total = (total + digit) * _TENS[letter] if letter == "万" else total + (digit or 1) * _TENS[letter]
            digit, last = 0, _TENS[letter]
        else:
            digit = _DIGITS[letter]
    total += digit * (last // 10 if last >= 100 else 1)
    return Decimal(total) if total else None


def _wish(query: str, match: re.Match[str], low: Decimal | None, high: Decimal | None) -> PriceWish:
    rest = " ".join(f"{query[: match.start()]} {query[match.end() :]}".split()).strip(",，;；的 ")
    return PriceWish(low, high, match.group().strip(), rest)
