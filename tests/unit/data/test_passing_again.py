"""What passes is what was mended: written as files and read again it gives the same shop, and nothing to mend."""

import json
import random
from collections import Counter

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.adapters.artefacts import Artefacts
from steelyard.cli import main
from steelyard.data.values.normalise import attributes_text, category_path, clean, fold, unfold
from steelyard.documents.reasons import REASONS, Effect

TOML = """
[shop]
name = "Rugs & more"
timezone = "Asia/Shanghai"
[data]
accept = ["event_item_unknown", "event_kind_unknown", "event_duplicate", "event_time_unreadable", "item_id_duplicate",
  "query_judged_item_unknown", "gain_not_a_number", "price_not_a_number", "quantity_not_a_number",
  "basic_user_duplicate", "answer_duplicate"]
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "Art-Nr"
title = ["Name", "Series"]
description = "Text"
category = "Path"
price = ["Sale", "List"]
stock = "Stock"
attributes = ["Colour", "Size (cm)"]
published = "Status"
[data.events]
path = "log.csv"
kinds = { "gekauft" = "purchase", "gesehen" = "view", "egal" = "ignore" }
[data.events.columns]
user = "who"
item_id = "what"
time = "when"
kind = "how"
session = "visit"
quantity = "n"
price = "paid"
[data.judgements]
path = "judged.csv"
grades = { "top" = 3, "ok" = 1, "bad" = 0 }
[data.judgements.columns]
query = "q"
item_id = "a"
gain = "g"
[data.users]
path = "users.csv"
[data.users.columns]
user = "who"
attributes = ["Age band", "region"]
[data.answers]
path = "answers.csv"
[data.answers.columns]
question = "q"
answer = "a"
item_id = "i"
[split]
synthetic_queries = 20
"""
N_ITEMS = 24


def quoted(cells):
    return ";".join('"' + cell.replace('"', '""') + '"' for cell in cells)


def items(draw):
    for n in range(N_ITEMS):
        name = draw.choice(
            [f"Rug {n}", f"<b>Rug</b>&nbsp;{n}", f"Rug &amp;amp; mat {n}", f"  Rug\t{n} ", f"Teppich №{n}\u200b"]
        )
        text = draw.choice(
            ["", "<p>Soft<br>and &lt;b&gt;warm&lt;/b&gt;</p>", "N/A", "1 < 2 & 3", '<script>x("y");</script>Wool']
        )
        path = draw.choice(["Home > Rugs", "Home &gt; Rugs", "", "Home > Rugs > Round/Oval"])
        price = draw.choice(["1.299,50", "19,90 €", "25", "", "abc", "-3"])
        stock = draw.choice(["4", "in stock", "sold out", "", "0"])
        colour, size = draw.choice(["red", "null", '{"Shade": "red"}', ""]), draw.choice(["80", "120,5", ""])
        series, sale, shown = (draw.choice(each) for each in (["", "Nord"], ["", "9,99"], ["active", "draft", "odd"]))
        yield [f"{n:04d}", name, series, text, path, sale, price, stock, colour, size, shown]
    yield ["0001", "Rug again", "", "", "", "", "5", "1", "", "", "active"]
    yield ["", "Nameless", "", "", "", "", "5", "1", "", "", "active"]


def events(draw, n=70):
    rows = []
    for at in range(n):
        what = draw.choice([f"{draw.randrange(N_ITEMS):04d}", str(draw.randrange(N_ITEMS)), "9999", "7.0", ""])
        who = draw.choice(["ann", "bob", "guest", "", "0", f"u{draw.randrange(9)}"])
        when = f"{at % 27 + 1:02d}.05.2025 {draw.choice(['', '10:15', '23:59:59'])}".strip()
        how = draw.choice(["gekauft", "gesehen", "Gekauft", "egal", "unklar"])
        when, n_pieces = draw.choice([when, when, when, "soon"]), draw.choice(["1", "2", "", "0", "x"])
        rows.append([who, what, when, how, f"v{at // 5}", n_pieces, draw.choice(["12,50", "3", ""])])
        rows += rows[-1:] if draw.random() < 0.1 else []
    return rows


def write_shop(folder, seed):
    draw = random.Random(seed)
    folder.mkdir(parents=True)
    (folder / "steelyard.toml").write_text(TOML)
    tables = {
        "items": ["Art-Nr;Name;Series;Text;Path;Sale;List;Stock;Colour;Size (cm);Status", *map(quoted, items(draw))],
        "log": ["who;what;when;how;visit;n;paid", *map(quoted, events(draw))],
        "judged": [
            "q;a;g",
            *(quoted([draw.choice(["rug", "mat"]), f"{n}", draw.choice(["top", "ok", "bad"])]) for n in range(9)),
        ],
        "users": ["who;Age band;region", *(quoted([f"u{n % 8}", "30-39", "  <b>North</b> "]) for n in range(12))],
        "answers": ["q;a;i", *(quoted(["Is it <i>soft</i>?", f"Yes {n % 3}.", f"{n % 3}"]) for n in range(6))],
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_bytes(("\ufeff" + "\r\n".join(lines) + "\r\n").encode())


def ran(*words):
    done = CliRunner().invoke(main, list(map(str, words)))
    assert done.exit_code == 0, done.output
    return done.output


def read(folder):
    """The prepared tables, people by how much they did, since their pseudonyms are others."""
    data = Artefacts(folder / ".steelyard").path("data")
    tables = {
        name: pq.read_table(data / f"{name}.parquet").to_pylist()
        for name in ("items", "texts", "queries", "judgements", "answers")
    }
    log = pq.read_table(data / "events.parquet").to_pylist()
    acts = Counter(row["user"] for row in log)
    left_out = ("user", "user_number", "session", "event_id")
    rows = [({k: v for k, v in row.items() if k not in left_out}, row["user"] and acts[row["user"]]) for row in log]
    tables["events"] = sorted(rows, key=repr)
    tables["users"] = sorted(row["attributes"] for row in pq.read_table(data / "users.parquet").to_pylist())
    return tables, json.loads((data / "quality.json").read_text())


@pytest.mark.parametrize("seed", range(2))
def test_rows_that_pass_give_the_same_shop_and_nothing_to_mend(tmp_path, seed):
    shop = tmp_path / "raw"
    write_shop(shop, seed)
    ran("prepare", "-c", shop)
    rows = shop.parent / "rows"
    ran("check", "-c", shop, "--rows", rows, "--json")

    ran("prepare", "-c", rows)

    (first, _), (again, report) = read(shop), read(rows)
    for name, table in first.items():
        assert again[name] == table, name
    mended = {row["reason"] for row in report["findings"] if REASONS.get(row["reason"]) is Effect.REPAIRED}
    assert mended == set()
    assert not [row["reason"] for row in report["findings"] if row["action"] == "quarantine"]


PIECES = [
    *("&", "amp;", "lt;", "#38;", "<", ">", "b", "</b>", "<br>", "<<", "b>", "<script>", "</script>", "<style>", " "),
    *("\u200b", "\x00", "\x1c", "a href=x>", "[row]", "[/row]", "[vc_x]", "[", "]", "<!--", "-->", "é", "ａ", "\ufeff"),
    *(";", "{", '"', "\n"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join) | st.text(max_size=20))
@settings(max_examples=400, deadline=None)
def test_a_text_that_was_cleaned_is_clean(text):
    once = clean(text)

    assert clean(once) == once
    assert fold(fold(text)) == fold(text)
    assert unfold(unfold({"a_b": text})) == unfold({"a_b": text})
    assert attributes_text(unfold({"a": once})) == attributes_text(unfold({"a": text}))
    assert [clean(level) for level in category_path([text])] == list(category_path([text]))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("&amp;amp;amp;amp;amp;lt;b&gt;Rug", "Rug"),
        ("Rug &\u200bamp; mat", "Rug & mat"),
        ("<<b>b>Rug", "Rug"),
        ("<a\x1chref=x>Rug</a>", "Rug"),
        ("x" * 9_999 + " y", "x" * 9_999),
    ],
)
def test_layers_of_marks_go_at_once(text, seen):
    assert clean(text) == seen


VARIANTS = """Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image
mug,Mug <b>blue</b>,<p>Fine</p>,Kiln,Cups,true,Size,S,m-s,9.50,a.jpg
mug,,,,,,,M,m-m,10.50,b.jpg
mug,,,,,,,,,,c.jpg
jug,Jug,,Kiln,Jugs,false,Title,Default Title,j-1,20.00,d.jpg
pot,Pot,,Kiln,Pots,true,Title,Default Title,p-1,,e.jpg
"""
OF_VARIANTS = """
[data]
accept = ["picture_row", "rating_unreadable"]
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "Variant SKU"
title = "Title"
description = "Body (HTML)"
price = "Variant Price"
attributes = ["Option1 Value"]
parent = "Handle"
published = "Published"
image = "Image"
[data.events]
path = "log.csv"
kind = "rating"
[data.events.columns]
user = "user"
item_id = "sku"
time = "day"
rating = "stars"
"""
OF_LOG = """
[data.items]
path = "log.csv"
is_log = true
[data.items.columns]
item_id = "sku"
title = "name"
price = "paid"
[data.events]
path = "log.csv"
[data.events.columns]
user = "user"
item_id = "sku"
time = "day"
"""


@pytest.mark.parametrize("config", [OF_VARIANTS, OF_LOG])
def test_variants_ratings_and_logs_as_catalogues_come_back_too(tmp_path, config):
    shop, rows = tmp_path / "raw", tmp_path / "rows"
    shop.mkdir()
    (shop / "steelyard.toml").write_text(config + "[split]\nsynthetic_queries = 5\n")
    (shop / "items.csv").write_text(VARIANTS)
    skus, stars = ("m-s", "m-m", "j-1", "P-1"), ("5", "4,0", "1", "3")
    log = (
        f'u{n % 11},{skus[n % 4]},Mug {n % 4} &amp; jug,"{n % 9},50",2024-0{n % 5 + 1}-{n % 27 + 1},"{stars[n % 4]}"'
        for n in range(60)
    )
    (shop / "log.csv").write_text("\n".join(["user,sku,name,paid,day,stars", *log]) + "\n")
    ran("prepare", "-c", shop)
    ran("check", "-c", shop, "--rows", rows, "--json")

    ran("prepare", "-c", rows)

    kept = [
        pq.read_table(Artefacts(one / ".steelyard").path("data") / "items.parquet").to_pylist() for one in (shop, rows)
    ]
    logs = [pq.read_table(Artefacts(one / ".steelyard").path("data") / "events.parquet") for one in (shop, rows)]
    report = json.loads((Artefacts(rows / ".steelyard").path("data") / "quality.json").read_text())
    assert kept[0] == kept[1]
    columns = ["time", "item", "kind", "weight", "period"]
    assert logs[0].select(columns).to_pylist() == logs[1].select(columns).to_pylist()
    assert not {row["reason"] for row in report["findings"] if REASONS.get(row["reason"]) is Effect.REPAIRED}
