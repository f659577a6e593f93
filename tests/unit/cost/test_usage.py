"""What the stages of a run used: summed, never zero where it was not measured; and the machine that repeats them."""

from datetime import date
from decimal import Decimal

import pytest

from steelyard.cost.lifecycle import training_instance
from steelyard.cost.prices.prices import parse_book
from steelyard.cost.usage import Usage, read_usage
from steelyard.domain import FactKind
from steelyard.errors import PriceError

DAY = date(2026, 10, 1)


def test_steps_of_one_stage_are_summed_and_a_stage_that_was_not_measured_is_absent():
    usage = read_usage({"train/lexical": {"cpu_s": 0.1}, "train/ials": {"cpu_s": 0.2}}, on=DAY)

    assert usage.stages["train"].value == Decimal("0.3")  # of decimals: no binary neighbour
    assert (usage.stages["train"].unit, usage.stages["train"].kind) == ("core_second", FactKind.MEASURED)
    assert set(usage.stages) == {"train"}


def test_the_peak_is_the_largest_of_any_stage_and_none_without_a_record():
    records = {
        "prepare": {"cpu_s": 1, "peak_rss_bytes": 5},
        "measure": {"cpu_s": 1, "peak_rss_bytes": 9},
        "train": {"cpu_s": 1, "peak_rss_bytes": None},
    }

    assert read_usage(records, on=DAY).peak_rss_bytes == 9
    assert read_usage({"train": {"cpu_s": 1}}, on=DAY).peak_rss_bytes == 0


def test_what_no_part_accounts_for_is_left_over_and_never_below_zero():
    records = {"train": {"cpu_s": 10}, "compress": {"cpu_s": 5}, "parts": {"a": {"cpu_s": 4}, "b": {"cpu_s": 3}}}
    more = {**records, "parts": {"a": {"cpu_s": 99}}}

    assert read_usage(records, on=DAY).unattributed().value == 8
    assert read_usage(more, on=DAY).unattributed().value == 0


def test_where_neither_training_nor_compression_was_measured_the_rest_is_unknown():
    assert read_usage({"prepare": {"cpu_s": 10}}, on=DAY).unattributed() is None
    assert Usage().unattributed() is None


def test_needs_and_others_are_by_configuration():
    usage = read_usage({"needs": {"dense": ["a", "b"]}, "others": {"dense": "1.5"}}, on=DAY)

    assert usage.needs == {"dense": ("a", "b")}
    assert usage.others["dense"].value == Decimal("1.5")
    assert usage.stages == {}


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ({"tune": {"cpu_s": 1}}, "usage of an unknown stage 'tune'; known: prepare, train, compress, measure, parts"),
        ({"train": {"wall_s": 1}}, "usage of 'train' has no cpu_s; run the stage again"),
        ({"parts": {"parts/lexical": {}}}, "usage of 'parts/lexical' has no cpu_s"),
        ({"train": {"cpu_s": float("nan")}}, "nan is not a quantity; look at the measurement it came from"),
    ],
)
def test_a_record_that_cannot_be_billed_is_refused(records, said):
    with pytest.raises(PriceError, match=said):
        read_usage(records, on=DAY)


# The machine that core-seconds are priced on.


def machine(name, price, *, vcpus=2, memory_gb="8", **more):
    return {
        "name": f"cloud/{name}", "service": "instance", "unit": "hour", "price": price, "vcpus": vcpus,
        "memory_gb": memory_gb, "kind": "quoted", "source": "list", "as_of": "2026-09-06", **more,
    }  # fmt: skip


def chosen(*rows, gb=1, **more):
    book = parse_book({"name": "small", "currency": "USD", "rows": list(rows)}, where="small.json")
    return training_instance(book, peak_rss_bytes=gb * 10**9, **more).name


def test_core_seconds_are_priced_on_the_machine_that_is_cheapest_per_core():
    assert chosen(machine("a", "0.10"), machine("b", "0.16", vcpus=4), machine("c", "0.50", vcpus=8)) == "cloud/b"


def test_of_equal_machines_the_smaller_is_taken_and_then_the_first_by_name():
    assert chosen(machine("big", "0.20", vcpus=4), machine("small", "0.10")) == "cloud/small"
    assert chosen(machine("b", "0.10"), machine("a", "0.10")) == "cloud/a"


def test_a_machine_that_bursts_lacks_memory_or_has_an_accelerator_trains_nothing():
    bursting = machine("burst", "0.01", baseline_share="0.2", baseline_source="guide")
    small = machine("little", "0.02", memory_gb="2")

    assert chosen(bursting, small, machine("fit", "0.10"), gb=3) == "cloud/fit"


def test_a_preferred_machine_is_taken_where_it_fits_and_the_whole_book_looked_at_where_none_does():
    rows = (machine("cheap", "0.10"), machine("liked", "0.20"), machine("little", "0.05", memory_gb="2"))

    assert chosen(*rows, gb=3, names=["liked"]) == "cloud/liked"
    assert chosen(*rows, gb=3, names=["little"]) == "cloud/cheap"


def test_a_machine_of_another_architecture_is_passed_over_and_one_that_does_not_say_is_not():
    rows = (machine("arm", "0.05", arch="arm64"), machine("x86", "0.20", arch="x86_64"), machine("silent", "0.10"))

    assert chosen(*rows, architecture="x86_64") == "cloud/silent"
    assert chosen(*rows) == "cloud/arm"


def test_where_no_machine_holds_the_training_it_cannot_be_priced():
    with pytest.raises(PriceError, match=r"price book small has no instance type with 64\.0 GB that sustains all"):
        chosen(machine("a", "0.10"), gb=64)
