"""Tables of measured figures: what was promised before training stands beside what was found."""

import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tables(tmp_path):
    """The script of the documentation, with a folder of figures of its own."""
    spec = importlib.util.spec_from_file_location("measured_tables", ROOT / "docs" / "measured.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.FOLDER = tmp_path
    return module


def kept(folder, title, rows):
    about = {"command": "python x.py", "day": "2026-01-01", "machine": "one", "code": "abc"}
    (folder / f"{title}.json").write_text(json.dumps({**about, "rows": rows}), "utf-8")


def hardness(shop, verdict):
    ends = {f"{name} {end}": 0.1 for name in ("history", "order", "repeats") for end in ("mean", "low", "high")}
    return {"shop": shop, "events": 9, **ends, "order mean": -0.057, "order low": -0.1, "verdict": verdict}


def configuration(name, quality):
    money = {"monthly": "9.00", "currency": "GBP", "CPU ms": 1.0, "low": quality, "high": quality}
    return {"configuration": name, "quality": quality, "verdict": "loses", **money}


@pytest.mark.parametrize(
    ("verdict", "transformer", "told"),
    [
        ("unlikely", 0.1, "yes"),
        ("unlikely", 0.9, "no"),
        ("worth_a_trial", 0.1, "no"),
        ("worth_a_trial", 0.9, "yes"),
        ("open", 0.9, "nothing was promised"),
        ("unknown", 0.1, "nothing was promised"),
    ],
)
def test_a_verdict_stands_beside_what_was_measured(tables, tmp_path, verdict, transformer, told):
    rows = [configuration("item-knn", 0.4), configuration("transformer-64", transformer), configuration("fused", 0.99)]
    kept(tmp_path, "hardness", [hardness("online_retail", verdict)])
    kept(tmp_path, "frontier-online_retail", rows)

    (line,) = tables.verdicts("en").splitlines()[2:]

    assert line.endswith(f"| {told} |")
    assert f".{10 * transformer:.0f}000 `transformer-64` | .4000 `item-knn`" in line
    assert "| −6 % (−10 to 10) |" in line


def test_without_a_transformer_there_is_no_line_to_compare(tables, tmp_path):
    kept(tmp_path, "hardness", [hardness("online_retail", "unlikely"), hardness("beauty", "open")])
    kept(tmp_path, "frontier-online_retail", [configuration("item-knn", 0.4)])

    assert tables.verdicts("en") == tables.verdicts("zh") == ""


def test_of_a_set_that_is_no_shop_the_mean_over_seeds_is_taken(tables, tmp_path):
    row = {"protocol": "published", "recall@10": 0.1}
    rows = [
        {**row, "model": name, "seed": seed, "ndcg@10": 0.2 + 0.1 * seed}
        for name in ("ease", "transformer")
        for seed in (0, 1)
    ]
    kept(tmp_path, "hardness", [hardness("beauty", "open")])
    kept(tmp_path, "leave-one-out-beauty", rows)

    assert ".2500 `transformer` | .2500 `ease`" in tables.verdicts("zh")


def test_a_document_keeps_what_is_not_between_marks(tables):
    text = "before\n<!-- measured: verdicts -->\nold\n<!-- end: verdicts -->\nafter\n"

    assert tables.filled(text, "en") == "before\n<!-- measured: verdicts -->\n\n<!-- end: verdicts -->\nafter\n"
    with pytest.raises(ValueError, match="has no"):
        tables.filled("<!-- measured: verdicts -->", "en")
