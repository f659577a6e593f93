"""What was promised of each configuration that was served, and what was measured: for the decision and the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from steelyard.documents.choice import Promise
from steelyard.documents.promises import FigureSummary, PromiseRow
from steelyard.documents.readings import Reading
from steelyard.domain import Bilingual
from steelyard.workflows.evidence.standing import BUSY_MARGIN, Ruling, Standing

__all__ = ["check_rows", "correction_said", "summary"]

TOLERANCES = {"cpu": 0.05, "p99": 0.15, "machines": 0.05}
"""Largest relative difference at which a promise counts as exact, for each figure of the record."""


def check_rows(
    standings: Mapping[str, Standing], limits_ms: Mapping[str, float], *, is_final: bool = True
) -> dict[str, Promise]:
    """For each configuration that was served, what was promised and what was measured.

    Args:
        standings: By name.
        limits_ms: Limit on p99 by name.
        is_final: Whether a configuration that missed its limit loses now, or may be asked at a lower rate.

    Returns:
        By name. ``measured_p99_ms`` is none where the machine was too busy to tell.
    """
    return {
        name: _row(found, found.judged_by, limits_ms[name], is_final=is_final)
        for name, found in standings.items()
        if found.judged_by is not None
    }


def _row(found: Standing, by: Reading, limit_ms: float, *, is_final: bool) -> Promise:
    is_valid = not by.invalid_because
    ruling = Ruling.MISSED if is_final and found.ruling is Ruling.ASK_LOWER else found.ruling
    note = _note(found, by, limit_ms)
    return Promise(
        rate_rps=round(by.rate_rps, 3),
        promised_p99_ms=round(by.promised_p99_ms, 3),
        measured_p99_ms=round(by.p99_ms, 3) if is_valid else None,
        promised_cpu_ms=round(by.promised_cpu_s * 1000, 4),
        measured_cpu_ms=round(by.cpu_s_per_request * 1000, 4),
        response_bytes=round(by.response_bytes, 1) if by.response_bytes is not None else None,
        requests=by.requests,
        errors=by.errors,
        at=by.at,
        ruling=str(ruling),
        busy_share=round(by.busy_share, 4),
        stretch=round(found.correction.stretch, 4),
        is_valid=is_valid,
        is_kept=is_valid and ruling is Ruling.KEPT,
        note=note.en,
        note_zh=note.zh,
    )


def _note(found: Standing, by: Reading, limit_ms: float) -> Bilingual:
    if not by.invalid_because:
        return Bilingual(f"server on one core, limit {limit_ms:g} ms", f"服务器占一核，上限 {limit_ms:g} ms")
    margin = f"{(BUSY_MARGIN - 1) * 100:.0f}"
    if by.invalid_because == "busy":
        why = Bilingual(
            f"the machine was {by.busy_share:.0%} busy with other programs",
            f"机器有 {by.busy_share:.0%} 被其他程序占用",
        )
    else:
        why = Bilingual(by.invalid_because, f"压测程序自身受到干扰（{by.invalid_because}）")
    return Bilingual(
        f"{why.en}: judged by processor time, with a margin of {margin} %. Check again on a quiet machine: "
        "`steelyard verify`",
        f"{why.zh}：改按处理器时间判断，并留 {margin}% 余量。请在机器空闲时重新检验：`steelyard verify`",
    )


def correction_said(name: str, found: Standing) -> Bilingual | None:
    """The sentence that says by what a configuration's simulated latencies were corrected; ``None`` for nothing."""
    stretch, basis = found.correction.stretch, found.correction.basis
    if stretch == 1 or not basis:
        return None
    if found.ruling is Ruling.BY_PROCESSOR_TIME:
        return Bilingual(
            f"{name}: no quiet moment was found to check it, so its service times are multiplied by {stretch:.2f}",
            f"{name}：检验时机器一直繁忙，因此服务时间按 {stretch:.2f} 倍计算",
        )
    if basis == "own":
        return Bilingual(
            f"{name}: served, its service times were {stretch:.2f} times those measured in a loop; it is sized so",
            f"{name}：实际服务时的服务时间为循环测量的 {stretch:.2f} 倍，已据此估算机器数量",
        )
    return Bilingual(
        f"{name}: not served itself; others of its kind took {stretch:.2f} times as long served as in a loop, "
        "and it is sized with that",
        f"{name}：本身未经实际服务检验；同类配置实际服务时间为循环测量的 {stretch:.2f} 倍，已据此估算机器数量",
    )


def summary(rows: Sequence[PromiseRow]) -> dict[str, FigureSummary]:
    """How near the promises of a record came.

    Args:
        rows: Of the record; see ``steelyard.workflows.promises.record``.

    Returns:
        By figure: ``cpu``, ``p99`` and ``machines``.
    """
    by_figure = {
        "cpu": [row.cpu_error for row in rows],
        "p99": [row.p99_error for row in rows],
        "machines": [row.machines_error for row in rows],
    }
    found: dict[str, FigureSummary] = {}
    for figure, tolerance in TOLERANCES.items():
        errors = sorted(abs(error) for error in by_figure[figure] if error is not None)
        found[figure] = FigureSummary(
            n=len(errors),
            n_within=sum(error <= tolerance for error in errors),
            tolerance=tolerance,
            median=median(errors) if errors else None,
            largest=errors[-1] if errors else None,
        )
    return found
