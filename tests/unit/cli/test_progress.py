"""`steelyard progress`: what the run of a shop is doing now, told in a terminal or as JSON."""

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from click.testing import CliRunner

from steelyard.assembly import Tools
from steelyard.cli import main
from steelyard.documents.progress import Action, Progress, Step, StepState

TOML = """
[data.items]
path = "products.csv"
[data.items.columns]
item_id = "id"
title = "title"
"""
STEPS = (
    Step("measure a", Action.MEASURE, StepState.DONE, "a"),
    Step("measure b", Action.MEASURE, StepState.RUNNING, "b", done=300, total=12000),
)


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "steelyard.toml").write_text(TOML, "utf-8")
    (tmp_path / "products.csv").write_text("id,title\n1,kettle\n", "utf-8")
    return tmp_path


def stands(shop, *, ago=timedelta(0), **more):
    """The run of a shop as it wrote itself down some time ago."""
    now = datetime.now(UTC) - ago
    progress = Progress("Toy shop", now - timedelta(minutes=5), now, stage="measure", seconds_left=130.0, steps=STEPS)
    Tools().serving.progress(shop / ".steelyard").write(msgspec.structs.replace(progress, **more))


def progress(shop, *options):
    return CliRunner().invoke(main, ["progress", "-c", str(shop), *options], prog_name="steelyard")


def test_a_run_under_way_says_its_step_and_the_time_left(shop):
    stands(shop)

    done = progress(shop)

    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "Building your shop: measuring b (2 of 2) · about 2 min left", "300 of 12,000 requests",
    ]  # fmt: skip


def test_a_chinese_shop_is_told_in_chinese(shop):
    (shop / "steelyard.toml").write_text('[shop]\nlanguage = "zh"\n' + TOML, "utf-8")
    stands(shop)

    assert progress(shop).stdout.startswith("正在搭建您的商店：测量 b（2/2）")


def test_programs_get_the_document(shop):
    stands(shop)

    found = json.loads(progress(shop, "--json").stdout)

    assert (found["format"], found["shop"], found["stage"], found["seconds_left"]) == (2, "Toy shop", "measure", 130.0)
    assert [step["state"] for step in found["steps"]] == ["done", "running"]


def test_where_no_run_was_made_it_is_said_and_nothing_is_written(shop):
    for options in ([], ["--json"], ["--follow"]):
        done = progress(shop, *options)

        assert done.exit_code == 1
        assert done.stdout == ""
        assert "no run has written its progress here: `steelyard run` starts one" in done.stderr
    assert not (shop / ".steelyard").exists()


def test_a_run_that_is_not_heard_of_may_have_been_stopped(shop):
    stands(shop, ago=timedelta(minutes=5))

    assert progress(shop).stdout.startswith("No news from the run: it may have been stopped")
    assert progress(shop, "--follow").stdout == progress(shop).stdout


def test_a_run_that_has_ended_is_followed_no_further(shop):
    stands(shop, ago=timedelta(days=3), is_done=True)

    assert progress(shop, "--follow").stdout == "Your shop is ready\n"
    assert json.loads(progress(shop, "--follow", "--json").stdout)["is_done"] is True


def test_a_run_that_failed_says_why(shop):
    stands(shop, is_done=True, failure="the disk is full")

    assert progress(shop).stdout == "The run failed: the disk is full\n"
