"""Serving a transformer: what it reads, what it offers, what it says of it; a graph that any hand can check."""

import numpy as np
import pytest

from steelyard.domain import NONE, Reason, Request, State
from steelyard.errors import ArtefactError
from steelyard.models.recipe import Plan
from steelyard.models.sequence.transformer import Transformer, served_state
from steelyard.models.sequence.transformer_recipe import TransformerOptions, TransformerRecipe
from steelyard.testing.recipe_contract import toy_config

ITEMS = np.array([[1, 0], [0, 1], [2, 1], [0, 0], [1, 3]], np.float32)
KNOWN = np.array([True, True, True, False, True])


@pytest.fixture(scope="module")
def graph():
    """What comes next is the sum of what was read."""
    onnx = pytest.importorskip("onnx", reason="onnx is not installed: the extra train brings it")
    helper, kind = onnx.helper, onnx.TensorProto
    axes = helper.make_tensor("axes", kind.INT64, [1], [0])
    made = helper.make_graph(
        [helper.make_node("ReduceSum", ["vectors", "axes"], ["wanted"], keepdims=0)],
        "sum",
        [helper.make_tensor_value_info("vectors", kind.FLOAT, ["n", 2])],
        [helper.make_tensor_value_info("wanted", kind.FLOAT, [2])],
        [axes],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def opened(graph, *, bits=16, length=2):
    return Transformer(served_state(State({"items": ITEMS, "known": KNOWN}), graph, length=length, bits=bits))


@pytest.mark.parametrize("bits", [16, 8])
def test_items_are_scored_by_what_comes_next(graph, bits):
    found = opened(graph, bits=bits).retrieve([Request(history=(0, 1))], k=6)

    # 0 and 1 add up to (1, 1)
    assert found.items.tolist() == [[4, 2, 0, 1, NONE, NONE]]
    np.testing.assert_allclose(found.scores[0, :4], [4, 3, 1, 1], rtol=0.01)


def test_only_the_latest_items_that_have_a_vector_are_read(graph):
    model = opened(graph)

    found = model.retrieve([Request(history=(4, 0, 3, 1, 99, -1))], k=1)

    np.testing.assert_allclose(found.scores, [[4]])  # 3, 99 and -1 are not known, 4 is too long ago


def test_items_asked_about_are_read_in_place_of_the_history_and_do_not_come_back(graph):
    found = opened(graph).retrieve([Request(history=(4,), items=(1,), exclude=(0,))], k=5)

    assert found.items.tolist() == [[4, 2, NONE, NONE, NONE]]


@pytest.mark.parametrize("request_", [Request(), Request(history=(3,)), Request(history=(77,)), Request(items=(3,))])
def test_nothing_is_offered_where_nothing_can_be_read(graph, request_):
    model = opened(graph)

    assert model.retrieve([request_], k=3).items.tolist() == [[NONE] * 3]
    assert model.explain(request_, np.array([0, 1])) == [[], []]


def test_ties_go_to_the_lower_number(graph):
    assert opened(graph).retrieve([Request(history=(0, 1))], k=4).items[0, 2:].tolist() == [0, 1]


def test_reasons_are_the_cosines_with_what_was_read(graph):
    reasons = opened(graph).explain(Request(history=(0, 1)), np.array([4, 0, 3, 99]))

    # (1, 3) has the cosines 1/sqrt(10) with (1, 0) and 3/sqrt(10) with (0, 1)
    first = [Reason("read_together", pytest.approx(3 / 4), 1), Reason("read_together", pytest.approx(1 / 4), 0)]
    assert reasons == [first, [Reason("read_together", 1.0, 0)], [], []]


def test_where_nothing_was_learnt_nothing_is_offered():
    model = Transformer(served_state(State({}, {"learning": {"steps": 0}}), b"", length=5, bits=8))

    assert model.retrieve([Request(history=(0,)), Request()], k=2).items.tolist() == [[NONE] * 2] * 2
    assert model.explain(Request(history=(0,)), np.array([0])) == [[]]


def test_a_catalogue_of_one_is_answered(graph):
    model = Transformer(served_state(State({"items": ITEMS[:1], "known": KNOWN[:1]}), graph, length=5, bits=16))

    assert model.retrieve([Request(history=(0,)), Request(history=(0,), exclude=(0,))], k=1).items.tolist() == [
        [0],
        [NONE],
    ]


def test_a_damaged_part_is_refused(graph):
    with pytest.raises(ArtefactError, match="run build again"):
        opened(b"no graph")
    with pytest.raises(ArtefactError, match="lacks 'known'"):
        Transformer(State({"items": ITEMS}, {"length": 2}))


def test_vectors_of_8_bits_take_a_quarter_of_those_of_32(graph):
    small, whole = (
        served_state(State({"items": ITEMS, "known": KNOWN}), graph, length=2, bits=bits).arrays["items"]
        for bits in (8, 16)
    )

    assert (small.nbytes, whole.nbytes) == (4 * 2 * 1, 4 * 2 * 2)


@pytest.mark.parametrize("times", [True, False])
def test_pasts_are_read_where_times_count_and_kept_for_nobody_else(times):
    recipe, config = TransformerRecipe(), toy_config()
    variants = recipe.variants(Plan(config, recipe.options(times=times)))

    assert [recipe.looks_back(variant.options({})) for variant in variants] == [times, times]


@pytest.mark.parametrize("wrong", [{"width": 0}, {"dropout": 1.0}, {"forms": ["fp64"]}, {"minutes": 0}])
def test_options_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TransformerOptions.model_validate(wrong)
