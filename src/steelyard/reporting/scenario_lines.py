"""A scenario of hosting options in a terminal's words: break-even volumes, what is uncertain, what is assumed."""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.documents.scenario import BreakEven, CheapestRange, Scenario

__all__ = ["scenario_lines"]


def scenario_lines(found: Scenario) -> list[str]:
    """What a terminal says below the options of a scenario.

    Args:
        found: The scenario.

    Returns:
        Which option is the cheapest at which volume, from where on another pays, what moves it, and what is assumed.
    """
    if not found.cheapest:
        return ["no option has a price: see what is missing, and add it to the file named in [cost] overrides"]
    said = ["cheapest by requests a month (the peak grows with them):"]
    said += [f"  {row.low:>15,} to {row.high:>15,}: {row.option}" for row in found.cheapest]
    said += [_break_even(row, found.cheapest) for row in found.break_even]
    if found.swings:
        said.append("what moves the cheapest most, each alone at its ends:")
        said += [f"  {row.driver}: {row.at_low:,.2f} to {row.at_high:,.2f}" for row in found.swings]
    plan = found.plan
    said += _honest(found)
    said += [
        f"assumed: {plan.peak_hours} hours a month at the peak, the rest by the day ({plan.day_from}); "
        f"spot for at most {plan.spot_share:.0%} of machines;",
        f"  {plan.own_people_hours:f} people's hours a month for each own machine; a service leaves "
        f"{plan.managed_people_share:.0%} of the upkeep, and its quality was not measured.",
        "what is reserved is reserved for the plan, before the draw; how often each is the cheapest is counted so;",
        f"low and high hold 90 % of {plan.uncertain.draws:,} draws of what is uncertain (--as json shows it).",
    ]
    return said


def _honest(found: Scenario) -> list[str]:
    """What committing saves at the same hours, and what autoscaling costs in late requests."""
    said = []
    for option in found.options:
        same, late = option.same_hours_on_demand, option.late_at_peak
        if same is not None and option.monthly is not None and same != option.monthly:
            saved = same - option.monthly
            said.append(f"{option.name} against the same hours on demand ({same:f}): {saved:,.2f} a month less")
        if late:
            times = f"{found.plan.reacts_s:g} s to notice it, {found.plan.boots_s:g} s to boot"
            calendar = option.late_if_scheduled
            less = "" if calendar is None else f"; {calendar:.1%} where a calendar launches machines before it"
            said.append(
                f"{option.name}: {late:.1%} of the requests around the beginning of a peak are late ({times}){less}"
            )
    return said


def _break_even(row: BreakEven, ranges: Sequence[CheapestRange]) -> str:
    """From which volume on an option is cheaper than the first; ends of the range looked at are not said as ends."""
    least, most = ranges[0].low, ranges[-1].high
    parts = []
    for low, high in row.cheaper:
        above, below = f"above {low:,}" if low > least else "", f"below {high:,}" if high < most else ""
        parts.append(" and ".join(part for part in (above, below) if part) or "at every volume looked at")
    return f"{row.option} is cheaper than {row.against} {', and '.join(parts) or 'at no volume looked at'}"
