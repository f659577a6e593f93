"""HTML of the report: elements whose text is always escaped, figures as people write them, and the page around them."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

__all__ = ["Html", "bars", "day", "element", "money", "number", "page", "percent", "raw", "table"]

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥"}
_BAR = 1000
_VOID = frozenset({"br", "col", "hr", "input", "link", "meta"})


class Html(str):
    """Text that is markup already. Everything else is escaped on its way into an element."""

    __slots__ = ()


def raw(markup: str) -> Html:
    """Markup made by this package, for example a chart. Never data."""
    return Html(markup)


def element(name: str, /, *children: Any, **attributes: Any) -> Html:
    """One element.

    Args:
        name: Of the element.
        children: Elements, texts (escaped), lists of both; ``None`` is left out.
        attributes: Values are escaped; ``None`` leaves one out; a trailing underscore is dropped (``class_``).

    Returns:
        Markup that is not escaped again; an element that cannot hold anything (``br``, ``col``, ``hr``) has no end tag.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{given}>")
    return Html(f"<{name}{given}>{''.join(_flat(children))}</{name}>")


def _flat(children: Iterable[Any]) -> Iterable[str]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, Html):
            yield child
        elif isinstance(child, list | tuple):
            yield from _flat(child)
        else:
            yield html.escape(str(child))


def table(
    head: list[Any], rows: Iterable[list[Any]], *, numbers: Iterable[int] = (), class_: str | None = None
) -> Html:
    """A table.

    Args:
        head: One cell for each column.
        rows: As long as ``head`` each.
        numbers: Columns that are set to the right.
        class_: Of the element.

    Returns:
        A ``table`` with one row of headings.
    """
    right = set(numbers)

    def cells(name: str, row: list[Any]) -> list[Html]:
        return [element(name, cell, class_="num" if i in right else None) for i, cell in enumerate(row)]

    body = element("tbody", [element("tr", cells("td", row)) for row in rows])
    return element("table", element("thead", element("tr", cells("th", head))), body, class_=class_)


def money(amount: str | None, currency: str, *, unknown: str) -> str:
    """An exact decimal as an amount of money; below a tenth with four significant digits.

    Args:
        amount: Decimal text, or ``None`` for what has no price.
        currency: ISO 4217 code.
        unknown: Words for ``None``; never a zero.

    Returns:
        With the sign of the currency before it or its code after it; ``unknown`` too where the text is not a finite
        number.
    """
    if amount is None:
        return unknown
    try:
        value = Decimal(amount)
    except InvalidOperation:
        return unknown
    if not value.is_finite():
        return unknown
    is_small = value != 0 and abs(value) < Decimal("0.1")
    shown = f"{Decimal(f'{value:.4g}'):f}" if is_small else f"{value:,.2f}"
    sign = _SIGNS.get(currency)
    return f"{sign}{shown}" if sign else f"{shown} {currency}"


def number(value: float | None, places: int = 2, *, unknown: str = "–") -> str:
    """A figure with so many decimals."""
    return unknown if value is None else f"{value:,.{places}f}"


def percent(share: float | None, places: int = 1, *, language: str = "en", unknown: str = "–") -> str:
    """A share as a percentage, without zeros after the point; Chinese sets no space before the sign."""
    if share is None:
        return unknown
    shown = f"{share * 100:.{places}f}"
    sign = "%" if language == "zh" else " %"
    return f"{shown.rstrip('0').rstrip('.') if '.' in shown else shown}{sign}"


def day(text: str | None, *, unknown: str = "–") -> str:
    """The day of an ISO time or date."""
    if not text:
        return unknown
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        pass
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return unknown


def page(title: str, body: Iterable[Html], *, language: str) -> str:
    """A whole page that needs nothing from outside."""
    head = element(
        "head",
        raw('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"),
        element("title", title),
        raw(f"<style>{_STYLE}</style>"),
    )
    code = "zh-CN" if language == "zh" else "en"
    return f"<!doctype html>\n{element('html', head, element('body', element('main', list(body))), lang=code)}\n"


_STYLE = """
:root { --paper: #fff; --ink: #15181d; --soft: #555b66; --line: #d9dad5; --faint: #f1f1ed; --brass: #7d5a0c;
  --brass-fill: #b3841c; }
* { box-sizing: border-box; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial,
  "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; font-variant-numeric: tabular-nums;
  overflow-wrap: break-word; }
main { max-width: 920px; margin: 0 auto; padding: 40px 24px 80px; }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -.02em; margin: 0 0 6px; }
h2 { font-size: 1.35rem; margin: 44px 0 12px; padding-top: 14px; border-top: 2px solid var(--ink); }
h3 { font-size: 1.05rem; margin: 26px 0 8px; }
p, ul, dl { margin: 0 0 12px; } p, li { max-width: 78ch; } li { margin-bottom: 4px; }
.quiet { color: var(--soft); font-size: .875rem; }
.verdicts { margin: 26px 0; border-left: 4px solid var(--brass-fill); padding: 4px 0 4px 20px; }
.verdicts p { font-size: 1.2rem; line-height: 1.45; margin: 0 0 10px; } .verdicts strong { color: var(--brass); }
table { width: 100%; border-collapse: collapse; margin: 0 0 14px; font-size: .8125rem; }
th, td { text-align: left; vertical-align: top; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; vertical-align: bottom; } .num { text-align: right; }
  td.num { white-space: nowrap; }
tr.chosen td { background: #f7efd9; font-weight: 600; }
td:first-child, th:first-child { white-space: nowrap; }
.scroll { overflow-x: auto; }
.figure { margin: 12px 0 16px; } .figure svg { display: block; width: 100%; height: auto;
  border: 1px solid var(--line); border-radius: 8px; }
.tag { display: inline-block; min-width: 17px; padding: 0 4px; border: 1.2px solid currentcolor;
  border-radius: 4px; font-size: .7rem; font-weight: 700; line-height: 1.5; text-align: center; }
.measured { color: #1c6b41; } .invoiced { color: #0b6676; } .quoted { color: #2a56a0; }
  .assumed { color: #a3421d; } .derived { color: #6b4590; }
.bars td { border: 0; padding: 3px 10px 3px 0; } .bars svg { display: block; width: 100%; height: 14px; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 3px 22px; } dt { color: var(--soft); }
  dd { margin: 0; }
.synthetic { background: #fbefd3; color: #7e5300; border-radius: 10px; padding: 1px 9px; font-size: .8125rem;
  font-weight: 600; }
.stamp { font-weight: 700; } .good { color: #1c6b41; } .warn { color: #7e5300; } .bad { color: #a3261d; }
@media screen and (max-width: 640px) { main { padding: 24px 16px 60px; }
  table { display: block; overflow-x: auto; } td:first-child, th:first-child { white-space: normal; }
  h1, h2, h3, p, li, dd, dt { overflow-wrap: anywhere; } dl.facts { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 8px; } }
@page { margin: 16mm 14mm; }
@media print { body { font-size: 10.5pt; } main { max-width: none; padding: 0; } h2, h3 { break-after: avoid; }
  tr, .figure, .verdicts { break-inside: avoid; } table { font-size: 8pt; } .scroll { overflow: visible; }
  h2 { margin-top: 26px; } }
"""


def bars(rows: Sequence[tuple[str, str, str, float, str]]) -> Html:
    """A table of bars.

    Args:
        rows: Name, amount, share in words, length of the bar in [0, 1], and its colour.

    Returns:
        Each bar as long as its share.
    """

    def bar(length: float, fill: str) -> Html:
        rect = raw(f'<rect width="{length * _BAR:.1f}" height="14" fill="{fill}"/>')
        return element("svg", rect, viewBox=f"0 0 {_BAR} 14", preserveAspectRatio="none", aria_hidden="true")

    cells = [
        [
            element("td", name),
            element("td", amount, class_="num"),
            element("td", share, class_="num"),
            element("td", bar(length, fill), width="55%"),
        ]
        for name, amount, share, length, fill in rows
    ]
    return element("table", element("tbody", [element("tr", row) for row in cells]), class_="bars")
