"""How near is near enough: nonsense must find nothing, and what is drawn must be drawn alike each time."""

import numpy as np
import pytest

from steelyard.domain import Match, Request, Texts
from steelyard.models.retrieval.dense import DenseRetriever
from steelyard.models.retrieval.meaning_floor import Floor, fit_floor, foreign_queries, has_letters
from steelyard.models.retrieval.vectors import FloatVectors


class Thermometer:
    """Encodes a query as an angle: its first number in degrees."""

    width = 2

    def encode(self, texts: list[str]) -> np.ndarray:
        angles = np.radians([float("".join(c for c in text if c.isdigit()) or 90) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)


def shop(*titles: str) -> Texts:
    empty = ("",) * len(titles)
    return Texts(titles, empty, empty, empty, empty)


@pytest.fixture
def dense() -> DenseRetriever:
    vectors = np.array([[1, 0], [np.cos(1), np.sin(1)]], np.float32)
    return DenseRetriever(Thermometer(), FloatVectors(vectors), floor=Floor(0.8, 0.95))


def test_the_floor_is_a_quantile_of_what_foreign_queries_find_and_sure_is_above_all_of_them() -> None:
    cosines = dict(zip("abcdefghijklmnopqrstu", np.linspace(0.0, 1.0, 21).tolist(), strict=True))

    assert fit_floor(cosines.__getitem__, list(cosines)) == Floor(0.95, 1.0)
    assert fit_floor(cosines.__getitem__, []) == Floor(-1.0, -1.0)


def test_foreign_queries_are_drawn_by_the_seed_and_hold_no_word_of_the_shop() -> None:
    one, same, other = (foreign_queries(shop("Chess opening book", "黑洞 海报"), seed=seed) for seed in (1, 1, 2))

    assert one == same != other
    assert not any("chess" in query or "黑洞" in query for query in one)
    assert "chess opening theory" in foreign_queries(shop("Milk"), seed=1)


def test_what_is_below_the_floor_is_no_answer_and_what_is_below_sure_is_a_weak_one(dense: DenseRetriever) -> None:
    found = {query: dense.retrieve([Request(query=query)], k=2).items[0].tolist() for query in ("x0", "x30", "x150")}

    assert found == {"x0": [0, -1], "x30": [1, 0], "x150": [-1, -1]}
    of_near = dense.understand(Request(query="x0"), np.array([0]))
    of_far = dense.understand(Request(query="x20"), np.array([0]))
    of_none = dense.understand(Request(query="x150"), np.array([], np.int64))
    assert [(each.match, each.is_weak) for each in (of_near, of_far, of_none)] == [
        (Match.MEANING, False), (Match.MEANING, True), (Match.NOTHING, True),
    ]  # fmt: skip


@pytest.mark.parametrize("query", ["!!!", "🎁", "1234567", " ", "½ + ½"])
def test_signs_and_numbers_have_no_meaning(dense: DenseRetriever, query: str) -> None:
    assert not has_letters(query)
    assert dense.retrieve([Request(query=query)], k=2).items[0].tolist() == [-1, -1]
