"""The progress of a run in a terminal's words, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator

from steelyard.documents.progress import Action, Point, Progress, Step
from steelyard.domain import Surface
from steelyard.reporting.words import words_in
from steelyard.reporting.words.run import RUN

__all__ = ["left_words", "progress_lines", "step_words"]

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
    key = f"rows_{step.action}" if f"rows_{step.action}" in RUN else "rows_other"
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
    return words_in("zh" if zh else "en")(key, **values)
