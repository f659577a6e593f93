"""Spark works the same stages out, to the same rows and the same bytes."""

import json
import random
import shutil
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.shop.sources import Sources
from steelyard.assembly import Tools
from steelyard.config import Config
from steelyard.documents.reasons import REASONS
from steelyard.errors import ConfigError, MissingExtra
from steelyard.workflows.prepare import prepare

NOW = datetime(2024, 6, 1, tzinfo=UTC)
TITLES = [
    "Reed lamp {}",
    "ＲＥＥＤ　ｌａｍｐ　{}",
    "红木台灯 {} 号",
    "<p>Oak &amp; iron lamp<br>{}</p><style>p{{color:red}}</style>",
    "Ã©tagÃ¨re {}",
    "Lampe \ufffd {}",
    "Настольная лампа {}",
    "N/A",
    "lorem ipsum\u2028 {}",
    "ΦΑΝΟΣ {}",
]
PRICES = ["1.299,00 €", "€ 12,50", "7,5", "49,90", "N/A", "#REF!", "-3", "0", "$ 19,99", "call us", "１２,５０"]
STOCK = ["3", "in stock", "有货", "", "0", "-1", "soon", "null"]
QUERIES = [
    *("red lamp", "Red Lamp", "İstanbul lamp", "istanbul lamp", "ΦΑΝΟΣ", "φανος", "台灯", "oil\x0blamp"),
    *("ring 电话13912345678", "mail ann@post.example", "13912345678x", "N/A", ""),
]
KINDS = ["view", "VIEW", "purchase", "add_to_cart", "İade", "search", "rating", "zoom", "audit", "impression"]
TIMES = [
    "2024-0{m}-1{d} 1{d}:0{d}:0{d}",
    "1{d}.0{m}.2024 08:0{d}",
    "171455{d}600",
    "171455{d}600{d}5{d}",
    "2024/0{m}/2{d}",
]
EVENTS = {
    **{"user": "who", "item_id": "sku", "time": "at", "kind": "what", "session": "visit", "quantity": "pieces"},
    **{"price": "paid", "query": "typed", "event_id": "id", "rating": "stars", "position": "place"},
    **{"platform": "where", "user_agent": "agent"},
}
ITEMS = {
    **{"item_id": "sku", "title": "name", "description": "text", "category": "kind", "brand": "maker"},
    **{
        "price": "price",
        "stock": "left",
        "parent": "of",
        "published": "shown",
        "attributes": ["colour", "size", "shelf"],
    },
}
DAMAGED = {
    "data": {
        "accept": list(REASONS),
        "items": {
            **{"path": "items.csv", "columns": ITEMS, "stock_words": {"soon": False}},
            "join": [{"path": "shelves.csv", "on": "kind", "columns": {"shelf": "where"}}],
        },
        "events": {
            **{"path": "events.csv", "columns": EVENTS, "price_is_line_total": True, "leave_out_hostile": True},
            "kinds": {"İade": "return", "audit": "ignore"},
        },
        "judgements": {"path": "judged.csv", "columns": {"query": "q", "item_id": "sku", "gain": "gain"}},
        "users": {"path": "people.csv", "columns": {"user": "who", "attributes": ["town", "segment"]}},
        "answers": {"path": "asked.csv", "columns": {"question": "q", "answer": "a", "item_id": "sku"}},
        "expect": [
            {"table": "events", "column": "typed", "matches": r".*\bLamp\b.*|.*lamp$", "except_share": 1.0},
            {"table": "items", "column": "maker", "in": ["Reed", "Oak"], "except_share": 1.0},
            {"table": "events", "column": "id", "unique": True, "except_share": 1.0},
        ],
    },
    "privacy": {"least_people": 2},
}
LOG = {
    "data": {
        "accept": list(REASONS),
        "items": {
            **{"path": "log.csv", "is_log": True},
            "columns": {"item_id": "sku", "title": "name", "category": "kind", "price": "each"},
        },
        "events": {
            **{"path": "log.csv", "price_is_line_total": True},
            "columns": {"user": "who", "item_id": "sku", "time": "at", "quantity": "pieces", "price": "paid"},
        },
    },
    "split": {"synthetic_queries": 20},
}


def quoted(cells):
    return ",".join('"' + str(cell).replace('"', '""') + '"' for cell in cells)


def write(path, header, rows):
    path.write_text("\n".join([header, *map(quoted, rows)]) + "\n", "utf-8")


def damaged(folder):
    """Every kind of row: good ones, repeats, returns, robots, ids written otherwise, unknown items and times."""
    draw = random.Random(5)
    items = [
        (
            *(f"{i:03d}", TITLES[i % len(TITLES)].format(i // 3), "soft light", f"Home > Light {i % 4}"),
            *(draw.choice(["Reed", "Oak", "n/a", "桐"]), draw.choice(PRICES), draw.choice(STOCK), f"family {i // 2}"),
            *(draw.choice(["TRUE", "yes", "draft", ""]), draw.choice(["red", "红"]), draw.choice(["S", "M", "null"])),
        )
        for i in range(90)
    ]
    items += [("003", "again", "", "x", "", "1,5", "1", "", "TRUE", "", ""), ("", "no id", *[""] * 9)]
    items += [("5,90123E+12", "lost digits", *[""] * 9), ("N/A", "nothing", *[""] * 9)]
    write(folder / "items.csv", "sku,name,text,kind,maker,price,left,of,shown,colour,size", items)
    write(folder / "shelves.csv", "kind,where", [(f"Home > Light {n}", f"shelf {n}") for n in (0, 1, 2, 9)])
    people = [f"p{n}@mail.example" for n in range(60)]
    events = []
    for i in range(1800):
        sku = draw.choice(
            [f"{draw.randrange(93):03d}", f"{draw.randrange(90)}.0", "gone", "", "null"][: 1 + 4 * (i % 9 == 0)]
        )
        form = draw.choice(TIMES).format(m=draw.randrange(1, 6), d=draw.randrange(10))
        odd = draw.choice(["soon", "2099-01-01", "", "1899-12-30", "#VALUE!"])
        what = draw.choice(KINDS)
        pieces, paid = draw.choice(["1", "2", "3", "0", "-1", "7", "many"]), f"{draw.uniform(1, 90):.2f}"
        events.append(
            (
                *(draw.choice(["", "0", *people]), sku, odd if i % 23 == 0 else form, what),
                *(f"v{i % 200}", pieces, paid, draw.choice(QUERIES), f"e{i % 1700}"),
                *(draw.choice(["1", "5", "4,5", "good"]) if what == "rating" else "", draw.randrange(30)),
                *(draw.choice(["web", "app", "ann@post.example"]), "Mozilla/5.0 (X11) Firefox/126.0"),
            )
        )
    for n, step in ((1, 2), (2, 1)):  # robots: one every two seconds, one that buys a single item
        for i in range(900):
            at = f"2024-05-1{n} {i * step // 3600:02d}:{i * step % 3600 // 60:02d}:{i * step % 60:02d}"
            sku = f"{i % 90:03d}" if n == 1 else "017"
            events.append(
                (f"robot{n}", sku, at, "purchase", f"r{n}", "1", "5.00", "", f"x{n}-{i}", "", "1", "web", "curl/8.0")
            )
    write(
        folder / "events.csv",
        "who,sku,at,what,visit,pieces,paid,typed,id,stars,place,where,agent",
        [*events, *events[:20]],
    )
    judged = [(f"lamp {n % 30}", f"{draw.randrange(95):03d}", draw.choice("0123")) for n in range(120)]
    write(folder / "judged.csv", "q,sku,gain", [*judged, ("lamp 1", "001", "high"), ("", "002", "1")])
    people = [(f"p{n}@mail.example", draw.choice(["Lyon", "N/A", "成都"]), draw.choice("AB")) for n in range(80)]
    write(folder / "people.csv", "who,town,segment", [*people, people[3], ("", "Rome", "A")])
    asked = [(f"Does lamp {n} dim?", "Yes.", f"{n:03d}") for n in range(100)]
    write(folder / "asked.csv", "q,a,sku", [*asked, asked[2], ("", "No.", "001"), ("Why?", "", "002")])
    with (folder / "events.csv").open("a", encoding="utf-8") as file:
        file.write("a line,that is short\n" * 3)
    return folder


def log(folder):
    """A log that the catalogue is made of, with medians between two prices and ties between titles."""
    draw = random.Random(6)
    rows = []
    for i in range(1500):
        sku, pieces, paid = draw.randrange(200), draw.choice([1, 2, 3, 7]), round(draw.uniform(0.5, 60), 2)
        title = f"reed lamp {sku}" if draw.random() < 0.5 else f"Reed lamp No. {sku}"
        day, hour = f"2024-0{draw.randrange(1, 6)}-{draw.randrange(1, 29):02d}", draw.randrange(8, 20)
        at = f"{day} {hour:02d}:{draw.randrange(60):02d}:11.{i % 1000:03d}"
        rows.append((f"u{draw.randrange(120)}", sku, title, f"kind {sku % 5}", at, pieces, paid, round(paid * 1.1, 3)))
    write(folder / "log.csv", "who,sku,name,kind,at,pieces,paid,each", rows)
    return folder


SHOPS = {"damaged": (damaged, DAMAGED), "log": (log, LOG), "paid": (log, None)}


def without_price(config):
    items = config["data"]["items"]
    columns = {role: name for role, name in items["columns"].items() if role != "price"}
    return {**config, "data": {**config["data"], "items": {**items, "columns": columns}}}


def prepared(config, opened, out):
    with opened as sources:
        prepare(
            Config.model_validate(config),
            sources=sources,
            store=Artefacts(out),
            key=bytes(32),
            now=NOW,
            progress=lambda done, total, what: None,
        )
    return Artefacts(out)


def rows_of(path):
    table = pq.read_table(path)
    return table.schema.remove_metadata(), table.to_pylist()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning")
@pytest.mark.parametrize("name", SHOPS)
def test_spark_and_the_default_engine_prepare_the_same_shop_to_the_row(tmp_path, name):
    pytest.importorskip("pyspark", reason="pyspark is not installed: the extra spark brings it")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java 17 or newer, which is not installed")
    make, config = SHOPS[name]
    config = config or without_price(LOG)
    shop = make(tmp_path)

    plain = prepared(config, Sources(shop, scratch=tmp_path / "tmp"), tmp_path / "plain")
    spark = prepared(config, Tools().shop.sources(shop, engine="spark", scratch=tmp_path / "tmp"), tmp_path / "spark")

    one, other = plain.path("data"), spark.path("data")
    names = sorted(str(path.relative_to(one)) for path in one.rglob("*") if path.is_file())
    assert names == sorted(str(path.relative_to(other)) for path in other.rglob("*") if path.is_file())
    for each in names:
        if each.endswith(".parquet"):
            assert rows_of(other / each) == rows_of(one / each), each
        else:
            assert (other / each).read_text("utf-8") == (one / each).read_text("utf-8"), each
    assert spark.digest("data") == plain.digest("data")
    assert not list((tmp_path / "tmp").iterdir())


def test_the_shop_that_both_engines_prepare_has_damage_of_many_kinds(tmp_path):
    store = prepared(DAMAGED, Sources(damaged(tmp_path), scratch=tmp_path / "tmp"), tmp_path / "plain")

    quality = json.loads((store.path("data") / "quality.json").read_text("utf-8"))
    found = {(finding["table"], finding["reason"]) for finding in quality["findings"]}
    assert len(found) >= 50
    assert {table for table, _ in found} == {"items", "events", "judgements", "users", "answers"}
    assert {"traffic_fast", "text_names_person", "event_item_repaired", "purchase_undone"} <= {r for _, r in found}
    assert all(counts["quarantined"] for counts in quality["rows"].values())
    typed = [row["query"] for row in pq.read_table(store.path("data") / "events.parquet").to_pylist()]
    assert {"ring 电话13912345678", "mail ann@post.example"}.isdisjoint(typed)


def test_spark_without_its_extra_names_the_command_that_installs_it(tmp_path):
    try:
        import pyspark  # noqa: F401
    except ModuleNotFoundError:
        with pytest.raises(MissingExtra, match=r"pip install 'steelyard\[spark\]'"):
            Tools().shop.sources(tmp_path, engine="spark")
    else:
        pytest.skip("pyspark is installed")


def test_another_reader_is_not_put_on_spark(tmp_path):
    with pytest.raises(ConfigError, match="reads with reader = \"files\", not 'mine'"):
        Tools().shop.sources(tmp_path, reader="mine", engine="spark")
