"""Every built-in recipe keeps the promises that a third party's must keep."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.shown_shop import shown_bench

from steelyard.domain import NONE, Request
from steelyard.testing import RecipeContract, toy_shop, toy_tables
from steelyard.testing.memory_bench import MemoryBench


@cache
def _of_words():
    """A bench of its own: parts of one name are made once on a bench, and options are not in the name."""
    return MemoryBench(toy_tables(toy_shop(seed=11)), seed=11)


class TestLexical(RecipeContract):
    name = "lexical"


class TestDense(RecipeContract):
    name = "dense"


class TestHybrid(RecipeContract):
    name = "hybrid"


class TestLearnt(RecipeContract):
    name = "learnt"


class TestPopularity(RecipeContract):
    name = "popularity"


class TestItemKnn(RecipeContract):
    name = "item-knn"


class TestFrequency(RecipeContract):
    name = "frequency"


class TestTifuKnn(RecipeContract):
    name = "tifu-knn"


class TestUserKnn(RecipeContract):
    name = "user-knn"


class TestTransitions(RecipeContract):
    name = "transitions"

    def options(self):
        return self.recipe.options(texts=("words", "encoder"))


class TestEase(RecipeContract):
    name = "ease"


class TestContent(RecipeContract):
    name = "content"


class TestPrivate(RecipeContract):
    name = "private"

    @pytest.fixture(autouse=True)
    def _needs_opacus(self):
        pytest.importorskip("opacus", reason="opacus is not installed: the extra private brings it")

    def test_the_same_seed_makes_the_same_parts(self):
        pytest.skip("noise that can be made again protects nobody: see test_the_noise_cannot_be_made_again")


class TestIals(RecipeContract):
    name = "ials"


class TestFused(RecipeContract):
    name = "fused"

    def options(self):
        return self.recipe.options(of=["popularity", "item-knn", "content"])


class TestLtr(RecipeContract):
    name = "ltr"


class TestLlm(RecipeContract):
    name = "llm"

    def options(self):
        modes = ("rerank", "rewrite")
        return self.recipe.options(endpoint="http://127.0.0.1:9/v1", model="nobody", modes=modes)


class TestCross(RecipeContract):
    name = "cross"


class TestSparse(RecipeContract):
    name = "sparse"


class TestSubstitutes(RecipeContract):
    name = "substitutes"


@cache
def _of_baskets():
    """A shop whose people buy several things on one day, at no known hour."""
    tables = toy_tables(toy_shop(seed=11))
    learn, learn_all = (
        replace(each, times_s=np.floor(each.times_s / 86_400 / 7) * 86_400 * 7)
        for each in (tables.learn, tables.learn_all)
    )
    return MemoryBench(replace(tables, learn=learn, learn_all=learn_all), seed=11)


class TestBoughtTogether(RecipeContract):
    name = "bought-together"

    @property
    def bench(self):
        return _of_baskets()


class TestResponse(RecipeContract):
    name = "response"


class TestResponseWithImpressions(RecipeContract):
    """On a log that says what was shown, so that the order of the first stage is really changed."""

    name = "response"

    @property
    def bench(self):
        return shown_bench()

    def options(self):
        return self.recipe.options(objective="click", weight=0.5, rounds=20)

    def test_the_same_seed_makes_the_same_parts(self):
        again = shown_bench.__wrapped__()
        (variant,) = self.variants()
        self.bench.make(variant.needed)
        again.make(variant.needed)
        assert again.values(variant.tuned) == self.bench.values(variant.tuned)
        assert again.values(variant.tuned)["is_adopted"]
        made, remade = (each.made["parts/recommend/response"] for each in (self.bench, again))
        assert made.files
        assert remade.files == made.files

    def test_each_part_is_made_once(self):
        assert len(self.bench.making) == len(set(self.bench.making))


class TestTransformer(RecipeContract):
    name = "transformer"

    @pytest.fixture(autouse=True)
    def _needs_torch(self):
        for module in ("torch", "onnx"):
            pytest.importorskip(module, reason=f"{module} is not installed: the extra train brings it")

    def options(self):
        return self.recipe.options(width=8, negatives=16, epochs=3, texts="encoder")


@cache
def _with_times():
    return MemoryBench(toy_tables(toy_shop(seed=11)), seed=11)


class TestTransformerWithTimes(TestTransformer):
    def options(self):
        return self.recipe.options(width=8, negatives=16, epochs=2, times=True)

    @property
    def bench(self):
        return _with_times()


class TestTransformerOfWords(TestTransformer):
    def options(self):
        return self.recipe.options(width=8, negatives=16, epochs=2, texts="words")

    @property
    def bench(self):
        return _of_words()

    def test_new_items_are_offered_by_their_words(self):
        for variant in self.variants():
            self.opened(variant)
            known = self.bench.state(variant.parts["model"]).arrays["known"]
            assert known[toy_shop(seed=11).cold].all()


@cache
def _of_known_people():
    """A shop that knows an age band of every second user."""
    tables = toy_tables(toy_shop(seed=11))
    basics = tuple((f"age={user % 3}",) if user % 2 else () for user in range(tables.learn.n_users))
    return MemoryBench(replace(tables, basics=basics), seed=11)


class TestTwoTower(RecipeContract):
    name = "two-tower"

    @pytest.fixture(autouse=True)
    def _needs_torch(self):
        pytest.importorskip("torch", reason="torch is not installed: the extra train brings it")

    @property
    def bench(self):
        return _of_known_people()

    def options(self):
        return self.recipe.options(width=8, negatives=16, epochs=2)

    def test_new_items_are_offered_by_their_content(self):
        for variant in self.variants():
            self.opened(variant)
            known = self.bench.state(variant.parts["model"]).arrays["known"]
            assert known[toy_shop(seed=11).cold].all()

    def test_who_has_done_nothing_is_answered_where_something_is_known_of_them(self):
        (whole, _) = self.variants()

        found = self.opened(whole).retrieve([Request(basics=("age=1",)), Request()], k=3).items

        assert (found[0] != NONE).all()
        assert (found[1] == NONE).all()
