"""Spark works the same stages out, to the same rows."""

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

CONFIG = {
    "data": {
        "accept": tuple(REASONS),
        "items": {
            "path": "items.csv",
            "columns": {
                **{"item_id": "sku", "title": "name", "price": "price", "stock": "left", "category": "kind"},
                "brand": "maker",
            },
            "join": [{"path": "makers.csv", "on": "kind", "columns": {"maker": "who"}}],
        },
        "events": {
            "path": "events.csv",
            "columns": {
                **{"user": "who", "item_id": "sku", "time": "at", "kind": "what", "session": "visit"},
                **{"quantity": "pieces", "price": "paid", "query": "typed", "event_id": "id", "rating": "stars"},
            },
        },
        "judgements": {"path": "judged.csv", "columns": {"query": "q", "item_id": "sku", "gain": "gain"}},
    }
}


@pytest.fixture
def shop(tmp_path):
    """Every kind of row: good ones, repeats, returns, ids written otherwise, unknown items and times."""
    draw = random.Random(5)
    stock = ["3", "in stock", "", "0", "-1", "soon"]
    rows = [f"{i:03d},lamp {i % 40},{i}.5,{draw.choice(stock)},Home > Light {i % 4}" for i in range(60)]
    (tmp_path / "items.csv").write_text("\n".join(["sku,name,price,left,kind", *rows, "003,again,1,1,x", ",no,2,1,x"]))
    makers = "".join(f"Home > Light {n},Maker {n}\n" for n in range(3))  # a kind that is not there, too
    (tmp_path / "makers.csv").write_text("kind,who\n" + makers)
    events = []
    for i in range(1500):
        who, sku = draw.choice(["", *(f"p{n}@mail.example" for n in range(60))]), f"{draw.randrange(62):03d}"
        at = draw.choice(
            [f"2024-0{draw.randrange(1, 6)}-1{draw.randrange(10)} 12:00:00", "soon" if i % 97 == 0 else "1714557600"]
        )
        what = draw.choice(["view", "purchase", "return", "rating", "search", "other" if i % 50 == 0 else "view"])
        sku = "" if what == "search" else sku.lstrip("0") + ".0" if i % 300 == 7 else sku
        cells = [who, sku, at, what, f"v{i % 200}", str(draw.randrange(0, 3)), "9.9", "red lamp", f"e{i % 1400}"]
        events.append(",".join([*cells, str(draw.randrange(1, 6)) if what == "rating" else ""]))
    lines = ["who,sku,at,what,visit,pieces,paid,typed,id,stars", *events, *events[:20]]
    (tmp_path / "events.csv").write_text("\n".join(lines))
    judged = [f"lamp {n},{draw.randrange(60):03d},{draw.randrange(4)}" for n in range(40)]
    (tmp_path / "judged.csv").write_text("\n".join(["q,sku,gain", *judged]))
    return tmp_path


def prepared(opened, out):
    with opened as sources:
        prepare(
            Config.model_validate(CONFIG),
            sources=sources,
            store=Artefacts(out),
            key=bytes(32),
            now=datetime(2024, 6, 1, tzinfo=UTC),
            progress=lambda done, total, what: None,
        )
    return Artefacts(out).path("data")


def rows_of(path):
    table = pq.read_table(path)
    return table.column_names, sorted(map(repr, table.to_pylist()))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning")
def test_spark_and_the_default_engine_prepare_the_same_shop_to_the_row(shop, tmp_path):
    pytest.importorskip("pyspark", reason="pyspark is not installed: the extra spark brings it")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java 17 or newer, which is not installed")

    plain = prepared(Sources(shop, scratch=tmp_path / "tmp"), tmp_path / "plain")
    spark = prepared(Tools().shop.sources(shop, engine="spark", scratch=tmp_path / "tmp"), tmp_path / "spark")

    names = sorted(str(path.relative_to(plain)) for path in plain.rglob("*.parquet"))
    assert names == sorted(str(path.relative_to(spark)) for path in spark.rglob("*.parquet"))
    assert len(names) >= 8
    for name in names:
        assert rows_of(spark / name) == rows_of(plain / name), name
    in_order = ["events.parquet", "items.parquet", "texts.parquet"]
    for name in in_order:
        assert pq.read_table(spark / name).to_pylist() == pq.read_table(plain / name).to_pylist()
    assert (spark / "split.json").read_text() == (plain / "split.json").read_text()
    assert (spark / "quality.json").read_text() == (plain / "quality.json").read_text()
    assert not list((tmp_path / "tmp").iterdir())


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
