"""``steelyard cost life`` on stored bills, and what they were made with."""

import csv
import io
import json

import pytest
from click.testing import CliRunner
from cost_shop import bill_line, cost_shop

from steelyard.adapters.artefacts import Artefacts
from steelyard.cli import main


@pytest.fixture
def shop(tmp_path):
    folder = cost_shop(tmp_path)
    store = Artefacts(folder / ".steelyard")
    bills = store.read_json("bills")
    once = bill_line("tuning", "setting up", "5", "person_hour", "x", "50.00", unit_price="10", is_one_off=True)
    bills["surfaces"]["search"][0]["lines"] = [once]
    store.write_json("bills", {**bills, "horizon_months": 24})
    return folder


def typed(shop, *words):
    return CliRunner().invoke(main, ["cost", *words, "-c", str(shop)])


def test_what_is_paid_once_is_what_the_bills_spread_whatever_the_settings_say_now(shop):
    (total,) = [
        row for row in csv.DictReader(io.StringIO(typed(shop, "life", "--as", "csv").stdout)) if row["stage"] == "total"
    ]

    assert (total["once"], total["monthly"]) == ("1200.00", "0.00")  # 50 a month for the 24 months of the bill, not 12


def test_a_configuration_without_a_bill_has_no_life(shop):
    done = typed(shop, "life", "--of", "nowhere")

    assert done.exit_code == 1
    assert "nowhere has no bill" in done.stderr


def test_two_surfaces_may_have_configurations_of_one_name(shop):
    store = Artefacts(shop / ".steelyard")
    bills, decision = store.read_json("bills"), store.read_json("decision")
    other = {**bills["surfaces"]["search"][0], "lines": [bill_line("serving", "m", "700", "hour", "m: x", "7.00")]}
    store.write_json("bills", {**bills, "surfaces": {**bills["surfaces"], "recommend": [other]}})
    chosen = [decision["surfaces"][0], {**decision["surfaces"][0], "surface": "recommend"}]
    store.write_json("decision", {**decision, "surfaces": chosen})

    rows = json.loads(typed(shop, "bill", "--as", "json").stdout)
    named = json.loads(typed(shop, "bill", "--of", "small", "--as", "json").stdout)

    assert [(row["surface"], row["item"]) for row in rows] == [("search", "setting up"), ("recommend", "m")]
    assert named == rows
