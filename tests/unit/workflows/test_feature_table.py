"""``steelyard features`` on a small shop: the past alone, one scale, and what the file says of itself."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from steelyard.adapters.artefacts import Artefacts
from steelyard.cli import main
from steelyard.data.features.picture_vectors import picture_vectors
from steelyard.documents.feature_table import read_feature_table
from steelyard.errors import DataError

TOML = """
work = "work"
[shop]
name = "Toy"
[data.items]
path = "items.csv"
{vectors}
[data.items.columns]
item_id = "id"
title = "title"
{column}
[data.events]
path = "events.csv"
[data.events.columns]
user = "who"
item_id = "id"
time = "at"
kind = "kind"
price = "paid"
[split]
synthetic_queries = 20
"""
N_ITEMS, N_USERS, N_DAYS = 30, 24, 120


def shop(folder, *, vectors="", column=""):
    """People look at items and buy every third; item 0 is bought only on the last day."""
    (folder / "items.csv").write_text("id,title\n" + "".join(f"P{i},tray number {i}\n" for i in range(N_ITEMS)))
    lines = []
    for day in range(N_DAYS):
        for user in range(N_USERS):
            item = 1 + (7 * user + 3 * day + user * day) % (N_ITEMS - 1)
            kind = "purchase" if (user + day) % 3 == 0 else "view"
            lines.append(f"u{user},P{item},{kind},{10 + item}.50,{moment(day, user)}")
    lines += [f"u{user},P0,purchase,5.00,{moment(N_DAYS, user)}" for user in range(N_USERS)]
    (folder / "events.csv").write_text("who,id,kind,paid,at\n" + "\n".join(lines) + "\n")
    (folder / "steelyard.toml").write_text(TOML.format(vectors=vectors, column=column))
    run(folder, "prepare")
    return folder


def moment(day, user):
    return f"{np.datetime64('2024-01-01') + day}T{8 + user % 12:02d}:{user:02d}:00"


def run(folder, *arguments):
    result = CliRunner().invoke(main, [*arguments, "--config", str(folder / "steelyard.toml")])
    assert result.exit_code == 0, result.output + str(result.exception)
    return result.output


def table(folder, of):
    stored = Artefacts(folder / "work").path(f"features/{of}")
    told = read_feature_table((stored / "features.json").read_bytes())
    return pq.read_table(stored / "features.parquet").to_pydict(), told


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return shop(tmp_path_factory.mktemp("shop"))


def test_items_before_a_moment_know_nothing_of_what_came_after(prepared):
    run(prepared, "features", "--at", "2024-03-01", "--plain")
    before, told = table(prepared, "items")
    run(prepared, "features", "--plain")
    end, _ = table(prepared, "items")

    assert before["item_id"] == [f"P{i}" for i in range(N_ITEMS)]
    assert before["item_buys"][0] == 0 and end["item_buys"][0] == pytest.approx(np.log1p(N_USERS))
    assert (told.events, told.events + told.events_later) == (60 * N_USERS, (N_DAYS + 1) * N_USERS)
    assert told.at == "2024-03-01T00:00:00+00:00"


def test_every_feature_says_its_window_unit_and_events(prepared):
    run(prepared, "features", "--for", "pairs")
    rows, told = table(prepared, "pairs")

    month = next(one for one in told.features if one.name == "item_buys_month")
    assert (month.window_days, month.unit, month.source) == (30, "ln(1 + events)", ("purchase",))
    assert {one.of for one in told.features} == {"items", "users", "pairs"}
    assert "item_carts_month" in told.left_out  # the log has no carts
    assert list(rows)[:2] == ["user", "item_id"] and len(rows["user"]) == told.rows
    assert len(set(zip(rows["user"], rows["item_id"], strict=True))) == told.rows


def test_the_scale_is_that_of_the_learning_part_alone(prepared):
    run(prepared, "features", "--for", "users", "--at", "2024-04-20")
    late, first = table(prepared, "users")
    run(prepared, "features", "--for", "users")
    _, second = table(prepared, "users")

    assert [one.mean for one in first.features] == [one.mean for one in second.features]
    assert first.fingerprint == second.fingerprint and first.learnt_until == second.learnt_until < first.at
    assert np.mean(late["user_buys"]) > 0.1  # more was bought since


def test_columns_are_selected_and_turned_into_directions(prepared):
    run(prepared, "features", "--for", "items", "--select", "0.3")
    chosen, told = table(prepared, "items")
    run(prepared, "features", "--for", "items", "--directions", "0.9")
    turned, directed = table(prepared, "items")

    assert 0 < len(told.features) < len(directed.features) and set(chosen) == {"item_id", *told.columns}
    assert all(one.weight for one in told.features)
    assert set(turned) == {"item_id", *directed.columns} and directed.columns[0] == "direction_1"
    assert directed.explained >= 0.9 and len(directed.columns) < len(directed.features)


def test_the_file_asked_for_is_the_stored_one_and_another_form_is_refused(prepared, tmp_path):
    out = tmp_path / "users.parquet"
    run(prepared, "features", "--for", "users", "--out", str(out))

    config = ["--config", str(prepared / "steelyard.toml")]
    refused = CliRunner().invoke(main, ["features", "--out", str(tmp_path / "users.csv"), *config])
    early = CliRunner().invoke(main, ["features", "--at", "2020-01-01", *config])

    assert pq.read_table(out).to_pydict() == table(prepared, "users")[0]
    assert refused.exit_code == 1 and "call it users.parquet" in refused.output
    assert early.exit_code == 1 and "choose a later --at" in early.output


def test_vectors_of_pictures_come_from_a_file_of_their_own_and_are_checked(tmp_path):
    generator = np.random.default_rng(3)
    vectors = [generator.normal(size=6).tolist() for _ in range(N_ITEMS - 2)]
    vectors[0], vectors[1] = [float("nan")] * 6, [1.0, 2.0]
    ids = [f"P{i}" for i in range(N_ITEMS - 2)]
    pq.write_table(pa.table({"sku": ids, "vector": vectors}), tmp_path / "pictures.parquet")
    join = '[[data.items.join]]\npath = "pictures.parquet"\non = "id"\nkey = "sku"\n'

    folder = shop(tmp_path, vectors=join, column='image_vector = "vector"')
    shown = json.loads(run(folder, "features", "--json"))
    rows, told = table(folder, "items")

    counts = (told.pictures.n_used, told.pictures.n_missing, told.pictures.n_not_finite, told.pictures.n_other_width)
    assert counts == (N_ITEMS - 4, 2, 1, 1) and shown["pictures"]["width"] == 6
    assert rows["image_given"][:3] == [0, 0, 1] and rows["image_1"][0] == 0 and rows["image_1"][2] != 0


def test_cells_that_are_no_vector_are_counted():
    rows = [(0, "[1, 2]"), (1, "3 4"), (2, "red"), (3, None), (4, "[1, null]"), (5, "[]"), (0, "[9, 9]")]

    found = picture_vectors(rows, n_items=7)

    assert found.items.tolist() == [0, 1] and found.vectors.tolist() == [[1, 2], [3, 4]]
    assert (found.n_missing, found.n_unreadable, found.n_not_finite) == (2, 2, 1)
    with pytest.raises(DataError, match="not one vector of 1 can be read"):
        picture_vectors([(0, "red")], n_items=1)
