"""The whole result of a search by meaning: what is near has no end, what is below the floor is no part of it."""

import numpy as np
import pytest

from steelyard.domain import NONE, CatalogueFacts, Ranked, Request
from steelyard.models.ranking.rules import Rules
from steelyard.models.whole import FIRST_BY_MEANING, WholeSearch

N = 300


class Texts:
    """Finds some texts in their order."""

    def __init__(self, found, *, is_by_meaning=False):
        self.found = np.array(found)
        self.is_by_meaning = is_by_meaning

    def retrieve(self, requests, *, k):
        items = np.full((len(requests), k), NONE)
        n = min(k, len(self.found))
        items[:, :n] = self.found[:n]
        return Ranked(items, np.where(items != NONE, -np.arange(k, dtype=float), -np.inf))

    def explain(self, request, items):
        return [[] for _ in items]


@pytest.fixture
def search():
    numbers = np.arange(N)
    return WholeSearch(CatalogueFacts(numbers, numbers, np.zeros(N, int), np.ones(N, int), ("all",)), Rules())


def test_beside_what_holds_words_the_first_by_meaning_are_the_result(search):
    near = Texts(range(250))

    whole = search.ask(near, Request(query="lamp"), words=Texts([7, 200, 240]))

    assert whole.n_matched == FIRST_BY_MEANING + 2
    assert sorted(whole.items[: whole.n_matched].tolist()) == [*range(FIRST_BY_MEANING), 200, 240]


def test_what_is_below_the_floor_is_no_part_of_the_list(search):
    whole = search.ask(Texts(range(250)), Request(query="lamp"), words=Texts([7]))

    assert sorted(whole.items.tolist()) == list(range(250))


def test_a_search_by_words_alone_is_matched_whole(search):
    words = Texts(range(250))

    assert search.ask(words, Request(query="lamp"), words=words).n_matched == 250


@pytest.mark.parametrize(("is_by_meaning", "n_matched"), [(True, FIRST_BY_MEANING), (False, 250)])
def test_without_words_a_search_says_itself_whether_its_result_has_an_end(search, is_by_meaning, n_matched):
    near = Texts(range(250), is_by_meaning=is_by_meaning)

    assert search.ask(near, Request(query="lamp")).n_matched == n_matched


def test_a_list_of_every_text_has_no_end_of_its_own(search):
    assert search.ask(Texts(range(N)), Request(query="lamp")).n_matched == FIRST_BY_MEANING
