"""What was changed of the catalogue, as lines for the terminal."""

from __future__ import annotations

from steelyard.documents.changes_report import ChangesReport

__all__ = ["change_lines"]


def change_lines(report: ChangesReport, *, language: str) -> list[str]:
    """What a command did, and what stands beside the bundle.

    Args:
        report: Of ``workflows.changing_files``.
        language: ``en`` or ``zh``.

    Returns:
        Sentences of any length.
    """
    is_zh = language == "zh"
    return [*_done(report, is_zh=is_zh), *_standing(report, is_zh=is_zh)]


def _done(report: ChangesReport, *, is_zh: bool) -> list[str]:
    if not report.file:
        return []
    n = (report.added, report.changed, report.deleted)
    if report.is_repeated:
        said = (
            "之前已用同一个键发送过；没有重复执行。"
            if is_zh
            else "It was sent before under this key; nothing was done again."
        )
        return [said]
    if is_zh:
        counted = f"新增 {n[0]:,}、修改 {n[1]:,}、删除 {n[2]:,}"
        lines = [f"试运行，未作任何更改：{counted}。" if report.is_trial else f"已更改：{counted}。"]
    else:
        counted = f"{n[0]:,} added, {n[1]:,} changed, {n[2]:,} deleted"
        lines = [f"Would be done, nothing was: {counted}." if report.is_trial else f"Done: {counted}."]
    if report.unused:
        names = ("、" if is_zh else ", ").join(report.unused)
        lines.append(f"未使用的列：{names}" if is_zh else f"Columns that were not used: {names}")
    return lines


def _standing(report: ChangesReport, *, is_zh: bool) -> list[str]:
    if not report.token:
        return ["商品库还没有任何变更。" if is_zh else "Nothing of the catalogue was ever changed."]
    if not report.beside:
        says = (
            f"最新的包已包含全部变更（{report.token}）。"
            if is_zh
            else f"The newest bundle holds all changes ({report.token})."
        )
        return [says]
    if is_zh:
        lines = [
            f"最新的包尚未包含 {report.beside:,} 项变更，涉及 {report.items:,} 个商品（自 {report.since} 起）；"
            f"正在运行的服务器已按其应答。令牌：{report.token}"
        ]
    else:
        lines = [
            f"{report.beside:,} changes of {report.items:,} items are not in the newest bundle (since {report.since}); "
            f"a running server answers with them all the same. Token: {report.token}"
        ]
    if report.is_rebuild_due:
        says = (
            "变更已占商品库的较大比例：请运行 steelyard run"
            if is_zh
            else "That is a good part of the catalogue: run `steelyard run`"
        )
        lines.append(says)
    return lines
