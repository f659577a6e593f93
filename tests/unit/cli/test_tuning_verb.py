"""`steelyard tuning` after a build with a budget: the curve at 80 columns in both languages, and what was booked."""

import csv
import json

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from steelyard.adapters.artefacts import Artefacts
from steelyard.cli import main

pytest.importorskip("duckdb", reason="duckdb is not installed: no files can be read")
pytest.importorskip("optuna", reason="optuna is not installed: the extra train brings it")

TOML = """
[shop]
currency = "USD"
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[split]
synthetic_queries = 60
[models]
search = ["lexical"]
recommend = []
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Sixty lamps, searched with four trials, and then with two more."""
    folder = tmp_path_factory.mktemp("shop")
    with (folder / "items.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "title"])
        rows.writerows([n, f"lamp {colour} {n}"] for n, colour in enumerate(["red", "blue", "green", "white"] * 15))
    path = folder / "steelyard.toml"
    path.write_text(TOML)
    assert done(path, "tuning").exit_code == 1
    for trials in (4, 6):
        path.write_text(f"{TOML}[tune]\ntrials = {trials}\nmoney = 5\n")
        for verb in ("prepare", "build") if trials == 4 else ("build",):
            result = done(path, verb)
            assert result.exit_code == 0, result.output
    return path


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("", "Set minutes, money or trials in [tune]"),
        ("[tune]\ntrials = 3\n", "Nothing was searched yet for these models"),
    ],
)
def test_why_nothing_was_searched_is_told_as_it_is(tmp_path, more, says):
    (tmp_path / "items.csv").write_text("id,title\n1,lamp\n")
    path = tmp_path / "steelyard.toml"
    path.write_text(TOML + more)

    result = done(path, "tuning")

    assert result.exit_code == 1
    assert says in " ".join(result.output.split())


def test_a_budget_for_models_without_a_free_value_is_not_asked_for_again(tmp_path):
    (tmp_path / "items.csv").write_text("id,title\n1,lamp\n")
    path = tmp_path / "steelyard.toml"
    path.write_text(TOML.replace('["lexical"]', "[]") + "[tune]\ntrials = 3\n")

    result = done(path, "tuning")

    assert "Nothing can be searched" in " ".join(result.output.split())


def done(path, verb, *more):
    return CliRunner().invoke(main, [verb, "-c", str(path), *more], env={"COLUMNS": "80"})


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", ["6 trials", "It ran in 2 sessions", "ended by: its trials"]), ("zh", ["试了 6 组", "共分 2 次运行"])],
)
def test_the_curve_is_shown_at_80_columns(shop, language, says):
    result = done(shop, "tuning", "--language", language)

    assert result.exit_code == 0, result.output
    told = " ".join(result.output.split())
    assert all(each in told for each in says), told
    assert max(cell_len(line) for line in result.output.splitlines()) <= 80


def test_the_same_is_there_as_json_and_the_money_is_what_training_costs(shop):
    (found,) = json.loads(done(shop, "tuning", "--json").output)

    assert (found["model"], len(found["trials"]), found["currency"]) == ("lexical", 6, "USD")
    assert found["chosen"].keys() == found["start"].keys()
    assert 0 < float(found["trials"][-1]["money"]) < 5


def test_the_record_of_the_step_has_both_sessions(shop):
    store = Artefacts(shop.parent / ".steelyard")
    spent = store.read_json("steps/train/tuned/lexical")["usage"]["cpu_s"]
    last = store.read_json("tuning/lexical")["trials"][-1]["cpu_s"]

    assert spent >= last > 0


def test_a_shop_without_a_budget_is_told_how_to_set_one(shop):
    with_budget = shop.read_text()
    shop.write_text(TOML)

    result = done(shop, "tuning")
    shop.write_text(with_budget)

    assert result.exit_code == 1
    assert "Set minutes, money or trials in [tune]" in result.output
