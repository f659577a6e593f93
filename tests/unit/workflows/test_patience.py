"""Waiting for a quiet moment, and how near the record of promises came."""

from dataclasses import dataclass

import pytest
from tests.documents_of import promise_row_of

from steelyard.documents.promises import FigureSummary
from steelyard.workflows.promises.http_bench import Patience
from steelyard.workflows.promises.promises import summary


@dataclass
class Machine:
    """Two processors, both busy until a moment, with a clock that sleeping moves."""

    busy_until_s: float
    now_s: float = 0.0
    used_s: float = 0.0

    def sleep(self, seconds):
        self.used_s += 2 * max(0.0, min(self.now_s + seconds, self.busy_until_s) - self.now_s)
        self.now_s += seconds

    def patience(self, budget_s):
        return Patience(budget_s, lambda: self.used_s, 2, lambda: self.now_s, self.sleep)


def test_a_quiet_moment_is_waited_for_and_no_longer():
    machine = Machine(busy_until_s=7)
    patience = machine.patience(60)

    assert patience.wait()
    assert 7 <= machine.now_s <= 12
    assert patience.budget_s == pytest.approx(60 - machine.now_s)


def test_the_budget_is_shared_by_all_waits_and_then_nobody_waits():
    machine = Machine(busy_until_s=1000)
    patience = machine.patience(10)

    assert not patience.wait()
    assert machine.now_s == pytest.approx(10)
    assert not patience.wait()
    assert machine.now_s == pytest.approx(10)


def test_the_record_counts_what_came_within_its_tolerance_and_leaves_out_what_is_unknown():
    unknown = {"machines_error": None}
    rows = [
        promise_row_of(cpu_error=0.04, p99_error=-0.16, **unknown),
        promise_row_of(cpu_error=-0.06, p99_error=0.1, **unknown),
    ]

    found = summary(rows)

    assert (found["cpu"].n, found["cpu"].n_within, found["cpu"].largest) == (2, 1, 0.06)
    assert (found["p99"].n, found["p99"].n_within) == (2, 1)
    assert found["machines"] == FigureSummary(0, 0, 0.05, None, None)
