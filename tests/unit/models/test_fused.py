"""Fusion as a recipe: which members, what is opened, and what happens where there is nothing to fuse."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from steelyard.config import parse
from steelyard.domain import NONE, Ranked, Reason, Request, Surface
from steelyard.errors import ConfigError, PluginError, UnknownPlugin
from steelyard.models.blending.weighted import Weight, WeightedFusion
from steelyard.models.deriving import Stopwatch
from steelyard.models.recipe import REFUSED, InstalledModels, Plan, find_recipe
from steelyard.testing.memory_bench import MemoryBench, toy_tables
from steelyard.testing.recipe_contract import toy_config
from steelyard.testing.toy_shop import toy_shop
from steelyard.workflows.building.planned import planned_as

PLUGIN = '''
from steelyard.domain import Bilingual
from steelyard.models.retrieval.popularity import PopularityOptions, PopularityRecipe

class Theirs(PopularityRecipe):
    """Best sellers, unless it refuses or breaks."""
    name = "theirs"

    class options(PopularityOptions):
        does: str = "sell"
        """What it does."""

    reasons = {"theirs": Bilingual("Theirs", "他们的")}

    def tune(self, bench, options):
        words = {"en": "it does not pay", "zh": "不划算"}
        return {"half_life_days": None, **({"refused": words} if options.does == "refuse" else {})}

    def fit(self, bench, options, tuned):
        state = super().fit(bench, options, {"half_life_days": None})
        if options.does == "break":
            state.arrays["scores"][:] = float("nan")
        return state
'''


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    info = tmp_path / "steelyard_theirs-1.0.dist-info"
    info.mkdir()
    (tmp_path / "steelyard_theirs.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: steelyard-theirs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[steelyard.recipes.recommend]\ntheirs = steelyard_theirs:Theirs\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("steelyard_theirs", None)


@pytest.fixture(scope="module")
def tables():
    return toy_tables(toy_shop(seed=11))


def config(text):
    head = '[data.items]\npath = "-"\n[data.items.columns]\nitem_id = "id"\ntitle = "title"\n'
    return parse(head + text, name="steelyard.toml", models=InstalledModels())


def variants(text="", **options):
    recipe, shop = find_recipe("fused"), config(text) if text else toy_config()
    options = recipe.options(**options) if options else shop.models.tables.get("fused") or recipe.options()
    return {each.name: each for each in recipe.variants(Plan(shop, options))}


class Fixed:
    """A recommender of fixed scores."""

    def __init__(self, kind, scores):
        self.kind, self.scores = kind, scores

    def retrieve(self, requests, *, k):
        items, scores = np.full((len(requests), k), NONE), np.full((len(requests), k), -np.inf)
        for row, request in enumerate(requests):
            offered = [(i, s) for i, s in self.scores.items() if i not in request.exclude]
            for place, (item, score) in enumerate(sorted(offered, key=lambda pair: (-pair[1], pair[0]))[:k]):
                items[row, place], scores[row, place] = item, score
        return Ranked(items, scores)

    def explain(self, request, items):
        return [[Reason(self.kind, 1.0)] if item in self.scores else [] for item in items.tolist()]


def fusion(*scores, weights=(0.75, 0.25), listed=100):
    counted = [Weight(f"m{n}", weight, "max", 1.0, {}) for n, weight in enumerate(weights)]
    return WeightedFusion(counted, [Fixed(f"kind{n}", each) for n, each in enumerate(scores)], listed=listed)


def test_scores_are_weighted_shares_of_each_lists_best_and_ties_go_to_the_lower_number():
    model = fusion({1: 4.0, 2: 2.0}, {2: 10.0, 3: 5.0, 0: 5.0})

    found = model.retrieve([Request()], k=5)

    assert found.items[0].tolist() == [1, 2, 0, 3, NONE]
    np.testing.assert_allclose(found.scores[0, :4], [3 / 4, 3 / 8 + 1 / 4, 1 / 8, 1 / 8])


def test_a_list_is_the_beginning_of_a_longer_one_and_a_batch_equals_its_requests():
    many = {item: 100.0 - item for item in range(40)}
    model = fusion(many, {item: float(item) for item in range(30, 60)}, listed=10)
    asked = [Request(), Request(exclude=(0, 31)), Request(exclude=tuple(range(60)))]

    longest = model.retrieve(asked, k=60)

    for k in (1, 7, 15, 40):
        found = model.retrieve(asked, k=k)
        np.testing.assert_array_equal(found.items, longest.items[:, :k])
        for row, request in enumerate(asked):
            np.testing.assert_array_equal(found.items[row], model.retrieve([request], k=k).items[0])
    assert sorted(longest.items[0].tolist()) == list(range(60))
    assert (np.diff(longest.scores[0]) <= 0).all()
    assert (longest.items[2] == NONE).all()


def test_parts_add_up_to_the_score_also_of_what_stands_behind():
    model = fusion({item: 100.0 - item for item in range(20)}, {19: 2.0, 3: 1.0}, listed=5)
    ranked = model.retrieve([Request()], k=12)

    told = model.derivation(Request(), ranked.items[0], depth=12, watch=Stopwatch(iter(range(99)).__next__))

    for item, score in zip(told.items, ranked.scores[0].tolist(), strict=True):
        assert item.score == pytest.approx(score)
        assert sum(part.value for part in item.parts) == pytest.approx(score)
    by_item = dict(zip(ranked.items[0].tolist(), told.items, strict=True))
    assert [(p.of, p.raw, p.weight) for p in by_item[3].parts] == [("m0", 97.0, 0.75), ("m1", 1.0, 0.25)]
    assert [(step.kind, step.of, step.n) for step in told.steps] == [
        ("member", "m0", 5),
        ("member", "m1", 2),
        ("fused", "", 6),
    ]


def test_reasons_of_members_are_weighted_by_what_each_adds():
    model = fusion({1: 4.0, 2: 2.0}, {2: 10.0})

    one, two = model.explain(Request(), np.array([1, 2]))

    assert [(r.kind, r.contribution) for r in one] == [("kind0", 1.0)]
    assert [(r.kind, pytest.approx(r.contribution)) for r in two] == [("kind0", 3 / 5), ("kind1", 2 / 5)]


class Telling(Fixed):
    """Also scores what its list is too short for."""

    def score_items(self, request, items):
        return np.array([self.scores.get(item, np.nan) for item in items.tolist()])


def test_a_member_that_tells_scores_outside_its_list_is_asked_for_them():
    counted = [Weight("a", 0.5, "max", 1.0, {}), Weight("b", 0.5, "max", 1.0, {})]
    silent = WeightedFusion(counted, [Fixed("a", {1: 4.0, 2: 3.0}), Fixed("b", {2: 1.0})], listed=1)
    telling = WeightedFusion(counted, [Telling("a", {1: 4.0, 2: 3.0}), Fixed("b", {2: 1.0})], listed=1)

    np.testing.assert_allclose(silent.retrieve([Request()], k=2).scores, [[1 / 2, 1 / 2]])
    np.testing.assert_allclose(telling.retrieve([Request()], k=2).scores, [[1 / 2 * 3 / 4 + 1 / 2, 1 / 2]])


def test_a_member_whose_told_scores_are_no_numbers_is_named():
    counted = [Weight("a", 0.5, "max", 1.0, {}), Weight("theirs", 0.5, "max", 1.0, {})]
    broken = WeightedFusion(counted, [Fixed("a", {1: 4.0}), Telling("b", {2: 1.0, 1: -np.inf})], listed=1)

    with pytest.raises(PluginError, match="'theirs' was asked to score 1 items"):
        broken.retrieve([Request()], k=1)


def test_members_that_offer_nothing_leave_an_empty_list():
    model = fusion({}, {})

    assert (model.retrieve([Request()], k=3).items == NONE).all()
    assert model.explain(Request(), np.array([1])) == [[]]


def test_it_fuses_what_the_shop_names_but_itself_each_in_its_forms():
    found = variants('[models]\nrecommend = ["popularity", "item-knn", "fused"]\n')

    assert list(found) == ["fused-weights", "fused-weights-small", "fused-trees"]
    assert set(found["fused-weights"].parts) == {"popularity.model", "item-knn.model"}
    assert found["fused-weights-small"].parts["item-knn.model"].name.endswith("20x8bit")
    assert set(found["fused-trees"].parts) == {"popularity.model", "item-knn.model", "trees", "items", "texts"}


def test_without_smaller_forms_there_is_no_small_variant():
    assert list(variants(of=["popularity", "content"])) == ["fused-weights", "fused-trees"]


def test_what_cannot_be_fused_is_named():
    with pytest.raises(UnknownPlugin, match=r"\[models.fused\] of: .* Did you mean 'item-knn'"):
        variants(of=["item-kn"])
    with pytest.raises(ConfigError, match="'fused' cannot be fused with itself"):
        variants(of=["fused"])
    with pytest.raises(ConfigError, match="'lexical' answers searches"):
        variants(of=["lexical"])
    with pytest.raises(ConfigError, match="there is nothing to fuse"):
        variants('[models]\nrecommend = ["fused"]\n')


def made(tables, text):
    bench, found = MemoryBench(tables, seed=11), variants(text)["fused-weights"]
    bench.make([found.tuned])
    return bench, found, bench.values(found.tuned)


def test_one_member_is_that_member_and_the_fusion_is_not_measured(tables):
    bench, variant, values = made(tables, '[models.fused]\nof = ["item-knn"]\n')
    bench.make(variant.needed)
    options = {name: value for name, value in values.items() if name != REFUSED}
    alone = next(v for v in find_recipe("item-knn").variants(Plan(toy_config(), find_recipe("item-knn").options())))

    model = find_recipe("fused").open(bench.open(variant.parts), options)
    own = find_recipe("item-knn").open(bench.open(alone.parts), bench.values(alone.tuned))

    assert "item-knn alone" in values[REFUSED]["en"]
    assert "item-knn" in values[REFUSED]["zh"]
    asked = tables.recommend_test.requests[:8]
    np.testing.assert_array_equal(model.retrieve(asked, k=5).items, own.retrieve(asked, k=5).items)


def test_a_member_that_refuses_itself_is_left_out_with_its_reason(tables, plugin):
    text = '[models.fused]\nof = ["item-knn", "theirs"]\n[models.theirs]\ndoes = "refuse"\n'

    _, _, values = made(tables, text)

    assert [each["kind"] for each in values["members"]] == ["item-knn"]
    assert values["learning"]["refused"] == {"theirs": {"en": "it does not pay", "zh": "不划算"}}


def test_sentences_for_reasons_are_those_of_the_members_that_count(plugin):
    recipe, member = find_recipe("fused"), {"options": {}}

    assert recipe.sentences({"members": [{**member, "kind": "theirs"}]}) == {"theirs": ("Theirs", "他们的")}
    assert recipe.sentences({"members": [{**member, "kind": "item-knn"}]}) == {}


def test_a_member_of_another_package_whose_scores_are_no_numbers_is_named(tables, plugin):
    text = '[models.fused]\nof = ["item-knn", "theirs"]\n[models.theirs]\ndoes = "break"\n'

    with pytest.raises(PluginError, match=r"'theirs' gave item .* the score nan"):
        made(tables, text)


def test_without_validation_cases_members_weigh_the_same_and_it_is_said(tables):
    nothing = replace(tables.recommend_tuning, ids=(), requests=(), relevant=(), gains=())

    _, _, values = made(replace(tables, recommend_tuning=nothing), '[models.fused]\nof = ["item-knn", "popularity"]\n')

    assert [each["weight"] for each in values["members"]] == [1 / 2, 1 / 2]
    assert values["learning"]["why"] == "few_cases"
    assert not values[REFUSED]


def test_one_member_of_a_shop_with_few_cases_is_not_measured_as_a_fusion(tables):
    nothing = replace(tables.recommend_tuning, ids=(), requests=(), relevant=(), gains=())

    _, _, values = made(replace(tables, recommend_tuning=nothing), '[models.fused]\nof = ["item-knn"]\n')

    assert values[REFUSED]["en"] == "only item-knn is left to be fused: the fusion would be its list again"
    assert "item-knn" in values[REFUSED]["zh"]


def test_of_several_sizes_the_first_is_fused_whole_and_small():
    text = '[models]\nrecommend = ["item-knn", "ials", "fused"]\n[models.ials]\nfactors = [8, 16]\n'

    found = variants(text)

    assert found["fused-weights"].parts["ials.model"].name == "parts/recommend/ials-8"
    assert found["fused-weights-small"].parts["ials.model"].name == "parts/recommend/ials-8"


def test_a_member_of_no_weight_is_neither_opened_nor_packaged(tables):
    (planned, *_) = planned_as(toy_config(), Surface.RECOMMEND, "fused")
    members = [{"kind": "item-knn", "weight": 1.0, "scale": "max", "unit": 1.0, "options": {}}]

    found = planned.configuration({"members": members, "listed": 100, REFUSED: {}})

    assert set(found.parts) == {"item-knn.model", "catalogue", "fallback"}
    assert set(found.options["retriever"]) == {"members", "listed"}
