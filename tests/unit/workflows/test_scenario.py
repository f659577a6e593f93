"""R5.6: one configuration with several sourcing options, each a whole bill, with hand-worked totals."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from steelyard.adapters.artefacts import Artefacts
from steelyard.config import parse
from steelyard.cost import usage_record
from steelyard.cost.prices.prices import parse_book
from steelyard.documents.scenario import ScenarioPlan, read_scenario, scenario_builtins
from steelyard.domain import Configuration, Interval, Measurement, Stage, Surface
from steelyard.errors import ConfigError
from steelyard.workflows.accounts.scenario import Uncertain, compare, document, sourcing_options
from steelyard.workflows.accounts.scenarios import Asked, basis_of, keep, kept, side_by_side
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
peak_rps = 700
requests_per_month = 262800000
response_kb = 1
[decide]
spare_replicas = 0
[cost.people]
maintenance_hours_per_month = 2
tuning_hours = 0
"""
M, SAID = "x/m", {"kind": "quoted", "source": "a list", "as_of": "2026-09-01"}
ROWS = [
    {"name": M, "service": "instance", "price": "0.10", "unit": "hour", "vcpus": 2, "memory_gb": "4"},
    {"name": "x/ebs", "service": "block_storage", "price": "0.10", "unit": "GB_month"},
    {"name": "x/egress", "service": "egress", "price": "0.05", "unit": "GB"},
    {"name": "person/engineer", "service": "people", "price": "50", "unit": "person_hour", "low": "40", "high": "60"},
    {"name": f"{M}/spot", "service": "instance_offer", "of": M, "purchase": "spot", "price": "0.02", "unit": "hour"},
    {"name": f"{M}/1y", "service": "instance_offer", "of": M, "purchase": "reserved", "term_months": 12,
     "price": "0.06", "unit": "hour"},
    {"name": "own/box", "service": "own_machine", "price": "0.04", "unit": "hour", "vcpus": 2, "memory_gb": "8"},
    {"name": "cloud/find", "service": "managed", "of": "find", "meter": "requests", "surfaces": "search",
     "price": "0.002", "unit": "krequest"},
    {"name": "cloud/suggest", "service": "managed", "of": "suggest", "meter": "requests", "surfaces": "recommend",
     "price": "0.002", "unit": "krequest"},
    {"name": "cloud/users", "service": "managed", "of": "by user", "meter": "users", "surfaces": "search",
     "price": "1", "unit": "kuser * billing_month"},
]  # fmt: skip
LEXICAL = Configuration("lexical", Surface.SEARCH, "lexical", {"lexical": "parts/lexical"})
USAGE = usage_record({"prepare": {"cpu_s": 7200.0}, "train": {"cpu_s": 7200.0}, "measure": {"cpu_s": 7200.0}})
MEASURED = Measurement(
    configuration="lexical",
    metric="ndcg@10",
    quality=Interval(0.5, 0.49, 0.51, n=100),
    per_request=np.full(100, 0.5),
    cpu_s_per_request=Interval(0.010, 0.009, 0.012, n=100),
    service_s=np.full(100, 0.010),
    peak_rss_bytes=300_000_000,
    disk_bytes=2_000_000_000,
)
ASKED = Asked(Surface.SEARCH, day=(1.0,) * 24, peak_hours=0)


def ground(asked=ASKED, *, rows=ROWS):
    book = parse_book({"currency": "USD", "rows": [{**SAID, **row} for row in rows]}, where="test")
    settings = parse(TOML, name="steelyard.toml")
    evidence = Evidence([LEXICAL], {Surface.SEARCH: [MEASURED]}, USAGE)
    pricing = price(settings, evidence, book=book, now=NOW)
    return basis_of(settings, pricing, pricing.surfaces[Surface.SEARCH][0], asked), pricing


def by_name(found):
    return {way.name: way for way in found}


def totals(asked=ASKED, **fields):
    made, _ = ground(asked, **fields)
    return {name: way.bill(Decimal(1)).total for name, way in by_name(sourcing_options(made, surface="search")).items()}


def test_on_demand_is_the_bill_that_was_decided_on():
    made, pricing = ground()

    found = by_name(sourcing_options(made, surface="search"))["on-demand"].bill(Decimal(1))

    assert found.total == pricing.surfaces[Surface.SEARCH][0].candidate.bill.total


def test_what_differs_between_the_options_is_how_the_machines_are_bought():
    found = totals()
    made, _ = ground()
    n = made.replicas(made.machines[0], Decimal(1)).value  # 700 rps x 10 ms = 7 cores, at most .7 of two in each

    assert n == 5
    hourly = found["on-demand"].amount - n * 730 * Decimal("0.10")
    own = found["own server (box)"].amount - n * 730 * Decimal("0.04") - n * 2 * 50
    assert own == hourly  # disks, people, data and traffic are the same


def test_the_mix_reserves_what_is_needed_all_month_and_takes_spot_for_its_share():
    found = totals()
    every_hour = 1  # 100 rps all month is one machine's work: 71 % of a machine with two cores at .7

    base = found["on-demand"].amount - 5 * 730 * Decimal("0.10")
    assert found["reserved + spot"].amount - base == every_hour * 730 * Decimal("0.06")


def test_a_service_takes_the_place_of_models_and_machines_and_leaves_half_the_upkeep():
    made, _ = ground()

    found = by_name(sourcing_options(made, surface="search"))["find"].bill(Decimal(1))

    assert found.total.amount == Decimal("525.60") + 50 + data_preparing(found)
    assert not {Stage.TRAINING, Stage.RETRAINING, Stage.BANDWIDTH} & {line.stage for line in found.lines}


def data_preparing(found):
    return sum(line.cost.amount for line in found.lines if line.stage is Stage.DATA)


def test_only_services_of_the_surface_are_compared():
    made, _ = ground()

    assert "suggest" not in by_name(sourcing_options(made, surface="search"))
    assert "find" not in by_name(sourcing_options(made, surface="recommend"))


def test_a_way_whose_price_is_not_known_is_never_the_cheapest():
    made, _ = ground()
    found = sourcing_options(made, surface="search")

    compared = compare(found, Uncertain(draws=500), requests_per_month=1_000_000, people=(1.0, 1.0))
    rows = {row["name"]: row for row in scenario_builtins(document(compared, found, plan=plan_of()))["options"]}

    assert rows["by user"]["monthly"] is None
    assert rows["by user"]["p_cheapest"] == 0
    assert rows["by user"]["unpriced"]
    assert sum(row["p_cheapest"] for row in rows.values()) == pytest.approx(1)


def test_the_break_even_volume_is_where_the_bills_meet():
    made, _ = ground()
    found = sourcing_options(made, surface="search")

    compared = compare(found, Uncertain(draws=500), requests_per_month=262_800_000, people=(1.0, 1.0))
    shown = scenario_builtins(document(compared, found, plan=plan_of()))

    service = next(row for row in shown["break_even"] if row["option"] == "find")
    low, high = service["cheaper"][0][0], service["cheaper"][-1][1]
    named = by_name(found)
    before, after = (
        float(named["find"].bill(scale).total.amount) - float(named["autoscaled"].bill(scale).total.amount)
        for scale in (Decimal(low) * 2 / 262_800_000, Decimal(high) * 2 / 262_800_000)
    )
    assert before < 0 < after
    assert [row["to"] for row in shown["cheapest"][:-1]] == [row["from"] for row in shown["cheapest"][1:]]


def test_the_same_seed_gives_the_same_draws_and_wider_figures_a_wider_interval():
    made, _ = ground()
    found = sourcing_options(made, surface="search")

    def run(**fields):
        return compare(found, Uncertain(draws=2000, **fields), requests_per_month=10**8, people=(0.8, 1.2))

    narrow = {"requests": (0.9, 1.1), "people_hours": (1.0, 1.0)}
    one, again, sure = run(), run(), run(**narrow)
    assert (one.p_cheapest == again.p_cheapest).all()
    assert sure.high[0] - sure.low[0] < one.high[0] - one.low[0]
    assert one.swings[0][0].startswith(("requests", "people"))


def test_without_offers_the_mix_follows_the_demand_by_the_hour():
    found = totals(rows=[row for row in ROWS if row["service"] != "instance_offer"])

    base = found["on-demand"].amount - 5 * 730 * Decimal("0.10")
    assert found["reserved + spot"].amount == base + 730 * Decimal("0.10")


def test_scenarios_are_kept_by_name_and_laid_side_by_side(tmp_path):
    store, (made, _) = Artefacts(tmp_path), ground()
    found = sourcing_options(made, surface="search")
    compared = compare(found, Uncertain(draws=200), requests_per_month=1_000, people=(1.0, 1.0))

    keep(store, "plan-a", document(compared, found, plan=plan_of(1_000)))
    twice = replace(compared, bills=tuple(replace(each, lines=each.lines * 2) for each in compared.bills))
    keep(store, "plan_b", document(twice, found, plan=plan_of(1_000)))
    rows = {
        row.option: row.by_scenario for row in side_by_side({name: kept(store, name) for name in ("plan-a", "plan_b")})
    }

    assert Decimal(rows["find"]["plan_b"]) == pytest.approx(2 * Decimal(rows["find"]["plan-a"]), abs=Decimal("0.01"))
    assert rows["by user"] == {"plan-a": None, "plan_b": None}
    assert rows["cheapest"]["plan-a"] == rows["cheapest"]["plan_b"]
    with pytest.raises(ConfigError, match="no scenario 'plan-c'; kept: plan-a, plan_b"):
        kept(store, "plan-c")
    with pytest.raises(ConfigError, match="letters, digits"):
        keep(store, "../x", document(compared, found, plan=plan_of()))


def plan_of(n=1_000):
    return ScenarioPlan(surface="search", configuration="lexical", requests_per_month=n, peak_rps=1.0)


def compared(asked=ASKED, *, rows=ROWS, uncertain=None, people=(1.0, 1.0)):
    made, _ = ground(asked, rows=rows)
    found = sourcing_options(made, surface="search")
    n = made.plan.requests_per_month
    done = compare(found, uncertain or Uncertain(draws=500), requests_per_month=n, people=people)
    return scenario_builtins(document(done, found, plan=plan_of(n))), done


def test_a_machine_of_ones_own_that_is_too_small_is_no_way():
    small = [{**row, "memory_gb": "0.2"} if row["service"] == "own_machine" else row for row in ROWS]
    made, _ = ground(rows=small)

    assert not [name for name in by_name(sourcing_options(made, surface="search")) if name.startswith("own")]


def test_a_peak_that_is_shorter_than_its_hours_is_carried_all_the_same():
    asked = replace(ASKED, requests_per_month=1000, peak_hours=4)
    without = [row for row in ROWS if row["service"] != "instance_offer"]

    found = totals(asked, rows=without)

    base = found["on-demand"].amount - 5 * 730 * Decimal("0.10")
    assert found["reserved + spot"].amount == base + (726 * 1 + 4 * 5) * Decimal("0.10")


def test_one_request_a_month_has_a_price():
    shown, _ = compared(replace(ASKED, requests_per_month=1))

    assert sum(row["p_cheapest"] for row in shown["options"]) == pytest.approx(1, abs=1e-3)
    assert all(row["monthly"] for row in shown["options"] if not row["unpriced"])


def test_a_peak_below_the_mean_names_what_to_change():
    with pytest.raises(ConfigError, match=r"2,000,000,000 requests a month are 761 a second .* 700: give --peak-rps"):
        ground(replace(ASKED, requests_per_month=2_000_000_000))


def test_where_nothing_has_a_price_nothing_is_the_cheapest(tmp_path):
    shown, done = compared(rows=[row for row in ROWS if row["service"] not in ("people", "managed")])

    assert not done.p_cheapest.any()
    assert shown["cheapest"] == []
    assert {row["monthly"] for row in shown["options"]} == {None}
    (last,) = [row for row in side_by_side({"a": read_scenario(shown)}) if row.option == "cheapest"]
    assert last.by_scenario["a"] is None


def test_a_service_whose_price_list_ends_above_the_plan_is_compared_as_far_as_it_goes():
    tier = {"name": "cloud/short", "service": "managed", "of": "short", "meter": "requests", "surfaces": "search",
            "price": "0.000001", "unit": "krequest", "up_to": "2628000"}  # fmt: skip  # ten times the plan
    shown, _ = compared(rows=[*ROWS, tier])

    row = next(each for each in shown["options"] if each["name"] == "short")
    assert row["p_cheapest"] == 1
    assert row["low"] < float(row["monthly"]) < row["high"]
    assert shown["cheapest"][0]["option"] == "short"
    assert shown["cheapest"][1]["from"] <= 2_628_000_000


def test_draws_beyond_the_price_list_have_no_price():
    tier = {"name": "cloud/short", "service": "managed", "of": "short", "meter": "requests", "surfaces": "search",
            "price": "0.000001", "unit": "krequest", "up_to": "300000"}  # fmt: skip
    shown, _ = compared(rows=[*ROWS, tier])

    row = next(each for each in shown["options"] if each["name"] == "short")
    assert 0 < row["p_cheapest"] < 1
    assert row["low"] is not None
    assert row["high"] is None


def test_every_charge_of_a_service_moves_with_its_price():
    asked = replace(ASKED, n_users=1000)
    sure = {name: (1.0, 1.0) for name in ("requests", "request_time", "people_hours", "own", "reserved")}
    made, _ = ground(asked)
    (way,) = [each for each in sourcing_options(made, surface="search") if each.name == "by user"]

    done = compare([way], Uncertain(**sure, service=(1.0, 3.0)), requests_per_month=10**8, people=(1.0, 1.0))

    plan = done.costs[0][int(np.searchsorted(done.volumes, 10**8))]
    assert done.swings == (("price of managed services", round(plan, 2), round(plan + 2, 2)),)


def test_reserving_is_held_against_the_same_hours_on_demand():
    """One machine is needed in all 730 hours: 730 x (0.10 - 0.06) is what reserving it saves, not what scaling does."""
    shown, _ = compared()
    rows = {row["name"]: row for row in shown["options"]}

    mix = rows["reserved + spot"]

    assert Decimal(mix["same_hours_on_demand"]) - Decimal(mix["monthly"]) == pytest.approx(
        730 * Decimal("0.04"), abs=Decimal("0.01")
    )
    assert mix["same_hours_on_demand"] == rows["autoscaled"]["monthly"]
    assert "12 months, nothing upfront" in mix["what"]


def test_a_range_of_prices_and_traffic_can_make_reserving_the_dearer_way():
    """Reserved for the plan, before the draw: with a tenth of the traffic the machines stand there all the same."""
    steady = replace(ASKED, requests_per_month=1_314_000_000)  # 500 a second all month
    uncertain = Uncertain(draws=2000, requests=(0.1, 1.0), on_demand=(0.7, 1.3), reserved=(0.8, 1.3))
    without_services = [row for row in ROWS if row["service"] not in ("managed", "own_machine")]

    shown, _ = compared(steady, rows=without_services, uncertain=uncertain)
    rows = {row["name"]: row for row in shown["options"]}

    assert int(rows["reserved + spot"]["what"].split(": ")[1].split()[0]) >= 3
    assert 0.1 < rows["reserved + spot"]["p_cheapest"] < 0.9
    assert rows["autoscaled"]["p_cheapest"] > 0.1


def test_what_was_reserved_for_the_plan_is_paid_when_traffic_stays_away():
    steady = replace(ASKED, requests_per_month=1_314_000_000)
    made, _ = ground(steady)
    mix = by_name(sourcing_options(made, surface="search"))["reserved + spot"]

    def reserved(bill):
        return sum(line.cost.amount for line in bill.lines if mix.bought(line) == "reserved")

    assert reserved(mix.drawn(Decimal("0.1"))) == reserved(mix.bill(Decimal(1))) > reserved(mix.bill(Decimal("0.1")))


def test_the_price_of_an_offer_moves_within_its_own_range():
    ranged = [{**row, "low": "0.03", "high": "0.09"} if row["name"] == f"{M}/1y" else row for row in ROWS]
    only_price = {name: (1.0, 1.0) for name in ("requests", "request_time", "people_hours", "on_demand", "spot")}

    _, narrow = compared(uncertain=Uncertain(**only_price, draws=500))
    _, wide = compared(rows=ranged, uncertain=Uncertain(**only_price, draws=500))

    at = narrow.names.index("reserved + spot")
    assert wide.high[at] - wide.low[at] > 5 * (narrow.high[at] - narrow.low[at])


def test_machines_launched_when_a_peak_is_noticed_make_requests_late_and_quicker_ones_fewer():
    asked = replace(ASKED, requests_per_month=26_280_000, peak_hours=4)
    (slow, _), (quick, _), (at_once, _) = (
        compared(replace(asked, reacts_s=reacts, boots_s=boots)) for reacts, boots in ((30, 90), (5, 20), (0, 0))
    )

    late = [
        next(row["late_at_peak"] for row in shown["options"] if row["name"] == "autoscaled")
        for shown in (slow, quick, at_once)
    ]

    assert late[0] > late[1] > late[2]
    assert late[0] > 0.1
    assert {row["late_at_peak"] for row in slow["options"] if row["name"] == "on-demand"} == {None}
    (scheduled,) = {
        row["late_if_scheduled"] for shown in (slow, quick) for row in shown["options"] if row["name"] == "autoscaled"
    }
    assert scheduled < late[1]  # a calendar neither notices nor waits
