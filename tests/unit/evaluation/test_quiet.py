import dataclasses

import pytest

from steelyard.evaluation.quiet import Limits, Surroundings, quietness

QUIET = Surroundings(wall_s=10.5, cpu_s=10.0, load_share=0.05, steal_share=0.0, involuntary_switches=40)


def test_a_machine_that_did_nothing_else_is_quiet():
    assert quietness(QUIET).is_quiet


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"load_share": 0.6}, "60% of the processor was busy with other things (limit 25%)"),
        ({"steal_share": 0.031}, "3.1% of the processor time was taken by the hypervisor (limit 2.0%)"),
        ({"involuntary_switches": 5000}, "500 involuntary switches a processor second (limit 100)"),
        ({"wall_s": 30.0}, "3.00 wall seconds a processor second (limit 1.25)"),
    ],
)
def test_each_disturbance_is_named_with_what_was_found(change, reason):
    found = quietness(dataclasses.replace(QUIET, **change))

    assert not found.is_quiet
    assert found.reasons == (reason,)


def test_every_limit_that_was_passed_is_listed():
    found = quietness(dataclasses.replace(QUIET, load_share=0.9, wall_s=60.0))

    assert len(found.reasons) == 2


def test_figures_exactly_at_the_limits_are_quiet():
    at = Surroundings(wall_s=1.25, cpu_s=1.0, load_share=0.25, steal_share=0.02, involuntary_switches=100)

    assert quietness(at).is_quiet
    assert not quietness(at, Limits(load_share=0.2)).is_quiet


def test_nothing_measured_is_not_quiet():
    assert not quietness(dataclasses.replace(QUIET, cpu_s=0.0)).is_quiet


def test_an_unknown_figure_is_not_quiet():
    assert not quietness(dataclasses.replace(QUIET, load_share=float("nan"))).is_quiet
