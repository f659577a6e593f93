"""``labels shop`` on a shop that was measured: two configurations of search, one of them worse."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from tests.unit.workflows.toy_run import SEARCH, open_run

from steelyard.cli.labels import command
from steelyard.domain import State
from steelyard.errors import ConfigError, StageError
from steelyard.evaluation.judge import judge_items, metric_names
from steelyard.workflows.labelling.shop_labels import Wanting, plan_labels, write_lists
from steelyard.workflows.measure import load_measurements, store_measurements


def with_second(folder, change, name="other"):
    """The shop with one more measured configuration, whose answers are those of lexical, changed."""
    run = open_run(folder)
    cases = run.cases()[SEARCH]
    measured = load_measurements(run.store, SEARCH)
    lexical = next(each for each in measured if each.configuration == "lexical")
    state = run.store.read_state("measured/lexical")
    items = change(state.arrays["items"].copy())
    values = judge_items(items, cases, k=10)[metric_names(10)["ndcg"]]
    run.store.write_state(f"measured/{name}", State({**state.arrays, "items": items}, state.facts))
    quality = replace(lexical.quality, mean=float(np.nanmean(values)))
    other = replace(lexical, configuration=name, per_request=values, quality=quality)
    store_measurements(run.store, SEARCH, [*measured, other], cases)
    return run


def one_place_down(items):
    """Item 0 on top, which nobody judged for nearly all queries."""
    return np.concatenate([np.zeros((len(items), 1), np.int64), items[:, :-1]], axis=1)


def test_the_plan_names_the_chosen_one_and_the_best_other_and_lists_what_to_judge(words, tmp_path):
    run = with_second(words, one_place_down)

    plan = plan_labels(run, Wanting())

    assert (plan.first, plan.second) == ("lexical", "other")
    assert plan.mean > 0.1 and plan.now == "first"
    assert plan.of_these == "open" and plan.unjudged_share > 0
    assert {row.item_id for row in plan.pair_rows} >= {"item-0"}
    assert plan.pairs.expected <= len(plan.pair_rows)
    assert plan.price is not None and plan.pairs.cost_expected == plan.price * plan.pairs.expected
    assert plan.is_synthetic and "made from the catalogue" in plan.says[0]
    ((file, n),) = write_lists(run, plan, tmp_path / "judge.csv")
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    assert (n, rows[0]["gain"], rows[0]["query"]) == (len(rows), "", plan.pair_rows[0].query)


def test_both_languages_say_the_same_number_of_sentences(words):
    plan = plan_labels(with_second(words, one_place_down), Wanting())

    assert len(plan.says) == len(plan.says_zh) >= 3
    assert not any("{" in each for each in (*plan.says, *plan.says_zh))


def test_the_same_configuration_twice_is_not_a_choice(words):
    with pytest.raises(ConfigError, match="only lexical was measured"):
        plan_labels(open_run(words), Wanting())
    with pytest.raises(ConfigError, match="needs two configurations"):
        plan_labels(with_second(words, one_place_down), Wanting("other", "other"))
    with pytest.raises(ConfigError, match="no measured configuration othr; there are lexical, other"):
        plan_labels(open_run(words), Wanting("lexical", "othr"))


def test_nothing_measured_is_said_with_what_to_do(words):
    run = open_run(words)
    run.store.forget("measurements/search")

    with pytest.raises(StageError, match="run `steelyard measure` first"):
        plan_labels(run, Wanting())


def test_two_that_are_the_same_are_called_open_and_hopeless_rather_than_settled(words):
    plan = plan_labels(with_second(words, lambda items: items), Wanting())

    assert plan.mean == 0.0
    assert plan.now in ("open", "equal") and plan.of_these == "open"


def test_the_command_prints_sentences_within_80_columns_and_json(words):
    with_second(words, one_place_down)
    shown = CliRunner().invoke(command, ["shop", "-c", str(words)], catch_exceptions=False)
    found = CliRunner().invoke(
        command, ["shop", "-c", str(words), "other", "lexical", "--json"], catch_exceptions=False
    )

    assert shown.exit_code == 0 and "lexical is better than other" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert json.loads(found.stdout)["now"] == "second"
