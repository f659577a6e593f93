"""What a decision rests on: measurements, readings, prices with tax, and what the machine was used for."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.unit.workflows.toy_run import RECOMMEND, SEARCH, TOML, WORDS, Truth, open_run, untold, write_shop

from steelyard.documents.configurations import LeftOut, built_json
from steelyard.documents.machine import MachineFacts
from steelyard.domain import Price
from steelyard.errors import StageError
from steelyard.workflows.build import load_built
from steelyard.workflows.promises.readings import Readings
from steelyard.workflows.settle import Settled, decide_stage, priced, taxed_book, usage_of


def test_nothing_is_decided_before_something_was_measured(tmp_path):
    run = open_run(write_shop(tmp_path / "shop"))

    with pytest.raises(StageError, match="nothing was measured yet: run `steelyard measure`"):
        Settled.of(run)


def test_a_decision_rests_on_the_digests_of_what_was_measured(toy_done):
    run = open_run(toy_done)

    settled = Settled.of(run)

    assert settled.inputs == (run.store.digest("measurements/search"), run.store.digest("measurements/recommend"))
    assert set(settled.evidence.measurements) == {SEARCH, RECOMMEND}
    assert settled.evidence.data_bytes == run.store.size("data")
    assert settled.evidence.machine == MachineFacts(cpu_model="Test CPU", usable_cores=2)


def test_http_costs_what_was_read_over_what_was_measured_in_a_loop(toy_done):
    settled = Settled.of(open_run(toy_done))

    # 2 ms in a loop, and the servers of this world take half a millisecond more
    assert settled.evidence.http_overhead_cpu_s == pytest.approx(0.0005)


def test_without_a_reading_the_cost_of_http_is_not_known_and_nothing_was_checked(done):
    run = open_run(done)
    run.store.forget("http/readings")

    evidence = Settled.of(run).evidence

    assert evidence.http_overhead_cpu_s is None
    assert evidence.checks == {}
    assert all(each.stretch == 1.0 for each in evidence.corrections.values())


def test_the_same_evidence_is_decided_once_and_a_new_day_decides_again(words):
    run = open_run(words)
    first = decide_stage(run, untold)
    tomorrow = open_run(words)
    tomorrow.now = run.now.replace(day=2)

    second = decide_stage(tomorrow, untold)

    assert run.steps.ran == []
    assert tomorrow.steps.ran == ["decide"]  # prices grow old by the day
    assert (first.made_at[:10], second.made_at[:10]) == ("2026-11-01", "2026-11-02")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("peak_rps = 20", "peak_rps = 30"),
        ('instances = ["t3.small"]', 'instances = ["t3.medium"]'),
        ('name = "Toy"', 'name = "Other"'),
        ("max_p99_ms = 50", "max_p99_ms = 60"),
    ],
)
def test_a_setting_that_a_decision_depends_on_decides_again(words, before, after):
    run = open_run(words, text=WORDS.replace(before, after))

    decide_stage(run, untold)

    assert run.steps.ran == ["decide"]


def test_where_the_ledger_is_kept_changes_no_decision(words):
    run = open_run(words, text=WORDS.replace("[cost]", '[cost]\nledger = "postgresql://shop@elsewhere/ledger"'))

    decide_stage(run, untold)

    assert run.steps.skipped == ["decide"]


def test_bills_that_are_gone_are_made_again_with_the_decision(words):
    run = open_run(words)
    before = run.store.digest("decision")
    run.store.forget("bills")

    decide_stage(run, untold)

    assert run.store.has("bills")
    assert run.store.digest("decision") == before


def test_prices_can_be_asked_for_without_a_choice_being_kept(words):
    run = open_run(words)
    before = {name: run.store.digest(name) for name in run.store.names()}

    pricing = priced(run, Readings(run))

    assert {each.candidate.name for each in pricing.surfaces[SEARCH]} == {"lexical"}
    assert {name: run.store.digest(name) for name in run.store.names()} == before
    assert run.steps.ran == run.steps.skipped == []


def test_tax_is_on_every_price_where_it_is_asked_for(toy_done):
    def hourly(text):
        row = taxed_book(open_run(toy_done, text=text)).rows["aws/us-east-1/t3.small"]
        assert isinstance(row.price, Price)
        return row.price.per_unit.amount

    net = hourly(TOML)
    taxed = hourly(TOML.replace("[decide.search]", "[cost.include]\ntax_percent = 20\n[decide.search]"))

    assert taxed == net * Decimal("1.2")


def test_the_book_is_the_one_that_the_shop_names(words):
    text = WORDS.replace("[cost]", '[cost]\nbook = "gcp-us-east1"').replace('["t3.small"]', '["e2-small"]')

    clouds = {name.split("/")[0] for name in taxed_book(open_run(words, text=text)).rows}

    assert "gcp" in clouds
    assert "aws" not in clouds


def test_usage_is_that_of_steps_of_today_and_shared_by_what_needs_them(toy_done):
    run = open_run(toy_done)
    built = load_built(run.store)

    usage = usage_of(run, built)

    assert {"prepare", "train/lexical", "measure/lexical"} <= set(usage.steps)
    assert "decide" not in usage.steps  # deciding is not billed
    assert set(usage.needs) == {"lexical", "popularity", "item-knn-full", "item-knn-20x8bit"}
    assert "parts/recommend/item-knn.full" in usage.needs["item-knn-20x8bit"]
    assert "parts/recommend/item-knn.20x8bit" not in usage.needs["item-knn-full"]


def test_the_record_of_a_configuration_that_is_no_longer_built_is_not_billed(done):
    run = open_run(done)
    built = load_built(run.store)
    needs = {name: of for name, of in built.needs.items() if name != "popularity"}
    configurations = tuple(each for each in built.configurations if each.name != "popularity")
    fewer = replace(built, needs=needs, configurations=configurations)

    usage = usage_of(run, fewer)

    assert "measure/lexical" in usage.steps
    assert "measure/popularity" not in usage.steps


def test_what_was_not_built_is_told_in_the_decision_and_changes_its_key(words):
    run = open_run(words)
    built = load_built(run.store)
    left_out = (LeftOut("ials", "no_behaviour"),)
    run.store.write_json("configurations", built_json(replace(built, left_out=left_out)))

    decision = decide_stage(run, untold)

    assert run.steps.ran == ["decide"]
    assert [each.name for each in decision.not_built] == ["ials"]


def test_a_miss_loses_in_the_final_decision_and_waits_for_a_lower_rate_in_a_draft(words):
    run = open_run(words, truth={"lexical": Truth(p99_ms=60.0)})
    readings = Readings(run)
    (last,) = [row for row in readings.judging() if not row.is_probe]
    readings.add([replace(last, p99_ms=60.0)])

    draft = decide_stage(run, untold, readings=readings, is_final=False)
    final = decide_stage(run, untold, readings=readings, is_final=True)

    assert draft.of("search").is_feasible
    assert not final.of("search").is_feasible
