"""Which machines of a book the figures say something about, and what is known of their cores."""

from datetime import date
from decimal import Decimal

import pytest

from steelyard.cost.prices.prices import parse_book
from steelyard.documents.machine import MachineFacts
from steelyard.domain import Fact, FactKind
from steelyard.errors import PriceError
from steelyard.workflows.pricing.machines import architecture_measured, calibrated, usable_machines

ON = date(2026, 11, 28)


def machine(name, **fields):
    return {"name": name, "service": "instance", "price": "0.1", "unit": "hour", "vcpus": 2, "memory_gb": "4",
            "kind": "quoted", "source": "a list", "as_of": "2026-11-01", **fields}  # fmt: skip


BOOK = parse_book(
    {"name": "b", "currency": "USD", "rows": [
        machine("x/m.small", arch="x86_64"), machine("x/m.large", arch="x86_64"), machine("x/arm.small", arch="arm64"),
        machine("x/odd"),
    ]},
    where="b.json",
)  # fmt: skip


def names(machines):
    return [each.name for each in machines]


@pytest.mark.parametrize(
    ("written", "architecture"),
    [("x86_64", "x86_64"), ("AMD64", "x86_64"), ("arm64", "arm64"), ("aarch64", "arm64"), ("riscv64", ""), ("", "")],
)
def test_an_architecture_is_known_under_the_names_that_systems_give_it(written, architecture):
    assert architecture_measured(MachineFacts(architecture=written)) == architecture


def test_a_machine_that_says_no_architecture_is_one_nobody_knows():
    assert architecture_measured(MachineFacts()) == ""


def test_machines_of_another_architecture_are_set_aside_and_those_that_say_none_are_taken_and_said():
    found, (aside, unsaid) = usable_machines(BOOK, (), measured_on=MachineFacts(architecture="amd64"))

    assert sorted(names(found)) == ["x/m.large", "x/m.small", "x/odd"]
    assert aside.en.startswith("arm.small: not considered: arm64, and the times were measured on x86_64")
    assert unsaid.en.startswith("odd: its architecture is in no row and no name; taken for x86_64")
    assert "arm.small" in aside.zh and "odd" in unsaid.zh


def test_where_nobody_says_what_measured_all_are_considered_in_silence():
    found, said = usable_machines(BOOK, (), measured_on=MachineFacts())

    assert (len(found), said) == (4, ())


def test_a_choice_of_other_machines_alone_is_refused_with_what_to_do():
    with pytest.raises(PriceError) as raised:
        usable_machines(BOOK, ("arm.small",), measured_on=MachineFacts(architecture="x86_64"))

    text = str(raised.value)
    assert text.startswith("price book b: arm.small is arm64, and the times were measured on x86_64")
    assert "measure on a machine with arm64, or consider x86_64 machines" in text


def ratio(value):
    return Fact(Decimal(value), "1", FactKind.DERIVED, "kernels", ON)


def test_a_name_wins_over_its_family_and_the_others_keep_what_they_were():
    found = calibrated(BOOK.instances(()), {"m": ratio("1.2"), "m.large": ratio("1.5")})

    known = {each.name: each.time_ratio and each.time_ratio.value for each in found}
    assert known == {"x/m.small": Decimal("1.2"), "x/m.large": Decimal("1.5"), "x/arm.small": None, "x/odd": None}


def test_the_whole_name_wins_over_the_short_one():
    (found,) = calibrated(
        BOOK.instances(("m.small",)), {"x/m.small": ratio("2"), "m.small": ratio("3"), "m": ratio("4")}
    )

    assert found.time_ratio == ratio("2")


def test_a_ratio_of_no_machine_is_refused_with_the_nearest():
    with pytest.raises(PriceError, match=r"no machine that is considered is called 'm.smal'; did you mean m.small\?"):
        calibrated(BOOK.instances(()), {"m.smal": ratio("2")})
