"""A fusion is built through the store as every model is: each part once, and only what counts is opened."""

import numpy as np

from steelyard.adapters.artefacts import Artefacts
from steelyard.assembly import Tools
from steelyard.config import parse
from steelyard.models.blending.earlier import SUFFIX
from steelyard.models.pipeline import open_pipeline
from steelyard.models.recipe import InstalledModels
from steelyard.testing import toy_shop, toy_tables
from steelyard.workflows.building.bench import ShopBench
from steelyard.workflows.building.builder import Builder
from steelyard.workflows.building.planned import planned_configurations
from steelyard.workflows.building.shop_parts import CATALOGUE
from steelyard.workflows.stages import Reading, Steps

TEXT = """work = "."
[data.items]
path = "-"
[data.items.columns]
item_id = "id"
title = "title"
[models]
search = []
recommend = ["popularity", "item-knn", "fused"]
[models.item-knn]
decay = 0.6
[models.fused]
variants = ["weights", "trees"]
"""


class Meter:
    def __call__(self):
        return Reading(0.0, 0.0, 0)


def untold(done, total, what):
    pass


def test_a_model_that_is_named_twice_is_planned_once():
    once, twice = (TEXT, TEXT.replace('["popularity", ', '["popularity", "popularity", '))

    planned = [planned_configurations(parse(text, models=InstalledModels())) for text in (once, twice)]

    assert [each.name for each in planned[1]] == [each.name for each in planned[0]]


def test_a_fusion_is_built_stored_and_opened(tmp_path):
    store = Artefacts(tmp_path)
    store.write_json("data", {"rows": 1})
    bench = ShopBench(parse(TEXT, models=InstalledModels()), store, tmp_path, Tools())
    bench.shop = toy_tables(toy_shop(seed=3))
    planned = [each for each in planned_configurations(bench.config) if each.kind == "fused"]
    needed = [part for each in planned for part in each.needed if part is not CATALOGUE]
    builder = Builder(bench, Steps(store, meter=Meter(), version="1"))

    done = builder.make([*needed, CATALOGUE], progress=untold)

    assert "train/recommend/popularity" + SUFFIX in done
    assert "train/recommend/item-knn.full" + SUFFIX in done
    assert len(done) == len(set(done))
    assert builder.make(needed, progress=untold) == []
    for each in planned:
        configuration = each.configuration(bench.values(each.variant.tuned))
        assert not any(name.endswith(SUFFIX) for name in configuration.parts.values())
        pipeline = open_pipeline(configuration, Tools().files.parts(store.path, configuration.parts))
        found = pipeline.answer(bench.shop.recommend_test.requests[:4], k=5)
        assert (found.items >= 0).all()
        assert (np.diff(found.scores, axis=1) <= 0).all()
