"""A load is read again when any of its files has changed."""

import hashlib

from steelyard.adapters.shop.sources import Sources
from steelyard.config import Config
from steelyard.workflows.source_digests import source_digests

COLUMNS = {"item_id": "sku", "title": "title"}
EVENTS = {"user": "user", "item_id": "sku", "time": "time"}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digests(folder, **data):
    config = Config.model_validate({"data": {"items": {"path": "items.csv", "columns": COLUMNS}, **data}})
    with Sources(folder, scratch=folder / "tmp") as sources:
        return source_digests(config, sources, digest)


def test_a_new_daily_file_and_a_changed_one_are_noticed(tmp_path):
    (tmp_path / "items.csv").write_text("sku,title\nA,lamp\nB,cup\n")
    (tmp_path / "log").mkdir()
    for day in (1, 2):
        (tmp_path / "log" / f"{day}.csv").write_text(f"user,sku,time\nu,A,2024-05-0{day} 10:00:00\n")
    log = {"events": {"path": "log/*.csv", "columns": EVENTS}}

    before = digests(tmp_path, **log)
    (tmp_path / "log" / "3.csv").write_text("user,sku,time\nu,B,2024-05-03 10:00:00\n")
    grown = digests(tmp_path, **log)
    (tmp_path / "log" / "2.csv").write_text("user,sku,time\nu,B,2024-05-02 10:00:00\n")
    changed = digests(tmp_path, **log)

    assert [len(files) for files in before] == [1, 2]
    assert grown[1][:2] == before[1] and len(grown[1]) == 3
    assert changed[1][1] != grown[1][1] and changed[1][::2] == grown[1][::2]


def test_further_tables_count_and_a_file_is_looked_at_as_the_shop_says_it_is_written(tmp_path):
    (tmp_path / "items.csv").write_text("sku,title\nA,lamp\nB,cup\n")
    (tmp_path / "users.csv").write_bytes("u1;Zürich\nu2;Genève\n".encode("cp1252"))
    written = {"encoding": "cp1252", "delimiter": ";", "names": ["who", "town"]}
    users = {"users": {"path": "users.csv", "columns": {"user": "who", "attributes": "town"}, **written}}

    before = digests(tmp_path, **users)
    (tmp_path / "users.csv").write_bytes("u1;Zürich\nu3;Genève\n".encode("cp1252"))
    after = digests(tmp_path, **users)

    assert before[0] == after[0] and before[1] != after[1]


def test_a_file_that_is_joined_counts_too(tmp_path):
    (tmp_path / "items.csv").write_text("sku,title\nA,lamp\nB,cup\n")
    (tmp_path / "lines.csv").write_text("order,sku\n1,A\n")
    (tmp_path / "orders.csv").write_text("order,user,time\n1,u,2024-05-01 10:00:00\n")
    log = {"events": {"path": "lines.csv", "columns": EVENTS, "join": [{"path": "orders.csv", "on": "order"}]}}

    before = digests(tmp_path, **log)
    (tmp_path / "orders.csv").write_text("order,user,time\n1,u,2024-05-01 10:00:01\n")
    after = digests(tmp_path, **log)

    assert len(before) == 3 and before[:2] == after[:2] and before[2] != after[2]
