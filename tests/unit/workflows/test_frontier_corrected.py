"""Means along the frontier, corrected for each being the best of all that cost no more."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from tests.documents_of import decided_json, surface_value

from steelyard.adapters.prices.books import PriceBooks
from steelyard.config import parse
from steelyard.cost import usage_record
from steelyard.documents.machine import MachineFacts
from steelyard.domain import Configuration, Interval, Measurement, Surface
from steelyard.evaluation.selection import split_optimism
from steelyard.reporting.assumptions import assumption_lines
from steelyard.reporting.frontier_svg import floor_quality, frontier_svg
from steelyard.workflows.pricing.price import Evidence, price

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
BOOK = PriceBooks().load("aws-us-east-1")
TOML = """
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[decide.search]
min_quality_share = 0.9
reference = "{reference}"
max_p99_ms = 90
[measure]
bootstrap = 100
"""
USAGE = usage_record({"prepare": {"cpu_s": 1.0}, "train": {"cpu_s": 1.0}, "measure": {"cpu_s": 1.0}, "parts": {}})
N = 80


def shop():
    """Nine configurations of one true quality, each dearer than the last: what tells them apart is luck."""
    generator, found = np.random.default_rng(7), []
    hard = generator.normal(0.5, 0.1, N)
    for number in range(9):
        own, ms = np.clip(hard + generator.normal(0, 0.2, N), 0, 1), 1.0 + 3 * number
        mean, cpu_s = float(own.mean()), Interval(ms / 1000, ms / 1000, ms / 1000, N)
        found.append(
            Measurement(f"c{number}", "ndcg@10", Interval(mean, mean - 0.02, mean + 0.02, N), own, cpu_s,
                        np.linspace(0.9, 1.1, 50) * ms / 1000, 10**8, 10**7)
        )  # fmt: skip
    return found


def decided(reference="best"):
    config, measured = parse(TOML.format(reference=reference)), shop()
    known = [
        Configuration(m.configuration, Surface.SEARCH, "lexical", {"model": f"parts/{m.configuration}"})
        for m in measured
    ]
    evidence = Evidence(known, {Surface.SEARCH: measured}, USAGE, MachineFacts(architecture="x86_64"), 0.0005)
    (surface,) = decided_json(config, price(config, evidence, book=BOOK, now=NOW), now=NOW)["surfaces"]
    return config, measured, surface


def test_each_point_of_the_frontier_is_corrected_for_those_that_cost_no_more():
    config, measured, surface = decided()
    along = surface["selection"]["frontier"]
    cost = {row["name"]: float(row["monthly"]) for row in surface["candidates"]}

    assert [each["name"] for each in along] == [
        n for n in sorted(cost, key=cost.get) if n in {e["name"] for e in along}
    ]
    assert {each["name"] for each in along} == {row["name"] for row in surface["candidates"] if row["is_on_frontier"]}
    for each in along:
        beaten = np.stack([m.per_request for m in measured if cost[m.configuration] <= cost[each["name"]]])
        wanted = each["mean"] - (split_optimism(beaten, seed=config.seed) if len(beaten) > 1 else 0)
        assert each["corrected_mean"] == pytest.approx(wanted, abs=2e-6)
    assert any(each["corrected_mean"] < each["mean"] - 0.005 for each in along)


def test_the_floor_of_the_best_is_drawn_where_it_is_judged():
    _, _, surface = decided()
    chosen = surface["selection"]

    assert surface["floor"]["quality"] == pytest.approx(0.9 * chosen["corrected_mean"], abs=2e-6)
    assert floor_quality(surface_value(surface)) == surface["floor"]["quality"]
    assert f"{surface['floor']['quality']:.3f}" in frontier_svg(surface_value(surface), currency="USD")


def test_a_best_that_no_floor_is_counted_from_is_flattered_all_the_same():
    _, _, surface = decided(reference="c0")

    assert surface["selection"]["flattered_by"] > 0
    assert "floors are counted" not in surface["selection"]["says"]
    by_name = {row["name"]: row["quality"]["mean"] for row in surface["candidates"]}
    assert surface["floor"]["quality"] == pytest.approx(0.9 * by_name["c0"], abs=2e-6)


def test_where_nothing_was_ever_right_no_choice_stays_and_nobody_is_flattered():
    config, measured = parse(TOML.format(reference="best")), shop()[:1]
    zero = replace(measured[0], quality=Interval(0.0, 0.0, 0.0, N), per_request=np.zeros(N))
    known = [Configuration("c0", Surface.SEARCH, "lexical", {"model": "parts/c0"})]
    evidence = Evidence(known, {Surface.SEARCH: [zero]}, USAGE, MachineFacts(architecture="x86_64"), 0.0005)

    (surface,) = decided_json(config, price(config, evidence, book=BOOK, now=NOW), now=NOW)["surfaces"]

    assert surface["chosen"] is None
    assert surface["stays_chosen"] is None
    assert surface["selection"]["says"] == surface["selection"]["says_zh"] == ""
    assert not any("draws" in line or "flattered" in line for line in assumption_lines(surface_value(surface)))
