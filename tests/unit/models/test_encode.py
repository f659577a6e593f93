"""Arithmetic between texts and vectors, worked out by hand."""

import numpy as np
import pytest

from steelyard.domain import Texts
from steelyard.models.text.encode import (
    bag_means,
    batches_by_length,
    distinct,
    normalised,
    passages,
    sif_weights,
    token_counts,
)


def test_a_passage_says_nothing_twice():
    texts = Texts(
        title=("Acme hammer", "Nails"),
        description=("Steel head", ""),
        category=("Tools", "Nails"),
        brand=("ACME", "Acme"),
        attributes=("", ""),
    )

    found = passages(texts, prefix="passage: ")

    assert found == ["passage: Acme hammer, Tools, Steel head", "passage: Nails, Acme"]


def test_rows_are_divided_by_their_length_and_zeros_stay():
    vectors = np.array([[3.0, 4.0], [0.0, 0.0]])

    found = normalised(vectors)

    np.testing.assert_allclose(found, [[3 / 5, 4 / 5], [0, 0]], rtol=1e-6)
    assert found.dtype == np.float32


def test_batches_hold_one_length_each_and_every_row_once():
    lengths = np.array([3, 1, 3, 3, 2, 1])

    batches = [batch.tolist() for batch in batches_by_length(lengths, size=2)]

    assert batches == [[1, 5], [4], [0, 2], [3]]


def test_no_texts_make_no_batches():
    assert list(batches_by_length(np.array([], np.int64), size=4)) == []


def test_rows_that_are_equal_are_told_once_and_found_again():
    rows = [[5, 1], [2], [5, 1], [1, 5]]

    once, places = distinct(rows)

    assert [list(row) for row in once] == [[5, 1], [2], [1, 5]]
    assert [list(once[place]) for place in places] == rows


def test_no_rows_have_no_places():
    once, places = distinct([])

    assert once == []
    assert places.tolist() == []


def test_a_token_that_is_everywhere_weighs_less():
    counts = token_counts([[0, 0, 1], [0]], n_tokens=3)

    weights = sif_weights(counts, smoothing=0.25)

    assert counts.tolist() == [3, 1, 0]
    np.testing.assert_allclose(weights, [0.25 / (0.25 + 0.75), 0.25 / 0.5, 1.0])


def test_tokens_of_an_empty_catalogue_all_weigh_one():
    assert sif_weights(np.zeros(2, np.int64), smoothing=0.1).tolist() == [1.0, 1.0]


def test_a_bag_is_the_mean_of_its_tokens_and_a_repeated_token_counts_twice():
    tokens = np.array([[0.0, 3.0], [6.0, 0.0]], np.float16)

    found = bag_means(tokens, [[0, 1, 1], [], [0]])

    assert found == pytest.approx(np.array([[4.0, 1.0], [0.0, 0.0], [0.0, 3.0]]))
