"""Each rule is told with what it does: on judged queries, to the time of an answer, and whether it does anything."""

import itertools
import json
from datetime import UTC, date, datetime

import numpy as np

from steelyard.config.curation import CurationRule
from steelyard.documents.curation_report import curation_report_builtins
from steelyard.domain import Cases, Request, Surface
from steelyard.reporting.curation_lines import curation_lines
from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.engine import Engine
from steelyard.testing.shelf import Shelf
from steelyard.workflows.curating import Clocks, curation_report

SHOP = [{"item_id": f"i{n}", "title": f"Boot {n}", "price": "9.00"} for n in range(9)]
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
QUERY = "0 1 2 3"


def engine():
    lines = [json.dumps(card).encode() for card in SHOP]
    cards = Cards(b"".join(lines), np.cumsum([0, *map(len, lines)]))
    return Engine(
        search=Shelf(len(SHOP)), recommend=None, similar=None, cards=cards, ids=ItemIds(index_ids(cards), cards)
    )


def rule(name, action="pin", **how):
    how = {"query": QUERY, "items": ("i8",), **how}
    return CurationRule(id=name, action=action, owner="me", reason="why", **how)


def report(*rules):
    queries = (QUERY, "4 5 6")
    cases = Cases(
        Surface.SEARCH,
        queries,
        tuple(Request(query=query) for query in queries),
        (np.array([8, 0]), np.array([4])),
        (np.array([3.0, 1.0]), np.array([1.0])),
    )
    ticks = itertools.count()
    return curation_report(engine(), rules, cases, Clocks(lambda: NOW, lambda: float(next(ticks))))


def test_a_pin_of_what_people_want_gains_and_one_of_what_they_do_not_want_loses():
    rows = report(rule("good"), rule("bad", "hide", items=("i0",)), rule("other", query="nobody asks this")).rows

    assert [row.queries for row in rows] == [1, 1, 0]
    assert rows[0].gain > 0.3
    assert rows[1].gain < 0
    assert rows[2].gain is None
    assert rows[0].cpu_ms == 0.0  # both answers took one tick of the clock


def test_what_is_over_and_what_means_nothing_may_be_deleted():
    made = report(
        rule("over", ends=date(2026, 11, 1)), rule("gone", items=("i99",)), rule("later", begins=date(2027, 1, 1))
    )

    assert {row.id: row.state for row in made.rows} == {"over": "ended", "gone": "dead", "later": "not_begun"}
    assert [row.id for row in made.rows if row.is_superfluous] == ["over", "gone"]
    assert made.rows[2].gain is not None  # measured as it will be
    assert curation_lines(made, language="en")[-1] == "May be deleted, they do nothing any more: over, gone"
    assert curation_lines(made, language="zh")[-1] == "建议删除：over、gone"


def test_lines_say_who_wants_a_rule_what_it_gains_and_what_it_costs():
    english, chinese = (curation_lines(report(rule("good")), language=language) for language in ("en", "zh"))

    assert english[0] == "good: pin, “0 1 2 3”, in force (me: why)"
    assert "ndcg@10 over 1 judged queries" in english[1]
    assert english[2] == "  +0.00 ms of processor a search"
    assert chinese[0] == "good：置顶，“0 1 2 3”，生效中（me：why）"
    assert curation_lines(report(), language="en") == ["There are no rules."]
    assert curation_report_builtins(report(rule("good")))["rows"][0]["state"] == "in_force"
