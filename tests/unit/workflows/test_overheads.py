"""What HTTP adds to a request, from readings at one rate and at several."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from steelyard.documents.readings import Reading
from steelyard.workflows.evidence.overheads import Overheads

IN_PROCESS_S = 0.002
WAKING_S = 0.0012
MEASURED = dict.fromkeys("abc", SimpleNamespace(cpu_s_per_request=SimpleNamespace(mean=IN_PROCESS_S)))
READING = Reading("a", "id", "s", "2026-11-28T12:00:00+00:00", 100.0, 5.0, 11.0, 0.0, 500, 0, 10**8, 10.0, 0.0)


def reading(rate_rps, added_s, **facts):
    """A request takes ``added_s`` on a full core, and more by as much of ``WAKING_S`` as the core is idle."""
    share = rate_rps * (IN_PROCESS_S + added_s + WAKING_S) / (1 + rate_rps * WAKING_S)
    cpu_s = IN_PROCESS_S + added_s + WAKING_S * (1 - share)
    assert share == pytest.approx(rate_rps * cpu_s)
    return replace(READING, rate_rps=rate_rps, cpu_s_per_request=cpu_s, **facts)


def test_one_rate_says_nothing_of_how_it_falls():
    found = Overheads(
        {"a": [reading(100, 0.001)], "b": [reading(20, 0.001)], "c": []}, dict.fromkeys("abc", "k"), MEASURED
    )

    assert found.idle_s == 0
    assert found.utilisation_of("c") == 1


def test_two_rates_of_one_configuration_give_the_fall_of_all():
    rows = {"a": [reading(100, 0.001), reading(200, 0.001)], "b": [reading(50, 0.003)], "c": []}

    found = Overheads(rows, {"a": "k", "b": "k", "c": "other"}, MEASURED)

    assert found.idle_s == pytest.approx(WAKING_S)
    assert found.of("a") == pytest.approx(0.001 + WAKING_S * (1 - found.utilisation_of("a")))
    assert found.of("b") == pytest.approx(0.003 + WAKING_S * (1 - found.utilisation_of("b")))
    assert found.of("c") == pytest.approx((found.of("a") + found.of("b")) / 2)


def test_a_disturbed_reading_counts_only_where_there_is_no_other():
    good, bad = reading(100, 0.001), reading(100, 0.009, invalid_because="busy")
    kinds = dict.fromkeys("abc", "k")

    assert Overheads({"a": [good, bad], "b": [], "c": []}, kinds, MEASURED).of("a") == pytest.approx(
        Overheads({"a": [good], "b": [], "c": []}, kinds, MEASURED).of("a")
    )
    assert Overheads({"a": [bad], "b": [], "c": []}, kinds, MEASURED).of("a") > 0.008
    assert Overheads({"a": [replace(bad, requests=0)], "b": [], "c": []}, kinds, MEASURED).of("a") is None
