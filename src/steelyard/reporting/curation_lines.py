"""What rules of merchandisers do, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from steelyard.documents.curation_report import CurationReport, RuleRow

__all__ = ["curation_lines"]

_STATES = {
    "in_force": ("in force", "生效中"),
    "not_begun": ("not begun", "未开始"),
    "ended": ("ended", "已结束"),
    "dead": ("can do nothing", "已失效"),
}
_ACTIONS = {"pin": "置顶", "boost": "提升", "bury": "降低", "hide": "隐藏", "redirect": "跳转"}


def curation_lines(report: CurationReport, *, language: str) -> list[str]:
    """A few lines for each rule, then which of them may be deleted.

    Args:
        report: Of ``workflows.curating``.
        language: ``en`` or ``zh``.

    Returns:
        Sentences of any length, indented where they belong to the rule above.
    """
    is_zh = language == "zh"
    lines = [line for row in report.rows for line in _row(row, report.metric.split("(")[0], is_zh=is_zh)]
    if not lines:
        return ["没有规则。" if is_zh else "There are no rules."]
    superfluous = [row.id for row in report.rows if row.is_superfluous]
    if superfluous:
        named = "、".join(superfluous) if is_zh else ", ".join(superfluous)
        lines.append(f"建议删除：{named}" if is_zh else f"May be deleted, they do nothing any more: {named}")
    return lines


def _row(row: RuleRow, metric: str, *, is_zh: bool) -> Iterator[str]:
    state = _STATES[row.state][is_zh]
    if is_zh:
        searches = f"“{row.query}”" if row.query else "所有搜索"
        yield f"{row.id}：{_ACTIONS[row.action]}，{searches}，{state}（{row.owner}：{row.reason}）"
    else:
        searches = f"“{row.query}”" if row.query else "every search"
        yield f"{row.id}: {row.action}, {searches}, {state} ({row.owner}: {row.reason})"
    for trouble in row.troubles:
        yield f"  ! {trouble}"
    if row.gain is None or row.low is None or row.high is None:
        if row.state in ("in_force", "not_begun") and row.action != "redirect":
            yield "  没有评判过的查询：效果未知" if is_zh else "  no judged query: what it does is not known"
        return
    ends = (row.low, row.high)
    if is_zh:
        yield f"  {row.queries} 个评判过的查询：{metric} {row.gain:+.3f}（95 %：{ends[0]:+.3f} ~ {ends[1]:+.3f}）"
    else:
        yield f"  {row.gain:+.3f} {metric} over {row.queries} judged queries (95 %: {ends[0]:+.3f} to {ends[1]:+.3f})"
    if row.cpu_ms is not None:
        yield f"  每次搜索处理器时间 {row.cpu_ms:+.2f} ms" if is_zh else f"  {row.cpu_ms:+.2f} ms of processor a search"
