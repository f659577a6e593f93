import json
import multiprocessing

import numpy as np
import pyarrow.parquet as pq
import pytest
from packed import package

from steelyard.adapters import batch_lists
from steelyard.adapters.batch_lists import each_part, writing_lists
from steelyard.adapters.bundle import Bundle
from steelyard.domain import NONE, Request, Surface
from steelyard.errors import StageError
from steelyard.serving.batch import Lists
from steelyard.serving.history import Histories
from steelyard.workflows.batch import recommend_all
from steelyard.workflows.bundles.package import Details


@pytest.fixture
def bundle(toy_store, search, recommend, tmp_path, toy_decision):
    details = Details(query_examples=("green tea",), max_history=3)
    package(toy_store, search=search, recommend=recommend, out=tmp_path, decision=toy_decision, details=details)
    return Bundle.open(tmp_path)


def written(bundle, path, *, k=5, **how):
    how = {"erased": frozenset(), "workers": 1, "now_s": 0.0, **how}
    item_ids = tuple(bundle.cards().item_ids())
    with writing_lists(path, item_ids=item_ids, about={"bundle": bundle.digest}) as writer:
        return recommend_all(each_part(bundle.folder, k=k, **how), writer, told=lambda n: None)


def lists_in(path):
    found: dict[str, list[tuple[int, str, float]]] = {}
    for row in pq.read_table(path).to_pylist():
        found.setdefault(row["user"], []).append((row["rank"], row["item_id"], row["score"]))
    return found


def test_every_list_is_the_one_that_the_server_gives(bundle, tmp_path):
    done = written(bundle, tmp_path / "lists.parquet", k=8)

    lists = lists_in(tmp_path / "lists.parquet")
    about = bundle.about()
    engine = bundle.engine()
    assert done.users == len(lists) == len(about.logged)
    for user, items in about.logged.between(0, len(about.logged)):
        histories = Histories(
            about.logged, read=lambda name: (), number=engine.number, max_history=about.max_history
        )  # as the server makes its requests
        history, seen = histories.split(user)
        request = Request(history=history, seen=seen)
        served = engine.answer(Surface.RECOMMEND, request, k=8, explain=False)
        assert [(one.id, one.score) for one in served] == [(item, score) for _, item, score in lists[user]]
        assert [rank for rank, _, _ in lists[user]] == list(range(1, len(lists[user]) + 1))
        assert not {item for _, item, _ in lists[user]} & {f"SKU {n}" for n in items}


def test_several_processes_write_the_same_file(bundle, tmp_path, monkeypatch):
    monkeypatch.setattr(batch_lists, "USERS_AT_ONCE", 7)

    alone = written(bundle, tmp_path / "alone.parquet")
    shared = written(bundle, tmp_path / "shared.parquet", workers=2)

    assert alone == shared
    assert (tmp_path / "alone.parquet").read_bytes() == (tmp_path / "shared.parquet").read_bytes()
    assert pq.ParquetFile(tmp_path / "alone.parquet").num_row_groups == -(-len(bundle.about().logged) // 7)


def test_the_file_names_its_bundle_and_holds_pseudonyms_only(bundle, tmp_path):
    written(bundle, tmp_path / "lists.parquet")

    metadata = pq.read_schema(tmp_path / "lists.parquet").metadata
    assert json.loads(metadata[b"steelyard"]) == {"bundle": bundle.digest}
    assert b"user 0" not in (tmp_path / "lists.parquet").read_bytes()


def test_a_process_that_dies_leaves_the_old_file_and_says_what_to_do(bundle, tmp_path, monkeypatch):
    monkeypatch.setattr(batch_lists, "USERS_AT_ONCE", 3)
    target = tmp_path / "there" / "lists.parquet"
    target.parent.mkdir()
    target.write_bytes(b"yesterday")
    before = {each.pid for each in multiprocessing.active_children()}

    def told(n):
        for each in multiprocessing.active_children():
            if each.pid not in before:
                each.kill()

    how = {"erased": frozenset(), "k": 5, "workers": 2, "now_s": 0.0}
    with (
        pytest.raises(StageError, match="--workers 1"),
        writing_lists(target, item_ids=tuple(bundle.cards().item_ids()), about={}) as writer,
    ):
        recommend_all(each_part(bundle.folder, **how), writer, told=told)

    assert [path.name for path in target.parent.iterdir()] == ["lists.parquet"]
    assert target.read_bytes() == b"yesterday"


def test_longer_lists_are_made_for_fewer_users_at_once(bundle, tmp_path, monkeypatch):
    monkeypatch.setattr(batch_lists, "_PLACES_AT_ONCE", 100)
    monkeypatch.setattr(batch_lists, "USERS_AT_ONCE", 16)

    written(bundle, tmp_path / "short.parquet", k=5)
    written(bundle, tmp_path / "long.parquet", k=20)

    n_users = len(bundle.about().logged)
    groups = [pq.ParquetFile(tmp_path / f"{name}.parquet").num_row_groups for name in ("short", "long")]
    assert groups == [-(-n_users // 16), -(-n_users // 4)]


def test_who_was_erased_gets_no_list(bundle, tmp_path):
    (gone, _), *others = bundle.about().logged.between(0, 10**6)

    done = written(bundle, tmp_path / "lists.parquet", erased=frozenset({gone}))

    assert done.users == len(others)
    assert gone not in lists_in(tmp_path / "lists.parquet")


def test_what_breaks_off_leaves_the_old_file_and_no_draft(bundle, tmp_path):
    target = tmp_path / "there" / "lists.parquet"
    target.parent.mkdir()
    target.write_bytes(b"yesterday")

    def parts():
        yield from each_part(bundle.folder, erased=frozenset(), k=3, workers=1, now_s=0.0)
        raise StageError("the disk is gone")

    with (
        pytest.raises(StageError, match="disk"),
        writing_lists(target, item_ids=tuple(bundle.cards().item_ids()), about={}) as writer,
    ):
        recommend_all(parts(), writer, told=lambda n: None)

    assert [path.name for path in target.parent.iterdir()] == ["lists.parquet"]
    assert target.read_bytes() == b"yesterday"


def test_short_and_empty_lists_are_counted_apart(tmp_path):
    items = np.array([[1, 0], [0, NONE], [NONE, NONE]])
    scores = np.where(items == NONE, -np.inf, 1.0)

    with writing_lists(tmp_path / "lists.parquet", item_ids=("a", "b"), about={}) as writer:
        done = recommend_all([Lists(("u", "v", "w"), items, scores)], writer, told=lambda n: None)

    assert (done.users, done.rows, done.short, done.empty) == (2, 3, 1, 1)
    assert lists_in(tmp_path / "lists.parquet") == {"u": [(1, "b", 1.0), (2, "a", 1.0)], "v": [(1, "a", 1.0)]}


def test_a_bundle_without_recommendation_or_histories_says_so(toy_store, search, tmp_path, toy_decision):
    package(toy_store, search=search, recommend=None, out=tmp_path, decision=toy_decision)

    with pytest.raises(StageError, match=r"histories|recommend"):
        list(each_part(Bundle.open(tmp_path).folder, erased=frozenset(), k=3, workers=1, now_s=0.0))
