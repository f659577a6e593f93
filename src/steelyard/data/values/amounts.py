"""Signs and codes of currencies as shops write them on prices: one list for the reader of files and for ``init``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["CODES", "LEADING", "MAX_PRICE", "SIGNS", "TRAILING", "CurrencyGuess", "codes_of", "currency_of", "mentions"]

MAX_PRICE = 1e12
"""A price beyond it is none."""
CODES = (
    *("AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP", "HKD"),
    *("HUF", "IDR", "ILS", "INR", "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PEN", "PHP", "PKR", "PLN", "RMB", "RON"),
    *("RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "VND", "ZAR"),
    *("AZN", "BAM", "BDT", "BHD", "BYN", "CRC", "DOP", "DZD", "GHS", "GTQ", "IQD", "ISK", "JOD", "KES", "KHR", "KWD"),
    *("KZT", "LBP", "LKR", "LYD", "MAD", "MDL", "MKD", "MMK", "NGN", "NPR", "OMR", "PYG", "QAR", "RSD", "TND", "TZS"),
    *("UGX", "UYU", "UZS", "VES", "XAF", "XOF"),
)
"""Codes that may stand before or behind a number."""

SIGNS: dict[str, tuple[str, ...]] = {
    **{"US$": ("USD",), "HK$": ("HKD",), "NT$": ("TWD",), "CA$": ("CAD",), "AU$": ("AUD",), "NZ$": ("NZD",)},
    **{"MX$": ("MXN",), "R$": ("BRL",), "A$": ("AUD",), "C$": ("CAD",)},
    **{"S$": ("SGD",), "€": ("EUR",), "£": ("GBP",), "₹": ("INR",), "₽": ("RUB",), "₩": ("KRW",), "₫": ("VND",)},
    **{"฿": ("THB",), "₺": ("TRY",), "₴": ("UAH",), "₪": ("ILS",), "₱": ("PHP",), "zł": ("PLN",), "Kč": ("CZK",)},
    **{"元": ("CNY",), "円": ("JPY",), "块": ("CNY",), "￥": ("CNY", "JPY"), "¥": ("CNY", "JPY")},
    **{"$": ("USD", "CAD", "AUD", "HKD", "MXN"), "＄": ("USD", "CAD", "AUD")},
    **{"kr.": ("DKK", "NOK", "SEK", "ISK"), "kr": ("SEK", "NOK", "DKK", "ISK"), "Kr": ("SEK", "NOK", "DKK", "ISK")},
    **{"лв.": ("BGN",), "лв": ("BGN",), "lei": ("RON", "MDL"), "Lei": ("RON", "MDL"), "din.": ("RSD",), "TL": ("TRY",)},
    **{"₸": ("KZT",), "₦": ("NGN",), "₼": ("AZN",), "₵": ("GHS",), "৳": ("BDT",), "₡": ("CRC",), "₲": ("PYG",)},
    **{"원": ("KRW",), "đ": ("VND",), "บาท": ("THB",), "грн": ("UAH",), "₾": ("GEL",), "Rp": ("IDR",)},
    **{"ريال": ("SAR",), "ש״ח": ("ILS",)},
    **{"Rs.": ("INR", "PKR"), "Rs": ("INR", "PKR"), "Ft": ("HUF",), "руб.": ("RUB",), "руб": ("RUB",)},
}
"""From a sign to the currencies it may mean, the likeliest first; longer signs before those they contain."""

_SIGN = "|".join([*(re.escape(sign) for sign in SIGNS), *(rf"(?i:{code})" for code in CODES)])
LEADING = rf"(?:\s|{_SIGN}|约|低至|仅|(?i:from|only|ab)\s)*"
"""What may stand before the number."""
TRAILING = rf"(?:\s|{_SIGN}|起|/件|/个|[.,][-–—])*"
"""What may stand behind it: ``起`` and ``from`` name the lowest price of several."""

_FIRST = re.compile(rf"{_SIGN}")
_HAN = re.compile(r"[㐀-鿿]")
_KANA = re.compile(r"[぀-ヿ]")
_LEAST_SHARE = 0.5
_LOOKED_AT = 200
"""Characters of a written price in which a currency is looked for: a longer text is none, or a bomb."""


@dataclass(frozen=True, slots=True)
class CurrencyGuess:
    """Which currency the prices are in, as far as they say."""

    code: str = ""
    """ISO 4217; empty where nothing tells, which is not a dollar."""
    why: str = "nothing in the files says which currency the prices are in"


def currency_of(values: Iterable[str], *, column: str, texts: Iterable[str] = ()) -> CurrencyGuess:
    """The currency written on the prices, or in the name of their column.

    Args:
        values: Prices as written.
        column: Name of their column.
        texts: Titles: ``￥`` is the yuan beside Chinese and the yen beside Japanese.

    Returns:
        No code where signs disagree, are not there, or may mean several currencies and nothing tells them apart.
    """
    found: dict[str, int] = {}
    n = 0
    for value in values:
        n += 1
        if written := _FIRST.search(value[:_LOOKED_AT]):
            found[written[0]] = found.get(written[0], 0) + 1
    if not found:
        named = re.search(
            r"(?<![A-Za-z])(" + "|".join(CODES) + r")(?![A-Za-z])|元|円", column.upper().replace("_", " ")
        )
        if named is None:
            return CurrencyGuess()
        sign, where = named[0], f"the name of column {column!r}"
    else:
        sign = min(found, key=lambda each: (len(_codes(each)), -found[each], each))  # 元 tells what ￥ leaves open
        listed = ", ".join(f"{each!r} {count:,}" for each, count in found.items())
        common = set.intersection(*(set(_codes(each)) for each in found))
        if sum(found.values()) < _LEAST_SHARE * n or not common:
            return CurrencyGuess(why=f"the prices do not agree on a currency ({listed} of {n:,} looked at)")
        where = f"written on the prices: {listed} of {n:,} looked at"
    return _told(sign, where, list(texts))


def mentions(value: str) -> tuple[str, tuple[str, ...]] | None:
    """The first sign or code of a currency in a written price.

    Args:
        value: As ``1.299,00 €``.

    Returns:
        What is written, and the codes it may mean; ``None`` where there is none.
    """
    found = _FIRST.search(value[:_LOOKED_AT])
    return (found[0], _codes(found[0])) if found else None


def codes_of(written: str) -> tuple[str, ...]:
    """The currencies that a value of a column of currencies may mean.

    Args:
        written: A sign, a code of ISO 4217 in any case, or another word, which stands for itself.

    Returns:
        At least one, the likeliest first.
    """
    return _codes(written.strip())


def _told(sign: str, where: str, texts: list[str]) -> CurrencyGuess:
    codes = _codes(sign)
    if codes == ("CNY", "JPY"):
        if any(_KANA.search(text) for text in texts):
            return CurrencyGuess("JPY", f"{where}, beside Japanese texts")
        if any(_HAN.search(text) for text in texts):
            return CurrencyGuess("CNY", f"{where}, beside Chinese texts")
        return CurrencyGuess(why=f"{where}, which may be CNY or JPY")
    if sign in ("$", "＄"):
        return CurrencyGuess("USD", f"{where}; it may also be {', '.join(codes[1:])}")
    if len(codes) > 1:
        return CurrencyGuess(why=f"{where}, which may be {' or '.join(codes)}")
    return CurrencyGuess(codes[0], where)


def _codes(sign: str) -> tuple[str, ...]:
    code = sign.upper()
    return SIGNS.get(sign, ("CNY" if code == "RMB" else code,))
