"""Parts of every configuration: each made once, remembered by what it rests on, and those of other packages too."""

import json
import sys

import pytest

from steelyard.adapters.artefacts import Artefacts
from steelyard.assembly import Tools
from steelyard.config import parse
from steelyard.documents.configurations import Built, LeftOut, built_json, read_built
from steelyard.domain import Surface
from steelyard.errors import ConfigError, StageError
from steelyard.models.building import Part
from steelyard.models.recipe import InstalledModels
from steelyard.testing import toy_shop, toy_tables
from steelyard.workflows.build import build, built_of, load_built
from steelyard.workflows.building.bench import ShopBench
from steelyard.workflows.building.builder import Builder, step_of
from steelyard.workflows.building.planned import planned_configurations, unmet
from steelyard.workflows.stages import Reading, Steps

HEAD = 'work = "."\n[data.items]\npath = "-"\n[data.items.columns]\nitem_id = "id"\ntitle = "title"\n'
MODELS = '[models]\nsearch = ["lexical"]\nrecommend = ["popularity", "item-knn"]\n'
SMALL = HEAD + MODELS + '[models.item-knn]\nforms = ["full", "20x8bit"]\n'


class Meter:
    def __call__(self):
        return Reading(0.0, 0.0, 0)


def untold(done, total, what):
    pass


class Shop:
    """A prepared toy shop in a folder of its own; its cards and histories are not written."""

    def __init__(self, folder, text=SMALL):
        self.store = Artefacts(folder)
        self.steps = Steps(self.store, meter=Meter(), version="1")
        if not self.store.has("data"):
            self.store.write_json("data", {"rows": 1})
        self.bench = ShopBench(parse(text, models=InstalledModels()), self.store, folder, Tools())
        self.bench.shop = toy_tables(toy_shop(seed=3))

    def make(self, *parts):
        return Builder(self.bench, self.steps).make(parts, progress=untold)

    def planned(self):
        return {each.name: each for each in planned_configurations(self.bench.config)}


def test_nothing_is_made_before_the_shop_is_prepared(tmp_path):
    shop = Shop(tmp_path)
    shop.store.forget("data")

    with pytest.raises(StageError, match="steelyard prepare"):
        shop.make(*shop.planned()["popularity"].variant.needed)


def test_a_part_is_made_once_and_what_it_is_made_of_before_it(tmp_path):
    shop = Shop(tmp_path)
    small = shop.planned()["item-knn-20x8bit"]

    done = shop.make(*small.variant.needed)

    assert done == ["train/tuned/item-knn", "train/recommend/item-knn.full", "compress/recommend/item-knn.20x8bit"]
    assert Shop(tmp_path).make(*small.variant.needed) == []


def test_an_option_of_one_model_makes_only_its_own_parts_again(tmp_path):
    wanted = ("popularity", "item-knn-full")
    first = Shop(tmp_path)
    first.make(*(part for name in wanted for part in first.planned()[name].variant.needed))

    changed = Shop(tmp_path, SMALL + "[models.popularity]\nhalf_life_days = 3\n")
    done = changed.make(*(part for name in wanted for part in changed.planned()[name].variant.needed))

    assert done == ["train/tuned/popularity", "train/recommend/popularity"]


def test_an_interrupted_build_goes_on_where_it_stopped(tmp_path):
    shop = Shop(tmp_path)
    good = Part("parts/good", lambda bench: {"n": 1})

    def fail(bench):
        raise MemoryError("killed")

    with pytest.raises(MemoryError):
        shop.make(Part("parts/bad", fail, (good,)))

    assert Shop(tmp_path).make(Part("parts/bad", lambda bench: {"n": 2}, (good,))) == ["train/bad"]


def test_a_changed_parent_makes_its_children_again_and_an_equal_one_does_not(tmp_path):
    def family(value, settings):
        parent = Part("parts/parent", lambda bench: {"n": value}, settings=settings)
        return Part("parts/child", lambda bench: dict(bench.values(parent)), (parent,))

    Shop(tmp_path).make(family(1, "a"))

    assert Shop(tmp_path).make(family(1, "b")) == ["train/parent"]  # made again, and came out the same
    assert Shop(tmp_path).make(family(2, "c")) == ["train/parent", "train/child"]


def test_a_damaged_part_is_made_again(tmp_path):
    shop = Shop(tmp_path)
    part = Part("parts/one", lambda bench: {"n": 1})
    shop.make(part)
    for file in shop.store.path(part.name).glob("value.json"):
        file.chmod(0o644)
        file.write_text("{}")

    assert Shop(tmp_path).make(part) == [step_of(part)]


def test_what_lies_outside_the_store_is_looked_at_too(tmp_path):
    def part(digest):
        return Part("parts/outside", lambda bench: {"n": 1}, outside=lambda bench: digest)

    Shop(tmp_path).make(part("a"))

    assert Shop(tmp_path).make(part("a")) == []
    assert Shop(tmp_path).make(part("b")) == ["train/outside"]


def test_a_model_whose_needs_are_not_met_is_left_out_and_it_is_said_why(tmp_path, monkeypatch):
    shop = Shop(tmp_path)
    nobody = shop.bench.shop.recommend_test
    shop.bench.shop = _without_recommend_test(shop.bench.shop)
    monkeypatch.setattr("steelyard.workflows.build.standing_parts", lambda bench: [])

    built = build(shop.bench, shop.steps, progress=untold)

    assert nobody.requests
    assert [each.name for each in built.configurations] == ["lexical"]
    assert [(each.model, each.why) for each in built.left_out] == [
        ("popularity", "no_behaviour"),
        ("item-knn", "no_behaviour"),
    ]


def test_a_model_that_reads_titles_is_left_out_where_no_item_has_one(tmp_path):
    from dataclasses import replace

    shop = Shop(tmp_path)
    texts = shop.bench.shop.texts
    untitled = replace(shop.bench.shop, texts=replace(texts, title=("",) * len(texts.title)))

    found = unmet(shop.bench.config, untitled, list(shop.planned().values()))

    assert [(each.model, each.why) for each in found] == [("lexical", "no_text")]


def _without_recommend_test(tables):
    from dataclasses import replace

    cases = tables.recommend_test
    return replace(tables, recommend_test=replace(cases, ids=(), requests=(), relevant=(), gains=()))


def test_what_was_built_says_what_each_configuration_needs_and_is_made_of(tmp_path, monkeypatch):
    monkeypatch.setattr("steelyard.workflows.build.standing_parts", lambda bench: [])
    shop = Shop(tmp_path)

    built = build(shop.bench, shop.steps, progress=untold)

    assert [each.name for each in built.configurations] == [
        "lexical",
        "popularity",
        "item-knn-full",
        "item-knn-20x8bit",
    ]
    assert built.needs["item-knn-20x8bit"] == (
        "parts/recommend/item-knn.20x8bit", "tuned/item-knn", "parts/catalogue", "parts/recommend/popularity",
    )  # fmt: skip
    assert built.parents["parts/recommend/item-knn.20x8bit"] == ("parts/recommend/item-knn.full",)
    knn = built.configurations[2]
    assert knn.surface is Surface.RECOMMEND
    assert set(knn.options) == {"retriever", "rules", "candidates"}
    assert load_built(shop.store) == built


def test_what_rests_on_no_table_lasts_when_the_data_are_new():
    config = parse(HEAD + '[models]\nsearch = ["lexical", "dense"]\nrecommend = []\n', models=InstalledModels())

    built = built_of(planned_configurations(config), ())

    assert built.lasting == ("parts/encoder/minilm-fp32", "vectors/minilm-tokens")
    assert read_built(built_json(built)).lasting == built.lasting


def test_a_document_of_an_older_version_is_read():
    rows = [
        {"name": "dense-fp32-fp32", "surface": "search", "kind": "dense", "options": {},
         "parts": {"encoder": "parts/encoder/minilm-fp32", "vectors": "parts/vectors/minilm.fp32"}},
        {"name": "dense-static-1bit", "surface": "search", "kind": "dense", "options": {},
         "parts": {"encoder": "parts/encoder/minilm-static", "vectors": "parts/vectors/minilm.1bit"}},
        {"name": "lexical", "surface": "search", "kind": "lexical", "options": {},
         "parts": {"lexical": "parts/lexical"}},
    ]  # fmt: skip

    built = read_built(rows)

    assert [each.upkeep.has_transformer for each in built.configurations] == [True, False, False]
    assert [each.is_uncompressed for each in built.configurations] == [True, False, False]
    assert built.needs["lexical"] == ("parts/lexical",)


def test_a_document_comes_back_as_it_was_written(tmp_path):
    built = Built((), {"a": ("b",)}, {"b": ("c",)}, (LeftOut("ials", "no_behaviour"),))

    assert read_built(json.loads(json.dumps(built_json(built)))) == built


PLUGIN = """
import numpy as np
from pydantic import Field
from steelyard.config.section import Section
from steelyard.domain import Ranked, Reason, State
from steelyard.models.recipe import FittedRecipe
from steelyard.models.retrieval.popularity import Popularity

class Options(Section):
    half_life_days: float = Field(7.0, description="Age at which an event counts half.")

class Lately(FittedRecipe):
    name = "lately"
    options = Options

    def fit(self, bench, options, tuned):
        return Popularity(options.half_life_days).fit(bench.shop.learn_all, seed=bench.seed).state()

    def open(self, parts, options):
        return Popularity.from_state(parts.state("model"))
"""


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """A package of somebody else's, installed for the length of a test."""
    folder = tmp_path / "site"
    info = folder / "steelyard_lately-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "steelyard_lately.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: steelyard-lately\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[steelyard.recipes.recommend]\nlately = steelyard_lately:Lately\n")
    monkeypatch.syspath_prepend(str(folder))
    yield
    sys.modules.pop("steelyard_lately", None)


def test_a_recommender_of_another_package_is_built_with_its_own_options(tmp_path, plugin):
    text = HEAD + '[models]\nsearch = []\nrecommend = ["lately"]\n[models.lately]\nhalf_life_days = 2\n'
    shop = Shop(tmp_path / "shop", text)
    (lately,) = planned_configurations(shop.bench.config)

    done = shop.make(*lately.variant.needed)

    assert done == ["train/tuned/lately", "train/recommend/lately"]
    assert shop.store.read_state("parts/recommend/lately").facts["half_life_days"] == 2


def test_an_unknown_option_of_another_package_is_refused_with_the_nearest(plugin):
    text = HEAD + '[models]\nrecommend = ["lately"]\n[models.lately]\nhalf_live_days = 2\n'

    with pytest.raises(ConfigError, match="did you mean 'half_life_days'"):
        parse(text, models=InstalledModels())
