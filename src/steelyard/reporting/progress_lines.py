"""The progress of a run in a terminal's words, in English and Chinese: the sentences that the pages have too."""

from __future__ import annotations

from collections.abc import Iterator

from steelyard.documents.progress import Action, Point, Progress, Step
from steelyard.domain import Surface

__all__ = ["WORDS", "left_words", "progress_lines", "step_words"]

WORDS: dict[str, tuple[str, str]] = {
    "building": ("Building your shop", "正在搭建您的商店"),
    "run_done": ("Your shop is ready", "商店已就绪"),
    "run_failed": ("The run failed", "运行失败"),
    "run_silent": ("No news from the run", "运行暂无消息"),
    "run_silent_do": (
        "it may have been stopped: look at its terminal, or start steelyard run again",
        "可能已被停止：请查看运行它的终端，或重新执行 steelyard run",
    ),
    "do_prepare_all": ("preparing your data", "准备数据"),
    "do_prepare": ("preparing {name}", "准备 {name}"),
    "do_label_all": ("judging relevance", "标注相关性"),
    "do_label": ("judging relevance of {name}", "标注 {name} 的相关性"),
    "do_train_all": ("training models", "训练模型"),
    "do_train": ("training {name}", "训练 {name}"),
    "do_encode_all": ("encoding texts", "编码文本"),
    "do_encode": ("encoding with {name}", "用 {name} 编码文本"),
    "do_compress_all": ("compressing models", "压缩模型"),
    "do_compress": ("compressing {name}", "压缩 {name}"),
    "do_measure_all": ("measuring configurations", "测量配置"),
    "do_measure": ("measuring {name}", "测量 {name}"),
    "do_price_all": ("pricing configurations", "计算费用"),
    "do_price": ("pricing {name}", "计算 {name} 的费用"),
    "do_decide_all": ("choosing", "选择方案"),
    "do_decide": ("choosing for {name}", "为 {name} 选择方案"),
    "do_check_all": ("checking the promise", "检验承诺"),
    "do_check": ("checking the promise of {name}", "检验 {name} 的承诺"),
    "do_package_all": ("packing the bundle", "打包"),
    "do_package": ("packing {name}", "打包 {name}"),
    "do_report_all": ("writing the report", "撰写报告"),
    "do_report": ("writing {name}", "撰写 {name}"),
    "place_of": (" ({n} of {total})", "（{n}/{total}）"),
    "rows_encode": ("{done} of {total} texts", "已编码 {done} / {total} 条文本"),
    "rows_measure": ("{done} of {total} requests", "已测 {done} / {total} 个请求"),
    "rows_other": ("{done} of {total}", "{done} / {total}"),
    "rows_rate": (", {rate} a second", "，每秒 {rate} 条"),
    "n_seconds": ("{n} s", "{n} 秒"),
    "n_minutes": ("{n} min", "{n} 分钟"),
    "n_hours": ("{n} h", "{n} 小时"),
    "left_about": ("about {time} left", "大约还需 {time}"),
    "left_moment": ("a few seconds left", "还需几秒"),
    "left_unknown": ("time left not known yet", "剩余时间尚未知"),
    "search_surface": ("Search", "搜索"),
    "recommend_surface": ("Recommendation", "推荐"),
    "measured_so_far": ("{n} measured so far, {metric}", "已测量 {n} 个，{metric}"),
}
"""As ``words.js`` of the pages has them, by the same keys."""
_COLON = (": ", "：")
_SEMICOLON = ("; ", "；")
_MOMENT_S, _MINUTE_S, _LONG_S = 8.0, 55.0, 5400.0


def progress_lines(progress: Progress, *, language: str = "en", is_silent: bool = False) -> list[str]:
    """What a terminal shows of a run: what is being done, how much of it, and the best of what was measured.

    Args:
        progress: The run as it stands.
        language: ``zh`` for Chinese, anything else for English.
        is_silent: Whether nothing was heard of it for long, though it has not ended.

    Returns:
        One line for the run, one for the rows of its step where it counts them, one for each surface with points.
    """
    zh = language.startswith("zh")
    if progress.failure:
        return [f"{_say('run_failed', zh)}{_COLON[zh]}{progress.failure}"]
    step = progress.running
    lines = [_say("run_done" if progress.is_done else "building", zh)]
    if is_silent:
        lines = [f"{_say('run_silent', zh)}{_COLON[zh]}{_say('run_silent_do', zh)}"]
    elif not progress.is_done:
        now = _now_words(progress, zh)
        lines = [_COLON[zh].join(filter(None, (lines[0], now))) + f" · {left_words(progress, language=language)}"]
        lines += [_rows_words(step, zh)] if step is not None and step.done is not None and step.total else []
    return lines + list(_best(progress, zh))


def step_words(step: Step, *, language: str = "en") -> str:
    """What a step does, as a part of a sentence: ``measuring hybrid-int8``."""
    key = f"do_{step.action}" if step.name else f"do_{step.action}_all"
    return _say(key, language.startswith("zh"), name=step.name)


def left_words(progress: Progress, *, language: str = "en") -> str:
    """The time left as an estimate, or that it is not known."""
    zh, seconds = language.startswith("zh"), progress.seconds_left
    if seconds is None:
        return _say("left_unknown", zh)
    if seconds < _MOMENT_S:
        return _say("left_moment", zh)
    if seconds < _MINUTE_S:
        time = _say("n_seconds", zh, n=max(10, round(seconds / 10) * 10))
    elif seconds < _LONG_S:
        time = _say("n_minutes", zh, n=max(1, round(seconds / 60)))
    else:
        time = _say("n_hours", zh, n=round(seconds / 3600))
    return _say("left_about", zh, time=time)


def _now_words(progress: Progress, zh: bool) -> str:
    step = progress.running
    if step is None:
        return _say(f"do_{progress.stage}_all", zh) if progress.stage in set(Action) else ""
    n, total = progress.place_of(step)
    place = _say("place_of", zh, n=n, total=total) if total > 1 else ""
    return step_words(step, language="zh" if zh else "en") + place


def _rows_words(step: Step, zh: bool) -> str:
    key = f"rows_{step.action}" if f"rows_{step.action}" in WORDS else "rows_other"
    counted = _say(key, zh, done=f"{step.done:,}", total=f"{step.total:,}")
    return counted if step.rows_per_s is None else counted + _say("rows_rate", zh, rate=f"{step.rows_per_s:,.0f}")


def _best(progress: Progress, zh: bool) -> Iterator[str]:
    """For each surface, how many were measured and which of them has the highest quality."""
    for surface in (Surface.SEARCH, Surface.RECOMMEND):
        points = [point for point in progress.points if point.surface is surface]
        known = [point for point in points if point.quality is not None]
        if known:
            best = max(known, key=lambda point: point.quality or 0.0)
            so_far = _say("measured_so_far", zh, n=len(points), metric=best.metric)
            name = _say(f"{surface}_surface", zh)
            yield f"{name}{_COLON[zh]}{so_far}{_SEMICOLON[zh]}{_figures(best, progress.currency)}"


def _figures(point: Point, currency: str) -> str:
    half = "" if point.low is None or point.high is None else f" ±{(point.high - point.low) / 2:.3f}"
    cost = "" if point.monthly is None else f", {point.monthly:,.2f} {currency}".rstrip()
    return f"{point.name} {point.quality:.3f}{half}{cost}"


def _say(key: str, zh: bool, **values: object) -> str:
    return WORDS[key][zh].format(**values)
