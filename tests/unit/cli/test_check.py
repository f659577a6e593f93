"""``steelyard check``: what is wrong with the data, before anything is trained on it."""

import json

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from steelyard.cli import main

TOML = """
[shop]
name = "Pans"
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "sku"
title = "title"
price = "price"
"""
EVENTS = """
[data.events]
path = "events.csv"
[data.events.columns]
user = "user"
item_id = "sku"
time = "time"
kind = "kind"
"""
ITEMS = "sku,title,price\n" + "".join(f"A{n},Pan {n},{n}.50\n" for n in range(1, 11))


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "steelyard.toml").write_text(TOML)
    (tmp_path / "items.csv").write_text(ITEMS)
    return tmp_path


def with_log(shop, n_bad):
    (shop / "steelyard.toml").write_text(TOML + EVENTS)
    kinds = ["purchase"] * (50 - n_bad) + ["klick"] * n_bad
    rows = (f"ann{n % 5},A{n % 10 + 1},2024-05-01 10:{n:02d},{kind}\n" for n, kind in enumerate(kinds))
    (shop / "events.csv").write_text("user,sku,time,kind\n" + "".join(rows))
    return shop


def check(shop, *words):
    return CliRunner().invoke(main, ["check", "-c", str(shop / "steelyard.toml"), *words])


def test_a_shop_with_only_a_catalogue_is_checked_and_nothing_of_it_is_stored(shop):
    done = check(shop)

    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("Nothing stands in the way of training.")
    assert not list((shop / ".steelyard" / "refs").rglob("*"))


def test_what_stops_training_gives_exit_code_1_and_fits_80_columns(shop):
    done = check(with_log(shop, 20))

    assert done.exit_code == 1
    assert done.stdout.startswith("One thing stops training on this load.")
    assert "klick (20)" in done.stdout and "--accept event_kind_unknown" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_an_accepted_reason_gives_exit_code_0_by_option_and_by_setting(shop):
    by_option = check(with_log(shop, 20), "--accept", "event_kind_unknown")
    text = (shop / "steelyard.toml").read_text()
    (shop / "steelyard.toml").write_text(text + '[data]\naccept = ["event_kind_unknown"]\n')
    by_setting = check(shop)

    assert (by_option.exit_code, by_setting.exit_code) == (0, 0), by_setting.stderr


def test_the_report_as_json_holds_the_sentences_of_its_keys(shop):
    found = json.loads(check(with_log(shop, 20), "--json").stdout)

    (finding,) = [row for row in found["findings"] if row["stops"]]
    assert found["words"]["effects"][finding["effect"]]["zh"].startswith("模型")
    assert "kinds = {" in found["words"]["remedies"][finding["remedy"]]["en"]


def test_passing_and_failing_rows_are_written_with_reasons_and_without_names(shop):
    done = check(with_log(shop, 20), "--rows", str(shop / "rows" / "today"), "--html", str(shop / "data.html"))

    folder = shop / "rows" / "today" / "events"
    passing, failing = (pq.read_table(folder / f"{name}.parquet").to_pylist() for name in ("passing", "failing"))
    assert done.exit_code == 1
    assert (len(passing), len(failing)) == (30, 20)
    assert {row["reason"] for row in failing} == {"event_kind_unknown"}
    assert not any("ann" in str(row["user"]) for row in [*passing, *failing])
    assert "klick" in (shop / "data.html").read_text("utf-8")


def test_a_table_of_which_nothing_can_be_used_is_a_finding_too(shop):
    done = check(with_log(shop, 50))

    assert done.exit_code == 1
    assert "table_refused" in done.stdout and "klick" in done.stdout
    assert "items" in done.stdout


def test_the_report_is_in_the_language_of_the_shop_or_the_one_that_is_asked_for(shop):
    assert check(shop, "--language", "zh").stdout.startswith("没有影响训练的问题。")


def test_what_check_did_before_is_done_by_verify_and_said(shop):
    done = check(shop, "--again")

    assert "is now `steelyard verify`" in done.stderr
    assert "run `steelyard decide`" in done.stderr
    assert done.exit_code == 1


def test_prepare_says_where_the_rows_went_and_the_worst_of_what_was_found(shop):
    path = str(with_log(shop, 3) / "steelyard.toml")

    done = CliRunner().invoke(main, ["prepare", "-c", path])
    stopped = CliRunner().invoke(main, ["prepare", "-c", str(with_log(shop, 20) / "steelyard.toml")])
    accepted = CliRunner().invoke(main, ["prepare", "-c", path, "--accept", "event_kind_unknown"])
    again = CliRunner().invoke(main, ["prepare", "-c", path])

    assert done.exit_code == 0, done.stderr
    assert "events       50    47            3       0" in done.stdout
    assert "3  6.00 %  events: The kind is not known; map it in kinds." in done.stdout
    assert stopped.exit_code == 1 and "DataError: 1 thing in the data stops the load" in stopped.stderr
    assert (accepted.exit_code, again.exit_code) == (0, 0)  # what was accepted is not asked of the same files again
