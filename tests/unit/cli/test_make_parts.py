"""The process that makes parts ahead: asked by name, it says what became of each, and ends when its input does."""

import csv
import io
import json
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from steelyard.cli import main as steelyard
from steelyard.cli.make_parts import main

pytest.importorskip("duckdb", reason="duckdb is not installed: no files can be read")

TOML = """
[shop]
currency = "USD"
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[models]
search = ["lexical"]
recommend = []
"""


@pytest.fixture
def path(tmp_path):
    """A shop of forty lamps."""
    with (tmp_path / "items.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "title"])
        rows.writerows([n, f"lamp {colour} {n}"] for n, colour in enumerate(["red", "blue", "green", "white"] * 10))
    found = tmp_path / "steelyard.toml"
    found.write_text(TOML)
    return found


@pytest.fixture
def prepared(path):
    result = CliRunner().invoke(steelyard, ["prepare", "-c", str(path)])
    assert result.exit_code == 0, result.output
    return path


def words_of(path, asked):
    out = io.StringIO()
    main(path, io.StringIO(asked), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_part_is_made_into_the_shop_s_store_and_a_build_finds_it(prepared):
    words = words_of(prepared, "parts/lexical\n")

    assert words[-1]["part"] == "parts/lexical"
    assert words[-1]["seconds"] >= 0
    journal = (prepared.parent / ".steelyard" / "usage.jsonl").read_text().splitlines()
    assert [json.loads(line)["what"] for line in journal].count("train/lexical") == 1
    CliRunner().invoke(steelyard, ["build", "-c", str(prepared)])
    journal = (prepared.parent / ".steelyard" / "usage.jsonl").read_text().splitlines()
    assert [json.loads(line)["what"] for line in journal].count("train/lexical") == 1


def test_what_cannot_be_made_is_said_and_the_next_is_made(prepared):
    words = words_of(prepared, "parts/none\nparts/lexical\n")

    said = "StageError: this shop has no part called parts/none"
    assert words[0] == {"part": "parts/none", "failed": True, "what": said}
    assert words[-1]["part"] == "parts/lexical"
    assert "seconds" in words[-1]


def test_what_rests_on_something_that_failed_is_left_to_whoever_makes_that(prepared):
    shutil.rmtree(prepared.parent / ".steelyard" / "objects")
    words = words_of(prepared, "parts/lexical\ntuned/lexical\n")

    last = [word for word in words if "failed" in word][-1]
    assert last["part"] == "tuned/lexical"
    assert last["what"] == "StageError: parts/lexical could not be made here"


def test_before_the_files_were_read_what_rests_on_them_is_refused(path):
    (word,) = [each for each in words_of(path, "parts/lexical\n") if "failed" in each]

    assert "steelyard prepare" in word["what"]


def test_the_process_ends_with_its_input(prepared):
    argv = [sys.executable, "-m", "steelyard.cli.make_parts", str(prepared)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        process.stdin.write("parts/lexical\n")
        process.stdin.flush()
        words = []
        for line in process.stdout:
            words.append(json.loads(line))
            if "seconds" in words[-1]:
                break
        process.stdin.close()

        assert process.wait(20) == 0
    assert words[-1]["part"] == "parts/lexical"
