"""Readings over HTTP: which of them judge, what they are marked with, and how a server is asked."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.workflows.toy_run import RECOMMEND, SEARCH, TOML, Truth, open_run, untold

from steelyard.config import parse
from steelyard.config.schema import Floor
from steelyard.documents.machine import MachineFacts
from steelyard.domain import Interval, Measurement
from steelyard.errors import MeasurementError
from steelyard.models.recipe import InstalledModels
from steelyard.workflows.build import load_configurations
from steelyard.workflows.bundles.packaging import bundle_of_pair
from steelyard.workflows.evidence.standing import Correction, Ruling
from steelyard.workflows.promises.http_bench import (
    TRIES,
    Patience,
    best_few,
    check_pairs,
    load_and_floor,
    promised,
)
from steelyard.workflows.promises.readings import CHECK_LENGTHS, Asking, Readings, ask_over_http, patience_of
from steelyard.workflows.stored import stored_decision


def measurement(name, *, quality=0.5, cpu_ms=2.0):
    return Measurement(
        configuration=name,
        metric="ndcg@10",
        quality=Interval(quality, quality, quality, n=10),
        per_request=np.full(10, quality),
        cpu_s_per_request=Interval(cpu_ms / 1000, cpu_ms / 1000, cpu_ms / 1000, n=10),
        service_s=np.full(50, cpu_ms / 1000),
        peak_rss_bytes=10**8,
        disk_bytes=10**6,
    )


@pytest.fixture
def run(done):
    return open_run(done)


def known(run):
    return {each.name: each for each in load_configurations(run.store)}


def ask(run, pairs, *, share=1.0, is_probe=False, readings=None):
    def make_bundle(pair, out):
        return bundle_of_pair(run, pair, out, decision=stored_decision(run.store))

    readings = readings or Readings(run)
    asking = Asking(make_bundle, patience_of(run), share, is_probe)
    ask_over_http(run, readings, pairs, asking=asking, progress=untold)
    return readings


# Which readings judge.


def test_readings_of_parts_that_were_made_again_judge_nothing(run):
    before = {row.configuration for row in Readings(run).judging()}
    run.store.write_json("parts/lexical", {"another": 1})

    after = {row.configuration for row in Readings(run).judging()}

    assert (before, after) == ({"lexical", "popularity"}, {"popularity"})
    assert Readings(run).standings()["lexical"].ruling is Ruling.UNTRIED


def test_readings_of_another_machine_judge_nothing(run):
    run.tools.measuring.facts = MachineFacts(cpu_model="Another CPU", usable_cores=2)

    assert Readings(run).judging() == []


def test_readings_made_before_everything_was_asked_again_are_kept_and_judge_nothing(run):
    readings = Readings(run)
    run.tools.clock.s = 3600.0

    readings.forget()

    assert readings.judging() == []
    assert len(run.store.read_json("http/readings")["readings"]) == 4
    assert all(each.ruling is Ruling.UNTRIED for each in readings.standings().values())


def test_an_added_reading_stands_after_the_others_and_is_judged_at_once(run):
    readings = Readings(run)
    (last,) = [row for row in readings.judging() if row.configuration == "lexical" and not row.is_probe]
    assert readings.standings()["lexical"].ruling is Ruling.KEPT

    readings.add([replace(last, p99_ms=70.0)])

    assert readings.standings()["lexical"].ruling is Ruling.ASK_LOWER
    assert Readings(run).judging()[-1].p99_ms == 70.0


def test_a_session_is_named_by_the_moment_its_run_began(run):
    assert Readings(run).session == "20261101T120000"
    assert Readings(run, "by hand").stamp(known(run)["lexical"]).session == "by hand"


def test_an_option_that_changes_what_is_served_is_another_identity(run):
    readings, lexical = Readings(run), known(run)["lexical"]

    assert readings.identity(lexical) == readings.identity(lexical)
    assert readings.identity(lexical) != readings.identity(replace(lexical, options={**lexical.options, "x": 1}))


def test_limits_are_those_of_each_surface(done):
    run = open_run(done, text=TOML.replace("min_quality_share = 0.5\nmax_p99_ms = 50", "max_p99_ms = 70"))

    limits = Readings(run).limits_ms()

    assert limits == {"lexical": 50.0, "popularity": 70.0, "item-knn-full": 70.0, "item-knn-20x8bit": 70.0}


def test_only_an_earlier_session_without_a_quiet_moment_is_told_as_busy_before(run):
    readings = Readings(run)
    lexical = next(row for row in readings.judging() if row.configuration == "lexical")
    run.tools.clock.s = 3600.0
    readings.forget()
    at = run.tools.clock.now().isoformat(timespec="seconds")
    busy = replace(lexical, invalid_because="busy", busy_share=0.4, at=at)

    readings.add([replace(busy, session=readings.session)])
    in_this = readings.busy_before()
    later = Readings(run, "another session").busy_before()

    assert (in_this, later) == ([], ["lexical"])


# How a server is asked.


def test_a_check_is_three_times_as_long_as_a_probe(run):
    lexical = known(run)["lexical"]

    ask(run, [{SEARCH: lexical}], is_probe=True)
    ask(run, [{SEARCH: lexical}])

    seconds = [length for *_, length in run.tools.measuring.loads]
    assert seconds == [run.config.measure.http_seconds, CHECK_LENGTHS * run.config.measure.http_seconds]


def test_surfaces_that_are_served_together_are_asked_one_after_another_in_one_server(run):
    found = known(run)

    readings = ask(run, [{SEARCH: found["lexical"], RECOMMEND: found["item-knn-full"]}])

    assert len(run.tools.measuring.servers) == 1
    assert [name for name, *_ in run.tools.measuring.loads] == ["lexical", "item-knn-full"]
    assert [row.configuration for row in readings.judging()[-2:]] == ["lexical", "item-knn-full"]


def test_the_bundle_that_was_served_is_deleted(run):
    ask(run, [{SEARCH: known(run)["lexical"]}])

    ((folder, _),) = run.tools.measuring.servers
    assert folder.is_relative_to(run.work / "verify")
    assert not (run.work / "verify").exists()


def test_a_server_that_does_not_start_adds_no_reading_and_names_what_it_was_to_serve(run):
    found, before = known(run), len(Readings(run).judging())
    run.tools.measuring.refuses = True

    with pytest.raises(MeasurementError, match=r"lexical, item-knn-full could not be served: .*no space left"):
        ask(run, [{SEARCH: found["lexical"], RECOMMEND: found["item-knn-full"]}])

    assert len(Readings(run).judging()) == before


def test_a_disturbed_run_is_made_again_while_there_is_patience_and_the_least_disturbed_is_kept(run):
    run.tools.measuring.truth["lexical"] = Truth(others=0.4)

    readings = ask(run, [{SEARCH: known(run)["lexical"]}])

    assert len(run.tools.measuring.loads) == TRIES
    last = readings.judging()[-1]
    assert last.invalid_because == "busy"
    assert last.busy_share == pytest.approx(0.4, abs=0.01)


def test_errors_are_counted_and_processor_time_is_the_servers_over_all_that_was_asked(run):
    run.tools.measuring.truth["lexical"] = Truth(errors=7, service_ms=3.0)

    reading = ask(run, [{SEARCH: known(run)["lexical"]}]).judging()[-1]

    assert (reading.errors, reading.requests) == (7, 600)  # 20 a second for 30 seconds
    assert reading.cpu_s_per_request == pytest.approx(0.0035)  # half a millisecond of it is HTTP
    assert reading.response_bytes == 700.0


# What is promised.


def test_no_more_is_promised_than_the_peak_or_what_the_limit_allows():
    config = parse(TOML, models=InstalledModels())

    fast = promised(config, SEARCH, measurement("fast", cpu_ms=1.0), Correction(0.0005))
    slow = promised(config, SEARCH, measurement("slow", cpu_ms=45.0), Correction(0.0005))
    half = promised(config, SEARCH, measurement("fast", cpu_ms=1.0), Correction(0.0005), share=0.5)

    assert (fast.rate_rps, half.rate_rps, half.share) == (20.0, 10.0, 0.5)
    assert 0 < slow.rate_rps < 20.0
    assert slow.p99_ms <= 50.0
    assert fast.cpu_s == pytest.approx(0.0015)


def test_what_misses_its_limit_even_when_idle_is_asked_at_half_of_what_it_could_carry():
    config = parse(TOML, models=InstalledModels())

    found = promised(config, SEARCH, measurement("hopeless", cpu_ms=99.5), Correction(0.0005))

    assert found.rate_rps == pytest.approx(5.0)  # half of one in a tenth of a second
    assert found.p99_ms > 50.0


def test_before_anything_was_served_http_is_taken_to_cost_a_millisecond():
    config = parse(TOML, models=InstalledModels())

    assert promised(config, SEARCH, measurement("new"), Correction(None)).cpu_s == pytest.approx(0.003)


def test_traffic_and_floors_are_those_of_the_surface():
    config = parse(
        TOML.replace("[load.search]\npeak_rps = 20", "[load.search]\npeak_rps = 30"), models=InstalledModels()
    )

    assert load_and_floor(config, SEARCH)[0].peak_rps == 30
    assert load_and_floor(config, RECOMMEND)[0].peak_rps == 20
    assert load_and_floor(config, RECOMMEND)[1].min_quality_share == 0.5


MEASURED = [
    measurement("best", quality=0.50, cpu_ms=9.0),
    measurement("good", quality=0.46, cpu_ms=3.0),
    measurement("poor", quality=0.20, cpu_ms=0.1),
]


@pytest.mark.parametrize(
    ("floor", "expected"),
    [
        ({"min_quality_share": 0.9}, ["good", "best"]),  # 0.45 is asked for
        ({"min_quality": 0.48}, ["best"]),
        ({"min_quality": 0.48, "min_quality_share": 0.1}, ["best"]),
        ({"min_quality": 0.9}, ["poor", "good"]),  # none keeps it: the cheapest of all
        ({}, ["poor", "good"]),
    ],
)
def test_the_likely_winners_use_least_of_those_that_keep_the_floor(floor, expected):
    config = parse(TOML, models=InstalledModels())
    floor = Floor(**{"min_quality": None, "min_quality_share": None, **floor})

    found = best_few(config, MEASURED, floor=floor, n=2)

    assert [each.configuration for each in found] == expected


@given(st.lists(st.integers(0, 4), min_size=1, max_size=2))
def test_every_likely_winner_is_served_once_and_at_most_one_of_a_surface_at_a_time(counts):
    few = {
        surface: [f"{surface}-{n}" for n in range(count)]
        for surface, count in zip((SEARCH, RECOMMEND), counts, strict=False)
    }

    pairs = check_pairs(few)

    assert len(pairs) == max(counts)
    assert all(pairs)
    assert sorted(one for pair in pairs for one in pair.values()) == sorted(
        one for those in few.values() for one in those
    )


def test_patience_has_the_budget_and_the_cores_of_the_machine(run):
    found = patience_of(run)

    assert isinstance(found, Patience)
    assert (found.budget_s, found.cores) == (run.config.measure.quiet_wait_s, 2)
