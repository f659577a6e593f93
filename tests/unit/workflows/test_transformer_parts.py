"""A transformer as a run makes it: trained once into the store, booked as training, opened from verified bytes."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: networks cannot be trained")
pytest.importorskip("onnx", reason="onnx is not installed: networks cannot be written")

from steelyard.adapters.artefacts import Artefacts
from steelyard.assembly import Tools
from steelyard.config import parse
from steelyard.domain import NONE, Interactions
from steelyard.models.recipe import REFUSED, InstalledModels, find_recipe
from steelyard.testing import toy_shop, toy_tables
from steelyard.workflows.building.bench import ShopBench
from steelyard.workflows.building.builder import Builder
from steelyard.workflows.building.planned import planned_configurations
from steelyard.workflows.stages import Reading, Steps

TOML = """
work = "."
[data.items]
path = "-"
[data.items.columns]
item_id = "id"
title = "title"
[models]
search = ["lexical"]
recommend = ["transformer"]
[models.transformer]
width = 8
epochs = 2
negatives = 16
"""


class Shop:
    """A prepared toy shop in a folder of its own."""

    def __init__(self, folder, learn=None):
        self.store = Artefacts(folder)
        self.store.write_json("data", {"rows": 1})
        self.bench = ShopBench(parse(TOML, models=InstalledModels()), self.store, folder, Tools())
        tables = toy_tables(toy_shop(seed=3))
        self.bench.shop = tables if learn is None else _with(tables, learn)
        self.told = []
        self.variants = {
            each.name: each.variant
            for each in planned_configurations(self.bench.config)
            if each.name.startswith("transformer")
        }

    def make(self):
        steps = Steps(self.store, meter=lambda: Reading(0.0, 0.0, 0), version="1")
        needed = [part for variant in self.variants.values() for part in variant.needed]
        return Builder(self.bench, steps).make(needed, progress=lambda *said: self.told.append(said))


def _with(tables, learn):
    from dataclasses import replace

    return replace(tables, learn=learn, learn_all=learn)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    made = Shop(tmp_path_factory.mktemp("shop"))
    made.done = made.make()
    return made


def test_it_is_trained_once_and_its_forms_are_made_of_that(shop):
    assert shop.done == [
        "train/networks/transformer",
        "compress/recommend/transformer.fp32",
        "compress/tuned/transformer",
        "compress/recommend/transformer.int8",
    ]
    assert shop.make() == []


def test_its_learning_curve_is_told_and_kept(shop):
    learning = shop.store.read_json("tuned/transformer")["learning"]

    assert len(learning["looks"]) == 2
    assert learning["best"] == max(learning["looks"])
    assert any("training the transformer, loss" in what and "nDCG@10" in what for _, _, what in shop.told)


def test_nothing_is_left_of_the_training(shop):
    assert list((shop.store.root / "unfinished").glob("*")) == []


def test_both_forms_answer_from_the_store(shop):
    requests = shop.bench.shop.recommend_test.requests[:20]
    recipe = find_recipe("transformer")

    lists = [
        recipe.open(shop.bench.open(variant.parts), {}).retrieve(requests, k=10).items
        for variant in shop.variants.values()
    ]

    assert list(shop.variants) == ["transformer", "transformer-int8"]
    assert (lists[0] != NONE).all()
    assert np.mean([len(set(a) & set(b)) for a, b in zip(*map(np.ndarray.tolist, lists), strict=True)]) > 8


def test_a_shop_where_nobody_has_two_items_is_told_so(tmp_path):
    nobody = Interactions(np.array([0, 1]), np.array([1, 2]), np.zeros(2), np.ones(2), 2, 64)
    shop = Shop(tmp_path, learn=nobody)

    shop.make()

    assert "nobody has two different items" in shop.store.read_json("tuned/transformer")[REFUSED]["en"]
