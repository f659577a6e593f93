"""One total of the shop, whichever verb is asked."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest
from click.testing import CliRunner

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.prices.books import PriceBooks
from steelyard.cli import main
from steelyard.config import parse
from steelyard.cost import usage_record
from steelyard.documents.machine import MachineFacts
from steelyard.domain import Configuration, Interval, Measurement, Surface
from steelyard.workflows.decide import decide, store_decision
from steelyard.workflows.pricing.bill_document import store_bills
from steelyard.workflows.pricing.price import Evidence, price

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
SETTINGS = """
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[measure]
bootstrap = 100
"""
USAGE = usage_record({"prepare": {"cpu_s": 100.0}, "train": {"cpu_s": 400.0}, "measure": {"cpu_s": 60.0}, "parts": {}})


def measured(name, ms):
    return Measurement(
        configuration=name,
        metric="ndcg@10(gain=linear,unjudged=0)",
        quality=Interval(0.5, 0.5, 0.5, n=50),
        per_request=np.full(50, 0.5),
        cpu_s_per_request=Interval(ms / 1000, ms / 1000, ms / 1000, n=50),
        service_s=np.linspace(0.9, 1.1, 50) * ms / 1000,
        peak_rss_bytes=300_000_000,
        disk_bytes=50_000_000,
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    (folder / "steelyard.toml").write_text(SETTINGS, "utf-8")
    (folder / "items.csv").write_text("id,title\n1,kettle\n", "utf-8")
    config, store = parse(SETTINGS), Artefacts(folder / ".steelyard")
    found = {Surface.SEARCH: [measured("words", 2)], Surface.RECOMMEND: [measured("likes", 3)]}
    known = [
        Configuration(each.configuration, surface, "lexical", {"model": f"parts/{each.configuration}"})
        for surface, those in found.items()
        for each in those
    ]
    evidence = Evidence(known, found, USAGE, MachineFacts(architecture="x86_64"), 0.0005)
    pricing = price(config, evidence, book=PriceBooks().load("aws-us-east-1"), now=NOW)
    store_bills(store, pricing)
    store_decision(store, decide(config, pricing, now=NOW))
    return folder


def asked(shop, *verb):
    done = CliRunner().invoke(main, ["cost", *verb, "-c", str(shop)])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def total(shop):
    return json.loads(json.dumps(Artefacts(shop / ".steelyard").read_json("decision")["total"]))


def test_the_bill_ends_with_the_total_of_the_shop_and_what_is_not_in_it(shop, total):
    shown = asked(shop, "bill")

    assert f"{total['monthly']} USD a month" in " ".join(shown.split())
    assert "Not in this bill:" in shown
    assert "[cost.include] nat = true" in shown


def test_the_rows_of_the_shops_bill_sum_to_the_total(shop, total):
    rows = json.loads(asked(shop, "bill", "--as", "json"))

    own = [row for row in rows if row["surface"] == "shop"]
    exact = sum(Decimal(str(row["quantity"])) * Decimal(str(row["unit_price"])) for row in own)
    assert f"{exact:.2f}" == total["monthly"]


def test_the_life_of_the_shop_has_the_same_month(shop, total):
    rows = json.loads(asked(shop, "life", "--months", "12", "--as", "json"))

    (whole,) = [row for row in rows if (row["surface"], row["stage"]) == ("shop", "total")]
    month = Decimal(str(whole["monthly"])) + Decimal(str(whole["once"])) / 12
    assert abs(month - Decimal(total["monthly"])) <= Decimal("0.02")


def test_commitments_are_held_against_the_machines_that_the_surfaces_share(shop, total, tmp_path):
    assert total["replicas"] is not None
    head = "id,instance,count,start,end,hourly,upfront,currency,source\n"
    row = f"a,{total['instance']},{total['replicas']},2026-01-01,2027-01-01,0.003,0,USD,contract\n"
    (tmp_path / "terms.csv").write_text(head + row, "utf-8")

    asked(shop, "prices", "commitments", str(tmp_path / "terms.csv"))

    more = row.replace(f",{total['replicas']},", f",{total['replicas'] + 1},")
    (tmp_path / "terms.csv").write_text(head + more, "utf-8")
    done = CliRunner().invoke(main, ["cost", "prices", "commitments", str(tmp_path / "terms.csv"), "-c", str(shop)])
    assert done.exit_code != 0
