"""Whatever verb is refused: the shop's folder is as it was."""

import csv

import pytest
from click.testing import CliRunner

from steelyard.cli import VERBS, main
from steelyard.cli.cost import VERBS as COST_VERBS

TOML = """
[data.items]
path = "products.csv"
[data.items.columns]
item_id = "id"
title = "title"
"""


@pytest.fixture
def shop(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    with (folder / "products.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "title"), ("1", "red shoe"), ("2", "blue shoe")])
    (folder / "steelyard.toml").write_text(TOML)
    return folder


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.is_dir() or path.read_bytes() for path in folder.rglob("*")}


def refused(shop, *arguments, spoil=None):
    if spoil is not None:
        spoil(shop)
    before = tree(shop.parent)

    done = CliRunner().invoke(main, [str(each) for each in arguments], prog_name="steelyard")

    assert done.exit_code != 0, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert tree(shop.parent) == before
    return done.output


def toml(text):
    def written(shop):
        (shop / "steelyard.toml").write_text(text)

    return written


STAGES = [
    "features",
    "hardness",
    "tuning",
    "synonyms",
    "curation",
    "changes",
    "run",
    "prepare",
    "build",
    "measure",
    "price",
    "decide",
    "package",
    "verify",
    "check",
    "report",
    "serve",
]


@pytest.mark.parametrize("verb", STAGES)
@pytest.mark.parametrize(
    "spoil",
    [
        toml("[data"),
        toml(TOML.replace("products.csv", "none.csv")),
        toml(TOML.replace('"title"\n', '"titel"\n')),
        toml('work = "../deep/er"\n' + TOML.replace("products.csv", "none.csv")),
        lambda shop: (shop / "products.csv").write_text(""),
    ],
)
def test_a_stage_that_is_refused_leaves_the_shop_as_it_was(shop, verb, spoil):
    refused(shop, verb, "-c", shop / "steelyard.toml", spoil=spoil)


@pytest.mark.parametrize(
    "arguments",
    [
        ["bill"], ["unit"], ["life"], ["explain"], ["explain", "--line", "x"], ["carbon"], ["forecast"],
        ["scenario", "show", "x"], ["returns"], ["budget", "show"], ["ledger", "reverse", "none"],
        ["ledger", "close", "--month", "2026-13"],
        ["ledger", "balances", "--month", "x"],
        ["import", "none.csv"], ["reconcile", "--month", "2026-99"], ["focus", "check", "none.csv"],
        ["prices", "list", "--service", "nothing"], ["calibrate", "none"],
    ],
)  # fmt: skip
def test_a_cost_verb_that_is_refused_leaves_the_shop_as_it_was(shop, monkeypatch, arguments):
    monkeypatch.chdir(shop)

    refused(shop, "cost", *arguments)


def test_the_verbs_tried_here_are_all_that_open_a_shop():
    others = {"init", "demo", "doctor", "schema", "evaluate", "cost", "promises", "progress", "experiment", "privacy",
              "labels", "contract", "search", "recommend"}  # fmt: skip

    assert set(VERBS) - set(STAGES) <= others
    assert set(COST_VERBS) == {
        "bill", "unit", "life", "explain", "scenario", "ledger", "import", "reconcile", "focus", "prices", "calibrate",
        "returns", "carbon", "forecast", "budget",
    }  # fmt: skip


@pytest.mark.parametrize("more", [[], ["--out", "made/here"]])
def test_a_refused_init_writes_nothing(tmp_path, monkeypatch, more):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "notes.csv").write_text("a,b\n1,2\n")
    monkeypatch.chdir(tmp_path)

    refused(folder, "init", folder, *more)
    refused(folder, "evaluate", folder)
    refused(folder, "serve", "nowhere")
    refused(folder, "search", "milk", "--bundle", "nowhere")
    refused(folder, "search", "milk")


def test_what_was_finished_before_is_never_taken_away(shop, monkeypatch):
    monkeypatch.chdir(shop)
    made = CliRunner().invoke(main, ["prepare"])
    assert made.exit_code == 0, made.output

    before = tree(shop)
    CliRunner().invoke(main, ["cost", "bill"])

    assert tree(shop) == before
    assert (shop / ".steelyard" / "secret.key").is_file()


def test_a_folder_that_was_there_stays(shop, monkeypatch):
    monkeypatch.chdir(shop)
    (shop / ".steelyard").mkdir()

    CliRunner().invoke(main, ["cost", "bill"])

    assert (shop / ".steelyard").is_dir()
