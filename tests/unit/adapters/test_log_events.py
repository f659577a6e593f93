"""The whole log as columns, as it was prepared: what was shown, by whom, and what is left out."""

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from steelyard.adapters.shop.log_events import load_log
from steelyard.documents.split import read_split

SPLIT = Path(__file__).parents[2] / "golden" / "documents" / "split-0.json"
ROWS = {
    "time": [1.0, 2.0, 3.0, 4.0, 5.0],
    "item": [0, -1, 2, 1, 2],
    "kind": ["impression", "view", "click", "impression", "purchase"],
    "user": ["b", "a", "", "a", "b"],
    "session": ["s", "t", "t", "", "s"],
    "position": [3.0, None, None, 1.0, None],
    "traffic": ["", "", "", "hostile", ""],
}


@pytest.fixture
def folder(tmp_path):
    pq.write_table(pa.table({"title": ["a", "b", "c"]}), tmp_path / "items.parquet")
    shutil.copy(SPLIT, tmp_path / "split.json")
    return tmp_path


def load(folder, columns):
    pq.write_table(pa.table({name: ROWS[name] for name in columns}), folder / "events.parquet")
    return load_log(folder)


def test_events_of_unknown_items_and_of_hostile_robots_are_left_out(folder):
    log = load(folder, ROWS)

    assert log.items.tolist() == [0, 2, 2]
    assert log.times_s.tolist() == [1.0, 3.0, 5.0]
    assert [log.names[kind] for kind in log.kinds] == ["impression", "click", "purchase"]
    assert log.positions.tolist() == [3, 0, 0]
    assert log.n_items == 3


def test_who_has_no_name_is_known_by_the_visit(folder):
    by_user, by_visit, again = load(folder, ROWS).visitors.tolist()

    assert by_user == again
    assert len({by_user, by_visit}) == 2
    assert by_visit >= 0


def test_a_log_with_nothing_besides_is_read_and_nobody_is_guessed(folder):
    log = load(folder, ("time", "item", "kind", "user"))

    assert log.items.tolist() == [0, 2, 1, 2]
    assert log.visitors[1] == -1
    assert log.positions.tolist() == [0, 0, 0, 0]


def test_what_is_held_out_can_be_cut_off(folder):
    log, split = load(folder, ROWS), read_split(SPLIT.read_bytes())

    assert (log.validation_s, log.test_s) == (split.cut_validation_s, split.cut_test_s)
    assert log.until(3.0).items.tolist() == [0]
    assert log.is_of(frozenset({"click", "purchase"})).tolist() == [1, 2]
    assert np.diff(log.times_s).min() >= 0
