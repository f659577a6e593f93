"""A run over what was opened: the clock, the measurements there are, the cases that are not empty."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from tests.unit.workflows.toy_run import NOW, RECOMMEND, SEARCH, open_run, write_shop

from steelyard.errors import ArtefactError
from steelyard.workflows.session import Run


def opened_of(run):
    names = ("config", "base", "work", "store", "steps", "key", "tools", "erased")
    return SimpleNamespace(**{name: getattr(run, name) for name in names})


def test_a_run_begins_when_its_clock_says_so(tmp_path):
    first = open_run(write_shop(tmp_path / "shop"))
    first.tools.clock.s = 60.0

    run = Run.of(opened_of(first))

    assert run.now == NOW.replace(minute=1)
    assert (run.config, run.store, run.steps) == (first.config, first.store, first.steps)


def test_a_run_begins_at_a_given_time_where_there_is_one(tmp_path):
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    assert Run.of(opened_of(open_run(write_shop(tmp_path / "shop"))), now=moment).now == moment


def test_the_bench_of_a_run_has_its_threads_and_its_folder(tmp_path):
    first = open_run(write_shop(tmp_path / "shop"))

    run = Run.of(opened_of(first), threads=3)

    assert (run.bench.threads, run.bench.base, run.bench.seed) == (3, first.base, first.config.seed)


def test_a_new_shop_has_no_measurement_and_no_split(tmp_path):
    run = open_run(write_shop(tmp_path / "shop"))

    assert run.measured() == {}
    with pytest.raises(ArtefactError, match="data"):
        run.split()


def test_measurements_are_those_of_the_surfaces_that_were_measured(done):
    run = open_run(done)
    run.store.forget("measurements/search")

    measured = run.measured()

    assert list(measured) == [RECOMMEND]
    assert [each.configuration for each in measured[RECOMMEND]] == ["popularity", "item-knn-full", "item-knn-20x8bit"]


def test_a_surface_without_a_request_has_no_cases(toy_done):
    run = open_run(toy_done)
    tables = run.bench.shop
    nobody = replace(tables.recommend_test, ids=(), requests=(), relevant=(), gains=())
    assert set(run.cases()) == {SEARCH, RECOMMEND}

    run.bench.shop = replace(tables, recommend_test=nobody)

    assert set(run.cases()) == {SEARCH}


def test_the_split_says_how_time_users_and_queries_were_divided(toy_done):
    split = open_run(toy_done).split()

    assert split.search.is_synthetic is True
    assert split.search.tuning_queries + split.search.test_queries <= 60
    assert split.recommend.test.users >= len(open_run(toy_done).cases()[RECOMMEND].requests)
