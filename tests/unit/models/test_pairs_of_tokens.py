"""Pairs of a query and a text as token numbers: laid one behind another, cut, and made of a catalogue."""

import json

import numpy as np
import pytest

from steelyard.domain import Texts
from steelyard.errors import ArtefactError
from steelyard.models.reranking.pair_texts import PairTexts, fit_pair_texts, pair_passages
from steelyard.models.reranking.pairs_of_tokens import cut, packed

tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is not installed")

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "oak", "table", "round", "brass", "lamp"]


@pytest.fixture(scope="module")
def tokenizer():
    made = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return made.to_str().encode()


def test_each_token_stands_at_its_place_beside_the_others():
    pairs = packed([[2, 4, 3], [2, 3]], [np.array([5, 3]), np.array([6, 7, 8, 3])])

    assert pairs.tokens.tolist() == [2, 4, 3, 5, 3, 2, 3, 6, 7, 8, 3]
    assert pairs.parts.tolist() == [0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1]
    assert pairs.positions.tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5]
    assert pairs.places.tolist() == [[0, 1, 2, 3, 4, 0], [5, 6, 7, 8, 9, 10]]
    assert pairs.in_query.tolist() == [[1, 1, 1, 0, 0, 0], [1, 1, 0, 0, 0, 0]]
    assert pairs.in_text.tolist() == [[0, 0, 0, 1, 1, 0], [0, 0, 1, 1, 1, 1]]
    np.testing.assert_array_equal(pairs.places.reshape(-1)[pairs.back], np.arange(11))


@pytest.mark.parametrize(("n_query", "n_text"), [(3, 40), (40, 3), (40, 40), (8, 8), (2, 1)])
def test_a_pair_that_is_too_long_is_cut_and_keeps_its_marks(n_query, n_text):
    query, text = [2, *[4] * (n_query - 2), 3], np.array([*[5] * (n_text - 1), 3])

    first, second = cut(query, text, longest=16)

    assert len(first) + len(second) == min(n_query + n_text, 16) or (n_query > 8 and len(second) == n_text)
    assert len(first) + len(second) <= 16
    assert (first[0], first[-1], second[-1]) == (2, 3, 3)


def test_a_text_says_its_fields_in_order_and_nothing_twice():
    texts = Texts(("Oak table", "Lamp"), ("", ""), ("Tables", ""), ("OAK", "Brasso"), ("round", ""))

    said = pair_passages(texts, ["title", "brand", "category", "attributes"])

    assert said == ["Oak table, Tables, round", "Lamp, Brasso"]


def test_the_texts_of_a_catalogue_are_kept_as_token_numbers(tokenizer):
    state = fit_pair_texts(["oak table", "", "round round round brass lamp"], tokenizer, max_tokens=5)

    texts = PairTexts(state)

    assert len(texts) == 3
    assert [found.tolist() for found in texts.of(np.array([2, 0, 1]))] == [[6, 6, 6, 3], [4, 5, 3], [3]]
    assert state.arrays["tokens"].dtype == np.uint16


def test_what_is_no_tokenizer_is_refused():
    with pytest.raises(ArtefactError, match="run build again"):
        fit_pair_texts(["oak"], json.dumps({"model": 1}).encode(), max_tokens=8)
