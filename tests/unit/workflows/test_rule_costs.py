"""What each rule of re-ranking costs, and what lists are like: measured with the rule and without it."""

import dataclasses
import io

import numpy as np
import pytest
from msgspec.structs import replace
from rich.console import Console
from tests.unit.workflows.toy_run import open_run

from steelyard.cli.list_table import print_lists
from steelyard.documents.decision import decision_builtins, read_decision
from steelyard.domain import Surface
from steelyard.models.pipeline import Pipeline
from steelyard.models.ranking.list_facts import ListFacts
from steelyard.models.ranking.rules import Rules
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.reporting.report import report
from steelyard.testing.toy_shop import toy_shop
from steelyard.workflows.deciding.rule_costs import Scale, figures_of, rule_rows, store_lists, stored_lists, with_lists
from steelyard.workflows.stored import stored_decision, stored_quality

SHOP = toy_shop(seed=1, n_users=60)
KNOWN = ListFacts.of(SHOP.texts, SHOP.facts, SHOP.interactions)
N = SHOP.interactions.n_items
SCALE = Scale(KNOWN, SHOP.facts, SHOP.facts.in_stock > 0, KNOWN.new(np.arange(N), days=0.2) > 0, (), 10, 0)


def rows(scale=SCALE, **rules):
    model = ItemNeighbours().fit(SHOP.interactions, seed=0)
    pipeline = Pipeline(model, SHOP.facts, surface=Surface.RECOMMEND, rules=Rules(**rules), known=KNOWN)
    return {row.rule: row for row in rule_rows(pipeline, SHOP.cases, scale)}


def test_each_rule_that_is_on_is_told_and_no_other():
    assert list(rows(exclude_seen=False)) == []
    assert list(rows(diversity=0.3, category_cap=2, repeat_categories=("tea",))) == [
        "exclude_seen",
        "repeat_categories",
        "category_cap",
        "diversity",
    ]


def test_variety_makes_lists_more_varied_and_new_items_get_the_share_they_were_promised():
    found = rows(diversity=0.5, new_share=0.4, new_days=0.2)

    assert found["diversity"].figures.diversity > found["diversity"].without.diversity
    assert found["new_share"].figures.new_share > found["new_share"].without.new_share
    assert found["diversity"].value == "0.5 (mmr)"
    gain = found["diversity"].gain
    assert gain.low <= gain.mean <= gain.high
    assert gain.mean == pytest.approx(found["diversity"].ndcg - found["diversity"].ndcg_without, abs=2e-6)


def test_keeping_away_what_was_seen_costs_what_users_took_again():
    again = tuple(np.array(request.history[:1]) for request in SHOP.cases.requests)

    plain, honest = rows()["exclude_seen"], rows(dataclasses.replace(SCALE, taken_again=again))["exclude_seen"]

    assert (plain.is_of_repeats, honest.is_of_repeats) == (False, True)
    assert plain.gain.mean >= 0  # with new items alone as right, offering others can only take places
    assert honest.gain.mean < plain.gain.mean


def test_a_list_of_one_text_has_no_variety_and_one_of_nothing_in_common_all_of_it():
    same = figures_of(np.array([[0, 1, -1]]), SCALE)  # two sizes of one thing
    other = figures_of(np.array([[0, 26], [-1, -1]]), SCALE)  # of two segments, in two colours

    assert (same.diversity, other.diversity) == (0.0, 1.0)
    assert other.coverage == pytest.approx(2 / (SHOP.facts.in_stock > 0).sum(), abs=1e-6)
    assert figures_of(np.full((1, 3), -1), SCALE).diversity is None


@pytest.fixture(scope="module")
def told(toy_done):
    run = open_run(toy_done)
    return run, with_lists(stored_decision(run.store), stored_lists(run.store))


def test_the_lists_of_every_configuration_are_stored_and_come_back(told):
    run, decision = told

    names = [each.configuration for each in run.measured()[Surface.RECOMMEND]]
    surface = decision.of("recommend")
    assert [row.configuration for row in surface.lists] == names
    chosen = next(row for row in surface.lists if row.configuration == surface.chosen)
    assert [row.rule for row in chosen.rules] == ["exclude_seen", "one_of_text"]
    assert stored_decision(run.store).of("recommend").lists == surface.lists
    assert read_decision(decision_builtins(decision)) == decision


def test_a_shop_without_recommendations_has_none(words):
    run = open_run(words)

    store_lists(run)

    assert stored_lists(run.store) == ()


@pytest.mark.parametrize(("language", "said"), [("en", "What each rule costs"), ("zh", "各条规则的代价")])
def test_the_report_shows_them(told, language, said):
    run, decision = told

    assert said in report(decision, stored_quality(run.store), language=language)


def test_the_terminal_shows_them_in_80_columns(told):
    _, decision = told
    surface = decision.of("recommend")
    scale = dataclasses.replace(SCALE, taken_again=tuple(np.array(r.history[:1]) for r in SHOP.cases.requests))
    wide = dict(diversity=0.5, category_cap=2, brand_cap=3, new_boost=0.2, new_share=0.4, repeat_categories=("tea",))
    every = tuple(rows(scale, one_of_text=True, **wide).values())
    lists = [replace(row, rules=every, n_rules=200) for row in surface.lists]
    out = Console(width=80, record=True, file=io.StringIO())

    print_lists(out, with_lists(decision, lists).of("recommend"))

    lines = out.export_text().splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert [line.split()[0] for line in lines if line.startswith(tuple("abcdefghijklmnopqrstuvwxyz"))][1:] == [
        row.rule + ("*" if row.is_of_repeats else "") for row in every
    ]
