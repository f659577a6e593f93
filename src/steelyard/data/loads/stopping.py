"""The rule that a load which loses much stops and asks: what is said, and how the shop goes on."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterator

from steelyard.data.quality import LOSS_LIMIT
from steelyard.documents.quality import ExpectationRow, FindingRow, QualityReport
from steelyard.documents.reasons import REASONS
from steelyard.errors import ConfigError, DataError

__all__ = ["check_accepted", "expectation_words", "refuse_if_stopped"]


def check_accepted(reasons: Collection[str]) -> None:
    """See that every accepted reason is one.

    Args:
        reasons: Of ``[data] accept`` and ``--accept``.

    Raises:
        ConfigError: One is not known; the nearest is named.
    """
    wrong = [reason for reason in reasons if reason not in REASONS]
    if wrong:
        raise ConfigError("\n".join(_unknown(reason) for reason in wrong))


def refuse_if_stopped(report: QualityReport) -> None:
    """Stop before anything is trained on a load that lost too much, changed too much, or breaks an expectation.

    Args:
        report: What was found.

    Raises:
        DataError: It is so; each reason is listed with its count, its share, the values that could not be read, and
            how to go on.
    """
    if not report.is_stopped:
        return
    lines = [line for finding in report.stopping for line in _finding_lines(finding)]
    lines += [f"  {row.table}: {expectation_words(row)}" for row in report.unmet]
    found = len(report.stopping) + len(report.unmet)
    head = f"{found} thing{'s' * (found > 1)} in the data stop{'s' * (found == 1)} the load; nothing was stored:"
    raise DataError("\n".join([head, *lines, *_ways_on(report)]))


def expectation_words(row: ExpectationRow) -> str:
    """An expectation and what was found, as a part of a sentence."""
    name = f"{row.column} " if row.column else ""
    parts = [f"expected {name}{row.kind} = {row.wanted}"]
    if row.found:
        parts.append(f"found {row.found}")
    if row.count:
        parts.append(f"{row.count:,} rows break it ({row.share:.1%})")
    if row.values:
        parts.append(_listed(row.values))
    return "; ".join(parts)


def _finding_lines(finding: FindingRow) -> Iterator[str]:
    limit = f", above the {LOSS_LIMIT:.0%} that may be lost" if finding.share > LOSS_LIMIT else ""
    yield f"  {finding.table}: {finding.reason}: {finding.count:,} rows ({finding.share:.1%}{limit}): {finding.says}"
    if finding.values:
        yield f"    {_listed(finding.values)}"
    elif finding.reason == "row_malformed":
        yield f"    lines {', '.join(str(sample['line']) for sample in finding.samples)} …"


def _ways_on(report: QualityReport) -> Iterator[str]:
    yield "See all of it with `steelyard check`, and mend the export or the configuration."
    reasons = list(dict.fromkeys(finding.reason for finding in report.stopping))
    if reasons:
        options = " ".join(f"--accept {reason}" for reason in reasons)
        yield f"Or go on as it is: {options}, or for good: accept = {json.dumps(reasons)} in [data]."


def _listed(values: dict[str, int]) -> str:
    return ", ".join(f"{value!r} {count:,}" for value, count in values.items())


def _unknown(reason: str) -> str:
    near = difflib.get_close_matches(reason, REASONS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "`steelyard check` names the reasons it found"
    return f"data.accept: {reason!r} is no reason; {hint}"
