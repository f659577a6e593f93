from steelyard.compression.neighbours import prune_neighbours
from steelyard.models.linear.ease import Ease
from steelyard.models.linear.recipe import text_side
from steelyard.models.retrieval.content import Content
from steelyard.models.retrieval.factorization import Factorization
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.models.retrieval.popularity import Popularity
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


class TestFactorization(RecommenderContract):
    def make(self):
        return Factorization(8, iterations=5)

    def restore(self, state):
        return Factorization.from_state(state)


class TestContent(RecommenderContract):
    def make(self):
        return Content().fit_texts(self.shop.texts, self.shop.facts, None)

    def restore(self, state):
        return Content.from_state(state)


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
