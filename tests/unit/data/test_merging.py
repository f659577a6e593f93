"""Duplicates of the catalogue that the shop asks to be merged: never a size, a colour or another product."""

import json

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.adapters.artefacts import Artefacts
from steelyard.cli import main
from steelyard.data.merging import Listed, gtin_of, merged, telling_columns

TOML = """
[data.items]
path = "items.csv"
{setting}
[data.items.columns]
item_id = "id"
title = "name"
description = "text"
price = "price"
[data.events]
path = "log.csv"
[data.events.columns]
user = "user"
item_id = "id"
time = "time"
[data.judgements]
path = "judged.csv"
[data.judgements.columns]
query = "query"
item_id = "id"
gain = "gain"
[data.answers]
path = "answers.csv"
[data.answers.columns]
question = "question"
answer = "answer"
item_id = "id"
"""
ROWS = [
    ("a1", "Enamel saucepan 20 cm", "with lid", "19.90", "", "4006381333931"),
    ("a2", "Enamel saucepan 20 cm", "with lid", "19.90", "", ""),
    ("a3", "Sauce pot, enamel, 20 cm", "other words", "21.00", "", "4006381333931"),
    ("b1", "Enamel saucepan 24 cm", "with lid", "19.90", "", ""),
    ("c1", "Linen shirt", "plain", "39.00", "M", ""),
    ("c2", "Linen shirt", "plain", "39.00", "L", ""),
    ("d1", "Wool scarf red", "warm", "15.00", "", ""),
    ("d2", "Wool scarf blue", "warm", "15.00", "", ""),
    ("e1", "Toaster deluxe", "two slots", "49.00", "", "5901234123457"),
    ("e2", "Toaster deluxe", "two slots", "49.00", "", "4012345678901"),
    ("f1", "Kettle STEEL - quick!", "fast", "29.00", "", ""),
    ("f2", "kettle steel quick", "fast", "29.00", "", ""),
    ("g1", "Desk lamp", "bright", "25.00", "", ""),
    ("g2", "Desk lamp", "bright", "35.00", "", ""),
]


def shop(folder, setting=""):
    folder.mkdir(exist_ok=True)
    (folder / "steelyard.toml").write_text(TOML.format(setting=setting))
    items = ("id,name,text,price,shirt size,ean", *(",".join(f'"{cell}"' for cell in row) for row in ROWS))
    (folder / "items.csv").write_text("\n".join(items) + "\n")
    ids = [row[0] for row in ROWS]
    log = (f"u{n % 9},{ids[n % len(ids)]},2024-05-{n % 28 + 1:02d} 10:{n % 60:02d}:00" for n in range(200))
    (folder / "log.csv").write_text("\n".join(["user,id,time", *log]) + "\n")
    (folder / "judged.csv").write_text("query,id,gain\npan,a2,3\npan,b1,1\nkettle,f2,2\nshirt,c2,1\n")
    (folder / "answers.csv").write_text("question,answer,id\nIs it heavy?,No.,a3\n")
    return folder


def prepared(folder):
    done = CliRunner().invoke(main, ["prepare", "-c", str(folder / "steelyard.toml")])
    assert done.exit_code == 0, done.output
    return Artefacts(folder / ".steelyard").path("data")


def table(folder, name):
    return pq.read_table(folder / f"{name}.parquet").to_pylist()


def test_merged_items_point_to_one_and_each_merge_is_told(tmp_path):
    data = prepared(shop(tmp_path / "on", "merge_duplicates = true"))

    told = {row["item_id"]: (row["stands_item_id"], row["why"]) for row in table(data, "merged")}
    item_of = {row["item_id"]: row["item"] for row in table(data, "items")}
    offered = {row["item_id"]: row["in_stock"] for row in table(data, "items")}
    report = json.loads((data / "quality.json").read_text())
    finding = next(each for each in report["findings"] if each["reason"] == "items_merged")
    assert told == {"a2": ("a1", "text"), "a3": ("a1", "gtin"), "f2": ("f1", "setting")}
    assert [name for name, stock in offered.items() if not stock] == ["a2", "a3", "f2"]
    assert not {row["item"] for row in table(data, "events")} & {item_of[name] for name in told}
    assert item_of["a1"] in {row["item"] for row in table(data, "judgements")}
    assert [row["item"] for row in table(data, "answers")] == [item_of["a1"]]
    assert (finding["count"], finding["values"]) == (3, {"text": 1, "gtin": 1, "setting": 1})
    assert len(table(data, "events")) == 200


def test_nothing_changes_where_it_is_off_and_the_setting_can_be_taken_back(tmp_path):
    off = prepared(shop(tmp_path / "off"))
    on = prepared(shop(tmp_path / "both", "merge_duplicates = true"))
    again = prepared(shop(tmp_path / "both"))

    assert not (off / "merged.parquet").exists()
    assert on != again
    assert {name: table(off, name) for name in ("items", "texts")} == {
        name: table(again, name) for name in ("items", "texts")
    }
    assert all(row["in_stock"] for row in table(again, "items"))


def test_a_log_as_catalogue_and_an_unknown_column_are_refused(tmp_path):
    folder = shop(tmp_path / "a", "merge_duplicates = true")
    path = folder / "steelyard.toml"
    path.write_text(path.read_text().replace('price = "price"\n', 'price = "price"\ngtin = "eann"\n', 1))

    found = CliRunner().invoke(main, ["prepare", "-c", str(path)])

    assert found.exit_code == 1
    assert "gtin = 'eann' is no column" in found.output


def item(n, title="Garden chair folding", **more):
    facts = {"text": n, "group": 0, "rest": "", "number": "", "options": (), "parent": "", "price": 5.0, "image": ""}
    return Listed(item=n, title=title, is_offered=True, **(facts | more))


def pairs(*items, common=None):
    return [(one.item, one.by, one.why) for one in merged(items, common or {})]


@pytest.mark.parametrize(
    "more",
    [
        {"options": ("l",)},
        {"number": "05901234123457"},
        {"price": 6.0},
        {"image": "other.jpg"},
        {"title": "Garden chair folding XL", "text": 1},
        {"title": "Garden chairs folding", "text": 1},
        {"title": "Garden chair folding 2", "text": 1},
        {"rest": "other brand", "text": 1},
        {"others": ("b",)},
    ],
)
def test_whatever_speaks_against_it_leaves_both_items(more):
    first = item(0, options=("m",) if "options" in more else (), number="04006381333931", image="a.jpg", others=("a",))

    assert pairs(first, item(1, **{"others": ("a",), "text": 0, **more})) == []


def test_variants_of_one_parent_are_never_merged_even_with_equal_texts_and_numbers():
    facts = {"text": 0, "parent": "chair", "number": "04006381333931"}

    assert pairs(item(0, **facts), item(1, **facts)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("连衣裙 红色", "连衣裙 蓝色"),
        ("Coffee beans black", "Coffee beans blank"),
        ("Cap S", "Cap M"),
        ("Hose 5 m", "Hose 10 m"),
    ],
)
def test_sizes_and_colours_in_titles_are_other_products_even_with_one_number(one, other):
    number = {"number": "04006381333931"}
    common = {"black": 9, "blank": 1}

    assert pairs(item(0, one, **number), item(1, other, **number)) == []
    assert pairs(item(0, one), item(1, other), common=common) == []


def test_a_slip_of_the_pen_is_one_where_the_shop_writes_the_word_else():
    common = {"folding": 7, "foldnig": 1}

    assert pairs(item(0), item(1, "Garden chair foldnig"), common=common) == [(1, 0, "spelling")]
    assert pairs(item(0), item(1, "Garden chair foldnig"), common={"folding": 2, "foldnig": 1}) == []
    assert pairs(item(0, price=None), item(1, "Garden chair foldnig", price=None), common=common) == []


def test_an_item_that_can_be_had_stands_for_one_that_cannot():
    gone = Listed(0, 0, 0, "Garden chair", "", "", (), "", 5.0, "", is_offered=False)

    assert pairs(gone, item(1, "Garden chair", text=0)) == [(0, 1, "text")]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from(["", "04006381333931", "05901234123457"]),
            st.sampled_from(["", "m", "l"]),
            st.sampled_from(["", "p"]),
            st.booleans(),
        ),
        max_size=12,
    )
)
@settings(max_examples=100, deadline=None)
def test_who_stands_is_never_merged_itself_and_nothing_that_differs_is(rows):  # fmt: skip
    items = [
        Listed(n, text, text, f"Chair {text}", "", number, (size,), parent, 5.0, "", is_offered)
        for n, (text, number, size, parent, is_offered) in enumerate(rows)
    ]

    found = merged(items, {})

    gone = {one.item for one in found}
    for one in found:
        item, by = items[one.item], items[one.by]
        assert one.by not in gone
        assert item.options == by.options
        assert not (item.number and by.number and item.number != by.number)
        assert not item.parent or item.parent != by.parent
        assert by.is_offered or not item.is_offered


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("4006381333931", "04006381333931"),
        ("4006381333931.0", "04006381333931"),
        ("400-6381 333931", "04006381333931"),
        ("036000291452", "00036000291452"),
        ("4006381333932", ""),
        ("0000000000000", ""),
        ("12345", ""),
        ("306406152X", ""),
    ],
)
def test_trade_item_numbers_are_read_by_their_check_digit(written, read):
    assert gtin_of(written) == read


def test_columns_that_tell_variants_apart_are_found_by_their_names():
    columns = ["id", "EAN-Code", "Schuhgröße", "尺码", "Farbe", "titel", "shirt size", "Lagerbestand", "Kennung"]

    numbers, options, others = telling_columns(columns, used=["id", "titel"])

    assert numbers == ("EAN-Code",)
    assert options == ("Schuhgröße", "尺码", "Farbe", "shirt size")
    assert others == ("Kennung",)
