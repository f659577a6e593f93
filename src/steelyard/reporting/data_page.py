"""The report on a shop's data as one page in both languages: no script runs in it, and nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from steelyard.documents.quality import FindingRow, QualityReport, Sample
from steelyard.reporting.finding_words import (
    count_words,
    expectation_sentence,
    finding_words,
    share_words,
    verdict_words,
)
from steelyard.reporting.page import Html, day, element, raw, table
from steelyard.reporting.weights_table import weights_table
from steelyard.reporting.words import Words, words_in

__all__ = ["DATA_STYLE", "data_page"]

_LANGUAGES = ("en", "zh")
_CODES = {"en": "en", "zh": "zh-CN"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_GROUPS = (("error", "q_h_errors"), ("warning", "q_h_warnings"), ("info", "q_h_notes"))


def data_page(
    quality: QualityReport | None,
    *,
    shop: str,
    language: str = "en",
    refused: QualityReport | None = None,
    style: str = "",
    links: Sequence[tuple[str, str]] = (),
) -> str:
    """The report as a page.

    Args:
        quality: What was found in the data that models were trained on, or that was checked; ``None`` where there is
            no report yet.
        shop: Its name.
        language: The one that is shown first; the reader can change it.
        refused: What was found in a later load that was refused, where there is one; it is shown first.
        style: Address of the style sheet (``DATA_STYLE``); in the page itself when left out.
        links: Address of each other page, and key of its name.

    Returns:
        HTML. Everything that comes from data is escaped.
    """
    shown_first = "zh" if language.startswith("zh") else "en"
    picks = [
        element("input", type="radio", name="language", id=f"pick-{each}", class_="pick",
                checked="" if each == shown_first else None)
        for each in _LANGUAGES
    ]  # fmt: skip
    labels = element("div", [
        element("label", name, for_=f"pick-{each}", lang=_CODES[each])
        for each, name in (("en", "EN"), ("zh", "中文"))
    ], class_="languages")  # fmt: skip
    bodies = [
        element("div", list(_body(_Desk(words_in(each), each), quality, refused, shop, links)),
                class_=f"in-{each}", lang=_CODES[each])
        for each in _LANGUAGES
    ]  # fmt: skip
    sheet = element("link", rel="stylesheet", href=style) if style else raw(f"<style>{DATA_STYLE}</style>")
    head = element(
        "head",
        raw('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        None if style else element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("title", words_in(shown_first)("q_title", shop=shop)),
        sheet,
    )
    body = element("body", element("main", picks, labels, bodies))
    return f"<!doctype html>\n{element('html', head, body, lang=_CODES[shown_first])}\n"


@dataclass(frozen=True, slots=True)
class _Desk:
    """Writes in one language."""

    say: Words
    language: str


def _body(
    desk: _Desk,
    quality: QualityReport | None,
    refused: QualityReport | None,
    shop: str,
    links: Sequence[tuple[str, str]],
) -> Iterator[Html]:
    say = desk.say
    if links:
        yield element("nav", [element("a", say(name), href=address) for address, name in links])
    yield element("h1", say("q_title", shop=shop))
    shown = refused or quality
    if shown is None:
        yield element("p", say("q_none"))
        return
    if shown.made_at:
        yield element("p", say("q_read_at", day=day(shown.made_at)), class_="quiet")
    yield _verdict(desk, shown, is_refused=refused is not None)
    yield from _report(desk, shown)
    if refused is not None and quality is not None:
        yield element("h2", say("q_h_served"))
        yield _rows(desk, quality)


def _verdict(desk: _Desk, quality: QualityReport, *, is_refused: bool) -> Html:
    says = element("strong", verdict_words(quality, language=desk.language))
    goes_on = element("p", desk.say("q_served_on")) if quality.is_stopped and is_refused else None
    return element("div", element("p", says), goes_on, class_=f"verdict {'bad' if quality.is_stopped else 'good'}")


def _report(desk: _Desk, quality: QualityReport) -> Iterator[Html]:
    if any(row.n_in for row in quality.rows.values()):
        yield element("h2", desk.say("q_h_rows"))
        yield _rows(desk, quality)
    yield from weights_table(quality.weights, language=desk.language)
    stopping = quality.stopping
    if stopping:
        yield element("h2", desk.say("q_h_stops"))
        yield from (_card(desk, finding) for finding in stopping)
    if quality.expectations:
        yield element("h2", desk.say("q_h_expected"))
        yield element("ul", [_expectation(desk, row) for row in quality.expectations], class_="expected")
    for severity, title in _GROUPS:
        found = [each for each in quality.findings if each.severity == severity and not each.stops]
        if found:
            yield element("h2", desk.say(title))
            yield from (_card(desk, finding) for finding in found)


def _expectation(desk: _Desk, row: Any) -> Html:
    mark = desk.say("q_met" if row.is_met else "q_unmet")
    said = expectation_sentence(row, language=desk.language)
    return element("li", element("b", mark, class_="good" if row.is_met else "bad"), " ", said)


def _rows(desk: _Desk, quality: QualityReport) -> Html:
    keys = ("in", "kept", "quarantined", "merged")
    head = [desk.say(key) for key in ("rows_table", *(f"rows_{key}" for key in keys))]
    rows = [
        [name, *(f"{n:,}" for n in (row.n_in, row.n_kept, row.n_quarantined, row.n_merged))]
        for name, row in quality.rows.items()
        if row.n_in
    ]
    return element("div", table(head, rows, numbers=range(1, 5)), class_="scroll")


def _card(desk: _Desk, finding: FindingRow) -> Html:
    say, words, n = desk.say, finding_words(finding, language=desk.language), finding.count
    head = element(
        "div",
        element(
            "span",
            say("q_one_row") if n == 1 else say("q_n_rows", n=count_words(finding, language=desk.language)),
            class_="n",
        ),
        element("span", share_words(finding.share, language=desk.language), class_="share"),
        element("span", finding.table, " · ", say(f"q_action_{finding.action}"), class_="quiet"),
        element("code", finding.reason),
        class_="head",
    )
    facts = (("q_values", words.values), ("q_effect", words.effect), ("q_remedy", words.remedy))
    listed = element("dl", [[element("dt", say(key)), element("dd", value)] for key, value in facts if value])
    stops = element("p", words.stops, class_="asks") if words.stops else None
    kind = "stops" if finding.stops else finding.severity
    samples = _samples(desk, finding.samples)
    return element(
        "section", head, element("p", words.says, class_="says"), listed, stops, samples, class_=f"card {kind}"
    )


def _samples(desk: _Desk, samples: Sequence[Sample]) -> Html | None:
    if not samples:
        return None
    names = list(dict.fromkeys(name for sample in samples for name in sample))
    rows = [["" if sample.get(name) is None else _cell(sample[name]) for name in names] for sample in samples]
    listed = element("div", table(list(names), rows), class_="scroll")
    return element("details", element("summary", desk.say("q_samples")), listed)


def _cell(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


DATA_STYLE = """
:root { --paper: #f5f5f2; --sheet: #fff; --ink: #15181d; --soft: #555b66; --line: #d9dad5; --good: #1c6b41;
  --good-wash: #e2f2e8; --warn: #b3841c; --bad: #a3261d; --bad-wash: #fbe5e2; color-scheme: light; }
@media (prefers-color-scheme: dark) { :root { --paper: #111316; --sheet: #1a1d21; --ink: #eceae4; --soft: #a2a7b0;
  --line: #343941; --good: #7fd3a1; --good-wash: #16301f; --warn: #efc264; --bad: #ff9b90; --bad-wash: #3b1a17;
  color-scheme: dark; } }
* { box-sizing: border-box; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
body { margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "PingFang SC", "Microsoft YaHei",
  "Noto Sans CJK SC", sans-serif; font-variant-numeric: tabular-nums; }
main { position: relative; max-width: 860px; margin: 0 auto; padding: 24px 20px 64px; }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 110px 16px 0; min-height: 34px; align-items: center; }
nav a { color: var(--soft); } nav a:hover { color: var(--ink); }
h1 { font-size: 1.6rem; line-height: 1.2; letter-spacing: -.015em; margin: 0 110px 4px 0; }
h2 { font-size: 1.15rem; margin: 32px 0 10px; }
p, dl, ul { margin: 0; } .quiet { color: var(--soft); font-size: .875rem; }
code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .8125rem; }
.pick { position: absolute; opacity: 0; pointer-events: none; }
.languages { position: absolute; top: 24px; right: 20px; display: flex; }
.languages label { padding: 5px 11px; border: 1px solid var(--line); color: var(--soft); font-size: .875rem;
  cursor: pointer; background: var(--sheet); }
.languages label:first-child { border-radius: 6px 0 0 6px; }
.languages label:last-child { border-radius: 0 6px 6px 0; margin-left: -1px; }
#pick-en:checked ~ .languages label[for=pick-en], #pick-zh:checked ~ .languages label[for=pick-zh] {
  background: var(--ink); border-color: var(--ink); color: var(--paper); }
.pick:focus-visible ~ .languages { outline: 3px solid var(--warn); outline-offset: 2px; }
#pick-en:checked ~ .in-zh, #pick-zh:checked ~ .in-en { display: none; }
.verdict { margin: 18px 0 0; padding: 12px 16px; border-radius: 8px; } .verdict strong { font-size: 1.05rem; }
.verdict.good { background: var(--good-wash); color: var(--good); }
.verdict.bad { background: var(--bad-wash); color: var(--bad); } .verdict p + p { margin-top: 4px; color: var(--ink); }
.card { margin: 0 0 12px; padding: 12px 16px 14px; background: var(--sheet); border: 1px solid var(--line);
  border-left: 4px solid var(--line); border-radius: 8px; }
.card.stops, .card.error { border-left-color: var(--bad); } .card.warning { border-left-color: var(--warn); }
.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 12px; }
.head .n { font-size: 1.25rem; font-weight: 700; } .head .share { font-weight: 600; } .head code { margin-left: auto;
  color: var(--soft); }
.says { margin: 4px 0 8px; font-weight: 500; }
dl { display: grid; grid-template-columns: minmax(3.2em, max-content) minmax(0, 1fr); gap: 3px 14px;
  font-size: .9375rem; }
dt { color: var(--soft); } dd { margin: 0; }
.asks { margin-top: 10px; padding-top: 8px; border-top: 1px solid var(--line); font-size: .9375rem; }
.stops .asks { color: var(--bad); }
details { margin-top: 10px; font-size: .875rem; } summary { cursor: pointer; color: var(--soft); }
.scroll { overflow-x: auto; overflow-wrap: normal; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; } .num { text-align: right; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
.expected { padding: 0; list-style: none; } .expected li { padding: 7px 0; border-bottom: 1px solid var(--line); }
b.good { color: var(--good); } b.bad { color: var(--bad); }
@media (max-width: 560px) { main { padding: 16px 14px 48px; } .languages { top: 16px; right: 14px; }
  .head code { margin-left: 0; width: 100%; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 6px; }
  table { font-size: .8rem; } th, td { padding-right: 8px; } }
@media print { .languages { display: none; } main { max-width: none; padding: 0; } .card { break-inside: avoid; } }
"""
