"""Which assumption decides: what would change each choice, and how far it must move, as parts of the decision.

Every figure is moved alone, and every candidate priced again with it, by the same placing and bills as the decision.
People's hours that are the same for every configuration are shown apart from those that differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import NamedTuple

from msgspec.structs import replace

from steelyard.config.schema import Config
from steelyard.decision.assumptions import Assumption, Break, Shape, breaks
from steelyard.decision.choose import Choice, Verdict
from steelyard.decision.wording import money_text
from steelyard.documents.choice import Assumption as AssumptionRow
from steelyard.documents.choice import CandidateRow, LookedAt, People, PeopleCommon, PeopleRow, SurfaceDecision
from steelyard.documents.line_words import words_of
from steelyard.domain import Bilingual, Candidate, CostLine, LineKey, Money, Surface, filled_zh
from steelyard.domain.shown import plain
from steelyard.workflows.pricing.assumed_figures import Figure, assumed_figures
from steelyard.workflows.pricing.bill_rows import amount_shown, plain_shown
from steelyard.workflows.pricing.price import Priced, Pricing
from steelyard.workflows.pricing.reprice import Repricer, quality_is_kept

__all__ = ["HangsOn", "deciding_assumptions", "with_assumptions"]

_HOURS = "person_hour"
_DIGITS = 3
"""Significant digits of a value at which the choice changes; more where it takes more to tell it from today's."""


@dataclass(frozen=True, slots=True)
class HangsOn:
    """What the choice of a surface hangs on."""

    assumptions: tuple[AssumptionRow, ...]
    """Nearest first."""
    looked_at: tuple[LookedAt, ...]
    """Each figure and its plausible range."""
    people: People
    why: tuple[Bilingual, ...]
    """Sentences without a full stop."""


def with_assumptions(
    document: SurfaceDecision, config: Config, pricing: Pricing, *, surface: Surface, choice: Choice
) -> SurfaceDecision:
    """A surface of the decision with what its choice hangs on.

    Args:
        document: The surface as it was decided.
        config: As decided with.
        pricing: As decided with.
        surface: Which.
        choice: What was chosen on it.

    Returns:
        The surface with what ``deciding_assumptions`` found; a candidate that would be chosen if a figure moved says
        so among its reasons.
    """
    found = deciding_assumptions(config, pricing, surface, choice)
    return replace(
        document,
        candidates=tuple(_with_reasons(row, found.assumptions) for row in document.candidates),
        assumptions=found.assumptions,
        assumptions_looked_at=found.looked_at,
        people=found.people,
        why_assumptions=tuple(said.en for said in found.why),
        why_assumptions_zh=tuple(said.zh for said in found.why),
    )


def _with_reasons(row: CandidateRow, assumptions: Sequence[AssumptionRow]) -> CandidateRow:
    own = [each for each in assumptions if each.winner_then == row.name]
    said = [each.says.removeprefix(f"{row.name} ") for each in own]
    said_zh = [each.says_zh.replace(f"将选择 {row.name}", "将选择它") for each in own]
    return replace(row, reasons=(*row.reasons, *said), reasons_zh=(*row.reasons_zh, *said_zh))


def deciding_assumptions(config: Config, pricing: Pricing, surface: Surface, choice: Choice) -> HangsOn:
    """What the choice of a surface hangs on.

    Args:
        config: As decided with.
        pricing: As decided with.
        surface: Which.
        choice: What was chosen on it.

    Returns:
        Where nothing keeps every floor there is no choice to change, and all but ``people`` are empty.
    """
    priced = pricing.surfaces[surface]
    people = _people(priced, choice)
    said = (_people_said(people, pricing.terms.book.currency),) if people.rows else ()
    if not choice.is_feasible or choice.chosen is None:
        return HangsOn((), (), people, said)
    again = Repricer(config, pricing, surface, quality_is_kept(priced, choice))
    now = again.priced()
    chosen = next((each for each in now if each.candidate.name == choice.chosen), None)
    if chosen is None:
        return HangsOn((), (), people, said)
    figures = list(assumed_figures(again, now, chosen))
    found = [(figure, each) for figure in figures for each in _breaks(figure, choice.chosen)]
    found.sort(key=lambda pair: _distance(*pair))
    rows = tuple(_row(figure, each) for figure, each in found)
    sentences = [_sentence(figure, each) for figure, each in found] or [_nothing(figures, n=len(now))]
    return HangsOn(rows, tuple(map(_looked_at, figures)), people, (*sentences, *said))


def _looked_at(figure: Figure) -> LookedAt:
    assumption = figure.assumption
    now, low, high = (plain_shown(value) for value in (assumption.now, assumption.low, assumption.high))
    return LookedAt(assumption.name, now, low, high, figure.unit.en)


def _breaks(figure: Figure, chosen: str) -> tuple[Break, ...]:
    return breaks(figure.assumption, figure.costs, chosen=chosen)


def _distance(figure: Figure, found: Break) -> tuple[float, str]:
    """How far a figure must move, as a share of the way to the end of its range."""
    assumption = figure.assumption
    end = assumption.high if found.direction == "up" else assumption.low
    return float((found.at - assumption.now) / (end - assumption.now)), assumption.name


def _row(figure: Figure, found: Break) -> AssumptionRow:
    assumption, said = figure.assumption, _sentence(figure, found)
    moved = float((found.at - assumption.now) / assumption.now) if assumption.now else None
    return AssumptionRow(
        setting=assumption.name,
        name=figure.subject.en.rstrip(","),
        name_zh=figure.subject.zh,
        unit=figure.unit.en,
        unit_zh=figure.unit.zh,
        now=plain_shown(assumption.now),
        breaks_at=plain_shown(found.at),
        moves_share=None if moved is None else round(moved, 6),
        winner_then=found.winner,
        direction=found.direction,
        says=said.en,
        says_zh=said.zh,
    )


def _sentence(figure: Figure, found: Break) -> Bilingual:
    assumption, is_up = figure.assumption, found.direction == "up"
    at, now = _shown(found, assumption), plain(assumption.now)
    first = f"{found.winner} would be chosen" if found.winner else "no configuration would meet every floor"
    then = f"将选择 {found.winner}" if found.winner else "没有配置满足全部下限"
    if assumption.shape is Shape.WHOLE:
        value, zh = (
            f"{at} {figure.unit.en}".rstrip() + (" or more" if is_up else " or fewer"),
            "达到" if is_up else "降到",
        )
    else:
        value, zh = f"{'more' if is_up else 'less'} than {at} {figure.unit.en}".rstrip(), "高于" if is_up else "低于"
    return Bilingual(
        f"{first} if {figure.subject.en} {figure.verb} {value} instead of {now}",
        filled_zh(
            "若{subject}{end} {value}（现为 {now}），{then}",
            subject=figure.subject.zh,
            end=zh,
            value=f"{at} {figure.unit.zh}".rstrip(),
            now=now,
            then=then,
        ),
    )


def _shown(found: Break, assumption: Assumption) -> str:
    """Few digits, rounded away from today's value, so that the sentence stays true; enough to tell it from today's."""
    rounding = ROUND_CEILING if found.direction == "up" else ROUND_FLOOR
    for digits in range(_DIGITS, 12):
        shown = Context(prec=digits, rounding=rounding).plus(found.at)
        # A search by halving ends a hair beyond the step: the step itself is meant.
        nearest = Context(prec=digits).plus(found.at)
        if abs(nearest - found.at) <= abs(found.at) * Decimal("1e-6"):
            shown = nearest
        if shown != assumption.now:
            return plain(shown)
    return plain(found.at)


def _nothing(figures: Sequence[Figure], *, n: int) -> Bilingual:
    """That no figure decides, with the ranges that were looked at."""
    if n == 1:
        return Bilingual(
            "only one configuration keeps the quality floor, and no assumed figure of cost or load, within its "
            "plausible range, takes it out",
            "只有一个配置达到质量下限；费用与负载的各项假设在合理范围内均不会使其不达标",
        )
    en = "; ".join(f"{each.subject.en} {_range(each)} {each.unit.en}".strip() for each in figures)
    zh = "；".join(f"{each.subject.zh} {_range(each, 'zh')} {each.unit.zh}".rstrip() for each in figures)
    return Bilingual(
        f"no assumed figure changes the choice within its plausible range ({en})",
        f"各项假设在合理范围内均不改变选择（{zh}）",
    )


def _range(figure: Figure, language: str = "en") -> str:
    low, high = plain(figure.assumption.low), plain(figure.assumption.high)
    return f"{low} 至 {high}" if language == "zh" else f"{low} to {high}"


def _people(priced: Sequence[Priced], choice: Choice) -> People:
    """People's costs that all have alike, what each has beyond them, and the order of the machines alone."""
    candidates = [each.candidate for each in priced if each.candidate.bill and each.candidate.bill.total]
    feasible = {each.name for each in choice.judged if each.verdict in (Verdict.CHOSEN, Verdict.FEASIBLE)}
    lines = {each.name: _people_lines(each) for each in candidates}
    alike = set.intersection(*(set(found) for found in lines.values())) if lines else set[_Hours]()
    rows = [_people_row(each, lines[each.name], alike) for each in candidates]
    rows.sort(key=lambda row: (row.without_people, row.name))
    order = tuple(row.name for row in rows if row.name in feasible) if choice.is_feasible else ()
    first = next(iter(lines.values()), {})
    common = PeopleCommon(
        plain_shown(sum((each.hours for each in alike), Decimal(0))),
        amount_shown(sum((first[each] for each in alike), Decimal(0))),
        _items(alike),
    )
    return People(common, tuple(rows), order, *((order[0], order[0] == choice.chosen) if order else (None, None)))


class _Hours(NamedTuple):
    """A line of people's hours: what it is for, and how many."""

    key: LineKey
    detail: str
    hours: Decimal


def _people_lines(candidate: Candidate) -> dict[_Hours, Decimal]:
    """Cost of each line of people's hours."""
    bill = candidate.bill
    lines: Sequence[CostLine] = bill.lines if bill else ()
    return {
        _Hours(line.key, line.detail, line.quantity.value): line.cost.amount
        for line in lines
        if line.quantity.unit == _HOURS and line.cost is not None
    }


def _people_row(candidate: Candidate, found: Mapping[_Hours, Decimal], alike: set[_Hours]) -> PeopleRow:
    assert candidate.bill is not None
    assert candidate.bill.total is not None
    own = {each: cost for each, cost in found.items() if each not in alike}
    return PeopleRow(
        candidate.name,
        plain_shown(sum((each.hours for each in own), Decimal(0))),
        amount_shown(sum(own.values(), Decimal(0))),
        _items(own),
        plain_shown(candidate.bill.total.amount - sum(found.values(), Decimal(0))),
    )


def _items(found: Iterable[_Hours]) -> tuple[str, ...]:
    return tuple(sorted(words_of(each.key, each.detail).en for each in found))


def _people_said(people: People, currency: str) -> Bilingual:
    """What people cost whatever is chosen, who costs more, and whether machines alone would be chosen otherwise."""
    common = Money(people.common.cost, currency)
    more = [row.cost_beyond for row in people.rows if row.cost_beyond]
    en = f"people cost {money_text(common)} a month whatever is chosen"
    zh = f"无论选择哪个配置，人力每月都要 {money_text(common, 'zh')}"
    if more:
        most = Money(max(more), currency)
        en += f"; {len(more)} of {len(people.rows)} configurations take up to {money_text(most)} more"
        zh += f"；{len(people.rows)} 个配置中有 {len(more)} 个最多再加 {money_text(most, 'zh')}"
    if people.is_same_choice is True:
        return Bilingual(f"{en}; without people the choice is the same", f"{zh}；不计人力，选择不变")
    if people.is_same_choice is False:
        other = people.chosen_without_people
        return Bilingual(f"{en}; without people {other} would be chosen", f"{zh}；不计人力则会选择 {other}")
    return Bilingual(en, zh)
