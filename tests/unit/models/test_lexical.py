"""Lexical search on a shop small enough to work out by hand."""

from collections.abc import Sequence
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.domain import NONE, Cases, IntArray, Request, State, Surface, Texts
from steelyard.errors import ConfigError
from steelyard.models.retrieval.lexical import (
    Lexical,
    documents,
    fit_lexical,
    open_lexical,
    options_from,
    tune_lexical,
)

TITLES = (
    "Sony headphones black",
    "Wireless headphones",
    "Bathroom lamp",
    "Lamp for a bathroom mirror with headphones hook",
    "T-Shirt red",
    "双筒望远镜 高清",
    "Wireless lamp",
)


def texts(titles: Sequence[str] = TITLES, **fields: Sequence[str]) -> Texts:
    empty = ("",) * len(titles)
    given = {name: tuple(fields.get(name, empty)) for name in ("description", "category", "brand", "attributes")}
    return Texts(title=tuple(titles), language="mixed", **given)


class InMemoryParts:
    def __init__(self, shop: Texts, folder: Path) -> None:
        self._state = fit_lexical(shop)
        build_tantivy_index(folder, documents(shop))
        self._folder = folder

    def state(self, role: str) -> State:
        return self._state

    def candidate_index(self, role: str) -> Any:
        return open_tantivy_index(self._folder)

    def encoder(self, role: str) -> Any:
        raise NotImplementedError


def shop(folder: Path, options: dict[str, Any] | None = None, given: Texts | None = None) -> Lexical:
    return open_lexical(InMemoryParts(texts() if given is None else given, folder), options or {})


def found(retriever: Lexical, query: str, k: int = 5) -> list[int]:
    return [item for item in retriever.retrieve([Request(query=query)], k=k).items[0].tolist() if item != NONE]


PLAIN = {"all_units": 0.0, "title_units": 0.0, "title_order": 0.0, "extra": 0.0}


def test_the_score_is_bm25f_as_worked_out_by_hand(tmp_path: Path) -> None:
    given = texts(("lamp lamp", "lamp desk chair red"), brand=("lamp", ""))
    retriever = shop(tmp_path, {**PLAIN, "k1": 0.5, "b": 0.5, "weights": {"title": 1.0, "brand": 2.0}}, given)

    scores = retriever.scores("lamp", np.array([0, 1]))

    idf = log(1 + (2 - 2 + 0.5) / (2 + 0.5))
    first = 2 / (0.5 + 0.5 * 2 / 3) + 2 * 1 / (0.5 + 0.5 * 1 / 0.5)
    second = 1 / (0.5 + 0.5 * 4 / 3)
    assert scores == pytest.approx([idf * first / (0.5 + first), idf * second / (0.5 + second)])


def test_rewards_are_shares_of_what_bm25f_cannot_exceed(tmp_path: Path) -> None:
    given = texts(("red lamp", "lamp red", "lamp"))
    for name in ("bare", "rewarded"):
        (tmp_path / name).mkdir()
    bare = shop(tmp_path / "bare", PLAIN, given)
    rewards = {"all_units": 1.0, "title_units": 0.1, "title_order": 0.2}
    rewarded = shop(tmp_path / "rewarded", {**PLAIN, **rewards}, given)

    difference = rewarded.scores("red lamp", np.arange(3)) - bare.scores("red lamp", np.arange(3))

    ceiling = log(1 + 1.5 / 2.5) + 1.25 * log(1 + 0.5 / 3.5)  # the last word counts a quarter more
    assert difference == pytest.approx([ceiling * 1.3, ceiling * 1.1, ceiling * 0.05])


def test_products_holding_all_words_come_before_those_holding_one_often(tmp_path: Path) -> None:
    given = texts(("lamp lamp lamp", "wireless desk tidy lamp", "wireless mouse"))

    assert found(shop(tmp_path, {"all_units": 1.0}, given), "wireless lamp")[0] == 1


def test_an_unknown_word_is_corrected_and_the_reason_says_so(tmp_path: Path) -> None:
    retriever = shop(tmp_path)

    top = found(retriever, "bathrom lamp")
    reasons = retriever.explain(Request(query="bathrom lamp"), np.array(top[:1]))

    assert top[0] == 2
    assert reasons[0][0].kind == "matches_words"
    assert reasons[0][0].words == ("bathroom", "lamp")


def test_a_known_word_is_never_corrected(tmp_path: Path) -> None:
    given = texts(("lamb toy", *["lamp"] * 20))

    assert found(shop(tmp_path, {}, given), "lamb") == [0]


def test_a_part_of_a_chinese_word_finds_the_product_and_is_shown_as_a_word(tmp_path: Path) -> None:
    retriever = shop(tmp_path)

    assert found(retriever, "望远镜") == [5]
    assert found(retriever, "望遠鏡") == [5]
    assert retriever.explain(Request(query="望远镜"), np.array([5]))[0][0].words == ("望远镜",)


@pytest.mark.parametrize("query", ["t-shirt", "tshirt", "T Shirts", "ｔ－ｓｈｉｒｔ"])
def test_a_hyphen_does_not_matter(tmp_path: Path, query: str) -> None:
    assert found(shop(tmp_path), query)[:1] == [4]


def test_the_reason_names_the_words_as_typed_and_only_those_that_match(tmp_path: Path) -> None:
    reasons = shop(tmp_path).explain(Request(query="wireless t-shirts lamps"), np.array([6, 4, 0, NONE]))

    assert [reason.words for reason in reasons[0]] == [("wireless", "lamps")]
    assert [reason.words for reason in reasons[1]] == [("t", "shirts")]
    assert reasons[2] == []
    assert reasons[3] == []


@pytest.mark.parametrize("query", ["", "   ", "!?", "xylophones"])
def test_a_query_without_known_words_finds_nothing(tmp_path: Path, query: str) -> None:
    ranked = shop(tmp_path).retrieve([Request(query=query)], k=3)

    assert ranked.items.tolist() == [[NONE] * 3]
    assert ranked.scores.tolist() == [[-np.inf] * 3]


def test_a_batch_equals_its_rows(tmp_path: Path) -> None:
    retriever = shop(tmp_path)
    requests = [Request(query=query) for query in ("lamp", "", "wireless headphones", "bathrom", "望远镜 lamp")]

    together = retriever.retrieve(requests, k=4)

    for row, request in enumerate(requests):
        alone = retriever.retrieve([request], k=4)
        np.testing.assert_array_equal(together.items[row], alone.items[0])
        np.testing.assert_array_equal(together.scores[row], alone.scores[0])


def test_equal_scores_go_to_the_lower_number(tmp_path: Path) -> None:
    assert found(shop(tmp_path, {}, texts(("red lamp",) * 4)), "lamp", k=3) == [0, 1, 2]


def test_scores_agree_with_retrieve_and_take_texts_in_any_order(tmp_path: Path) -> None:
    retriever = shop(tmp_path)
    ranked = retriever.retrieve([Request(query="wireless lamp")], k=4)
    order: IntArray = ranked.items[0][::-1]

    scores = retriever.scores("wireless lamp", np.concatenate([order, [NONE, 5, int(order[0])]]))

    assert scores[:4] == pytest.approx(ranked.scores[0][::-1])
    assert scores[4:].tolist() == [0.0, 0.0, scores[0]]


def test_a_very_long_query_is_answered_by_its_beginning(tmp_path: Path) -> None:
    assert found(shop(tmp_path), "lamp " + "x" * 1_000_000)[0] in (2, 6)


def test_a_shop_of_empty_texts_answers_nothing(tmp_path: Path) -> None:
    assert found(shop(tmp_path, {}, texts(("", ""))), "lamp") == []


def test_a_shop_without_texts_answers_nothing(tmp_path: Path) -> None:
    assert found(shop(tmp_path, {}, texts(())), "lamp") == []


def test_all_wrong_options_are_reported_together() -> None:
    with pytest.raises(ConfigError) as caught:
        options_from({"k2": 1, "k1": 0, "b": {"titel": 0.5, "brand": 2}, "candidates": 0})

    for part in ("'k2'", "k1 is 0", "'titel'", "b of brand is 2", "candidates is 0"):
        assert part in str(caught.value)


def test_options_are_laid_over_the_defaults_field_by_field() -> None:
    options = options_from({"b": 0.25, "weights": {"brand": 3}, "tuning": {"cases": 0}})

    assert set(options.b.values()) == {0.25}
    assert options.weights == {**options_from({}).weights, "brand": 3.0}


def test_tuning_refuses_a_retriever_of_another_kind() -> None:
    class Other:
        def retrieve(self, requests: Any, *, k: int) -> Any: ...
        def explain(self, request: Any, items: Any) -> Any: ...

    with pytest.raises(ConfigError, match="Other"):
        tune_lexical(Other(), Cases(Surface.SEARCH, (), (), (), ()), seed=0)


def test_state_holds_narrow_arrays_and_facts_that_json_can_hold() -> None:
    state = fit_lexical(texts())

    assert state.facts["engine"] == "tantivy"
    assert state.facts["fields"] == ["title"]
    assert state.arrays["documents"].dtype == np.int32
    assert state.arrays["frequencies"].dtype == np.uint8
    assert state.arrays["frequencies"].shape == (len(state.arrays["documents"]), 1)
