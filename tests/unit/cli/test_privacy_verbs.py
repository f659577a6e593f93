"""The verbs on people's data, as a user has them; a shop in which nothing was run yet is no trouble (R1.7)."""

import json

import pytest
from click.testing import CliRunner

from steelyard.cli import main

TOML = """
[data.items]
path = "items.csv"
columns = { item_id = "id", title = "title" }
"""


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "steelyard.toml").write_text(TOML)
    (tmp_path / "items.csv").write_text("id,title\nA,Pot\n")
    return tmp_path


@pytest.fixture
def privacy(shop):
    def done(*arguments):
        verb, *more = map(str, arguments)
        return CliRunner().invoke(main, ["privacy", verb, "-c", str(shop / "steelyard.toml"), *more])

    return done


def test_somebody_who_is_not_known_is_erased_and_the_receipt_is_genuine(privacy, shop):
    (shop / "people.txt").write_text("somebody@post.example\n\nanother one\n", "utf-8")

    erased = privacy("erase", "--user-file", shop / "people.txt")
    receipt = next((shop / ".steelyard-privacy" / "receipts").iterdir())
    verified = privacy("verify", receipt)

    assert erased.exit_code == verified.exit_code == 0, erased.output + verified.output
    assert "nothing was stored of them" in erased.stdout
    assert "genuine: 2 people" in verified.stdout
    receipt.write_text(receipt.read_text("utf-8").replace('"n_people": 2', '"n_people": 1'), "utf-8")
    assert privacy("verify", receipt).exit_code == 1


def test_a_search_says_where_somebody_is(privacy, shop):
    (shop / ".steelyard").mkdir()
    (shop / ".steelyard" / "left.log").write_text("seen: somebody@post.example")

    found = privacy("scan", "--user", "somebody@post.example", "--json")

    assert found.exit_code == 1
    assert sum(json.loads(found.stdout)["found"].values()) == 1
    assert privacy("scan", "--user", "another@post.example").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["erase"], "name people with --user"),
        (["erase", "--again", "--user", "x"], "--again alone"),
        (["erase", "--user-file", "nowhere.txt"], "cannot read nowhere.txt"),
        (["readmit"], "name people"),
        (["scan"], "name people"),
        (["retain"], "keep_days is not set"),
        (["rotate-key", "--destroy"], "no key before"),
        (["publish", "--by", "item"], "run `steelyard prepare`"),
        (["verify", "nowhere.json"], "cannot read nowhere.json"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_do(privacy, arguments, says):
    done = privacy(*arguments)

    assert done.exit_code == 1
    assert says in done.stderr


def test_the_log_of_readings_and_the_report_are_shown(privacy, shop):
    privacy("erase", "--user", "somebody")

    assert "erase" in privacy("log").stdout
    report = json.loads(privacy("report", "--json").stdout)
    assert report["n_erased"] == 1
    for language in ("en", "zh"):
        page = privacy("report", "--language", language).stdout.strip()
        assert "<html" in (shop / page).read_text("utf-8")
    lines = shop / ".steelyard-privacy" / "access.jsonl"
    lines.write_text(lines.read_text("utf-8").replace("erase", "scan"), "utf-8")
    assert privacy("log").exit_code == 1


def test_a_key_is_changed_and_the_one_before_destroyed(privacy, shop):
    privacy("log")
    before = (shop / ".steelyard" / "secret.key").read_bytes()

    assert privacy("rotate-key").exit_code == 0
    assert (shop / ".steelyard" / "secret.key").read_bytes() != before
    assert (shop / ".steelyard" / "secret.key.previous").read_bytes() == before
    assert privacy("rotate-key", "--destroy").exit_code == 0
    assert not (shop / ".steelyard" / "secret.key.previous").exists()
