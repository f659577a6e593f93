"""``verify``: what is served before the choice and after it, and what a broken or disturbed promise changes."""

import re
from decimal import Decimal

import pytest
from tests.unit.workflows.toy_run import TOML, WORDS, Truth, open_run, untold

from steelyard.errors import StageError
from steelyard.workflows.build import load_configurations
from steelyard.workflows.evidence.standing import LEAST_MISSES
from steelyard.workflows.promises.readings import CHECK_LENGTHS, Readings
from steelyard.workflows.promises.record import read_record
from steelyard.workflows.run import bundle_of
from steelyard.workflows.stored import stored_decision
from steelyard.workflows.verifying import http_best, verify_named, verify_stage


def test_nothing_is_checked_before_something_was_decided(done):
    run = open_run(done)
    run.store.forget("decision")

    with pytest.raises(StageError, match="run `steelyard decide`"):
        verify_stage(run, untold)
    with pytest.raises(StageError, match="run `steelyard decide`"):
        verify_named(run, ["lexical"], [1.0], untold)


def test_a_promise_that_was_held_is_said_and_not_asked_again(done):
    run = open_run(done)

    lines = verify_stage(run, untold)

    assert run.tools.measuring.loads == []
    assert lines == [
        f"bundle {bundle_of(run)} is up to date",
        "search: promised p99 5.0 ms, measured 5.0 ms",
        "recommend: promised p99 5.0 ms, measured 5.0 ms",
    ]


def test_asked_again_the_choice_is_probed_and_then_served_three_times_as_long(words):
    run = open_run(words)
    run.tools.clock.s = 3600.0
    before = Readings(run).judging()

    verify_stage(run, untold, is_again=True, is_asked=True)

    seconds = run.config.measure.http_seconds
    assert run.tools.measuring.loads == [("lexical", 20.0, seconds), ("lexical", 20.0, CHECK_LENGTHS * seconds)]
    after = Readings(run).judging()
    assert [row.is_probe for row in after] == [True, False]
    assert not set(row.at for row in before) & set(row.at for row in after)  # kept, and judging nothing
    assert len(read_record(run)) == 2


def test_a_choice_that_breaks_its_promise_loses_to_one_that_keeps_it(done):
    run = open_run(done)
    run.tools.clock.s = 3600.0
    run.tools.measuring.truth["popularity"] = Truth(p99_ms=900.0)

    lines = verify_stage(run, untold, is_again=True, is_asked=True)

    row = stored_decision(run.store).of("recommend")
    judged = {name for name, *_ in run.tools.measuring.loads}
    assert {"lexical", row.chosen} <= judged
    assert row.chosen != "popularity"
    assert row.promise.is_kept
    assert lines[-1] == f"recommend: promised p99 {row.promise.promised_p99_ms:.1f} ms, measured 5.0 ms"


def test_where_nothing_keeps_its_promise_no_bundle_is_named_any_more(words):
    run = open_run(words, truth={"lexical": Truth(p99_ms=900.0)})
    run.tools.clock.s = 3600.0
    before = bundle_of(run)

    lines = verify_stage(run, untold, is_again=True, is_asked=True)

    assert lines[0].startswith("nothing was packaged, since no configuration keeps every floor (search: ")
    assert lines[1] == f"the bundle made before is still at {before}"
    assert bundle_of(run) is None
    assert not stored_decision(run.store).of("search").is_feasible
    rates = [rate for _, rate, _ in run.tools.measuring.loads]
    assert rates[0] == 20.0
    assert max(rates[1:]) < 0.85 * 20.0  # asked lower after the miss
    assert len(rates) == LEAST_MISSES  # eight times the service times, the most, would lower the rate no further


def test_what_is_slow_at_the_peak_only_is_kept_at_a_lower_rate_and_given_more_machines(words):
    run = open_run(words, truth={"lexical": Truth(p99_ms=1.0, slower_per_rps=3.0)})  # 61 ms at 20 requests a second
    run.tools.clock.s = 3600.0
    before = stored_decision(run.store).of("search").candidate("lexical")

    verify_stage(run, untold, is_again=True, is_asked=True)

    row = stored_decision(run.store).of("search")
    after = row.candidate("lexical")
    assert row.promise.is_kept
    assert row.promise.rate_rps < 49 / 3 + 0.01  # 50 ms and no more
    assert after.replicas >= before.replicas
    assert after.monthly >= before.monthly


def test_on_a_busy_machine_the_promise_is_judged_by_processor_time_and_the_line_says_how_to_ask_again(words):
    run = open_run(words, truth={"lexical": Truth(others=0.5)})
    run.tools.clock.s = 3600.0

    _, said = verify_stage(run, untold, is_again=True, is_asked=True)

    assert said.startswith("search: not checked by the clock: the machine was 50% busy with other programs")
    assert "`steelyard verify`" in said


def test_what_was_too_busy_to_judge_is_not_asked_again_by_a_run_but_by_who_asks_for_a_check(words):
    first = open_run(words, truth={"lexical": Truth(others=0.5)})
    first.tools.clock.s = 3600.0
    verify_stage(first, untold, is_again=True, is_asked=True)
    later = open_run(words)
    later.tools.clock.s = 7200.0
    later.now = later.tools.clock.now()  # another session

    verify_stage(later, untold)
    by_a_run = list(later.tools.measuring.loads)
    verify_stage(later, untold, is_asked=True)

    assert by_a_run == []
    assert later.tools.measuring.loads != []
    assert stored_decision(later.store).of("search").promise.is_kept


def test_when_the_time_for_checks_is_used_up_no_further_run_is_begun(words):
    text = WORDS.replace("http_best = 1", "http_best = 1\ncheck_seconds = 1")
    run = open_run(words, text=text, truth={"lexical": Truth(p99_ms=60.0)})
    run.tools.clock.s = 3600.0

    verify_stage(run, untold, is_again=True)

    assert len(run.tools.measuring.loads) == 1  # it takes ten seconds and more


def test_a_configuration_that_is_named_is_served_and_recorded_and_nothing_is_decided(done):
    run = open_run(done)
    before, held = stored_decision(run.store), bundle_of(run)

    lines = verify_named(run, ["item-knn-full"], [1.0, 0.5], untold)

    assert stored_decision(run.store) == before
    assert bundle_of(run) == held
    assert lines == [
        "item-knn-full at 20 rps: promised p99 5.0 ms, 5.0 ms; promised 2.50 CPU ms, 2.50",
        "item-knn-full at 10 rps: promised p99 4.5 ms, 5.0 ms; promised 2.50 CPU ms, 2.50",
    ]
    rates = [(name, rate) for name, rate, _ in run.tools.measuring.loads]
    assert rates == [("item-knn-full", 20.0), ("item-knn-full", 20.0), ("item-knn-full", 10.0)]  # a probe first
    rows = read_record(run)[-2:]
    assert [(row.configuration, row.rate_rps) for row in rows] == [("item-knn-full", 20.0), ("item-knn-full", 10.0)]
    assert all(isinstance(row.machines_metered, Decimal) for row in rows)


def test_a_named_configuration_on_a_busy_machine_is_said_to_be_unread(done):
    run = open_run(done, truth={"item-knn-full": Truth(others=0.3)})

    (line,) = verify_named(run, ["item-knn-full"], [1.0], untold)

    assert re.fullmatch(
        r"item-knn-full at 20 rps: promised p99 \d\.\d ms, 30% busy; promised 2\.50 CPU ms, 2\.50", line
    )


def test_an_unknown_name_is_refused_before_anything_is_served(done):
    run = open_run(done)

    with pytest.raises(StageError, match="did you mean item-knn-full"):
        verify_named(run, ["item-knn-ful"], [1.0], untold)

    assert run.tools.measuring.loads == []


def test_before_the_choice_the_cheapest_of_each_surface_are_served_together(toy_done):
    run = open_run(toy_done)

    asked = run.store.read_json("http/best")["asked"]

    assert asked == {"search": ["lexical"], "recommend": ["popularity"]}
    probes = [row for row in Readings(run).judging() if row.is_probe]
    assert [row.configuration for row in probes] == ["lexical", "popularity"]


def test_before_the_choice_nothing_is_served_where_none_is_asked_for(done):
    run = open_run(done, text=TOML.replace("http_best = 1", "http_best = 0"))

    http_best(run, load_configurations(run.store), untold)

    assert run.steps.ran == run.steps.skipped == []
    assert run.tools.measuring.loads == []


def test_a_surface_with_fewer_configurations_than_asked_for_is_left_out_of_the_later_rounds(done):
    run = open_run(done, text=TOML.replace("http_best = 1", "http_best = 2"))

    http_best(run, load_configurations(run.store), untold)

    served = [
        sorted(name for name in found["surfaces"] if name != "similar") for _, found in run.tools.measuring.servers
    ]
    assert served == [["recommend", "search"], ["recommend"]]
    assert [name for name, *_ in run.tools.measuring.loads] == ["lexical", "popularity", "item-knn-full"]


def test_readings_before_the_choice_are_made_once(done):
    run = open_run(done)

    http_best(run, load_configurations(run.store), untold)

    assert run.steps.skipped == ["measure/http"]
    assert run.tools.measuring.loads == []
