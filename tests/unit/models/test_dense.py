"""Dense search over four texts whose vectors can be read off."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from steelyard.compression.vectors import vectors_1bit, vectors_fp16, vectors_fp32
from steelyard.domain import NONE, Request, State
from steelyard.errors import ArtefactError, ConfigError
from steelyard.models.retrieval.dense import DenseRetriever, open_dense
from steelyard.models.retrieval.vectors import open_vectors
from steelyard.models.text.encode import normalised

WORDS = {"north": (0.0, 1.0), "east": (1.0, 0.0), "south": (0.0, -1.0), "west": (-1.0, 0.0)}
VECTORS = np.array([[1, 0], [0.8, 0.6], [0, 1], [0.8, 0.6], [-1, 0]], np.float32)


class Compass:
    """An encoder that knows four words: the mean of their directions."""

    width = 2
    query_prefix = ""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        sums = [np.sum([WORDS.get(word, (0.0, 0.0)) for word in text.split()], axis=0) for text in texts]
        return normalised(np.array(sums, np.float32).reshape(len(texts), 2))


class Shelf:
    """Parts held in memory."""

    def __init__(self, vectors: State, encoder: Compass | None = None) -> None:
        self.vectors = vectors
        self.compass = encoder or Compass()

    def state(self, role: str) -> State:
        assert role == "vectors"
        return self.vectors

    def encoder(self, role: str) -> Compass:
        assert role == "encoder"
        return self.compass

    def candidate_index(self, role: str) -> None:
        raise AssertionError(role)


def opened(vectors: State | None = None, options: Mapping[str, object] | None = None) -> DenseRetriever:
    return open_dense(Shelf(vectors or vectors_fp32(VECTORS)), options or {})


@pytest.mark.parametrize("form", [vectors_fp32, vectors_fp16, vectors_1bit])
def test_the_nearest_come_first_and_equal_ones_by_number(form):
    retriever = opened(form(VECTORS))

    found = retriever.retrieve([Request(query="east")], k=4)

    assert found.items.tolist() == [[0, 1, 3, 2]]
    np.testing.assert_allclose(found.scores, [[1.0, 0.8, 0.8, 0.0]], atol=1e-3)


@pytest.mark.parametrize("form", [vectors_fp32, vectors_fp16, vectors_1bit])
def test_a_batch_equals_its_rows(form):
    retriever = opened(form(VECTORS))
    requests = [Request(query=query) for query in ("north east", "west", "", "south")]

    together = retriever.retrieve(requests, k=7)

    alone = [retriever.retrieve([request], k=7) for request in requests]
    assert together.items.tolist() == [row.items[0].tolist() for row in alone]
    assert together.scores.tolist() == [row.scores[0].tolist() for row in alone]


def test_short_lists_are_padded_and_a_request_without_words_gets_nothing():
    found = opened().retrieve([Request(query="east"), Request(query="  ")], k=6)

    assert found.items[0].tolist()[-1] == NONE
    assert found.items[1].tolist() == [NONE] * 6
    assert np.isneginf(found.scores[1]).all()


def test_no_texts_give_empty_lists():
    for form in (vectors_fp32, vectors_fp16, vectors_1bit):
        retriever = opened(form(np.zeros((0, 2), np.float32)))

        assert retriever.retrieve([Request(query="east")], k=2).items.tolist() == [[NONE, NONE]]


def test_scores_are_the_cosines_that_retrieval_used():
    retriever = opened()

    assert retriever.scores("north", np.array([2, 0, 1])) == pytest.approx([1.0, 0.0, 0.6])
    assert retriever.scores("", np.array([2, 0])).tolist() == [0.0, 0.0]


def test_a_text_with_nothing_in_common_has_no_reason():
    found = opened().explain(Request(query="east"), np.array([1, 4]))

    assert [(r.kind, round(r.contribution, 3)) for r in found[0]] == [("similar_meaning", 0.8)]
    assert found[1] == []


def test_the_prefix_of_the_encoder_goes_before_the_query():
    compass = Compass()
    compass.query_prefix = "north "

    retriever = open_dense(Shelf(vectors_fp32(VECTORS), compass), {})

    assert retriever.encode("east") == pytest.approx([0.5**0.5, 0.5**0.5])


def test_vectors_of_another_encoder_are_refused():
    with pytest.raises(ArtefactError, match=r"width 2.*width 3"):
        opened(vectors_fp32(np.eye(3, dtype=np.float32)))


def test_an_unknown_option_is_refused():
    with pytest.raises(ConfigError, match="overampling"):
        opened(options={"overampling": 3})


def test_an_unknown_format_is_refused():
    with pytest.raises(ArtefactError, match="2bit"):
        open_vectors(State({}, {"format": "2bit"}), {})


def test_a_missing_array_is_named():
    with pytest.raises(ArtefactError, match="vectors"):
        open_vectors(State({"codes": VECTORS}, {"format": "1bit"}), {})


def test_oversampling_in_the_options_wins():
    search = open_vectors(vectors_1bit(VECTORS, oversampling=7), {"oversampling": 3})

    assert search.oversampling == 3
