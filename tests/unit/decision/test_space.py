"""R6.1: machines and their number follow from load, latency limit and memory."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import numpy as np
import pytest

from steelyard.decision.capacity import size
from steelyard.decision.space import Demand, Load, memory_gb, place, place_together

DEMAND = Demand(max_utilisation=0.7, spare=1)
SIZE = partial(size, seed=1)


@dataclass(frozen=True)
class Machine:
    name: str
    hourly: Decimal
    cores: Decimal = Decimal(2)
    memory_gb: Decimal = Decimal(8)
    gpu: str = ""
    core_time: float = 1.0


SMALL = Machine("small", Decimal("0.02"), cores=Decimal("0.4"), memory_gb=Decimal(2))
MIDDLE = Machine("middle", Decimal("0.10"))
LARGE = Machine("large", Decimal("0.40"), cores=Decimal(8), memory_gb=Decimal(32))
GPU = Machine("gpu", Decimal("0.001"), gpu="1 x T4")
ALL = [LARGE, MIDDLE, SMALL, GPU]


def load(ms, *, rps=20.0, limit=50.0, rss_gb=0.3):
    return Load(np.full(50, ms / 1000), rps, limit, int(rss_gb * 1e9))


def test_a_light_load_goes_to_the_smallest_machine_with_one_spare():
    placed = place(load(2), ALL, DEMAND, size=SIZE)

    assert placed.capacity.instance == "small"
    assert placed.capacity.replicas == 2  # 20 x 0.002 = 0.04 of 0.4 cores, and a spare
    assert placed.shortfalls == ()


def test_memory_counts_with_its_margin_and_the_system():
    assert memory_gb(10**9) == pytest.approx(1.6)  # 1.3 + 0.3

    placed = place(load(2, rss_gb=1.4), ALL, DEMAND, size=SIZE)  # 2.12 GB

    assert placed.capacity.instance == "middle"


def test_what_no_machine_holds_says_what_it_needs_and_what_there_is():
    placed = place(load(2, rss_gb=40), ALL, DEMAND, size=SIZE)

    assert placed.capacity is None
    (lack,) = placed.shortfalls
    assert (lack.what, lack.found, lack.wanted) == ("memory", pytest.approx(52.3), 32.0)


def test_a_machine_with_an_accelerator_is_never_guessed_at():
    placed = place(load(2), [GPU, LARGE], DEMAND, size=SIZE)

    assert placed.capacity.instance == "large"


def test_a_request_longer_than_the_limit_is_placed_all_the_same_with_its_shortfall():
    placed = place(load(80), ALL, DEMAND, size=SIZE)

    assert placed.capacity is not None
    (lack,) = placed.shortfalls
    assert lack.what == "p99"
    assert lack.found >= 80
    assert lack.wanted == 50


@pytest.mark.parametrize(("ms", "rps"), [(1, 5), (5, 40), (20, 40), (10, 400)])
def test_skipping_machines_that_cannot_win_changes_nothing(ms, rps):
    wanted = load(ms, rps=rps)
    machines = [machine for machine in ALL if not machine.gpu]

    placed = place(wanted, machines, DEMAND, size=SIZE).capacity

    costs = []
    for machine in machines:
        found = SIZE(
            wanted.service_s,
            cores=float(machine.cores),
            peak_rps=wanted.peak_rps,
            max_p99_ms=50,
            max_utilisation=0.7,
            spare=1,
        )
        if found:
            costs.append((machine.hourly * found.replicas, found.replicas, machine.name))
    assert (placed.replicas, placed.instance) == min(costs)[1:]


def test_two_light_surfaces_share_a_pair_of_machines():
    shared = place_together([load(2), load(1)], ALL, DEMAND, size=SIZE, seed=1)

    assert (shared.instance, shared.replicas) == ("small", 2)


def test_shared_machines_must_hold_both_memories():
    shared = place_together([load(2, rss_gb=1.0), load(1, rss_gb=1.0)], ALL, DEMAND, size=SIZE, seed=1)

    assert shared.instance == "middle"


def test_surfaces_that_spoil_each_others_limit_do_not_share():
    slow, strict = load(40, limit=60), load(1, limit=2)

    assert place_together([slow, strict], [SMALL], DEMAND, size=SIZE, seed=1) is None
