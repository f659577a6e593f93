"""Three classes of traffic: people, agents that buy for people, and hostile robots.

The class of a user is a column of the log from then on: hostile events are kept and not learnt from, agents are marked.
A rule fires on what no person does; what acts like a person is left alone, and ``Trust`` says what that lets pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from steelyard.data.detectors.cohorts import cohort_users
from steelyard.data.detectors.paces import DAY_S, HOUR_S, Paces, bound_of, measure_paces
from steelyard.data.detectors.user_agents import agent_values
from steelyard.data.quality import Finding

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["AGENT", "HOSTILE", "PERSON", "Classified", "classify_traffic"]

PERSON, AGENT, HOSTILE = "person", "agent", "hostile"
_SAMPLES = 5
_SAYS = {
    "traffic_fast": "more acts in a minute, an hour or a day than people of this log do: a robot; not learnt from",
    "traffic_regular": "acts follow each other at one interval: a robot; not learnt from",
    "traffic_around_clock": "active at nearly every hour of a day: a robot; not learnt from",
    "traffic_one_item": "the same item again and again within a day: click fraud; not learnt from",
    "traffic_cohort": "a group of accounts took the same item on one day and did the same besides: not learnt from",
    "traffic_robot_named": "the user agent names a crawler, a script or a headless browser; not learnt from",
    "traffic_agent": "an agent that buys for people: kept, and marked",
    "traffic_shared": "many visits at once under one user: an account that guests share; not learnt from as one person",
}
_ORDER = ("traffic_robot_named", "traffic_fast", "traffic_around_clock", "traffic_regular", "traffic_one_item")
_FIGURES = ("n_acts", "n_events", "n_items", "peak_minute", "peak_hour", "peak_day", "day_hours", "gap")


@dataclass(frozen=True, slots=True)
class Classified:
    """The log with its classes."""

    events: Frame
    """With the columns ``traffic`` and ``_traffic_reason`` (null for people)."""
    findings: tuple[Finding, ...]
    paces: Paces
    """How each user acts."""


def classify_traffic(sources: SourcePort, kept: Frame, *, has_session: bool, n_in: int) -> Classified:
    """Tell people from robots.

    A user is hostile who acts faster than people of this log do (peaks of a minute, an hour or a day beyond six times
    those of nine users in ten), at one interval, around the clock, on one item over and over, or in a group made for
    one purpose; or whose user agent says so. One who acts as fast, in short visits and buys, is an agent.

    Args:
        sources: Holds scratch tables.
        kept: Checked events, with ``user_agent`` where a column plays that role.
        has_session: Whether a column names the visits.
        n_in: Rows of the log, for shares.

    Returns:
        The events with their classes, and a finding for each reason.

    Trust:
        Robots that keep to the pace of people, vary it, and spread over weeks pass as people.
    """
    paces = measure_paces(sources, kept)
    agents = agent_values(sources, kept)
    marked = _marked(sources, kept, paces, has_session=has_session)
    flagged = marked.filter(~nw.col("_why").is_null())
    flagged = sources.keep(flagged, "traffic_users")
    is_any = bool(len(flagged.head(1).collect()))
    if not is_any and agents is None:
        plain = [nw.lit(PERSON).alias("traffic"), nw.lit(None, dtype=nw.String()).alias("_traffic_reason")]
        return Classified(kept.with_columns(*plain), (), paces)
    events = kept.join(flagged.select("user", "_who", "_why"), on="user", how="left")
    if agents is not None:
        events = events.join(agents, on="user_agent", how="left")
    else:
        none = nw.lit(None, dtype=nw.String())
        events = events.with_columns(none.alias("_ua_class"), none.alias("_ua_reason"))
    by_name = nw.col("_ua_class") == nw.lit(AGENT)
    given = nw.when(by_name).then(nw.lit(AGENT)).otherwise(nw.coalesce("_who", "_ua_class", nw.lit(PERSON)))
    reason = nw.when(by_name).then(nw.lit("traffic_agent")).otherwise(nw.coalesce("_why", "_ua_reason"))
    events = events.with_columns(given.alias("traffic"), reason.alias("_traffic_reason"))
    events = sources.keep(events.drop("_who", "_why", "_ua_class", "_ua_reason"), "events_classed")
    return Classified(events, tuple(_findings(events, flagged, n_in=n_in)), paces)


def _marked(sources: SourcePort, kept: Frame, paces: Paces, *, has_session: bool) -> Frame:
    """Users with ``_why`` and ``_who``, null for people."""
    actors = paces.actors
    cohort = cohort_users(sources, paces)
    if cohort is not None:
        actors = actors.join(cohort.with_columns(nw.lit(1).alias("_cohort")), on="actor", how="left")
    else:
        actors = actors.with_columns(nw.lit(None, dtype=nw.Int64()).alias("_cohort"))
    if has_session:
        actors = actors.join(_visits_at_once(kept), on="user", how="left")
    else:
        actors = actors.with_columns(nw.lit(None, dtype=nw.Int64()).alias("_visits"))
    rules = {**_rules(paces), "traffic_cohort": ~nw.col("_cohort").is_null()}
    first = nw.coalesce(*(nw.when(rule).then(nw.lit(reason)) for reason, rule in rules.items()))
    is_shared = (nw.coalesce(nw.col("_visits"), nw.lit(0)) >= _MOST_VISITS) & ~first.is_null()
    # Never null: DuckDB 2.0.0 fails to plan is_in of a text that its statistics say is null in every row.
    is_agent = _buys_for_people() & nw.coalesce(first, nw.lit("")).is_in(["traffic_fast", "traffic_regular"])
    reason = nw.coalesce(
        nw.when(is_shared).then(nw.lit("traffic_shared")), nw.when(is_agent).then(nw.lit("traffic_agent")), first
    )
    given = nw.when(is_agent & ~is_shared).then(nw.lit(AGENT)).otherwise(nw.lit(HOSTILE))
    return actors.with_columns(reason.alias("_why"), given.alias("_who"))


_MOST_VISITS = 6
"""Visits that one person does not make within an hour."""


def _visits_at_once(kept: Frame) -> Frame:
    """By user: most visits in an hour."""
    hour = (nw.col("time") / HOUR_S).floor().alias("_hour")
    known = kept.filter(~nw.col("user").is_null() & ~nw.col("session").is_null())
    distinct = known.select("user", hour, "session").unique()
    visits = distinct.group_by("user", "_hour").agg(nw.len().alias("_n"))
    return visits.group_by("user").agg(nw.col("_n").max().alias("_visits"))


def _rules(paces: Paces) -> dict[str, nw.Expr]:
    """What no person does, by reason, in the order in which they are asked."""
    actors, step = paces.actors, paces.resolution_s
    is_coarse = step >= 60  # an act is a whole minute then, which holds many
    hour = bound_of(actors, "peak_hour", least=12 if is_coarse else 20, times=6, most=900)
    again = bound_of(actors, "peak_hour", least=5 if is_coarse else 20, times=3, most=60)
    day = bound_of(actors, "peak_day", least=16 if is_coarse else 60, times=6, most=5000)
    acts, gap = nw.col("n_acts"), nw.col("gap")
    fast = (nw.col("peak_hour") > hour) | (nw.col("peak_day") > day)
    if not is_coarse:
        fast = fast | (nw.col("peak_minute") >= 40)
    is_even = (nw.col("near") >= 0.8) & (gap >= 5 * step) & (gap <= 6 * HOUR_S) & (acts >= 16)
    often = nw.col("n_events") if is_coarse else acts
    many = (often >= 20) & (often / nw.col("n_days") >= 10)
    one = (nw.col("top_share") >= 0.8) & (many | (nw.col("peak_hour") >= again))
    rules = {"traffic_fast": fast, "traffic_around_clock": (nw.col("day_hours") >= 20) & (acts >= 20)}
    rules |= {"traffic_regular": is_even, "traffic_one_item": one}
    if step >= DAY_S:
        del rules["traffic_around_clock"], rules["traffic_regular"]
    return rules


def _buys_for_people() -> nw.Expr:
    """A pace beyond people, in short visits that end in a purchase of different things."""
    acts = nw.col("n_acts")
    buys = (nw.col("n_bought") >= 0.03 * acts) & (nw.col("n_bought") < 0.9 * acts) & (nw.col("n_bought") >= 1)
    short = (acts / nw.col("n_days") <= 120) & (nw.col("day_hours") <= 12)
    return buys & short & (nw.col("n_items") >= 2) & (nw.col("top_share") < 0.5)


def _findings(events: Frame, flagged: Frame, *, n_in: int) -> list[Finding]:
    reasons = events.filter(~nw.col("_traffic_reason").is_null()).group_by("_traffic_reason")
    counted = reasons.agg(nw.len().alias("n"), nw.col("user").n_unique().alias("users")).collect()
    found = []
    for row in counted.rows(named=True):
        reason, n, users = row["_traffic_reason"], int(row["n"]), int(row["users"])
        samples = _samples(flagged, reason)
        severity = "info" if reason == "traffic_agent" else "warning"
        values = {"users": users}
        found.append(
            Finding("events", reason, severity, "flag", n, n / max(n_in, 1), _SAYS[reason], samples, values)  # type: ignore[arg-type]
        )
    return sorted(found, key=lambda f: (f.reason not in _ORDER, f.reason))


def _samples(flagged: Frame, reason: str) -> tuple[Mapping[str, Any], ...]:
    """The users with most acts, by pseudonym, with the figures that told them."""
    columns: Sequence[str] = ("user", *_FIGURES)
    rows = flagged.filter(nw.col("_why") == nw.lit(reason)).select(*columns)
    rows = rows.sort("n_acts", "user", descending=[True, False]).head(_SAMPLES)
    return tuple({k: v for k, v in row.items() if v is not None} for row in rows.collect().rows(named=True))
