"""What placement minimises is the bill: its choice is that of trying every machine, and of trying every pair."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.documents_of import decided_json

from steelyard.adapters.prices.books import PriceBooks
from steelyard.config import parse
from steelyard.cost import Hosting, hosting_lines, joint_bill, usage_record
from steelyard.cost.prices.tax import with_tax
from steelyard.decision.capacity import Sizing
from steelyard.decision.space import Demand, Load, place, place_together
from steelyard.documents.line_words import line_said
from steelyard.documents.machine import MachineFacts
from steelyard.domain import Configuration, FactKind, Interval, Measurement, Surface
from steelyard.errors import PriceError
from steelyard.workflows.deciding.pairing import cheapest_shop
from steelyard.workflows.pricing.price import Evidence, demand, monthly_cost, price, sizing

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
TOML = """
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[decide.search]
min_quality_share = 0.5
max_p99_ms = 60
[decide.recommend]
min_quality_share = 0.5
max_p99_ms = 60
[measure]
bootstrap = 100
"""
USAGE = usage_record({"prepare": {"cpu_s": 100.0}, "train": {"cpu_s": 400.0}, "measure": {"cpu_s": 60.0}, "parts": {}})
BOOK = PriceBooks().load("aws-us-east-1")


def measured(name, *, ms, quality=0.5, rss_mb=300, disk_mb=50):
    spread = np.linspace(0.9, 1.1, 50)
    return Measurement(
        configuration=name,
        metric="ndcg@10(gain=linear,unjudged=0)",
        quality=Interval(quality, quality, quality, n=50),
        per_request=np.full(50, quality),
        cpu_s_per_request=Interval(ms / 1000, ms / 1000, ms / 1000, n=50),
        service_s=spread * ms / 1000,
        peak_rss_bytes=rss_mb * 10**6,
        disk_bytes=disk_mb * 10**6,
    )


def evidence(search, recommend=(), machine=None):
    found = {Surface.SEARCH: search, Surface.RECOMMEND: recommend}
    known = [
        Configuration(each.configuration, surface, "lexical", {"model": f"parts/{each.configuration}"})
        for surface, those in found.items()
        for each in those
    ]
    return Evidence(known, found, USAGE, machine or MachineFacts(architecture="x86_64"), 0.0005)


def priced(text, given, book=BOOK):
    config = parse(TOML + text)
    return config, price(config, given, book=book, now=NOW)


def by_utilisation(service_s, *, cores, peak_rps, max_p99_ms, max_utilisation, spare):
    """A sizing that can be worked out by hand: as many as utilisation asks for, a tenth more on less than one core."""
    rate = cores * max_utilisation / float(service_s.mean()) / (1 if cores >= 1 else 1.1)
    working = max(1, int(np.ceil(peak_rps / rate - 1e-9)))
    return Sizing(working, working + spare, rate, 1.0, peak_rps / (working + spare) / rate)


@settings(max_examples=40, deadline=None)
@given(
    ms=st.floats(0.2, 30),
    peak=st.floats(1, 5000),
    disk_gb=st.floats(0.01, 200),
    rss_gb=st.floats(0.1, 20),
    spare=st.integers(0, 2),
    switches=st.sets(st.sampled_from(["public_addresses", "backups", "logs", "nat", "load_balancer", "cdn"])),
)
def test_the_machines_taken_are_those_of_the_smallest_bill(ms, peak, disk_gb, rss_gb, spare, switches):
    text = "[cost.include]\n" + "".join(f"{key} = true\n" for key in switches)
    _, pricing = priced(text, evidence([measured("lexical", ms=1)]))
    load = Load(np.full(20, ms / 1000), peak, 100.0, int(rss_gb * 1e9))

    def hosting(machine, replicas):
        return Hosting(machine, replicas, int(disk_gb * 1e9), 10**6, Decimal(4))

    cost = monthly_cost(pricing.machines, pricing.terms, hosting)
    wanted = Demand(0.7, spare)
    alone = [place(load, [each], wanted, size=by_utilisation, cost=cost).capacity for each in pricing.machines]
    costs = {
        capacity.instance: cost(machine, capacity.replicas)
        for machine, capacity in zip(pricing.machines, alone, strict=True)
        if capacity is not None
    }

    found = place(load, pricing.machines, wanted, size=by_utilisation, cost=cost).capacity

    assert costs[found.instance] == min(costs.values())


def test_disks_of_many_small_machines_are_weighed_against_few_larger_ones():
    """By the hour alone 40 of the smallest win; each has a disk of its own, which the bill shows."""
    only = 'instances = ["t3.micro", "t3.small"]\n'
    load = "[load.search]\npeak_rps = 1200\n"

    _, pricing = priced(f"[cost]\n{only}{load}", evidence([measured("lexical", ms=2, disk_mb=4000)]))
    (chosen,) = pricing.surfaces[Surface.SEARCH]

    assert chosen.candidate.capacity.instance == "aws/us-east-1/t3.small"
    _, small = priced(f'[cost]\ninstances = ["t3.micro"]\n{load}', evidence([measured("lexical", ms=2, disk_mb=4000)]))
    (other,) = small.surfaces[Surface.SEARCH]
    assert chosen.candidate.bill.total.amount < other.candidate.bill.total.amount


SEARCHES = [measured("light", ms=2, quality=0.5), measured("heavy", ms=2.2, quality=0.6, rss_mb=900, disk_mb=900)]
RECOMMENDERS = [measured("quick", ms=1, quality=0.2, rss_mb=700), measured("slow", ms=6, quality=0.25, rss_mb=100)]


@pytest.mark.parametrize("peak", [20, 150])
def test_the_pair_taken_is_that_of_trying_every_pair_on_every_machine(peak):
    text = f"[load.search]\npeak_rps = {peak}\n[load.recommend]\npeak_rps = {peak}\n"
    text = '[cost]\ninstances = ["t3.micro", "t3.small", "c5.large"]\n' + text
    config, pricing = priced(text, evidence(SEARCHES, RECOMMENDERS))

    shop = cheapest_shop(config, pricing, pricing.surfaces)

    totals = [total for pair in product(*pricing.surfaces.values()) for total in every_bill(config, pricing, pair)]
    assert shop.bill.total.amount - min(totals) < Decimal("0.01")


def every_bill(config, pricing, pair):
    """Totals of a pair on machines of their own, and on each machine shared."""
    bills = [each.candidate.bill for each in pair]
    yield joint_bill("apart", bills).total.amount

    def hosting(machine, replicas):
        traffic = sum(each.answer.value * each.requests_per_month for each in pair) / 10**6
        disk = sum(each.candidate.measured.disk_bytes for each in pair)
        return Hosting(machine, replicas, disk, sum(each.requests_per_month for each in pair), traffic)

    for machine in pricing.machines:
        loads = [each.load for each in pair]
        found = place_together(loads, [machine], demand(config), size=sizing(config), seed=config.seed)
        if found is not None:
            replicas = pair[0].candidate.bill.lines[0].quantity
            lines = hosting_lines(
                hosting(machine, replace(replicas, value=Decimal(found.replicas), unit="replica")), pricing.terms
            )
            yield joint_bill("together", bills, lines, is_shared=True).total.amount


def test_the_decisions_total_is_the_bill_of_the_pair_and_both_rows_are_its_configurations():
    config, pricing = priced("", evidence(SEARCHES, RECOMMENDERS))

    decision = decided_json(config, pricing, now=NOW)

    total = decision["total"]
    whole = sum(Decimal(row["quantity"]) * Decimal(row["unit_price"]) for row in total["lines"])
    assert f"{whole:.2f}" == total["monthly"]
    assert total["replicas"] is not None


def test_several_machines_stand_behind_a_balancer_that_keeps_each_user_at_one_of_them():
    _, pricing = priced("", evidence([measured("lexical", ms=1)]))
    _, single = priced("[decide]\nspare_replicas = 0\n", evidence([measured("lexical", ms=1)]))

    lines = [
        {line_said(line).en for each in those.surfaces[Surface.SEARCH] for line in each.candidate.bill.lines}
        for those in (pricing, single)
    ]

    assert "load balancer with sessions kept by user, surroundings/load-balancer" in lines[0]
    assert not any("balancer" in item for item in lines[1])


def test_events_and_similar_products_are_part_of_the_load_that_sizes():
    nothing = "[load.beside]\nevents_per_request = 0\nsimilar_per_request = 0\n"
    given = evidence([measured("lexical", ms=1)])
    (alone,), (usual,) = (priced(text, given)[1].surfaces[Surface.SEARCH] for text in (nothing, ""))

    more = usual.load.service_s.mean() - alone.load.service_s.mean()

    assert more == pytest.approx(0.5 * (0.0003 + 0.0005) + 0.2 * (0.001 + 0.0005))
    assert usual.load.beside_s == pytest.approx(more)


def test_many_events_take_more_machines():
    given = evidence([measured("lexical", ms=1)])
    text = '[cost]\ninstances = ["c5.large"]\n[load.search]\npeak_rps = 2000\n'
    (usual,), (busy,) = (
        priced(text + more, given)[1].surfaces[Surface.SEARCH]
        for more in ("", "[load.beside]\nevents_per_request = 5\n")
    )

    assert busy.candidate.capacity.replicas > usual.candidate.capacity.replicas


def test_machines_of_another_architecture_are_not_considered_and_said():
    book = PriceBooks().load("oci-us-ashburn-1")

    _, pricing = priced("", evidence([measured("lexical", ms=1)]), book)

    assert {each.arch for each in pricing.machines} == {"x86_64"}
    assert "VM.Standard.A2.Flex.1OCPU" in pricing.set_aside[0].en
    assert "arm64, and the times were measured on x86_64; measure there" in pricing.set_aside[0].en
    assert pricing.terms.training_on.arch == "x86_64"


def test_figures_of_an_arm_machine_price_arm_machines():
    book = PriceBooks().load("oci-us-ashburn-1")
    given = evidence([measured("lexical", ms=1)], machine=MachineFacts(architecture="aarch64"))

    _, pricing = priced("", given, book)

    assert {each.arch for each in pricing.machines} == {"arm64"}


def test_a_choice_of_machines_that_are_all_of_another_architecture_is_refused():
    book = PriceBooks().load("alibaba-cn-hangzhou")

    with pytest.raises(PriceError, match=r"ecs.g8y.large is arm64, and the times were measured on x86_64.*measure on"):
        priced('[cost]\ninstances = ["ecs.g8y.large"]\n', evidence([measured("lexical", ms=1)]), book)


def test_what_the_bill_does_not_hold_is_named_with_its_switch_in_both_languages():
    config, pricing = priced("", evidence(SEARCHES, RECOMMENDERS))

    total = decided_json(config, pricing, now=NOW)["total"]

    parts = {each["part"]: each for each in total["left_out"]}
    wanted = "public_addresses zone_traffic nat logs backups cdn domain on_call_hours_per_month taxes"
    assert set(parts) == set(wanted.split())
    assert parts["nat"]["switch"] == "[cost.include] nat = true"
    assert parts["nat"]["text_zh"] == "NAT 网关"


@pytest.mark.parametrize("part", ["public_addresses", "zone_traffic", "nat", "logs", "backups", "cdn", "domain"])
def test_each_switch_puts_its_part_on_the_bill_and_takes_it_off_the_list(part):
    config, pricing = priced(f"[cost.include]\n{part} = true\n", evidence([measured("lexical", ms=1)]))
    _, without = priced("", evidence([measured("lexical", ms=1)]))

    total = decided_json(config, pricing, now=NOW)["total"]

    bills = [each.surfaces[Surface.SEARCH][0].candidate.bill for each in (pricing, without)]
    assert bills[0].total.amount > bills[1].total.amount
    assert part not in {each["part"] for each in total["left_out"]}


def test_people_on_call_are_on_the_bill_where_their_hours_are_given():
    _, pricing = priced("[cost.include]\non_call_hours_per_month = 8\n", evidence([measured("lexical", ms=1)]))

    lines = {line_said(line).en: line for line in pricing.surfaces[Surface.SEARCH][0].candidate.bill.lines}

    assert lines["people: on call"].cost.amount == 600  # 8 h x 75


def test_tax_is_in_every_price_but_peoples_hours_and_says_so():
    given, text = evidence([measured("lexical", ms=1)]), "[cost.include]\ntax_percent = 20\n"
    config, taxed = priced(text, given, with_tax(BOOK, 20))
    _, plain = priced("", given)

    (gross,), (net,) = (each.surfaces[Surface.SEARCH] for each in (taxed, plain))

    lines = {(line.stage, line_said(line).en): line for line in net.candidate.bill.lines}
    for line in gross.candidate.bill.lines:
        before, factor = (
            lines[line.stage, line_said(line).en],
            1 if line.price.unit == "person_hour" else Decimal("1.2"),
        )
        assert line.price.per_unit.amount == before.price.per_unit.amount * factor
        assert ("x 1.2 with tax" in line.price.source) == (factor != 1)
        assert factor == 1 or line.price.kind in (FactKind.DERIVED, FactKind.ASSUMED)
    parts = {each["part"]: each["switch"] for each in decided_json(config, taxed, now=NOW)["total"]["left_out"]}
    assert "taxes" not in parts
    assert with_tax(BOOK, 0) is BOOK


def test_a_book_without_a_balancers_price_says_so_instead_of_counting_it_as_free():
    book = replace(BOOK, extras={name: row for name, row in BOOK.extras.items() if "surroundings" not in name})
    config, pricing = priced("", evidence([measured("lexical", ms=1)]), book)

    decision = decided_json(config, pricing, now=NOW)

    (balancer,) = [each for each in decision["total"]["left_out"] if each["part"] == "load_balancer"]
    assert "the book has no surroundings/load-balancer" in balancer["text"]
    assert any("it is not on the bill" in each for each in decision["warnings"])


@pytest.mark.parametrize("name", PriceBooks().names())
def test_every_shipped_book_gives_a_decision(name):
    config, pricing = priced("", evidence(SEARCHES, RECOMMENDERS), PriceBooks().load(name))

    decision = decided_json(config, pricing, now=NOW)

    assert decision["total"]["monthly"] is not None
    assert all(row["chosen"] and row["is_feasible"] for row in decision["surfaces"])
