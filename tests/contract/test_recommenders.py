from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from steelyard.compression.neighbours import prune_neighbours
from steelyard.domain import State
from steelyard.models.companions.substitutes import Substitutes, Wares
from steelyard.models.companions.together import BoughtTogether
from steelyard.models.graph.text_space import TextSpace
from steelyard.models.graph.transitions import Transitions
from steelyard.models.linear.ease import Ease
from steelyard.models.linear.recipe import text_side
from steelyard.models.repeat.frequency import frequency
from steelyard.models.repeat.next_basket import NextBasket
from steelyard.models.retrieval.content import Content, text_matrix
from steelyard.models.retrieval.factorization import Factorization
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.models.retrieval.popularity import Popularity
from steelyard.models.retrieval.user_neighbours import UserNeighbours
from steelyard.models.sequence.sequence_lessons import SequenceSettings, shop_sequences
from steelyard.models.sequence.transformer import Transformer, served_state
from steelyard.models.towers.basic_facts import NO_BASICS
from steelyard.models.towers.item_content import item_content
from steelyard.models.towers.tower_lessons import TowerSettings, shop_towers
from steelyard.models.towers.two_tower import TwoTower
from steelyard.models.towers.two_tower import served_state as served_towers
from steelyard.testing import RecommenderContract


class TestPopularity(RecommenderContract):
    def make(self):
        return Popularity()

    def restore(self, state):
        return Popularity.from_state(state)


class TestPopularityInAWindow(TestPopularity):
    def make(self):
        return Popularity(half_life_days=0.5)


class TestItemNeighbours(RecommenderContract):
    def make(self):
        return ItemNeighbours()

    def restore(self, state):
        return ItemNeighbours.from_state(state)


class TestPrunedNeighbours(TestItemNeighbours):
    def fit(self, interactions, *, seed=7):
        whole = self.make().fit(interactions, seed=seed)
        return ItemNeighbours.from_state(prune_neighbours(whole.state(), n=20, bits=8))


class TestUserNeighbours(RecommenderContract):
    def make(self):
        return UserNeighbours()

    def restore(self, state):
        return UserNeighbours.from_state(state)


class TestTransitions(RecommenderContract):
    def make(self):
        return Transitions().reading(TextSpace(text_matrix(self.shop.texts), self.shop.facts))

    def restore(self, state):
        return Transitions.from_state(state)


class TestFactorization(RecommenderContract):
    def make(self):
        return Factorization(8, iterations=5)

    def restore(self, state):
        return Factorization.from_state(state)


class TestFrequency(RecommenderContract):
    def make(self):
        return frequency(0.9)

    def restore(self, state):
        return NextBasket.from_state(state)


class TestNextBasket(TestFrequency):
    def make(self):
        return NextBasket()


class TestContent(RecommenderContract):
    def make(self):
        return Content().fit_texts(self.shop.texts, self.shop.facts, None)

    def restore(self, state):
        return Content.from_state(state)


class TestBoughtTogether(RecommenderContract):
    def make(self):
        return BoughtTogether().of_catalogue(self.shop.facts)

    def restore(self, state):
        return BoughtTogether.from_state(state)


class TestSubstitutes(RecommenderContract):
    def make(self):
        return Substitutes().fit_texts(Wares(self.shop.texts, self.shop.facts))

    def restore(self, state):
        return Substitutes.from_state(state)


class TestEase(RecommenderContract):
    def make(self):
        return Ease()

    def restore(self, state):
        return Ease.from_state(state)


class TestPrunedEase(TestEase):
    def fit(self, interactions, *, seed=7):
        whole = self.make().fit(interactions, seed=seed)
        return Ease.from_state(prune_neighbours(whole.state(), n=20, bits=8))


class TestEaseWithTexts(TestEase):
    def make(self):
        return Ease(text=5.0).with_texts(text_side(self.shop.texts, self.shop.facts, seed=1))


class TestTransformer(RecommenderContract):
    form, bits = "fp32", 16
    kept: ClassVar[dict] = {}
    """What was trained on the suite's own shop: each training writes graphs."""

    @pytest.fixture(autouse=True)
    def _needs_torch(self):
        for module in ("torch", "onnx"):
            pytest.importorskip(module, reason=f"{module} is not installed: the extra train brings it")

    def make(self):
        raise NotImplementedError("it is trained by an adapter: see fit")

    def restore(self, state):
        return Transformer.from_state(state)

    def fit(self, interactions, *, seed=7):
        if interactions is not self.shop.interactions or seed != 7:
            return self.served(self.trained(interactions, seed))
        if "shop" not in self.kept:
            self.kept["shop"] = self.trained(interactions, seed)
        return self.served(self.kept["shop"])

    def trained(self, interactions, seed):
        from steelyard.adapters.sequences.sequence_learning import learn_sequences

        settings = SequenceSettings(width=8, negatives=16, epochs=2, length=10)
        lessons = shop_sequences(interactions, self.shop.cases, settings, seed=seed)
        return learn_sequences(lessons, unfinished=None, progress=lambda done, total, what: None)

    def served(self, trained):
        state, files = trained
        untimed = State(state.arrays, {})
        return Transformer(served_state(untimed, files.get(f"{self.form}.onnx", b""), length=10, bits=self.bits))


class TestTransformerOf8Bits(TestTransformer):
    form, bits = "int8", 8


class TestTwoTower(RecommenderContract):
    bits = 16

    @pytest.fixture(autouse=True)
    def _needs_torch(self):
        pytest.importorskip("torch", reason="torch is not installed: the extra train brings it")

    def make(self):
        raise NotImplementedError("it is trained by an adapter: see fit")

    def restore(self, state):
        return TwoTower.from_state(state)

    def fit(self, interactions, *, seed=7):
        from steelyard.adapters.sequences.tower_learning import learn_towers

        content = item_content(self.shop.facts, self.shop.texts, None, vectors=None)
        if interactions.n_items != len(content.codes):
            content = replace(content, codes=np.zeros((interactions.n_items, 1), np.int64), names=())
        settings = TowerSettings(width=8, negatives=16, epochs=2, length=10)
        lessons = shop_towers(interactions, self.shop.cases, settings, seed=seed, content=content, basics=NO_BASICS)
        learnt = learn_towers(lessons, unfinished=None, progress=lambda done, total, what: None)
        untimed = State(learnt.arrays, {})
        return TwoTower(served_towers(untimed, content, length=10, attends=True, basics=(), bits=self.bits))


class TestTwoTowerOf8Bits(TestTwoTower):
    bits = 8
