"""Other names that were tried, as lines for the terminal."""

from __future__ import annotations

from steelyard.documents.name_report import NameReport, TriedName

__all__ = ["name_lines"]

_SHOWN = 15
_SAYS = {
    "none": ("No other name was found: nothing to try.", "没有找到别的叫法，无可测试。"),
    "taken": (
        "Taken, {n} of {all} tried: mean change of {metric}, 95 % interval, chance of it:",
        "采用（试了 {all} 个，采用 {n} 个）：{metric} 的平均变化、95 % 区间、偶然出现的概率：",
    ),
    "refused": ("Refused, as the judged queries do not bear them out:", "不采用（评判过的查询不支持）："),
    "row": (
        "  {word} -> {name}: {mean:+.3f} in {n} queries ({low:+.3f} to {high:+.3f}), p = {p:.3f}",
        "  {word} → {name}：{n} 个查询 {mean:+.3f}（{low:+.3f} ~ {high:+.3f}），p = {p:.3f}",
    ),
    "more": ("  … and {n} more", "  …… 另有 {n} 个"),
    "chance": (
        "Of {all} names that change nothing about {n:.0f} would be taken by chance, so all of them are tried together:",
        "若 {all} 个叫法都不起作用，也会偶然采用约 {n:.0f} 个，因此再把采用的放在一起测试：",
    ),
    "together": (
        "  {mean:+.4f} on all {n} test queries (95 %: {low:+.4f} to {high:+.4f})",
        "  全部 {n} 个测试查询平均 {mean:+.4f}（95 %：{low:+.4f} ~ {high:+.4f}）",
    ),
    "hurts": ("  Together they lose: do not use them.", "  放在一起反而变差：不要使用。"),
    "few": (
        "{n} more names are in too few queries to be tried.",
        "另有 {n} 个叫法，含有该词的查询太少，无法测试。",
    ),
    "written": (
        "Written to {file}. Read it, delete what is wrong, then set synonyms_file in [models].",
        "已写入 {file}。请看一遍，删去不对的，再在 [models] 里设置 synonyms_file。",
    ),
    "unwritten": ("Nothing was written: name a file with --out.", "没有写文件：用 --out 指定文件名。"),
}


def name_lines(report: NameReport, *, language: str, file: str) -> list[str]:
    """What was tried and what came of it.

    Args:
        report: Of ``workflows.synonyms``.
        language: ``en`` or ``zh``.
        file: That was written; empty where none was.

    Returns:
        Sentences of any length, indented where they belong to the one above.
    """
    is_zh = language == "zh"
    taken = [row for row in report.tried if row.is_taken]
    refused = [row for row in report.tried if not row.is_taken]
    lines = [] if report.tried else [_SAYS["none"][is_zh]]
    if taken:
        lines.append(
            _SAYS["taken"][is_zh].format(n=len(taken), all=len(report.tried), metric=report.metric.split("(")[0])
        )
        lines += _rows(taken, is_zh=is_zh)
    if refused:
        lines.append(_SAYS["refused"][is_zh])
        lines += _rows(refused, is_zh=is_zh)
    if report.few:
        lines.append(_SAYS["few"][is_zh].format(n=report.few))
    if report.together is not None:
        both = report.together
        chance = report.most_p / 2 * len(report.tried)
        lines.append(_SAYS["chance"][is_zh].format(all=len(report.tried), n=chance))
        lines.append(_SAYS["together"][is_zh].format(mean=both.mean, n=both.queries, low=both.low, high=both.high))
        lines += [_SAYS["hurts"][is_zh]] if both.mean < 0 else []
    lines.append(_SAYS["written"][is_zh].format(file=file) if file else _SAYS["unwritten"][is_zh])
    return lines


def _rows(rows: list[TriedName], *, is_zh: bool) -> list[str]:
    lines = [
        _SAYS["row"][is_zh].format(
            word=row.word,
            name=row.name,
            mean=row.gain.mean,
            n=row.gain.queries,
            low=row.gain.low,
            high=row.gain.high,
            p=row.p_value,
        )
        for row in rows[:_SHOWN]
    ]
    return [*lines, *([_SAYS["more"][is_zh].format(n=len(rows) - _SHOWN)] if len(rows) > _SHOWN else [])]
