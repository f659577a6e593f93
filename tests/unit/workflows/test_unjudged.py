"""Surfaces that could not be judged are said, with what is served instead and what to do."""

import json
from pathlib import Path

import msgspec
import pytest

from steelyard.config import parse
from steelyard.documents.split import PositiveEvents, read_split
from steelyard.domain import Configuration, Surface
from steelyard.workflows.deciding.unjudged import not_judged, served_unjudged

SPLIT = Path(__file__).parents[2] / "golden" / "documents" / "split-0.json"
ITEMS = """
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
"""
EVENTS = """
[data.events]
path = "events.csv"
[data.events.columns]
user = "u"
item_id = "id"
time = "t"
"""
SEARCH = Configuration("lexical", Surface.SEARCH, "lexical", {})
OWN = Configuration("item-knn", Surface.RECOMMEND, "item-knn", {})


def config(*parts, models='recommend = ["popularity"]'):
    return parse("\n".join((ITEMS, *parts, "[models]", models)), name="steelyard.toml")


def test_without_a_log_nothing_is_recommended_and_a_log_is_asked_for():
    (said,) = not_judged(config(), {}, judged=[Surface.SEARCH])

    assert (said.surface, said.served) == ("recommend", "nothing for this surface")
    assert said.why == "there is no behaviour log to learn from"
    assert said.do == "Add a behaviour log in [data.events] and run again"
    assert said.says == f"Recommendation cannot be judged: {said.why}. Served instead: {said.served}. {said.do}."
    assert said.says_zh.startswith("推荐无法评估：") and "[data.events]" in said.says_zh


def test_a_log_of_which_nothing_is_learnt_is_not_asked_to_be_longer():
    split = read_split(json.loads(SPLIT.read_bytes()))
    nothing = msgspec.structs.replace(split, positive_events=PositiveEvents(train=0, validation=0, test=0))

    (said,) = not_judged(config(EVENTS), nothing, judged=[])

    assert said.why == "no event of the log is learnt from"
    assert said.do.startswith("`steelyard check` says why")
    assert "`steelyard check`" in said.do_zh


@pytest.mark.parametrize(
    ("counts", "why", "do"),
    [
        ({"targets": 9, "targets_in_stock": 0}, "is out of stock now", "exclude_out_of_stock = false"),
        ({"targets": 0, "users_with_nothing_new": 7}, "7 came back to known items only", "exclude_seen = false"),
        ({"targets": 0, "users_with_nothing_new": 0}, "nobody has a history", "Give a longer log"),
    ],
)
def test_what_to_do_is_about_what_stands_in_the_way(counts, why, do):
    split = read_split(json.loads(SPLIT.read_bytes()))
    test = msgspec.structs.replace(split.recommend.test, **counts)
    parts = msgspec.structs.replace(split.recommend, test=test)

    (said,) = not_judged(config(EVENTS), msgspec.structs.replace(split, recommend=parts), judged=[])

    assert why in said.why
    assert do in said.do
    assert said.do_zh != said.do


@pytest.mark.parametrize("log", ["", EVENTS])
def test_what_was_judged_or_not_asked_for_is_not_said(log):
    assert not_judged(config(log), {}, judged=list(Surface)) == ()
    assert not_judged(config(log, models="recommend = []"), {}, judged=[]) == ()


def test_popular_items_stand_in_where_there_is_a_log():
    found = served_unjudged(config(EVENTS), {Surface.SEARCH: SEARCH})

    assert found[Surface.SEARCH] is SEARCH
    assert (found[Surface.RECOMMEND].kind, found[Surface.RECOMMEND].surface) == ("popularity", Surface.RECOMMEND)


@pytest.mark.parametrize(
    ("settings", "chosen"),
    [
        (config(EVENTS), {Surface.SEARCH: SEARCH, Surface.RECOMMEND: OWN}),
        (config(), {Surface.SEARCH: SEARCH}),
        (config(EVENTS, models="recommend = []"), {Surface.SEARCH: SEARCH}),
    ],
)
def test_a_choice_is_served_as_it_is(settings, chosen):
    found = served_unjudged(settings, chosen)

    assert found == chosen
    assert found is not chosen
