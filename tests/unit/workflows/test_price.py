"""R5.1, R5.4: every measured configuration gets machines and a bill."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest
from tests.documents_of import promise_of

from steelyard.adapters.prices.books import PriceBooks
from steelyard.config import parse
from steelyard.cost import usage_record
from steelyard.cost.facts import leaves
from steelyard.documents.bills import bills_builtins
from steelyard.domain import Configuration, FactKind, Interval, Measurement, Stage, Surface
from steelyard.domain.shown import amount, plain
from steelyard.errors import PriceError, StageError
from steelyard.workflows.pricing.bill_document import bills
from steelyard.workflows.pricing.price import Evidence, price
from steelyard.workflows.pricing.unit_facts import unit_facts

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
requests_per_month = 30000000
"""
LEXICAL = Configuration("lexical", Surface.SEARCH, "lexical", {"lexical": "parts/lexical"})
USAGE = {"prepare": {"cpu_s": 1.0}, "train": {"cpu_s": 1.0}, "measure": {"cpu_s": 1.0}}


def measured(**changes):
    figures = Measurement(
        configuration="lexical",
        metric="ndcg@10",
        quality=Interval(0.5, 0.49, 0.51, n=100),
        per_request=np.full(100, 0.5),
        cpu_s_per_request=Interval(0.002, 0.0019, 0.0021, n=100),
        service_s=np.full(100, 0.002),
        peak_rss_bytes=300_000_000,
        disk_bytes=50_000_000,
    )
    return replace(figures, **changes)


def priced(measurement, *, overhead_s=0.0, extra="", usage=USAGE):
    given = Evidence([LEXICAL], {Surface.SEARCH: [measurement]}, usage_record(usage), http_overhead_cpu_s=overhead_s)
    settings = parse(TOML + extra, name="steelyard.toml")
    return price(settings, given, book=PriceBooks().load("aws-us-east-1"), now=NOW)


def only(pricing):
    return pricing.surfaces[Surface.SEARCH][0]


def test_the_time_of_http_is_in_every_request():
    without, with_http = only(priced(measured())), only(priced(measured(), overhead_s=0.002))

    assert with_http.load.service_s.mean() == pytest.approx(0.004)
    traffic = Decimal("0.00036")  # 1,000 answers of 4 kB at 0.09 a GB
    more = [each.candidate.unit_cost.marginal.amount - traffic for each in (without, with_http)]
    assert more[1] == 2 * more[0]


def test_the_cost_of_a_thousand_more_requests_has_its_traffic_in_it():
    cost = only(priced(measured())).candidate.unit_cost

    processor = Decimal(1000) * Decimal("0.002") * Decimal("0.0104") / (3600 * Decimal("0.2"))
    assert cost.marginal.amount == pytest.approx(processor + Decimal("0.00036"))


def test_the_bytes_of_an_answer_are_those_counted_over_http():
    counted = {"lexical": promise_of(None, is_valid=False, response_bytes=3440)}
    given = Evidence([LEXICAL], {Surface.SEARCH: [measured()]}, usage_record(USAGE), checks=counted)

    found = only(price(parse(TOML), given, book=PriceBooks().load("aws-us-east-1"), now=NOW))

    (kb,) = {leaf for line in found.candidate.bill.lines for leaf in leaves(line.quantity) if leaf.unit == "kB"}
    assert (kb.value, kb.kind) == (Decimal("3.44"), FactKind.MEASURED)


def test_a_busy_machines_wall_times_are_replaced_by_processor_times():
    busy = measured(is_quiet=False, service_s=np.full(100, 0.5), facts={"cpu_s": [0.002] * 100})

    assert only(priced(busy)).load.service_s.max() == pytest.approx(0.002)
    assert only(priced(measured(is_quiet=True, facts={"cpu_s": [9.0]}))).load.service_s.max() == pytest.approx(0.002)


def test_the_number_of_machines_is_traced_to_load_and_measurement():
    made = only(priced(measured(), overhead_s=0.001)).candidate.bill

    serving = next(line for line in made.lines if line.stage is Stage.SERVING)
    found = {leaf.source: leaf.kind for leaf in leaves(serving.quantity)}
    assert found["[load] peak_rps"] is FactKind.ASSUMED
    assert found["mean service time of 100 requests, HTTP in it"] is FactKind.MEASURED
    assert found["convention: one billing month is 730 hours"] is FactKind.QUOTED


def test_traffic_beyond_the_free_tier_is_paid():
    made = only(priced(measured())).candidate.bill  # 30,000,000 x 4 kB = 120 GB; 100 are free

    sent = {line.price.name: line.cost.amount for line in made.lines if line.stage is Stage.BANDWIDTH}
    assert sent == {"aws/us-east-1/egress/free": 0, "aws/us-east-1/egress/tier-1": Decimal("1.80")}


def test_fully_loaded_cost_is_the_bill_over_the_requests():
    candidate = only(priced(measured())).candidate

    assert candidate.unit_cost.fully_loaded.amount == candidate.bill.total.amount / 30_000


def test_only_the_instances_asked_for_are_considered():
    extra = '[cost]\ninstances = ["m5.large"]\n'

    assert only(priced(measured(), extra=extra)).candidate.capacity.instance == "aws/us-east-1/m5.large"


def test_an_instance_the_book_lacks_is_refused_with_near_names():
    with pytest.raises(PriceError, match=r"no instance type 'm5.lorge' \(near"):
        priced(measured(), extra='[cost]\ninstances = ["m5.lorge"]\n')


def test_a_measurement_without_its_configuration_is_refused():
    with pytest.raises(StageError, match="measured but not among the configurations"):
        priced(measured(configuration="other"))


def test_usage_of_a_stage_nobody_knows_is_refused():
    with pytest.raises(PriceError, match="unknown stage 'dreaming'"):
        priced(measured(), usage={"dreaming": {"cpu_s": 1.0}})


def test_steps_of_one_stage_are_summed():
    apart = {**USAGE, "train": {"cpu_s": 3600.0}}
    steps = {"prepare": USAGE["prepare"], "measure": USAGE["measure"]}
    steps |= {"train/lexical": {"cpu_s": 600.0}, "train/ials": {"cpu_s": 3000.0}}

    one, other = only(priced(measured(), usage=apart)), only(priced(measured(), usage=steps))

    assert one.candidate.bill.total == other.candidate.bill.total


def test_bills_are_json_with_what_each_line_rests_on():
    (entry,) = bills_builtins(bills(priced(measured())))["surfaces"]["search"]

    assert entry["name"] == "lexical"
    assert entry["unpriced"] == []
    assert {line["line_kind"] for line in entry["lines"]} == {"assumed", "derived"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [("124.1", "124.10"), ("0", "0.00"), ("0.0123", "0.01"), ("0.00012344", "0.0001234"), ("-3.005", "-3.00")],
)
def test_an_amount_is_shown_to_the_cent_and_little_is_not_nothing(value, shown):
    assert amount(Decimal(value)) == shown


@pytest.mark.parametrize(("value", "shown"), [("1460.000", "1460"), ("1E-7", "0.0000001"), ("0.0850", "0.085")])
def test_a_quantity_is_shown_without_exponent(value, shown):
    assert plain(Decimal(value)) == shown


def test_the_unit_costs_are_explained_by_facts_that_give_them():
    pricing = priced(measured(), overhead_s=0.001)
    candidate = only(pricing).candidate

    found = unit_facts(
        candidate,
        pricing.terms,
        machines=pricing.machines,
        http_s=0.001,
        requests_per_month=30_000_000,
        answer=only(pricing).answer,
    )

    cost = candidate.unit_cost
    assert {way: fact.value for way, fact in found.items()} == {
        "marginal": cost.marginal.amount,
        "at_capacity": cost.at_capacity.amount,
        "fully_loaded": cost.fully_loaded.amount,
    }
    assert FactKind.DERIVED not in {leaf.kind for fact in found.values() for leaf in leaves(fact)}
    (entry,) = bills(pricing).surfaces["search"]
    assert "[quoted; " in entry.per_1000_explained["fully_loaded"]


def test_what_new_data_leaves_as_it_is_is_not_paid_for_at_every_retraining():
    own = {"parts": {"parts/lexical": {"cpu_s": 3600.0}, "parts/encoder": {"cpu_s": 7200.0}}}
    needs = {"needs": {"lexical": ["parts/lexical", "parts/encoder"]}}
    usage = {**USAGE, "train": {"cpu_s": 10800.0}, **own, **needs}

    def again(**more):
        lines = only(priced(measured(), usage={**usage, **more})).candidate.bill.lines
        return {line.detail: line.cost.amount for line in lines if line.stage is Stage.RETRAINING}

    every, but_lasting = again(), again(lasting=["parts/encoder"])

    assert len(every) == 2 and len(but_lasting) == 1
    (kept,) = but_lasting.items()
    assert kept in every.items()
    assert max(every.values()) == 2 * kept[1]
