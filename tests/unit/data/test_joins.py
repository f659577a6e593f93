"""Tables that a shop spreads over several files: every row once, with what the other files say of it."""

import pytest
from small_shop import Shop, reasons

from steelyard.adapters.shop.sources import Sources
from steelyard.data.join_keys import key_forms
from steelyard.data.schema import Lookup, Reading, Role, Wanted
from steelyard.errors import DataError, SourceError

ITEMS = "sku,title,price\nA,Oak tray,9\nB,Pine box,12\nC,Tin cup,3\n"
LINES = "order,sku,n\n1,A,2\n1,B,1\n2,C,1\n3,A,1\n"
HEADS = "order,who,at\n1,c1,2024-05-01 10:00:00\n2,c2,2024-05-02 11:00:00\n3,c1,2024-05-03 12:00:00\n"
COLUMNS = {"user": "who", "item_id": "sku", "time": "at", "session": "order", "quantity": "n"}


def shop(folder, *, lines=LINES, heads=HEADS, **files):
    made = Shop(folder).write("items.csv", ITEMS).write("events.csv", lines).write("heads.csv", heads)
    for name, text in files.items():
        made.write(f"{name}.csv", text)
    return made


def prepared(made, *joins, columns=COLUMNS, **more):
    joins = joins or ({"path": "heads.csv", "on": "order"},)
    return made.prepare(events={"columns": columns, "join": list(joins), **more})


def test_every_line_of_an_order_gets_its_buyer_and_time(tmp_path):
    made = shop(tmp_path)

    quality = prepared(made)

    found = [(row["time"], row["quantity"]) for row in made.rows("events")]
    assert sorted(found) == [(1714557600, 1), (1714557600, 2), (1714647600, 1), (1714737600, 1)]
    assert len({row["user"] for row in made.rows("events")}) == 2
    assert reasons(quality, "events")["file_looked_up"] == 4


def test_a_file_found_by_a_column_of_another_joined_file(tmp_path):
    heads = "order,account,at\n1,x,2024-05-01 10:00:00\n2,y,2024-05-02 11:00:00\n3,z,2024-05-03 12:00:00\n"
    made = shop(tmp_path, heads=heads, people="id,who\nx,c1\ny,c2\nz,c1\n")

    prepared(made, {"path": "heads.csv", "on": "order"}, {"path": "people.csv", "on": "account", "key": "id"})

    assert len({row["user"] for row in made.rows("events")}) == 2 and len(made.rows("events")) == 4


def test_keys_that_the_other_file_lacks_are_counted_and_lose_no_row(tmp_path):
    lines = LINES + "9,B,1\n,B,1\n"
    made = shop(tmp_path, lines=lines)

    found = reasons(prepared(made), "events")

    assert found["join_key_unknown"] == 1 and found["join_key_missing"] == 1 and found["file_looked_up"] == 4
    assert found["event_time_unreadable"] == 2


def test_a_key_that_is_there_twice_is_refused_and_names_no_visit(tmp_path):
    made = shop(tmp_path, heads=HEADS + "2,c9,2024-05-09 10:00:00\n")

    with pytest.raises(DataError, match=r"heads.csv has 1 values of order more than once.* rows 2 to 4, 2 times") as no:
        prepared(made)

    assert "not shown" in str(no.value) and "'2'" not in str(no.value)


def test_a_key_of_products_that_is_there_twice_is_shown(tmp_path):
    made = Shop(tmp_path).write("items.csv", "sku,title,aisle\nA,Tray,7\nB,Box,8\n")
    made.write("aisles.csv", "aisle,aisle_name\n7,Bread\n8,Milk\n7,Buns\n")
    columns = {"item_id": "sku", "title": "title", "category": "aisle_name"}

    with pytest.raises(DataError, match=r"aisles.csv has 1 values of aisle .*'7' \(rows 1 to 3, 2 times\)"):
        made.prepare(items={"columns": columns, "join": [{"path": "aisles.csv", "on": "aisle"}]})


def test_columns_are_renamed_and_one_that_is_there_already_is_refused(tmp_path):
    made = shop(tmp_path, heads=HEADS.replace("order,who,at", "id,who,n"))
    join = {"path": "heads.csv", "on": "order", "key": "id"}

    prepared(made, {**join, "columns": {"who": "who", "at": "n"}})
    with pytest.raises(SourceError, match="already; give it another name"):
        prepared(made, {**join, "columns": ["who", "n"]})

    assert [row["quantity"] for row in made.rows("events")] == [2, 1, 1, 1]


def test_ids_in_two_forms_meet_by_the_rule_for_item_ids(tmp_path):
    lines = "order,sku,n\n101.0,A,1\n0102,B,1\n1.03E+05,C,1\n"
    heads = "order,who,at\n101,c1,2024-05-01 10:00:00\n102,c2,2024-05-02 11:00:00\n103,c3,2024-05-03 12:00:00\n"
    made = shop(tmp_path, lines=lines, heads=heads)

    found = reasons(prepared(made), "events")

    assert found["join_key_repaired"] == 2 and len(made.rows("events")) == 2
    assert found["join_key_unknown"] == 1  # 1.03E+05 may have lost digits


def test_zeros_that_are_part_of_the_name_are_not_taken_off(tmp_path):
    lines = "order,sku,n\n007,A,1\n08,B,1\n"
    heads = "order,who,at\n007,c1,2024-05-01 10:00:00\n8,c2,2024-05-02 11:00:00\n"
    made = shop(tmp_path, lines=lines, heads=heads)

    found = reasons(prepared(made), "events")

    assert found["join_key_unknown"] == 1 and "join_key_repaired" not in found


def test_the_wrong_column_is_refused_before_a_row_is_lost(tmp_path):
    made = shop(tmp_path)

    with pytest.raises(DataError, match=r"not one of 4 values of sku is in the column order of heads.csv"):
        prepared(made, {"path": "heads.csv", "on": "sku", "key": "order"})
    with pytest.raises(SourceError, match=r"\[data.events.join\] heads.csv has no column 'oder'. Did you mean 'order'"):
        prepared(made, {"path": "heads.csv", "on": "order", "key": "oder"})


def test_a_file_of_which_nothing_is_used_is_not_read(tmp_path):
    made = shop(tmp_path, notes="order,note\n1,x\n1,y\n")

    found = prepared(made, {"path": "heads.csv", "on": "order"}, {"path": "notes.csv", "on": "order"})

    assert [one["count"] for one in found["findings"] if one["reason"] == "file_looked_up"] == [4, 0]


def test_a_key_of_two_columns_and_a_category_from_two_files(tmp_path):
    made = Shop(tmp_path).write("items.csv", "sku,land,title,group\nA,uk,Tray,Home\nB,de,Box,Home\n")
    made.write("names.csv", "sku,land,sub\nA,uk,Trays\nA,de,Tabletts\nB,de,Kisten\n")
    columns = {"item_id": "sku", "title": "title", "category": ["group", "sub"]}

    made.prepare(items={"columns": columns, "join": [{"path": "names.csv", "on": ["sku", "land"]}]})

    assert [row["category"] for row in made.rows("items")] == [["Home", "Trays"], ["Home", "Kisten"]]


def test_times_are_added_up_from_the_days_between_orders(tmp_path):
    lines = "order_id,sku\n11,A\n11,B\n12,A\n13,C\n21,B\n22,C\n"
    heads = (
        "order_id,who,number,dow,hour,days\n11,u1,1,2,8,\n12,u1,2,2,9,7.0\n13,u1,3,4,10,30.0\n"
        "21,u2,1,0,0,\n22,u2,2,,7,\n"
    )
    clock = {"column": "at", "person": "who", "order": "number", "days": "days", "begins": "2024-01-01"}
    clock |= {"weekday": "dow", "hour": "hour"}
    made = shop(tmp_path, lines=lines, heads=heads)
    columns = {"user": "who", "item_id": "sku", "time": "at", "session": "order_id"}

    quality = prepared(made, {"path": "heads.csv", "on": "order_id", "relative_time": clock}, columns=columns)

    day = 86_400
    monday = 1_704_067_200
    third = monday + 39 * day + 10 * 3600
    expected = [monday, monday + 2 * day + 8 * 3600, monday + 2 * day + 8 * 3600, monday + 9 * day + 9 * 3600, third]
    assert sorted(row["time"] for row in made.rows("events")) == expected
    found = reasons(quality, "events")
    assert found["time_added_up"] == 5 and found["event_time_unreadable"] == 1  # u2's second gap is not told


def test_raw_identifiers_are_in_no_scratch_file(tmp_path):
    made = shop(tmp_path, heads=HEADS.replace("c1", "carla.visible@example.org").replace("c2", "dora-visible"))
    joins = (Lookup("heads.csv", ("order",), ("order",)),)
    roles = (Role("user", ("who",), is_personal=True), Role("item_id", ("sku",)), Role("time", ("at",), "time"))
    scratch = tmp_path / "tmp"

    with Sources(tmp_path, scratch=scratch) as sources:
        wanted = Wanted("events", "events.csv", roles, Reading(), joins=joins)
        sources.keep(sources.scan(wanted, pseudonym=lambda raw: f"p{len(raw)}"), "kept")
        stored = b"".join(path.read_bytes() for path in scratch.rglob("*") if path.is_file())

    assert made and b"visible" not in stored and b"p25" in stored


def test_a_join_that_does_not_fit_in_memory_is_spilled_and_right(tmp_path):
    n = 60_000
    rows = "".join(f"{i:040d},{'ABC'[i % 3]},1\n" for i in range(n))
    heads = "".join(f"{i:040d},u{i % 500},2024-05-0{1 + i % 9} 10:00:00\n" for i in range(n))
    (tmp_path / "events.csv").write_text(f"order,sku,n\n{rows}")
    (tmp_path / "heads.csv").write_text(f"order,who,at\n{heads}")
    roles = (Role("user", ("who",), is_personal=True), Role("item_id", ("sku",)), Role("time", ("at",), "time"))
    wanted = Wanted("events", "events.csv", roles, joins=(Lookup("heads.csv", ("order",), ("order",)),))

    with Sources(tmp_path, scratch=tmp_path / "tmp", max_memory_gb=0.03, threads=1) as sources:
        sources.keep(sources.scan(wanted, pseudonym=lambda raw: raw[::-1]), "kept")
        got = sources.arrays(sources.table("kept").select("row", "time"))

    assert len(got["row"]) == n and len(set(got["row"].tolist())) == n
    assert all(t == 1_714_557_600 + 86_400 * ((r - 1) % 9) for r, t in zip(got["row"], got["time"], strict=True))


def test_forms_of_a_key_tell_what_two_differ_in():
    assert key_forms("101.0")[::3] == ("101", "1")
    assert key_forms("007") == ("7", "007", "007", "", "1")
    assert key_forms("Ab 1\x1f02")[:3] == ("ab1\x1f2", "Ab1\x1f02", "ab1\x1f02")
