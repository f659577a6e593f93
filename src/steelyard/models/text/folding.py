"""One spelling for what can be written in several ways: letters, signs, numbers and measures, on both sides alike.

=====================  ===========================
written                folded
=====================  ===========================
Ｃａｆé, CAFÉ           cafe
Œuvre, Straße, Bjørn   oeuvre, strasse, bjorn
8 Ω, 5 µm, 25 m²       8 ohm, 5 um, 25 m2
3,5 mm, 0,50 l         3.5 mm, 0.5 l
500毫升, 十二寸         500ml, 12in
雙筒望遠鏡              双筒望远镜
=====================  ===========================
"""

from __future__ import annotations

import re
import unicodedata

from steelyard.data.values.traditional import SIMPLIFIED_OF

__all__ = ["HAN", "fold", "has_han"]

HAN = r"㐀-䶿一-鿿豈-﫿"
"""The Han characters, for a class of a regular expression."""
_HAN = re.compile(f"[{HAN}]+")
_BEFORE_FOLDING = re.compile(r"[®™℠©]|(?<=\d)(?=[¼-¾⅐-⅞²³])")
"""Places where NFKC would run things together: Sony™ into sonytm, 1½ into 11/2."""
_ACCENT = re.compile("[̀-ͯ]")
_PLAIN = str.maketrans(
    {
        "⁄": "/",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "“": '"',
        "”": '"',
        "′": "'",
        "″": '"',
        "‐": "-",
        "‑": "-",
        "–": "-",
        "—": " ",
        "−": "-",
        "×": "x",
        "œ": "oe",
        "æ": "ae",
        "ø": "o",
        "ß": "ss",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        "＃": "#",
        "﹢": "+",
        "♯": "#",
        "\u00ad": None,
        "\u200b": None,
    }
)
_OHM = re.compile(r"(?<![α-ωά-ώ])ω(?![a-zα-ωά-ώ])")
_MICRO = re.compile(r"(?<![α-ωά-ώ])μ(?![α-ωά-ώ])")
_DECIMAL_COMMA = re.compile(r"(?<![\d,.])(\d+),(\d{1,2})(?![\d,])|(?<![\d,.])(0),(\d+)(?![\d,])")
"""A comma before one or two digits, or after a nought: 1,234 and 10,000 are thousands, 1,2,3 is a list."""
_SPARE_NOUGHTS = re.compile(r"(?<![\d.])(\d*\.\d*?[1-9])0+(?![\d.])")

_DIGIT_OF = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_COUNTED = "英寸|寸|毫升|升|毫克|千克|公斤|克|斤|厘米|毫米|米|码|号|匹|支|盒|瓶|袋|片|件|人|层|度|岁"
_CHINESE_NUMBER = re.compile(rf"([零〇一二两三四五六七八九十百]+)(?={_COUNTED})")
_CHINESE_MEASURES = {
    "英寸": "in", "英尺": "ft", "毫升": "ml", "升": "l", "毫克": "mg", "千克": "kg", "公斤": "kg", "克": "g",
    "寸": "in", "厘米": "cm", "公分": "cm", "毫米": "mm", "米": "m", "瓦": "w", "毫安时": "mah", "毫安": "mah",
    "平方米": "m2", "平米": "m2", "平方": "m2", "盎司": "oz", "磅": "lb", "伏": "v", "欧姆": "ohm", "赫兹": "hz",
}  # fmt: skip
_IN_OTHER_WORDS = {
    "升": "级降温压华", "克": "拉罗力隆莱里", "米": "兰其奇白色粒饭线糕粉豆老黄", "瓦": "斯片楞", "寸": "草",
    "磅": "礴秤", "伏": "特加打", "平方": "根",
}  # fmt: skip
"""A measure before one of these characters is the beginning of another word: 2升级版 is no 2 litres."""
_MEASURED = re.compile(
    r"(?<=\d)\s?("
    + "|".join(
        f"{name}(?![{_IN_OTHER_WORDS[name]}])" if name in _IN_OTHER_WORDS else name
        for name in sorted(_CHINESE_MEASURES, key=len, reverse=True)
    )
    + ")"
)


def fold(text: str) -> str:
    """The text in one spelling: half width, lower case, no accents, plain signs and numbers, simplified Chinese.

    Args:
        text: Any Unicode text.

    Returns:
        NFKC-normalised text; ``1½`` becomes ``1 1/2``, a decimal comma a point, a measure in Chinese characters after a
        number its Latin sign; quotation marks, dashes and primes are plain.
    """
    if text.isascii():
        return _numbers(text.lower())
    text = unicodedata.normalize("NFKC", _BEFORE_FOLDING.sub(" ", text)).lower().translate(_PLAIN)
    if text.isascii():
        return _numbers(text)
    text = unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", text))).translate(_PLAIN)
    text = _numbers(_MICRO.sub("u", _OHM.sub("ohm", text)))
    return _chinese(text.translate(SIMPLIFIED_OF)) if _HAN.search(text) else text


def has_han(text: str) -> bool:
    """Whether the text holds a Han character."""
    return _HAN.search(text) is not None


def _numbers(text: str) -> str:
    """Decimal commas as points, and no noughts at the end of a decimal."""
    if "," in text:
        text = _DECIMAL_COMMA.sub(lambda found: f"{found[1] or found[3]}.{found[2] or found[4]}", text)
    return _SPARE_NOUGHTS.sub(r"\1", text) if "0" in text and "." in text else text


def _chinese(text: str) -> str:
    """Numbers and measures in Chinese characters as digits and Latin signs."""
    text = _CHINESE_NUMBER.sub(lambda found: _apart(found) + _value(found[1]), text)
    return _MEASURED.sub(lambda found: f"{_CHINESE_MEASURES[found[1]]} ", text)


def _apart(found: re.Match[str]) -> str:
    """A space where a number would go on with the model number before it: zb012三层 is no zb0123."""
    before = found.string[: found.start()][-1:]
    return " " if before.isascii() and before.isalnum() else ""


def _value(characters: str) -> str:
    """A number below a thousand in digits; as it is where it is none, such as 一百零."""
    hundreds, _, rest = characters.rpartition("百")
    tens, has_tens, ones = rest.rpartition("十")
    ones = ones.lstrip("零〇") if hundreds or has_tens else ones
    if any(len(part) > 1 or not set(part) <= _DIGIT_OF.keys() for part in (hundreds, tens)):
        return characters
    if not set(ones) <= _DIGIT_OF.keys() or (len(ones) > 1 and (hundreds or has_tens)) or characters in "零〇百":
        return characters
    if not hundreds and not has_tens:
        return "".join(str(_DIGIT_OF[character]) for character in ones)
    digit = {"": 0, **_DIGIT_OF}
    n_tens = digit[tens] if tens or not has_tens else 1
    return str(100 * digit[hundreds] + 10 * n_tens + digit[ones])
