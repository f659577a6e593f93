"""The chart of the report and the README: well formed, honest about missing prices, names never on top of names."""

import json
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.documents_of import candidate_of, surface_of, surface_value

from steelyard.reporting.frontier_svg import floor_quality, frontier_svg, linear_ticks, log_ticks
from steelyard.reporting.label_places import Box, Dot, Frame, place_labels

GOLDEN = Path(__file__).parents[2] / "golden/decision.json"
NAMES = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def search():
    return json.loads(GOLDEN.read_text("utf-8"))["surfaces"][0]


def texts(picture):
    return ["".join(node.itertext()) for node in ElementTree.fromstring(picture).iter(f"{NAMES}text")]


def marks(picture):
    root = ElementTree.fromstring(picture)
    return [group.find(f"{NAMES}title").text for group in root.iter(f"{NAMES}g")]


@pytest.mark.parametrize("axis", ["monthly", "at_capacity"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_priced_configuration_is_a_point_and_the_chosen_one_is_named(search, axis, language):
    picture = frontier_svg(surface_value(search), currency="USD", language=language, axis=axis)

    assert {mark.split(":")[0] for mark in marks(picture)} == {row["name"] for row in search["candidates"]}
    assert search["chosen"] in texts(picture)


def test_a_configuration_without_a_price_is_left_out_not_drawn_at_zero(search):
    search["candidates"][3]["monthly"] = None

    picture = frontier_svg(surface_value(search), currency="USD")

    assert len(marks(picture)) == len(search["candidates"]) - 1
    assert not any(mark.startswith(f"{search['candidates'][3]['name']}:") for mark in marks(picture))


def test_without_any_price_the_chart_says_so(search):
    for row in search["candidates"]:
        row["monthly"] = None

    assert texts(frontier_svg(surface_value(search), currency="USD")) == ["No configuration has a price."]


def test_synthetic_requests_carry_their_badge(search):
    with_badge = texts(frontier_svg(surface_value(search | {"is_synthetic": True}), currency="USD"))
    without = texts(frontier_svg(surface_value(search | {"is_synthetic": False}), currency="USD"))

    assert "synthetic queries" in with_badge
    assert "synthetic queries" not in without


def test_names_from_data_are_escaped(search):
    search["candidates"][0]["name"] = search["chosen"] = "<script>&"

    assert "<script>&" in texts(frontier_svg(surface_value(search), currency="USD"))


def test_one_single_configuration_can_be_drawn(search):
    only = search | {"candidates": search["candidates"][:1], "reference": search["chosen"]}

    assert len(marks(frontier_svg(surface_value(only), currency="USD"))) == 1


def test_the_floor_is_the_highest_of_those_that_are_set():
    def floor(value, share):
        asked = {"text": "", "text_zh": "", "min_quality": value, "min_quality_share": share}
        return floor_quality(surface_value(surface_of("search", "best", candidate_of("best"), floor=asked)))

    assert floor(None, 0.9) == pytest.approx(0.45)
    assert floor(0.47, 0.9) == pytest.approx(0.47)
    assert floor(0.3, None) == pytest.approx(0.3)
    assert floor(None, None) is None


def test_ticks_are_round_numbers_inside_the_axis():
    assert log_ticks(1, 1000, wanted=4) == [1, 10, 100, 1000]
    assert log_ticks(200, 700, wanted=6) == [200, 300, 500, 700]
    assert linear_ticks(0.52, 0.77, wanted=5) == [0.55, 0.6, 0.65, 0.7, 0.75]


@given(st.floats(1e-7, 1e6), st.floats(1.001, 1e6))
def test_a_logarithmic_axis_always_has_two_ticks_in_order(low, ratio):
    found = log_ticks(low, low * ratio, wanted=6)

    assert len(found) >= 2
    assert found == sorted(set(found))
    assert low * 0.998 <= found[0] and found[-1] <= low * ratio * 1.002


DOTS = st.lists(
    st.builds(
        lambda x, y, half, width, is_needed: Dot(x, y, y - half, y + half, width, is_needed),
        st.floats(0, 600),
        st.floats(0, 300),
        st.floats(0, 40),
        st.floats(10, 140),
        st.booleans(),
    ),
    max_size=16,
)


@given(DOTS)
def test_no_name_covers_another_a_point_or_an_obstacle_and_none_leaves_the_frame(dots):
    frame, wall = Frame(0, 600, 0, 300), Box(100, 500, 150, 152)

    boxes = [place.box for place in place_labels(dots, frame, obstacles=[wall]) if place is not None]

    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    assert not any(box.overlaps(wall) for box in boxes)
    assert all(box.left >= 0 and box.right <= 600 and box.top >= 0 and box.bottom <= 300 for box in boxes)
    assert not any(box.overlaps(Box(d.x - 6, d.x + 6, d.y - 6, d.y + 6)) for box in boxes for d in dots)


def test_a_lone_point_has_its_name_to_its_right():
    (place,) = place_labels([Dot(100, 100, 90, 110, 60, True)], Frame(0, 300, 0, 200))

    assert place is not None
    assert (place.anchor, place.is_far) == ("start", False)
    assert place.x == 109
