"""What lists of recommendations are like and what each rule costs: tables of the report, lines of the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from steelyard.documents.choice import SurfaceDecision
from steelyard.documents.list_figures import ListFigures, ListRow, RuleRow
from steelyard.reporting.page import Html, element, number, percent, table
from steelyard.reporting.words import Words, words_in

__all__ = ["RULE_HEAD", "list_line", "lists_part", "rule_cells"]

RULE_HEAD = ("li_rule", "li_gain", "interval", "li_diversity", "li_coverage", "li_new")
"""Keys of the headings over ``rule_cells``."""


def lists_part(surface: SurfaceDecision, *, language: str) -> Html | None:
    """What the lists of each configuration are like, and what each rule costs them.

    Args:
        surface: With its lists.
        language: ``en`` or ``zh``.

    Returns:
        None where nothing was told of lists. The rules of the choice stand open, those of the others behind a fold.
    """
    if not surface.lists:
        return None
    say = words_in(language)
    head = [say(key) for key in ("c_name", "li_diversity", "li_coverage", "li_new", "li_requests")]
    rows = [[row.configuration, *_figures(row.figures, language), f"{row.n:,}"] for row in surface.lists]
    says = element("p", say("li_says", k=surface.lists[0].k), class_="quiet")
    listed = element("div", table(head, rows, numbers=(1, 2, 3, 4)), class_="scroll")
    tried = sorted((row for row in surface.lists if row.rules), key=lambda row: row.configuration != surface.chosen)
    costs = [_costs(row, say, language, is_open=row.configuration == surface.chosen) for row in tried]
    return element("div", element("h4", say("li_title")), says, listed, costs)


def list_line(row: ListRow, *, language: str = "en") -> str:
    """What the lists of one configuration are like, as a sentence."""
    say = words_in(language)
    diversity, coverage, new = _figures(row.figures, language)
    return say(
        "li_line", name=row.configuration, k=row.k, diversity=diversity, coverage=coverage, new=new, n=f"{row.n:,}"
    )


def rule_cells(row: RuleRow, *, language: str = "en") -> tuple[str, ...]:
    """One rule as cells under ``RULE_HEAD``: the difference of the metric, and each other figure without → with it."""
    low, high = row.gain.low, row.gain.high
    ends = "–" if low is None or high is None else f"{low:+.4f}…{high:+.4f}"
    mean = "–" if row.gain.mean is None else f"{row.gain.mean:+.4f}"
    pairs = zip(_figures(row.without, language), _figures(row.figures, language), strict=True)
    return (row.rule + ("*" if row.is_of_repeats else ""), mean, ends, *(_from_to(*pair) for pair in pairs))


def _costs(row: ListRow, say: Words, language: str, *, is_open: bool) -> list[Html] | Html:
    head = [say(key) for key in RULE_HEAD]
    cells = ([*rule_cells(each, language=language), each.value] for each in row.rules)
    listed = element("div", table([*head, say("li_value")], cells, numbers=(1, 2, 3, 4, 5)), class_="scroll")
    says = element("p", " ".join(_says(row, say)), class_="quiet")
    title = say("li_costs", name=row.configuration)
    if is_open:
        return [element("h4", title), says, listed]
    return element("details", element("summary", title), says, listed)


def _says(row: ListRow, say: Words) -> Iterator[str]:
    yield say("li_costs_say", n=f"{row.n_rules:,}")
    if any(each.is_of_repeats for each in row.rules):
        yield say("li_repeats_say")


def _figures(figures: ListFigures, language: str) -> tuple[str, str, str]:
    coverage, new = (percent(each, 1, language=language) for each in (figures.coverage, figures.new_share))
    return number(figures.diversity, 3), coverage, new


def _from_to(without: str, own: str) -> str:
    """Two figures of one unit, which is said once."""
    unit = own.lstrip("0123456789.,") if own.endswith("%") else ""
    before = without.removesuffix(unit) if unit else without
    return f"{before}→{own}"
