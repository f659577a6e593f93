"""Promises of a recipe. Subclass the suite in your tests and name your recipe; pytest does the rest."""

from __future__ import annotations

import hashlib
import itertools
import json
from abc import ABC
from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar

import numpy as np
from pydantic import ValidationError

from steelyard.config.schema import Config
from steelyard.documents.explanation import counted
from steelyard.domain import NONE, Request, State, Surface
from steelyard.models.deriving import Deriving, Stopwatch
from steelyard.models.ports import Retriever
from steelyard.models.recipe import REFUSED, Plan, Recipe, Variant, find_recipe
from steelyard.models.searching import Choice, Dimension, inside
from steelyard.testing.memory_bench import MemoryBench, toy_tables
from steelyard.testing.refusals import refused
from steelyard.testing.toy_shop import toy_shop

__all__ = ["RecipeContract", "toy_config"]

_SEED = 11
_MOST_REASONS = 3
_NEARLY = 1e-4


def toy_config() -> Config:
    """A configuration for shops in memory: every setting at its default."""
    return Config.model_validate({"data": {"items": {"path": "-", "columns": {"item_id": "id", "title": "title"}}}})


@cache
def _bench(name: str) -> MemoryBench:
    return MemoryBench(toy_tables(toy_shop(seed=_SEED)), seed=_SEED)


class RecipeContract(ABC):
    """Promises of ``steelyard.models.recipe.Recipe``.

    A suite needs the recipe's name alone: it must be installed, with its entry point.
    """

    name: ClassVar[str]
    """As its entry point calls it."""

    @property
    def recipe(self) -> Recipe:
        """The recipe, found as the product finds it."""
        return find_recipe(self.name)

    @property
    def bench(self) -> MemoryBench:
        """Where the suite makes its parts; one for all tests of a recipe."""
        return _bench(self.name)

    def options(self) -> Any:
        """Options to test with: the defaults, unless overridden."""
        return self.recipe.options()

    def variants(self) -> list[Variant]:
        """All configurations it can be measured as."""
        return list(self.recipe.variants(Plan(toy_config(), self.options())))

    def opened(self, variant: Variant) -> Retriever:
        """A variant, its parts made, ready to answer.

        Args:
            variant: One of the recipe's.

        Returns:
            As ``Recipe.open`` gives it.
        """
        self.bench.make(variant.needed)
        tuned = self.bench.values(variant.tuned) if variant.tuned is not None else {}
        kept = {name: value for name, value in tuned.items() if name != REFUSED}
        return self.recipe.open(self.bench.open(variant.parts), variant.options(kept))

    def requests(self) -> Sequence[Request]:
        """Questions of its surface."""
        shop = self.bench.shop
        cases = shop.search_test if self.recipe.surface is Surface.SEARCH else shop.recommend_test
        return [Request(query=each.query, history=each.history) for each in cases.requests[:6]]

    def test_it_has_variants_and_they_are_named_after_it(self) -> None:
        names = [variant.name for variant in self.variants()]
        assert names
        assert len(set(names)) == len(names)
        assert all(name == self.name or name.startswith(f"{self.name}-") for name in names)

    def test_parts_of_one_name_are_one_part(self) -> None:
        settings: dict[str, str] = {}
        for variant in self.variants():
            for part in variant.needed:
                known = settings.setdefault(part.name, json.dumps(part.settings, sort_keys=True))
                assert known == json.dumps(part.settings, sort_keys=True)

    def test_its_options_are_documented_and_unknown_ones_are_refused(self) -> None:
        fields = self.recipe.options.model_fields
        assert [name for name, field in fields.items() if not field.description] == []
        with refused(ValidationError):
            self.recipe.options.model_validate({"there_is_no_such_option": 1})

    def test_the_same_seed_makes_the_same_parts(self) -> None:
        again = MemoryBench(self.bench.shop, seed=self.bench.seed)
        for variant in self.variants():
            self.bench.make(variant.needed)
            again.make(variant.needed)
        assert {name: _digest(made) for name, made in again.made.items()} == {
            name: _digest(self.bench.made[name]) for name in again.made
        }

    def test_each_part_is_made_once(self) -> None:
        bench = MemoryBench(self.bench.shop, seed=self.bench.seed)
        for variant in self.variants():
            bench.make(variant.needed)
        assert len(bench.making) == len(set(bench.making))

    def test_every_variant_answers_in_numbers_of_its_surface(self) -> None:
        facts = self.bench.shop.facts
        space = len(facts.representative if self.recipe.surface is Surface.SEARCH else facts.text_of_item)
        for variant in self.variants():
            ranked = self.opened(variant).retrieve(self.requests(), k=7)
            assert ranked.items.shape == (len(self.requests()), 7)
            assert ((ranked.items == NONE) | ((ranked.items >= 0) & (ranked.items < space))).all()
            assert (ranked.items != NONE).any()

    def test_a_batch_equals_its_requests_one_by_one(self) -> None:
        for variant in self.variants():
            retriever = self.opened(variant)
            batch = retriever.retrieve(self.requests(), k=5)
            for row, request in enumerate(self.requests()):
                np.testing.assert_array_equal(batch.items[row], retriever.retrieve([request], k=5).items[0])

    def test_it_explains_what_it_offers(self) -> None:
        for variant in self.variants():
            retriever = self.opened(variant)
            for request in self.requests():
                items = retriever.retrieve([request], k=4).items[0]
                items = items[items != NONE]
                reasons = retriever.explain(request, items)
                assert len(reasons) == len(items)
                assert all(len(each) <= _MOST_REASONS for each in reasons)

    def test_what_it_tells_of_its_scores_adds_up(self) -> None:
        for variant in self.variants():
            retriever = self.opened(variant)
            if not isinstance(retriever, Deriving):
                continue  # it need not tell: explanations then say so
            for request in self.requests():
                ranked = retriever.retrieve([request], k=5)
                items = ranked.items[0][ranked.items[0] != NONE]
                told = retriever.derivation(request, items, depth=5, watch=Stopwatch(itertools.count().__next__))
                assert len(told.items) == len(items)
                for item, score in zip(told.items, ranked.scores[0].tolist(), strict=False):
                    assert abs(item.score - score) <= _NEARLY * max(1.0, abs(score))
                    assert not item.parts or abs(counted(item.parts) - item.score) <= _NEARLY * max(1.0, abs(score))

    def test_what_may_be_searched_can_be_tried(self) -> None:
        mine = {part.name: part for variant in self.variants() for part in variant.needed if part.is_searched}
        self.bench.make(mine.values())
        for search in (self.bench.searches[name] for name in mine):
            inside(search.space, search.start)  # names something to begin with for every option
            make, requests = search.prepare(), search.cases.requests[:6]
            draw = np.random.default_rng(_SEED)
            for values in (search.start, {name: _drawn(kind, draw) for name, kind in search.space.items()}):
                first, again = (make(values).retrieve(requests, k=5) for _ in range(2))
                assert np.isfinite(first.scores[first.items != NONE]).all()
                np.testing.assert_array_equal(first.items, again.items)


def _drawn(kind: Dimension, draw: np.random.Generator) -> Any:
    """A value of a range or choice."""
    if isinstance(kind, Choice):
        return kind.values[int(draw.integers(len(kind.values)))]
    return kind.nearest(draw.uniform(kind.low, kind.high))


def _digest(made: Any) -> str:
    if not hasattr(made, "state"):
        return json.dumps(made, sort_keys=True)
    state: State = made.state
    sums = hashlib.sha256(json.dumps(dict(state.facts), sort_keys=True).encode())
    for name in sorted(state.arrays):
        sums.update(name.encode() + np.ascontiguousarray(state.arrays[name]).tobytes())
    for name in sorted(made.files):
        sums.update(name.encode() + made.files[name])
    return sums.hexdigest()
