"""A finding in the shop's data, or an expectation of the shop's own, as the sentences a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from steelyard.documents.quality import ExpectationRow, FindingRow, QualityReport
from steelyard.documents.reasons import TABLE_REFUSED, Effect
from steelyard.domain import capitalised
from steelyard.reporting.words import Words, words_in
from steelyard.reporting.words.effects import EFFECTS
from steelyard.reporting.words.findings import FINDINGS_ZH
from steelyard.reporting.words.remedies import NOTHING, REMEDIES

__all__ = [
    "FindingWords",
    "count_words",
    "expectation_sentence",
    "finding_words",
    "share_words",
    "verdict_words",
    "words_of_keys",
]

_LEAST_SHARE = 0.0001


@dataclass(frozen=True, slots=True)
class FindingWords:
    """What there is to say of one finding."""

    says: str
    values: str
    """The commonest values with their counts, or the lines; empty where there are none."""
    effect: str
    remedy: str
    """Empty where there is nothing to do."""
    stops: str
    """Why it stops training and how to go on, or that it was accepted; empty where it does neither."""


def finding_words(finding: FindingRow, *, language: str) -> FindingWords:
    """A finding in words.

    Args:
        finding: Of the quality report.
        language: ``zh`` for Chinese, anything else for English.

    Returns:
        Whole sentences, but for the values.
    """
    is_zh, say = language.startswith("zh"), words_in(language)
    says = FINDINGS_ZH.get(finding.reason, finding.says) if is_zh else finding.says
    if finding.reason == TABLE_REFUSED:
        says = finding.says  # only the sentence made with the data says what is wrong
    values = _listed(finding.values, say)
    if finding.reason == "row_malformed":
        values = say("q_lines", lines=say("comma").join(str(sample["line"]) for sample in finding.samples))
    effect = EFFECTS.get(finding.effect, EFFECTS["counted"])[is_zh]
    told = REMEDIES.get(finding.remedy, REMEDIES["look"])
    remedy = "" if told == NOTHING else told[is_zh].format(table=finding.table)
    asks = finding.stops and finding.reason != TABLE_REFUSED
    stops = say("q_stops_accept", reason=finding.reason) if asks else ""
    return FindingWords(_sentence(says, say("stop")), values, effect, remedy, stops or _accepted(finding, language))


def _accepted(finding: FindingRow, language: str) -> str:
    return words_in(language)("q_accepted", reason=finding.reason) if finding.is_accepted else ""


def expectation_sentence(row: ExpectationRow, *, language: str) -> str:
    """An expectation and what was found, in words.

    Args:
        row: Of the quality report.
        language: ``zh`` for Chinese, anything else for English.

    Returns:
        One line.
    """
    say = words_in(language)
    name = f"{row.table}.{row.column}" if row.column else row.table
    parts = [say("q_expected", name=name, kind=row.kind, wanted=row.wanted)]
    if row.found:
        parts.append(say("q_found", found=row.found))
    if row.count:
        parts.append(say("q_broken_by", n=f"{row.count:,}", share=share_words(row.share, language=language)))
    if row.values:
        parts.append(_listed(row.values, say))
    return say("semicolon").join(parts)


def count_words(finding: FindingRow, *, language: str) -> str:
    """How many rows a finding is about."""
    is_whole = finding.reason == TABLE_REFUSED
    return words_in(language)("q_whole_table") if is_whole else f"{finding.count:,}"


def share_words(share: float, *, language: str) -> str:
    """A share of rows as a percentage of two decimals; one that is not zero is never shown as zero."""
    shown = f"{max(share, _LEAST_SHARE if share else 0.0) * 100:.2f}"
    sign = "%" if language.startswith("zh") else " %"
    return f"{'< ' if 0 < share < _LEAST_SHARE else ''}{shown}{sign}"


def verdict_words(report: QualityReport, *, language: str) -> str:
    """In one sentence whether models may be trained on the load."""
    say = words_in(language)
    n = len(report.stopping) + len(report.unmet)
    if n:
        return say("q_stopped_one" if n == 1 else "q_stopped", n=n)
    n_open = sum(finding.severity != "info" and finding.effect != Effect.AS_MEANT for finding in report.findings)
    if not n_open:
        return say("q_clean")
    return say("q_may_train_one" if n_open == 1 else "q_may_train", n=n_open)


def words_of_keys(report: QualityReport) -> dict[str, dict[str, dict[str, str]]]:
    """The sentences of the keys in a report, in both languages, for who reads it as JSON."""
    effects = {finding.effect for finding in report.findings} & set(EFFECTS)
    remedies = {finding.remedy: finding.table for finding in report.findings if finding.remedy in REMEDIES}
    return {
        "effects": {key: dict(zip(("en", "zh"), EFFECTS[key], strict=True)) for key in sorted(effects)},
        "remedies": {
            key: {name: text.format(table=table) for name, text in zip(("en", "zh"), REMEDIES[key], strict=True)}
            for key, table in sorted(remedies.items())
        },
    }


def _listed(values: Mapping[str, int], say: Words) -> str:
    return say("comma").join(f"{value} ({count:,})" for value, count in values.items())


def _sentence(text: str, stop: str) -> str:
    shown = capitalised(text, ())
    return shown if shown.endswith((".", "。", "!", "?")) else f"{shown}{stop}"
