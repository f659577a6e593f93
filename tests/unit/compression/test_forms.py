"""Smaller forms of parts by their names: what each is made from, and what a form nobody knows is answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.compression.forms import encoder_form, neighbours_form, vectors_form
from steelyard.config import parse
from steelyard.domain import State
from steelyard.errors import ConfigError
from steelyard.models.building import Part, Work
from steelyard.models.text.parts import full_encoder

CONFIG = parse(
    """
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
""",
    name="steelyard.toml",
)


def part(name):
    return Part(name, lambda bench: State({}, {}), work=Work.COMPRESS)


ALL = part("parts/neighbours/item-knn.full")
VECTORS = part("parts/vectors/whole")


@given(st.integers(1, 9999), st.integers(1, 99))
def test_neighbours_are_so_many_at_so_many_bits(n, bits):
    found = neighbours_form(CONFIG, ALL, f"{n}x{bits}bit")

    assert found.name == f"parts/neighbours/item-knn.{n}x{bits}bit"
    assert found.made_from == (ALL,)


def test_all_neighbours_are_the_part_itself():
    assert neighbours_form(CONFIG, ALL, "full") is ALL


@pytest.mark.parametrize(
    "form", ["", "20", "20x8", "0x8bit", "20x0bit", "20x8bits", "x8bit", "10000x8bit", "２0x8bit", " full"]
)
def test_a_form_of_neighbours_that_is_none_is_refused_with_an_example(form):
    with pytest.raises(ConfigError, match=r"no form of neighbours is called .*: write full, or like 50x8bit"):
        neighbours_form(CONFIG, ALL, form)


def test_two_forms_of_one_part_are_two_parts():
    names = {neighbours_form(CONFIG, ALL, form).name for form in ("full", "20x8bit", "50x8bit", "20x4bit")}

    assert len(names) == 4


@pytest.mark.parametrize(
    ("form", "n_parents"), [("fp32", 1), ("fp16", 1), ("1bit", 2), ("fp16-half", 1), ("1bit-quarter", 2)]
)
def test_vectors_of_one_bit_are_checked_with_the_full_encoder_and_others_need_the_vectors_alone(form, n_parents):
    found = vectors_form(CONFIG, VECTORS, form)

    assert found.name == f"parts/vectors/{CONFIG.models.encoder.name}.{form}"
    assert found.made_from[0] is VECTORS
    assert len(found.made_from) == n_parents
    assert found.uses_tables is form.startswith("1bit")  # queries of the shop compare it with exact search


def test_the_full_encoder_is_the_part_itself_and_its_forms_are_named_by_it():
    full = full_encoder(CONFIG)

    assert encoder_form(CONFIG, full, "fp32") is full
    names = [encoder_form(CONFIG, full, form).name for form in ("int8", "static")]
    assert names == [f"parts/encoder/{CONFIG.models.encoder.name}-{form}" for form in ("int8", "static")]
