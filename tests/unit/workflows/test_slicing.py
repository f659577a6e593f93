"""The quality of the choice by kinds of queries: counted, with an interval, and silent where there are too few."""

import numpy as np
import pytest
from tests.unit.workflows.toy_run import open_run

from steelyard.domain import Surface
from steelyard.reporting.report import report
from steelyard.workflows.deciding.slicing import (
    LEAST_REQUESTS,
    store_slices,
    stored_cold_start,
    stored_slices,
    with_slices,
)
from steelyard.workflows.settle import Settled
from steelyard.workflows.stored import stored_decision, stored_quality


@pytest.fixture
def sliced(toy_done):
    run = open_run(toy_done)
    store_slices(run)
    evidence = Settled.of(run).evidence
    return run, evidence, stored_decision(run.store)


def test_each_kind_has_the_mean_of_its_queries(sliced):
    _, evidence, decision = sliced
    search = decision.of("search")
    chosen = next(
        each for found in evidence.measurements.values() for each in found if each.configuration == search.chosen
    )
    n = len(chosen.per_request)
    some, few = list(range(n)), list(range(LEAST_REQUESTS - 1))

    found = with_slices(decision, evidence.measurements, {"length/one_word": some, "intent/brand": few}, seed=0)

    one, other = found.of("search").slices
    assert (one.group, one.kind, one.n) == ("length", "one_word", len(some))
    assert one.quality.mean == pytest.approx(np.nanmean(chosen.per_request[some]), abs=1e-6)
    assert one.quality.low <= one.quality.mean <= one.quality.high
    assert (other.kind, other.n, other.quality) == ("brand", LEAST_REQUESTS - 1, None)


def test_kinds_of_other_queries_are_not_added_up(sliced):
    _, evidence, decision = sliced

    assert with_slices(decision, evidence.measurements, {"length/one_word": [10**6]}, seed=0).of("search").slices == ()
    assert with_slices(decision, evidence.measurements, {}, seed=0).of("search").slices == ()


def test_kinds_are_stored_for_every_judged_query(sliced):
    run, _, _ = sliced
    kinds = stored_slices(run.store)

    n = len(run.cases()[next(iter(run.cases()))].requests)
    assert sorted(at for name, places in kinds.items() if name.startswith("length/") for at in places) == list(range(n))


@pytest.mark.parametrize(("language", "said"), [("en", "too few"), ("zh", "过少")])
def test_the_report_shows_them(sliced, language, said):
    run, evidence, decision = sliced
    made = with_slices(decision, evidence.measurements, {"intent/price": [0, 1]}, seed=0)

    assert said in report(made, stored_quality(run.store), language=language)


def test_what_was_recommended_is_judged_apart_by_how_much_is_known(sliced):
    run, evidence, decision = sliced
    rows = stored_cold_start(run.store)

    found = with_slices(decision, evidence.measurements, {}, seed=0, cold=rows)

    recommend = found.of("recommend")
    whole = next(each for each in evidence.measurements[Surface.RECOMMEND] if each.configuration == recommend.chosen)
    counted = {row.kind: row.n for row in recommend.slices if row.group == "history"}
    assert recommend.slices == tuple(rows[recommend.chosen])
    assert sum(n for kind, n in counted.items() if kind != "none") == len(whole.per_request)
    assert "known of the user" in report(found, stored_quality(run.store), language="en")
    assert "已知的用户商品数" in report(found, stored_quality(run.store), language="zh")
