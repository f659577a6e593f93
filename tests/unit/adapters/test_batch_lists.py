import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from packed import package

from steelyard.adapters import batch_lists
from steelyard.adapters.batch_lists import each_part, writing_lists
from steelyard.adapters.bundle import Bundle
from steelyard.domain import NONE, Surface
from steelyard.errors import StageError
from steelyard.serving.batch import Lists
from steelyard.serving.service import Service
from steelyard.workflows.batch import recommend_all
from steelyard.workflows.bundles.package import Details


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture
def bundle(toy_store, search, recommend, tmp_path, toy_decision):
    details = Details(query_examples=("green tea",), max_history=3)
    package(toy_store, search=search, recommend=recommend, out=tmp_path, decision=toy_decision, details=details)
    return Bundle.open(tmp_path)


def written(bundle, path, *, k=5, **how):
    how = {"erased": frozenset(), "workers": 1, **how}
    item_ids = tuple(bundle.cards().item_ids())
    with writing_lists(path, item_ids=item_ids, about={"bundle": bundle.digest}) as writer:
        return recommend_all(each_part(bundle.folder, k=k, **how), writer, told=lambda n: None)


def lists_in(path):
    found: dict[str, list[tuple[int, str, float]]] = {}
    for row in pq.read_table(path).to_pylist():
        found.setdefault(row["user"], []).append((row["rank"], row["item_id"], row["score"]))
    return found


async def test_every_list_is_the_one_that_the_server_gives(bundle, tmp_path):
    done = written(bundle, tmp_path / "lists.parquet", k=8)

    lists = lists_in(tmp_path / "lists.parquet")
    about = bundle.about()
    engine = bundle.engine()
    assert done.users == len(lists) == len(about.logged)
    for user, items in about.logged.between(0, len(about.logged)):
        served = engine.answer(Surface.RECOMMEND, served_request(about, user), k=8, explain=False)
        assert [(one.id, one.score) for one in served] == [(item, score) for _, item, score in lists[user]]
        assert [rank for rank, _, _ in lists[user]] == list(range(1, len(lists[user]) + 1))
        assert not {item for _, item, _ in lists[user]} & {f"SKU {n}" for n in items}
