"""Which assumption decides: what would change each choice, and how far it must move, as keys of the decision document.

Every figure is moved alone, and every candidate priced again with it, by the same placing and bills as the decision.
People's hours that are the same for every configuration are shown apart from those that differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any

from steelyard.config.schema import Config
from steelyard.decision.assumptions import Assumption, Break, Shape, breaks
from steelyard.decision.choose import Choice, Verdict
from steelyard.decision.wording import money_text, percent
from steelyard.domain import Candidate, CostLine, Money, Said, Surface
from steelyard.workflows.pricing.assumed_figures import Figure, assumed_figures
from steelyard.workflows.pricing.price import Priced, Pricing, amount, plain
from steelyard.workflows.pricing.reprice import Repricer, quality_is_kept

__all__ = ["assumed_total", "deciding_assumptions", "with_assumptions"]

_HOURS = "person_hour"
_DIGITS = 3
"""Significant digits of a value at which the choice changes; more where it takes more to tell it from today's."""


def with_assumptions(
    document: Mapping[str, Any], config: Config, pricing: Pricing, *, surface: Surface, choice: Choice
) -> dict[str, Any]:
    """A surface of the decision document with what its choice hangs on.

    Args:
        document: The surface as it was decided.
        config: As decided with.
        pricing: As decided with.
        surface: Which.
        choice: What was chosen on it.

    Returns:
        The document with the keys of ``deciding_assumptions``; a candidate that would be chosen if a figure moved says
        so among its reasons.
    """
    found = deciding_assumptions(config, pricing, surface, choice)
    candidates = []
    for row in document["candidates"]:
        name, own = row["name"], [each for each in found["assumptions"] if each["winner_then"] == row["name"]]
        said = [each["says"].removeprefix(f"{name} ") for each in own]
        said_zh = [each["says_zh"].replace(f"将选择 {name}", "将选择它") for each in own]
        reasons = {"reasons": [*row["reasons"], *said], "reasons_zh": [*row["reasons_zh"], *said_zh]}
        candidates.append({**row, **reasons})
    return {**document, "candidates": candidates, **found}


def deciding_assumptions(config: Config, pricing: Pricing, surface: Surface, choice: Choice) -> dict[str, Any]:
    """What the choice of a surface hangs on.

    Args:
        config: As decided with.
        pricing: As decided with.
        surface: Which.
        choice: What was chosen on it.

    Returns:
        JSON: ``assumptions`` (nearest first), ``assumptions_looked_at`` (each figure and its plausible range),
        ``people``, ``why_assumptions`` and ``why_assumptions_zh`` (sentences without a full stop). Where nothing keeps
        every floor there is no choice to change, and all but ``people`` are empty.
    """
    priced = pricing.surfaces[surface]
    people = _people(priced, choice)
    said = [_people_said(people, pricing.terms.book.currency)] if people["rows"] else []
    if not choice.is_feasible or choice.chosen is None:
        return _document([], [], people, said)
    again = Repricer(config, pricing, surface, quality_is_kept(priced, choice))
    now = again.priced()
    chosen = next((each for each in now if each.candidate.name == choice.chosen), None)
    if chosen is None:
        return _document([], [], people, said)
    figures = list(assumed_figures(again, now, chosen))
    found = [(figure, each) for figure in figures for each in _breaks(figure, choice.chosen)]
    found.sort(key=lambda pair: _distance(*pair))
    rows = [_row(figure, each) for figure, each in found]
    sentences = [_sentence(figure, each) for figure, each in found] or [_nothing(figures, n=len(now))]
    return _document(rows, figures, people, [*sentences, *said])


def assumed_total(total: Mapping[str, Any]) -> dict[str, Any]:
    """How much of the first figure of a decision is assumed.

    Args:
        total: The document's ``total``.

    Returns:
        JSON: ``assumed_share`` (of 1, null without a total), ``assumed_says``, ``assumed_says_zh``.
    """
    share = total["shares_by_kind"].get("assumed") if total["monthly"] is not None else None
    if share is None:
        return {"assumed_share": None, "assumed_says": "", "assumed_says_zh": ""}
    return {
        "assumed_share": share,
        "assumed_says": f"{percent(share)} of it rests on assumptions",
        "assumed_says_zh": f"其中 {percent(share, 'zh')} 来自假设",
    }


def _document(
    rows: Sequence[Mapping[str, Any]], figures: Sequence[Figure], people: Mapping[str, Any], said: Sequence[Said]
) -> dict[str, Any]:
    return {
        "assumptions": list(rows),
        "assumptions_looked_at": [
            {
                "setting": each.assumption.name,
                "now": plain(each.assumption.now),
                "low": plain(each.assumption.low),
                "high": plain(each.assumption.high),
                "unit": each.unit.en,
            }
            for each in figures
        ],
        "people": dict(people),
        "why_assumptions": [each.en for each in said],
        "why_assumptions_zh": [each.zh for each in said],
    }


def _breaks(figure: Figure, chosen: str) -> tuple[Break, ...]:
    return breaks(figure.assumption, figure.costs, chosen=chosen)


def _distance(figure: Figure, found: Break) -> tuple[float, str]:
    """How far a figure must move, as a share of the way to the end of its range."""
    assumption = figure.assumption
    end = assumption.high if found.direction == "up" else assumption.low
    return float((found.at - assumption.now) / (end - assumption.now)), assumption.name


def _row(figure: Figure, found: Break) -> dict[str, Any]:
    assumption, said = figure.assumption, _sentence(figure, found)
    moved = float((found.at - assumption.now) / assumption.now) if assumption.now else None
    return {
        "setting": assumption.name,
        "name": figure.subject.en.rstrip(","),
        "name_zh": figure.subject.zh.strip(),
        "unit": figure.unit.en,
        "unit_zh": figure.unit.zh,
        "now": plain(assumption.now),
        "breaks_at": plain(found.at),
        "moves_share": None if moved is None else round(moved, 6),
        "winner_then": found.winner,
        "direction": found.direction,
        "says": said.en,
        "says_zh": said.zh,
    }


def _sentence(figure: Figure, found: Break) -> Said:
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
    return Said(
        f"{first} if {figure.subject.en} {figure.verb} {value} instead of {now}",
        f"若{figure.subject.zh}{zh} {f'{at} {figure.unit.zh}'.rstrip()}（现为 {now}），{then}",
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


def _nothing(figures: Sequence[Figure], *, n: int) -> Said:
    """That no figure decides, with the ranges that were looked at."""
    if n == 1:
        return Said(
            "only one configuration keeps the quality floor, and no assumed figure of cost or load, within its "
            "plausible range, takes it out",
            "只有一个配置达到质量下限；费用与负载的各项假设在合理范围内均不会使其不达标",
        )
    en = "; ".join(f"{each.subject.en} {_range(each)} {each.unit.en}".strip() for each in figures)
    zh = "；".join(f"{each.subject.zh} {_range(each, 'zh')} {each.unit.zh}".rstrip() for each in figures)
    return Said(
        f"no assumed figure changes the choice within its plausible range ({en})",
        f"各项假设在合理范围内均不改变选择（{zh}）",
    )


def _range(figure: Figure, language: str = "en") -> str:
    low, high = plain(figure.assumption.low), plain(figure.assumption.high)
    return f"{low} 至 {high}" if language == "zh" else f"{low} to {high}"


def _people(priced: Sequence[Priced], choice: Choice) -> dict[str, Any]:
    """People's costs that all have alike, what each has beyond them, and the order of the machines alone."""
    candidates = [each.candidate for each in priced if each.candidate.bill and each.candidate.bill.total]
    feasible = {each.name for each in choice.judged if each.verdict in (Verdict.CHOSEN, Verdict.FEASIBLE)}
    lines = {each.name: _people_lines(each) for each in candidates}
    alike = set.intersection(*(set(found) for found in lines.values())) if lines else set[tuple[str, Decimal]]()
    rows = [_people_row(each, lines[each.name], alike) for each in candidates]
    rows.sort(key=lambda row: (Decimal(row["without_people"]), row["name"]))
    order = [row["name"] for row in rows if row["name"] in feasible] if choice.is_feasible else []
    first = next(iter(lines.values()), {})
    return {
        "common": {
            "hours_per_month": plain(sum((key[1] for key in alike), Decimal(0))),
            "cost": amount(sum((first[key] for key in alike), Decimal(0))),
            "items": sorted(key[0] for key in alike),
        },
        "rows": rows,
        "order_without_people": order,
        "chosen_without_people": order[0] if order else None,
        "is_same_choice": (order[0] == choice.chosen) if order else None,
    }


def _people_lines(candidate: Candidate) -> dict[tuple[str, Decimal], Decimal]:
    """Cost of each line of people's hours, by what it is for and how many hours it is."""
    bill = candidate.bill
    lines: Sequence[CostLine] = bill.lines if bill else ()
    return {
        (line.item, line.quantity.value): line.cost.amount
        for line in lines
        if line.quantity.unit == _HOURS and line.cost is not None
    }


def _people_row(
    candidate: Candidate, found: Mapping[tuple[str, Decimal], Decimal], alike: set[tuple[str, Decimal]]
) -> dict[str, Any]:
    assert candidate.bill is not None
    assert candidate.bill.total is not None
    own = {key: cost for key, cost in found.items() if key not in alike}
    return {
        "name": candidate.name,
        "hours_beyond": plain(sum((key[1] for key in own), Decimal(0))),
        "cost_beyond": amount(sum(own.values(), Decimal(0))),
        "items": sorted(key[0] for key in own),
        "without_people": plain(candidate.bill.total.amount - sum(found.values(), Decimal(0))),
    }


def _people_said(people: Mapping[str, Any], currency: str) -> Said:
    """What people cost whatever is chosen, who costs more, and whether machines alone would be chosen otherwise."""
    common = Money(Decimal(people["common"]["cost"]), currency)
    more = [row for row in people["rows"] if Decimal(row["cost_beyond"])]
    en = f"people cost {money_text(common)} a month whatever is chosen"
    zh = f"无论选择哪个配置，人力每月都要 {money_text(common, 'zh')}"
    if more:
        most = max(Decimal(row["cost_beyond"]) for row in more)
        en += (
            f"; {len(more)} of {len(people['rows'])} configurations take up to {money_text(Money(most, currency))} more"
        )
        zh += f"；{len(people['rows'])} 个配置中有 {len(more)} 个最多再加 {money_text(Money(most, currency), 'zh')}"
    if people["is_same_choice"] is True:
        return Said(f"{en}; without people the choice is the same", f"{zh}；不计人力，选择不变")
    if people["is_same_choice"] is False:
        other = people["chosen_without_people"]
        return Said(f"{en}; without people {other} would be chosen", f"{zh}；不计人力则会选择 {other}")
    return Said(en, zh)
