"""Choosing layers and mapping what is left, on maps that are known."""

import numpy as np
import pytest

from steelyard.compression.prune import (
    choose_layers,
    fit_projection,
    layer_choices,
    mean_cosine,
    query_like,
)
from steelyard.compression.quantise import Recipe, fidelity, recipe_of
from steelyard.errors import ConfigError
from steelyard.models.text.encode import normalised


def test_a_linear_map_is_found_again():
    random = np.random.default_rng(0)
    source = random.standard_normal((400, 6)).astype(np.float32)
    matrix, bias = random.standard_normal((6, 4)).astype(np.float32), np.array([1, 0, -2, 0.5], np.float32)
    target = normalised(source @ matrix + bias)

    found, held_out = fit_projection(source, source @ matrix + bias, seed=0)

    np.testing.assert_allclose(found.matrix, matrix, atol=2e-3)
    np.testing.assert_allclose(found.bias, bias, atol=2e-3)
    assert held_out > 0.9999
    assert mean_cosine(found.apply(source), target) > 0.9999


def test_a_constant_column_does_not_break_the_map():
    source = np.ones((20, 3), np.float32)

    found, _ = fit_projection(source, np.tile([0.6, 0.8], (20, 1)).astype(np.float32), seed=0)

    np.testing.assert_allclose(found.apply(source), np.tile([0.6, 0.8], (20, 1)), atol=1e-6)


def test_too_few_rows_to_hold_any_out_say_so():
    _, held_out = fit_projection(np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32), seed=0)

    assert np.isnan(held_out)


def test_all_ways_to_keep_three_of_six_layers_are_tried():
    found = layer_choices(6, keep=3)

    assert len(found) == 20
    assert found[0] == (0, 1, 2)


def test_of_too_many_ways_those_with_both_ends_are_tried():
    found = layer_choices(12, keep=3)

    assert found == [(0, middle, 11) for middle in range(1, 11)]


def test_more_layers_than_there_are_cannot_be_kept():
    with pytest.raises(ValueError, match="keep 7 of 6"):
        layer_choices(6, keep=7)


def test_the_layers_that_say_most_are_kept():
    random = np.random.default_rng(1)
    target = normalised(random.standard_normal((300, 4)))
    noise = random.standard_normal((300, 4)).astype(np.float32)
    outputs = {(0, 1): noise, (0, 2): target @ np.diag([1, 2, 3, 4]).astype(np.float32), (1, 2): target + noise}

    found, scores = choose_layers(outputs, target, seed=0)

    assert found == (0, 2)
    assert set(scores) == {"0-1", "0-2", "1-2"}
    assert scores["0-2"] > 0.99 > scores["1-2"] > scores["0-1"]


def test_query_like_pieces_are_neighbouring_words_of_a_product():
    texts = ["Blue Steel Hammer with Handle", ""]

    found = query_like(texts, n=50, seed=3)

    assert len(found) == 50
    assert all(piece in texts[0].lower() and 1 <= len(piece.split()) <= 4 for piece in found)
    assert found == query_like(texts, n=50, seed=3)
    assert query_like(["", " "], n=5, seed=0) == []


def test_names_of_variants_are_recipes():
    assert recipe_of("fp32") == Recipe("fp32")
    assert recipe_of("3l-int8") == Recipe("3l-int8", layers=3, is_int8=True)
    assert recipe_of("static").is_static


@pytest.mark.parametrize("name", ["int4", "0l-int8", "l-int8", "3l-static", ""])
def test_a_variant_nobody_can_make_is_refused(name):
    with pytest.raises(ConfigError, match="no encoder variant"):
        recipe_of(name)


def test_fidelity_is_the_mean_and_the_low_end_of_the_cosines():
    exact = np.array([[1, 0], [0, 1]], np.float32)

    found = fidelity(exact, np.array([[2, 0], [3, 4]], np.float32))

    assert found["mean"] == pytest.approx((1 + 0.8) / 2)
    assert found["p05"] == pytest.approx(0.8 + 0.05 * 0.2)
    assert fidelity(exact[:0], exact[:0]) == {}
