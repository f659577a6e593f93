"""The central claim: nothing is packaged whose latest valid reading breaks a floor, whatever the checks find."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from tests.documents_of import decided_json

from steelyard.adapters.prices.books import PriceBooks
from steelyard.config import parse
from steelyard.cost import usage_record
from steelyard.documents.machine import MachineFacts
from steelyard.documents.readings import Reading, ReadingDocument, read_readings, readings_builtins
from steelyard.domain import Configuration, Interval, Measurement, Surface
from steelyard.workflows.evidence.standing import LOWER, MAX_MISSES, Ruling, standing
from steelyard.workflows.pricing.price import Evidence, price
from steelyard.workflows.promises.http_bench import promised
from steelyard.workflows.promises.promise_loop import keep_promises
from steelyard.workflows.promises.promises import check_rows, correction_said

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
BOOK = PriceBooks().load("aws-us-east-1")
TOML = """
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[load.search]
peak_rps = 60
requests_per_month = 3000000
[decide.search]
min_quality_share = 0.9
max_p99_ms = 50
[measure]
bootstrap = 100
[cost]
instances = ["t3.small", "t3.medium"]
"""
CONFIG = parse(TOML, name="steelyard.toml")
USAGE = usage_record({"prepare": {"cpu_s": 1.0}, "train": {"cpu_s": 1.0}, "measure": {"cpu_s": 1.0}})


@dataclass
class Truth:
    """What a server of this configuration would really do."""

    stretch: float = 1.0
    """Real service times over those measured in a loop."""
    breaks_at_random: float = 0.0
    """Probability that a run shows ten times the p99, for no reason."""
    errors: float = 0.0
    """Probability that a run has an error."""


@dataclass
class ToyDesk:
    """The loop's tools over a world whose truth is known; prices and choice are the real ones."""

    measured: dict[str, Measurement]
    kinds: dict[str, str]
    truth: dict[str, Truth]
    random: np.random.Generator
    busy: float = 0.0
    """Probability that a run finds no quiet moment."""
    readings: list[Reading] = field(default_factory=list)
    asked: list[tuple[str, float]] = field(default_factory=list)
    clock_s: float = 0.0
    decision: dict = field(default_factory=dict)
    found: tuple = (-1, None)

    @property
    def configurations(self):
        return [Configuration(n, Surface.SEARCH, self.kinds[n], {"model": f"parts/{n}"}) for n in self.measured]

    def standings(self):
        if self.found[0] != len(self.readings):
            limits = dict.fromkeys(self.measured, CONFIG.decide.search.max_p99_ms)
            found = standing(self.readings, self.configurations, self.measured, limits_ms=limits, seed=0)
            self.found = (len(self.readings), found)
        return self.found[1]

    def choose(self, *, is_final):
        found = self.standings()
        evidence = Evidence(
            self.configurations,
            {Surface.SEARCH: list(self.measured.values())},
            USAGE,
            MachineFacts(cpu_model="Test CPU"),
            0.0005,
            10**9,
            checks=check_rows(found, dict.fromkeys(found, 50.0), is_final=is_final),
            corrections={name: each.correction for name, each in found.items()},
            corrections_said={n: said for n, each in found.items() if (said := correction_said(n, each))},
        )
        self.decision = decided_json(CONFIG, price(CONFIG, evidence, book=BOOK, now=NOW), now=NOW, is_draft=True)
        row = self.decision["surfaces"][0]
        if not row["is_feasible"]:
            return {}
        return {Surface.SEARCH: next(c for c in self.configurations if c.name == row["chosen"])}

    def standing_of(self, configuration):
        return self.standings()[configuration.name]

    def rate_of(self, configuration):
        return self.promised(configuration).rate_rps

    def promised(self, configuration):
        name = configuration.name
        return promised(CONFIG, Surface.SEARCH, self.measured[name], self.standings()[name].correction)

    def ask(self, chosen: Mapping[Surface, Configuration]):
        for one in chosen.values():
            said, truth = self.promised(one), self.truth[one.name]
            p99_ms = self._p99_ms(one.name, said.rate_rps)
            is_busy = self.random.random() < self.busy
            errors = int(self.random.random() < truth.errors)
            reading = self.reading_of(one.name, said, p99_ms=p99_ms, is_busy=is_busy, errors=errors)
            self.asked.append((one.name, said.rate_rps))
            self.readings.append(reading)
            self.clock_s += 12

    def reading_of(self, name, said, *, p99_ms, is_busy=False, errors=0):
        return Reading(
            configuration=name,
            identity="now",
            session="one",
            at=NOW.isoformat(),
            rate_rps=said.rate_rps,
            p50_ms=p99_ms / 2,
            p99_ms=5000.0 if is_busy else p99_ms,
            cpu_s_per_request=said.cpu_s * (1.3 if is_busy else 1.0),
            requests=600,
            errors=errors,
            peak_rss_bytes=10**8,
            promised_p99_ms=said.p99_ms,
            promised_cpu_s=said.cpu_s,
            busy_share=0.67 if is_busy else 0.01,
            invalid_because="busy" if is_busy else "",
        )

    def _p99_ms(self, name, rate_rps):
        from steelyard.decision.capacity import response_p99_s

        truth = self.truth[name]
        service_s = (self.measured[name].service_s + 0.0005) * truth.stretch
        p99_ms = response_p99_s(service_s, rate_rps, slots=1, seed=7) * 1000
        return p99_ms * (10 if self.random.random() < truth.breaks_at_random else 1)

    def run(self, budget_s=900):
        return keep_promises(self, budget_s=budget_s, now=lambda: self.clock_s)


def measurement(name, *, quality=0.5, service_ms=2.0):
    n = 300
    return Measurement(
        configuration=name,
        metric="ndcg@10",
        quality=Interval(quality, quality - 0.01, quality + 0.01, n=n),
        per_request=quality + np.linspace(-0.05, 0.05, n),
        cpu_s_per_request=Interval(service_ms / 1000, service_ms / 1100, service_ms / 900, n=n),
        service_s=np.linspace(0.7, 1.6, 100) * service_ms / 1000,
        peak_rss_bytes=300 * 10**6,
        disk_bytes=50 * 10**6,
    )


def desk(truth, *, service_ms, kinds=None, seed=0, busy=0.0):
    measured = {name: measurement(name, service_ms=service_ms[name]) for name in truth}
    return ToyDesk(measured, kinds or {n: n for n in truth}, truth, np.random.default_rng(seed), busy)


def test_a_configuration_that_broke_its_promise_is_not_forgotten_when_the_next_one_keeps_its_own():
    hopeless = desk({"cheap": Truth(stretch=40), "dear": Truth()}, service_ms={"cheap": 2, "dear": 12})

    outcome = hopeless.run()

    names = [name for name, _ in hopeless.asked]
    assert names == ["cheap"] * names.count("cheap") + ["dear"]  # no turning back
    assert outcome.chosen[Surface.SEARCH].configuration.name == "dear"
    assert outcome.chosen[Surface.SEARCH].ruling is Ruling.KEPT
    promise = hopeless.decision["surfaces"][0]["promise"]
    assert promise["is_kept"]
    lost = next(row for row in hopeless.decision["surfaces"][0]["candidates"] if row["name"] == "cheap")
    assert lost["verdict"] == "loses"
    assert lost["reasons"]


def test_what_misses_its_limit_at_the_simulated_rate_is_asked_at_a_lower_one_and_given_more_machines():
    slow = desk({"only": Truth(stretch=1.6)}, service_ms={"only": 12})
    slow.choose(is_final=False)
    before = slow.decision["surfaces"][0]["candidates"][0]

    outcome = slow.run()

    assert outcome.chosen[Surface.SEARCH].ruling is Ruling.KEPT
    rates = [rate for _, rate in slow.asked]
    assert len(rates) >= 2
    assert rates == sorted(rates, reverse=True)
    after = slow.decision["surfaces"][0]["candidates"][0]
    assert after["replicas"] > before["replicas"]
    assert float(after["monthly"]) > float(before["monthly"])
    assert after["correction"]["stretch"] > 1.3
    assert slow.decision["surfaces"][0]["promise"]["measured_p99_ms"] <= 50


def test_configurations_of_the_same_kind_are_corrected_without_being_served():
    alike = desk(
        {"small": Truth(stretch=1.5), "large": Truth(stretch=1.5), "other": Truth()},
        service_ms={"small": 10, "large": 11, "other": 24},
        kinds={"small": "hybrid", "large": "hybrid", "other": "lexical"},
    )

    alike.run()

    assert {name for name, _ in alike.asked} == {"small"}
    rows = {row["name"]: row for row in alike.decision["surfaces"][0]["candidates"]}
    assert rows["large"]["correction"]["stretch"] == pytest.approx(rows["small"]["correction"]["stretch"])
    assert "not served itself" in rows["large"]["correction"]["text"]
    assert rows["other"]["correction"] is None
    assert any("large" in said for said in alike.decision["warnings"])


def test_without_a_quiet_moment_processor_time_judges_with_a_margin_and_says_what_to_do():
    noisy = desk({"only": Truth()}, service_ms={"only": 12}, busy=1.0)

    outcome = noisy.run()

    assert len(noisy.asked) == 1
    assert outcome.chosen[Surface.SEARCH].ruling is Ruling.BY_PROCESSOR_TIME
    promise = noisy.decision["surfaces"][0]["promise"]
    assert (promise["is_valid"], promise["is_kept"], promise["measured_p99_ms"]) == (False, False, None)
    assert "67% busy" in promise["note"]
    assert "`steelyard verify`" in promise["note"]
    assert "67%" in promise["note_zh"]
    assert noisy.decision["surfaces"][0]["candidates"][0]["correction"]["stretch"] == pytest.approx(1.25 * 1.3, 1e-3)


def test_a_busy_hour_changes_no_choice():
    service_ms = {"lexical": 3, "hybrid": 6, "dense": 9}
    quiet = desk({name: Truth() for name in service_ms}, service_ms=service_ms)
    noisy = desk({name: Truth() for name in service_ms}, service_ms=service_ms, busy=1.0)

    chosen = [each.run().chosen[Surface.SEARCH].configuration.name for each in (quiet, noisy)]

    assert chosen == ["lexical", "lexical"]


def test_with_no_time_left_the_choice_says_that_it_was_not_checked_and_nothing_broken_leaves():
    late = desk({"cheap": Truth(stretch=40), "dear": Truth()}, service_ms={"cheap": 2, "dear": 12})

    outcome = late.run(budget_s=1)  # one run takes twelve

    assert outcome.is_out_of_time
    assert outcome.chosen[Surface.SEARCH].configuration.name == "dear"
    assert outcome.chosen[Surface.SEARCH].ruling is Ruling.UNTRIED


def test_where_everything_breaks_its_promise_nothing_leaves():
    broken = desk({"one": Truth(stretch=40), "two": Truth(errors=1.0)}, service_ms={"one": 2, "two": 12})

    outcome = broken.run()

    assert outcome.chosen == {}
    assert not broken.decision["surfaces"][0]["is_feasible"]


def test_what_misses_at_every_rate_is_asked_at_rates_that_each_fall_by_a_seventh_and_no_more():
    hopeless = desk({"only": Truth(stretch=40)}, service_ms={"only": 2})

    outcome = hopeless.run()

    rates = [rate for _, rate in hopeless.asked]
    assert outcome.chosen == {}
    assert 2 <= len(rates) <= MAX_MISSES
    assert all(later <= LOWER * earlier for earlier, later in pairwise(rates))


def test_one_miss_alone_is_asked_again_even_where_no_lower_rate_is_left():
    fast = desk({"only": Truth()}, service_ms={"only": 0.5})
    said = replace(fast.promised(fast.configurations[0]), rate_rps=5.0)  # eight times as slow it would carry more
    miss = fast.reading_of("only", said, p99_ms=400.0)

    fast.readings.append(miss)
    first = fast.standings()["only"].ruling
    fast.readings.append(miss)
    second = fast.standings()["only"].ruling

    assert (first, second) == (Ruling.ASK_LOWER, Ruling.MISSED)


@pytest.mark.parametrize("seed", range(200))
def test_whatever_the_checks_find_no_package_breaks_a_floor_by_its_latest_valid_reading(seed):
    random = np.random.default_rng(seed)
    names = [f"c{n}" for n in range(int(random.integers(1, 4)))]
    service_ms = {name: float(random.choice([2, 5, 9, 14, 22, 35])) for name in names}
    truth = {
        name: Truth(float(random.choice([0.8, 1, 1, 1.4, 2, 6, 40])), float(random.choice([0, 0, 0.3])), errors)
        for name in names
        for errors in [float(random.choice([0, 0, 0, 0.5]))]
    }
    kinds = {name: str(random.choice(["lexical", "hybrid"])) for name in names}
    toy = desk(truth, service_ms=service_ms, kinds=kinds, seed=seed, busy=float(random.choice([0, 0.2, 0.5, 1.0])))

    outcome = toy.run(budget_s=float(random.choice([10, 60, 600])))

    for surface, kept in outcome.chosen.items():
        name = kept.configuration.name
        row = next(each for each in toy.decision["surfaces"] if each["surface"] == str(surface))
        assert row["chosen"] == name
        valid = [r for r in toy.readings if r.configuration == name and not r.invalid_because]
        if valid:
            assert valid[-1].errors == 0
            assert valid[-1].p99_ms <= 50
            assert kept.ruling in (Ruling.KEPT, Ruling.UNTRIED)
        else:
            assert kept.ruling in (Ruling.BY_PROCESSOR_TIME, Ruling.UNTRIED)
            assert kept.ruling is Ruling.UNTRIED or row["promise"]["note"]
    per_name = [name for name, _ in toy.asked]
    assert all(per_name.count(name) <= 6 for name in names)


def test_a_reading_is_read_back_as_it_was_stored():
    toy = desk({"only": Truth()}, service_ms={"only": 3})
    toy.run()

    stored = readings_builtins(ReadingDocument(readings=tuple(toy.readings)))
    assert read_readings(stored).readings == tuple(toy.readings)
    older = {name: value for name, value in stored["readings"][0].items() if name != "response_bytes"}
    assert read_readings({"readings": [older]}).readings == (replace(toy.readings[0], response_bytes=None),)
