"""``steelyard cost prices``: shown, imported, checked."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from steelyard.adapters.prices.books import PriceBooks
from steelyard.cli import main

CATALOGUE = """InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region
c5.large,,,2,4,,0.097,0.03,eu-central-1
t9.free,,,2,4,,0.00,,eu-central-1
"""
BAD = """name,service,unit,kind,price,currency,source,as_of,vcpus,memory_gb
x/a,instance,month,quoted,62.05,USD,me,2026-10-01,2,4
x/b,instance,hour,quoted,0.00,USD,me,2026-10-01,2,4
x/b,instance,hour,quoted,0.1,USD,me,2026-10-01,2,4
x/c,instance,hour,quoted,-0.1,USD,me,2026-10-01,2,4
x/d,block_storage,GiB_month,quoted,1,USD,me,2026-10-01,,
x/e,instance,hour,quoted,0.1,USD,,yesterday,2,4
"""


def run(*arguments):
    return CliRunner().invoke(main, ["cost", "prices", *map(str, arguments)])


def test_the_list_shows_kind_source_and_age_and_marks_what_is_old():
    done = run("list", "--book", "aws-us-east-1", "--on", "2026-11-21", "--as", "csv")

    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    c5, storage = rows["aws/us-east-1/c5.large"], rows["aws/us-east-1/s3/hot"]
    assert (c5["price"], c5["kind"], c5["days"], c5["is_stale"]) == ("0.085", "quoted", "76", "False")
    assert (storage["days"], storage["is_stale"]) == ("201", "True")
    assert rows["aws/us-east-1/reserved-12m"]["price"] == "0.32"
    assert rows["tokens/openai/text-embedding-3-small/input"]["unit"] == "Mtoken"


def test_one_service_can_be_asked_for_and_a_wrong_one_is_told_which_there_are():
    done = run("list", "--book", "aws-us-east-1", "--service", "labels", "--as", "json")

    assert {row["service"] for row in json.loads(done.stdout)} == {"labels"}
    assert "it has block_storage" in run("list", "--book", "aws-us-east-1", "--service", "lambda").stderr


def test_a_table_is_written_for_people(tmp_path):
    assert "own/server-16c" in run("list", "--book", "gcp-us-east1", "--service", "own_machine").stdout


def test_an_imported_file_is_a_book_of_its_own_and_lies_over_another(tmp_path):
    (tmp_path / "vms.csv").write_text(CATALOGUE, "utf-8")
    made = tmp_path / "frankfurt.json"

    done = run(
        "import", tmp_path / "vms.csv", "--from", "skypilot", "--cloud", "aws", "--region", "eu-central-1",
        "--instances", "c5.large", "--as-of", "2026-11-01", "--source", "SkyPilot, commit abc", "--out", made,
    )  # fmt: skip

    assert (done.exit_code, done.stderr) == (0, f"2 rows written to {made}\n")
    books = PriceBooks(tmp_path)
    assert books.load("frankfurt.json").instances()[0].price.source == "SkyPilot, commit abc"
    merged = books.load("aws-us-east-1", overrides="frankfurt.json")
    assert len(merged.instances()) == len(books.load("aws-us-east-1").instances()) + 1


def test_an_import_that_finds_problems_writes_nothing(tmp_path):
    (tmp_path / "vms.csv").write_text(CATALOGUE, "utf-8")

    done = run(
        "import", tmp_path / "vms.csv", "--from", "skypilot", "--cloud", "aws", "--region", "eu-central-1",
        "--as-of", "2026-11-01", "--out", tmp_path / "made.json",
    )  # fmt: skip

    assert done.exit_code == 1
    assert "t9.free: a price of 0" in done.stderr
    assert not (tmp_path / "made.json").exists()


@pytest.mark.parametrize("missing", ["--cloud", "--region"])
def test_a_catalogue_of_many_regions_needs_to_be_told_which(tmp_path, missing):
    given = {"--cloud": "aws", "--region": "x"} | {missing: ""}

    done = run("import", "vms.csv", "--from", "gpuhunt", *sum(given.items(), ()), "--out", tmp_path / "made.json")

    assert done.exit_code == 1
    assert "add --cloud and --region" in done.stderr


def test_a_check_names_every_problem_of_a_file(tmp_path):
    (tmp_path / "bad.csv").write_text(BAD, "utf-8")

    done = run("check", tmp_path / "bad.csv")

    assert done.exit_code == 1
    for said in (
        "row 1 (x/a): unit: 'month', but instance is priced per hour; a month's price of an instance is divided by 730",
        "row 2 (x/b): price: 0 is usually a price nobody filled in",
        "row 3 (x/b): name: there is a row of this name before it",
        "row 4 (x/c): price: -0.1 is below zero",
        "row 5 (x/d): unit: 'GiB_month', but block_storage is priced per GB_month; 1 GiB is 1.073741824 GB",
        "row 6 (x/e): source: missing",
        "row 6 (x/e): as_of: 'yesterday' is not a day",
    ):
        assert said in done.stderr


def test_a_check_over_a_book_finds_a_months_price_and_another_currency(tmp_path):
    own = "name,price,currency,source,as_of\naws/us-east-1/c5.large,{},{},contract,2026-10-01\n"
    (tmp_path / "month.csv").write_text(own.format("62.05", "USD"), "utf-8")
    (tmp_path / "cny.csv").write_text(own.format("0.6", "CNY"), "utf-8")

    month = run("check", tmp_path / "month.csv", "--over", "aws-us-east-1")
    cny = run("check", tmp_path / "cny.csv", "--over", "aws-us-east-1")

    assert "62.05 per hour is 730 times what the book would say" in month.stderr
    assert "currencies are never mixed" in cny.stderr


def test_a_right_file_is_said_to_be_right_and_what_is_old_is_warned_of(tmp_path):
    text = "name,price,source,as_of\naws/us-east-1/c5.large,0.06,contract,2025-10-01\n"
    (tmp_path / "own.csv").write_text(text, "utf-8")

    done = run("check", tmp_path / "own.csv", "--over", "aws-us-east-1", "--on", "2026-11-21")

    assert done.exit_code == 0
    assert "warning: aws/us-east-1/c5.large: read on 2025-10-01, 416 days ago" in done.stdout
    assert "1 rows are right, 1 warnings" in done.stdout


def test_an_assumption_without_a_range_is_warned_of(tmp_path):
    text = "name,price,source,as_of\nperson/engineer,60,me,2026-11-01\n"
    (tmp_path / "own.csv").write_text(text, "utf-8")

    done = run("check", tmp_path / "own.csv", "--over", "aws-us-east-1", "--on", "2026-11-21")

    assert "warning: person/engineer: an assumption without a range" in done.stdout


def test_a_long_book_is_summed_up_on_the_screen_unless_all_of_it_is_asked_for():
    short = run("list", "--book", "aws-us-east-1", "--on", "2026-11-21").stdout
    every = run("list", "--book", "aws-us-east-1", "--on", "2026-11-21", "--all").stdout
    rows = json.loads(run("list", "--book", "aws-us-east-1", "--as", "json").stdout)

    assert f"{len(rows)} prices" in short
    assert "--service NAME" in short
    assert "aws/us-east-1/t3.micro" not in short
    assert all(row["name"] in every for row in rows[:20])
    counts = [int(cell) for line in short.splitlines() for cell in line.split("│")[2:3] if cell.strip().isdigit()]
    assert sum(counts) == len(rows)
