"""What a language model behind an address costs, on which requests it was judged, and what is said of it."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest
from tests.unit.workflows.test_measure import SETTINGS, InMemoryProbe, cases

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.prices.books import PriceBooks
from steelyard.config import parse
from steelyard.cost import usage_record
from steelyard.cost.facts import leaves
from steelyard.decision.choose import Verdict
from steelyard.documents.configurations import configuration_from, configuration_row
from steelyard.documents.machine import MachineFacts
from steelyard.domain import Configuration, Endpoint, FactKind, Interval, LineKey, Measurement, State, Surface
from steelyard.workflows.deciding.asked_said import endpoint_said
from steelyard.workflows.deciding.choices import choice_of
from steelyard.workflows.deciding.selection import selection
from steelyard.workflows.evidence.one_scale import resampled_on_one_scale
from steelyard.workflows.measure import Measurer, measure
from steelyard.workflows.pricing.price import Evidence, price

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
TOML = """
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[load.beside]
events_per_request = 0
similar_per_request = 0
[load.search]
peak_rps = 20
requests_per_month = 1000000
[decide.search]
max_p99_ms = 100
min_quality_share = 0.97
"""
COUNTS = {
    "requests": 10, "asked": 10, "cached": 0, "prompt_tokens": 3000, "completion_tokens": 400, "estimated": 0,
    "late": 0, "busy": 0, "unread": 0, "withheld": 0, "speaking_items": 0,
}  # fmt: skip
GIVEN = Endpoint("big", prompt_price=Decimal("0.5"), completion_price=Decimal(2), currency="USD")


def plain():
    return Configuration("lexical", Surface.SEARCH, "lexical", {"lexical": "parts/lexical"})


def asking(endpoint=GIVEN):
    return replace(plain(), name="llm-rerank", kind="llm", endpoint=endpoint)


def measured(name="lexical", *, quality=0.5, service_s=0.002, counts=None, **facts):
    rounds = [] if counts is None else [{"asked_timed": counts}]
    return Measurement(
        configuration=name,
        metric="ndcg@10",
        quality=Interval(quality, quality - 0.01, quality + 0.01, n=100),
        per_request=np.full(100, quality),
        cpu_s_per_request=Interval(0.002, 0.0019, 0.0021, n=10),
        service_s=np.full(10, service_s),
        peak_rss_bytes=300_000_000,
        disk_bytes=50_000_000,
        facts={"cpu_s": [0.002] * 10, "rounds": rounds, **facts},
    )


def priced(configuration, measurement, *others, extra=""):
    usage = {"prepare": {"cpu_s": 1.0}, "train": {"cpu_s": 1.0}, "measure": {"cpu_s": 1.0}}
    pairs = [(configuration, measurement), *others]
    found = Evidence([each for each, _ in pairs], {Surface.SEARCH: [each for _, each in pairs]}, usage_record(usage))
    settings = parse(TOML + extra, name="steelyard.toml")
    return price(settings, found, book=PriceBooks().load("aws-us-east-1"), now=NOW).surfaces[Surface.SEARCH]


def only(endpoint, *, counts=COUNTS, service_s=0.5, **options):
    return priced(asking(endpoint), measured("llm-rerank", counts=counts, service_s=service_s), **options)[0].candidate


def lines(candidate):
    return {line.key: line for line in candidate.bill.lines}


def test_tokens_of_a_month_are_those_of_a_request_times_its_requests():
    found = lines(only(GIVEN))

    sent, written = found[LineKey.PROMPT_TOKENS], found[LineKey.COMPLETION_TOKENS]
    assert (sent.quantity.value, sent.quantity.unit) == (300, "Mtoken")
    assert sent.cost.amount == Decimal("0.5") * 300
    assert written.cost.amount == 2 * 40
    assert FactKind.MEASURED in {leaf.kind for leaf in leaves(sent.quantity)}


def test_tokens_that_nobody_counted_are_marked_as_assumed():
    found = lines(only(GIVEN, counts={**COUNTS, "estimated": 10}))

    kinds = {leaf.kind for leaf in leaves(found[LineKey.PROMPT_TOKENS].quantity)}
    assert kinds == {FactKind.ASSUMED}
    assert "one token for three bytes" in str(list(leaves(found[LineKey.PROMPT_TOKENS].quantity)))


def test_an_unknown_price_of_tokens_is_not_free_and_sets_it_aside():
    candidate = only(Endpoint("big", price_rows="big"))

    assert candidate.bill.total is None
    assert candidate.unit_cost is None
    assert {line.key for line in candidate.bill.unpriced} == {LineKey.PROMPT_TOKENS, LineKey.COMPLETION_TOKENS}


def test_half_a_price_is_no_price():
    candidate = only(replace(GIVEN, completion_price=None, price_rows="big"))

    assert [line.key for line in candidate.bill.unpriced] == [LineKey.COMPLETION_TOKENS]
    assert candidate.bill.total is None


def test_a_price_of_nothing_is_a_price():
    assert only(replace(GIVEN, prompt_price=Decimal(0), completion_price=Decimal(0))).bill.total is not None


def test_a_price_in_another_currency_is_not_taken_for_the_books():
    candidate = only(replace(GIVEN, currency="EUR"))

    assert candidate.bill.total is None
    assert "it is in EUR, the price book in USD" in candidate.bill.unpriced[0].price.why


def test_what_was_never_asked_is_unknown_and_not_nothing():
    for counts in ({**COUNTS, "asked": 0, "prompt_tokens": 0, "completion_tokens": 0, "busy": 10}, {}):
        candidate = only(GIVEN, counts=counts)

        assert candidate.bill.total is None
        assert "measure again" in candidate.bill.unpriced[0].price.why


def test_requests_that_it_was_too_busy_for_would_have_been_paid_for_too():
    half = {**COUNTS, "asked": 5, "busy": 5, "prompt_tokens": 1500}

    assert lines(only(GIVEN, counts=half))[LineKey.PROMPT_TOKENS].quantity.value == 300


def test_a_model_on_own_machines_costs_as_many_as_the_peak_needs_and_no_tokens():
    found = only(Endpoint("big", machine="c5.large", at_once=2), service_s=0.502)

    made = lines(found)
    assert LineKey.PROMPT_TOKENS not in made
    # 20 a second x .5 s / (2 at once x .7) = 7.14, so 8 and a spare one
    assert made[LineKey.MODEL_MACHINES].quantity.value == 9 * 730
    assert made[LineKey.MODEL_MACHINES].detail == "9 x c5.large"
    assert found.unit_cost.marginal.amount > Decimal("0.085") * 1000 * Decimal("0.5") / 3600 / 2


def test_a_machine_that_the_book_lacks_has_no_price():
    assert only(Endpoint("big", machine="c5.largest")).bill.total is None


def test_waiting_for_it_is_in_the_p99_and_takes_none_of_the_shops_processors():
    alone, one = priced(plain(), measured(), (asking(), measured("llm-rerank", counts=COUNTS, service_s=0.5)))

    assert one.candidate.capacity.p99_ms == pytest.approx(alone.candidate.capacity.p99_ms + 498, rel=0.01)
    assert one.load.service_s.max() == pytest.approx(0.002)
    assert [each.what for each in one.shortfalls] == ["p99"]


def test_one_that_is_quick_enough_is_sized_with_the_time_that_is_left():
    (one,) = priced(asking(), measured("llm-rerank", counts=COUNTS, service_s=0.05))

    assert one.shortfalls == ()
    assert 48 < one.candidate.capacity.p99_ms <= 100


def test_a_server_that_waits_for_two_at_once_carries_no_more_than_these():
    (one,) = priced(asking(replace(GIVEN, concurrency=8)), measured("llm-rerank", counts=COUNTS, service_s=0.502))

    # two threads of [serve] workers, half a second each: 4 a second, of 20 at the peak; and a spare one
    assert one.candidate.capacity.rate_per_replica_rps == pytest.approx(4)
    assert one.candidate.capacity.replicas == 6
    (alone,) = priced(asking(replace(GIVEN, concurrency=1)), measured("llm-rerank", counts=COUNTS, service_s=0.502))
    assert alone.candidate.capacity.replicas == 11


def test_its_prices_go_with_the_configuration_through_json():
    assert configuration_from(configuration_row(asking())) == asking()
    assert configuration_from(configuration_row(plain())) == plain()
    assert "endpoint" not in configuration_row(plain())


@pytest.fixture
def store(tmp_path):
    store = Artefacts(tmp_path / "store")
    store.write_state("parts/lexical", State({"a": np.arange(4)}, {}))
    return store


def judged(store, endpoint):
    configuration = replace(asking(endpoint), options={"items": [0, 1]})
    probe = InMemoryProbe()
    measurer = Measurer(store, probe, SETTINGS, 0, MachineFacts(cpu_model="here"))
    (found,) = measure([configuration], {Surface.SEARCH: cases()}, measurer=measurer, progress=lambda *_: None)
    return found, probe


def test_a_sample_is_asked_where_the_table_says_so_and_the_others_are_undefined(store):
    found, probe = judged(store, replace(GIVEN, judged_on=2))

    assert found.facts["sample"] == {"asked": 2, "of": 4}
    whole, _ = judged(store, GIVEN)
    assert "sample" not in whole.facts
    asked = ~np.isnan(found.per_request)
    assert asked.sum() <= 2
    assert np.array_equal(found.per_request[asked], whole.per_request[asked])
    assert all(max(timed, default=0) < 2 for _, timed, _ in probe.asked)
    assert sum(len(timed) for _, timed, _ in probe.asked) == 2


def test_a_sample_as_large_as_all_is_all(store):
    found, _ = judged(store, replace(GIVEN, judged_on=4))

    assert "sample" not in found.facts


def sampled(quality):
    one = measured("llm-rerank", quality=quality, counts={**COUNTS, "late": 2, "unread": 1}, service_s=0.05,
                   sample={"asked": 10, "of": 100})  # fmt: skip
    per_request = np.full(100, np.nan)
    per_request[:10] = quality
    return replace(one, per_request=per_request)


def test_the_mean_of_a_sample_is_no_reference_and_flatters_nobody():
    config = parse(TOML, name="steelyard.toml")
    both = priced(plain(), measured(), (asking(), sampled(0.9)))

    choice = choice_of(config, Surface.SEARCH, both)
    assert choice.reference == "lexical"
    assert {each.name: each.verdict for each in choice.judged} == {
        "lexical": Verdict.CHOSEN,
        "llm-rerank": Verdict.FEASIBLE,
    }
    assert selection(config, Surface.SEARCH, both).flattered_by == 0.0


def test_a_sample_of_easy_requests_is_shown_on_the_scale_of_all_of_them():
    per_request = np.full(100, 0.3)
    per_request[:10] = 0.9  # the ten that were drawn are easy
    easy = replace(measured(), per_request=per_request, quality=Interval(0.36, 0.33, 0.39, n=100))
    first, model = priced(plain(), easy, (asking(), sampled(0.8)))

    assert first.candidate.measured.quality.mean == 0.36
    assert model.candidate.measured.quality.mean == pytest.approx(0.26)
    assert model.candidate.measured.quality.high == pytest.approx(0.26)
    config = parse(TOML, name="steelyard.toml")
    draws = resampled_on_one_scale([first.candidate.measured, model.candidate.measured], n=50, seed=1)
    assert np.allclose(draws[:, 1], draws[:, 0] - 0.1)
    assert choice_of(config, Surface.SEARCH, (first, model)).judged[1].share_of_reference == pytest.approx(0.26 / 0.36)


def test_a_sample_and_answers_that_were_not_used_are_said_in_both_languages():
    both = priced(plain(), measured(), (asking(), sampled(0.4)))

    sample, unused = endpoint_said(both[1].candidate.measured, both)
    assert sample.en == (
        "llm-rerank was judged on 10 of 100 requests, drawn at random: 0.4000 there, where lexical has 0.5000; its "
        "quality is shown as that of lexical on all requests with this difference (-0.1000, -0.1000 to -0.1000)"
    )
    assert "随机抽取的 10 个" in sample.zh
    assert unused.en.startswith("llm-rerank: of 10 timed requests these answers of the model were not used: 2 late, 1")
    assert "2 个超时，1 个无法使用" in unused.zh
    assert endpoint_said(both[0].candidate.measured, both) == []
