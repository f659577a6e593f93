import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from steelyard.cli.init import command
from steelyard.config import Config
from steelyard.errors import ConfigError, DataError, SourceError

SHARED = Path(__file__).parents[3] / "../shared/data"


def run(*arguments):
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def written(folder):
    return Config.model_validate(tomllib.loads((folder / "steelyard.toml").read_text("utf-8"))).data


def needs(name):
    return pytest.mark.skipif(not (SHARED / name).is_dir(), reason=f"shared data set {name} is not on this machine")


@needs("online-retail")
def test_one_log_is_both_catalogue_and_behaviour(tmp_path):
    output = run(SHARED / "online-retail", "--out", tmp_path)

    data = written(tmp_path)
    assert data.items.is_log
    assert (data.items.columns.item_id, data.items.columns.title) == ("StockCode", "Description")
    assert data.events is not None
    assert (data.events.columns.user, data.events.columns.session) == ("CustomerID", "InvoiceNo")
    assert data.events.kind == "purchase"
    assert "no relevance judgements found" in output


@needs("chorus")
def test_agreed_ratings_win_over_single_raters_and_cents_are_seen(tmp_path):
    run(SHARED / "chorus", "--out", tmp_path)

    data = written(tmp_path)
    assert data.judgements is not None
    assert data.judgements.path.endswith("/ratings.parquet")
    assert (data.items.columns.price, data.items.columns.price_divisor) == ("price_cents", 100)
    assert data.items.columns.attributes == ["attributes_json"]
    assert data.events is None


def test_chinese_columns_are_understood(tmp_path):
    rows = "".join(f"P{i},商品名称第{i}号,家居/厨房,牌{i % 3},{i}.5\n" for i in range(30))
    (tmp_path / "goods.csv").write_bytes(("商品编号,商品名称,类目,品牌,价格\n" + rows).encode("gb18030"))
    bought = "".join(
        f"u{i % 7},P{i % 30},2024-05-{1 + i % 28:02d} 10:00,{'加购' if i % 2 else '购买'}\n" for i in range(60)
    )
    (tmp_path / "log.csv").write_text("用户ID,商品编号,时间,行为\n" + bought, "utf-8-sig")

    run(tmp_path)

    data = written(tmp_path)
    assert data.items.path == "goods.csv"
    assert (data.items.columns.title, data.items.columns.brand) == ("商品名称", "品牌")
    assert data.events is not None
    assert data.events.columns.kind == "行为"
    assert data.events.kinds == {"购买": "purchase", "加购": "add_to_cart"}


def test_ratings_from_one_to_three_get_an_offset(tmp_path):
    (tmp_path / "items.csv").write_text("sku,title\n" + "".join(f"{i},Thing number {i}\n" for i in range(20)), "utf-8")
    judged = "".join(f"thing {i % 4},{i},{1 + i % 3}\n" for i in range(20))
    (tmp_path / "judged.csv").write_text("query,sku,relevance\n" + judged, "utf-8")

    run(tmp_path)

    judgements = written(tmp_path).judgements
    assert judgements is not None
    assert judgements.gain_offset == -1.0


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    (tmp_path / "items.csv").write_text("sku,title\n1,Mug\n2,Bowl\n", "utf-8")
    (tmp_path / "steelyard.toml").write_text("mine", "utf-8")

    with pytest.raises(ConfigError, match="--force"):
        run(tmp_path)
    assert (tmp_path / "steelyard.toml").read_text("utf-8") == "mine"

    run(tmp_path, "--force")
    assert written(tmp_path).items.path == "items.csv"


def test_a_folder_without_a_catalogue_says_what_is_missing(tmp_path):
    with pytest.raises(SourceError, match="no CSV, JSONL or Parquet"):
        run(tmp_path)

    (tmp_path / "a.csv").write_text("x,y\n1,2\n", "utf-8")
    with pytest.raises(DataError, match="no catalogue was found"):
        run(tmp_path)
