import csv
import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from steelyard.adapters.bundle import Bundle
from steelyard.adapters.measuring.server_process import ServerProcess
from steelyard.assembly import Tools
from steelyard.cli import VERBS, main
from steelyard.workflows.promises.self_check import self_check, serve_argv
from tests.end_to_end.conftest import steelyard, within, write_shop


def test_a_shop_goes_from_files_to_a_decision(shop, decision):
    folder, done = shop

    assert "open   steelyard serve" in done.stdout
    assert {row["surface"]: row["is_feasible"] for row in decision["surfaces"]} == {"search": True, "recommend": True}
    recommend = next(row for row in decision["surfaces"] if row["surface"] == "recommend")
    by_name = {row["name"]: row["quality"]["mean"] for row in recommend["candidates"]}
    assert by_name["item-knn-full"] > 1.5 * by_name["popularity"]  # shoppers stay in their department
    assert (folder / ".steelyard" / "report" / "index.html").stat().st_size > 5000


def test_the_bundle_answers_like_a_shop(shop, tmp_path):
    folder, _ = shop
    bundle = next(p for p in (folder / ".steelyard" / "bundles").iterdir() if (p / "bundle.json").is_file())

    said = "\n".join(self_check(bundle, state=tmp_path / "state", measuring=Tools().measuring))

    assert "health: ok" in said
    assert "after buying it" in said


def test_a_bundle_is_asked_from_the_terminal_and_explains_itself(shop):
    config = shop[0] / "steelyard.toml"

    plain = json.loads(within("search", "steel pan", "-c", config, "--json").stdout)
    told = json.loads(within("search", "steel pan", "-c", config, "--json", "--explain").stdout)
    shown = within("search", "steel pan", "-c", config, "--explain", "-k", "1")

    assert [item["id"] for item in told["items"]] == [item["id"] for item in plain["items"]]
    assert told["explanation"]["tells"] and told["explanation"]["note"] == ""
    assert "explanation" not in plain
    assert shown.returncode == 0 and "What the scores are made of" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80


def test_a_promise_can_be_tried_at_a_part_of_its_rate_and_the_record_goes_with_the_bundle(shop, decision, tmp_path):
    folder = tmp_path / "shop"
    shutil.copytree(shop[0], folder)
    before = (folder / ".steelyard" / "bundles" / "latest").read_text()

    asked = CliRunner().invoke(main, ["verify", "popularity", "--share", "0.5", "--share", "0.25", "-c", str(folder)])
    told = json.loads(CliRunner().invoke(main, ["promises", "--json", "-c", str(folder)]).stdout)
    packaged = CliRunner().invoke(main, ["package", "-c", str(folder)])
    unnamed = CliRunner().invoke(main, ["verify", "--share", "0.5", "-c", str(folder)])

    assert asked.exit_code == 0, asked.stderr
    assert asked.stdout.count("popularity at ") == 2
    half, quarter = told["rows"][-2:]
    assert half["rate_rps"] == pytest.approx(2 * quarter["rate_rps"])
    assert half["machines_promised"] is not None and half["machines_metered"] is not None
    assert packaged.exit_code == 0, packaged.stderr
    newest = folder / ".steelyard" / "bundles" / "latest"
    assert newest.read_text() != before
    bundle = Bundle.open(newest.parent)
    record = json.loads(bundle.about().promises)
    assert (record["rows"], record["currency"]) == (told["rows"], decision["book"]["currency"])
    assert unnamed.exit_code == 2 and "--share goes with the NAME" in unnamed.stderr


def test_no_raw_user_is_found_in_anything_that_was_written(shop):
    folder, _ = shop

    holding = [
        path.relative_to(folder).as_posix()
        for path in (folder / ".steelyard").rglob("*")
        if path.is_file() and b"@mail.example" in path.read_bytes()
    ]

    assert holding == []


def test_the_bill_and_where_it_comes_from_can_be_printed(shop, decision):
    config = shop[0] / "steelyard.toml"
    search = next(row for row in decision["surfaces"] if row["surface"] == "search")
    chosen = search["candidates"][0]

    lines = json.loads(steelyard("cost", "bill", "-c", config, "--of", chosen["name"], "--as", "json").stdout)
    units = list(csv.DictReader(within("cost", "unit", "-c", config, "--as", "csv").stdout.splitlines()))
    explained = within("cost", "explain", "-c", config, "--line", "serving")
    table = within("cost", "bill", "-c", config)
    wrong = within("cost", "bill", "-c", config, "--of", "lexica")

    assert round(sum(float(line["cost"]) for line in lines), 2) == pytest.approx(float(chosen["monthly"]), abs=0.02)
    assert {row["configuration"] for row in units} == {
        row["name"] for surface in decision["surfaces"] for row in surface["candidates"]
    }
    assert (
        next(row for row in units if row["configuration"] == chosen["name"])["at_capacity"]
        == (chosen["per_1000"]["at_capacity"])
    )
    assert "aws/us-east-1/" in explained.stdout
    assert "[quoted;" in explained.stdout
    assert "[measured;" in explained.stdout
    assert f"search · {chosen['name']} · {chosen['monthly']} USD a month" in table.stdout
    assert wrong.returncode == 1
    assert "did you mean lexical?" in wrong.stderr


def test_a_run_has_booked_what_it_used(shop):
    config = shop[0] / "steelyard.toml"

    found = within("cost", "ledger", "entries", "-c", config, "--limit", 1000, "--as", "csv")
    trial = within("cost", "ledger", "balances", "-c", config, "--as", "csv")

    rows = [row for row in csv.DictReader(found.stdout.splitlines()) if row["stage"]]
    assert {"data", "training", "tuning"} <= {row["stage"] for row in rows}
    assert {"lexical", "popularity"} <= {row["model"] for row in rows}
    assert {row["kind"] for row in rows} == {"measured"}
    last = list(csv.DictReader(trial.stdout.splitlines()))[-1]
    assert last["debit"] == last["credit"]


def test_scenarios_of_the_decided_shop_are_kept_and_compared(shop, decision, tmp_path):
    folder = tmp_path / "shop"
    shutil.copytree(shop[0], folder)

    def scenario(*words):
        return CliRunner().invoke(main, ["cost", "scenario", *map(str, words), "-c", str(folder)])

    once = scenario("run", "--save", "plan")
    more = scenario("run", "--requests", 10**9, "--peak-rps", 1000, "--save", "ten")
    both = scenario("compare", "plan", "ten", "--as", "json")
    shared = scenario("export", "plan", tmp_path / "plan.json")
    theirs = scenario("compare", "plan", tmp_path / "plan.json", "--as", "json")
    wrong = scenario("run", "--peak-rps", "0.0001")

    assert more.exit_code == 0, more.stderr
    assert "autoscaled" in once.stdout
    rows = {row["option"]: row for row in json.loads(both.stdout)}
    search = next(row for row in decision["surfaces"] if row["surface"] == "search")
    chosen = next(row for row in search["candidates"] if row["name"] == search["chosen"])
    assert rows["on-demand"]["plan"] == chosen["monthly"]
    assert float(rows["on-demand"]["ten"]) > float(rows["on-demand"]["plan"])
    assert shared.exit_code == 0
    assert all(len(set(list(row.values())[1:])) == 1 for row in json.loads(theirs.stdout))
    assert wrong.exit_code == 1
    assert "give --peak-rps" in wrong.stderr


def test_the_life_of_the_choice_is_twelve_months_of_its_bill(shop, decision):
    found = within("cost", "life", "-c", shop[0], "--as", "json")

    totals = {row["surface"]: row for row in json.loads(found.stdout) if row["stage"] == "total"}
    for surface in decision["surfaces"]:
        chosen = next(row for row in surface["candidates"] if row["name"] == surface["chosen"])
        whole = float(totals[surface["surface"]]["whole_life"])
        assert whole == pytest.approx(12 * float(chosen["monthly"]), rel=1e-3)


def test_a_second_run_repeats_nothing(shop):
    folder, _ = shop
    steps = folder / ".steelyard" / "refs"
    before = {p: (p.stat().st_mtime_ns, p.read_text()) for p in steps.rglob("*.ref")}

    again = steelyard("run", "-c", folder / "steelyard.toml")

    assert again.returncode == 0, again.stderr
    assert {p: (p.stat().st_mtime_ns, p.read_text()) for p in steps.rglob("*.ref")} == before


def test_a_changed_floor_repeats_only_the_decision(shop, tmp_path):
    folder = tmp_path / "shop"
    shutil.copytree(shop[0], folder)
    text = (folder / "steelyard.toml").read_text("utf-8")
    (folder / "steelyard.toml").write_text(text.replace("min_quality_share = 0.5", "min_quality_share = 0.4"), "utf-8")
    before = (folder / ".steelyard" / "refs" / "measurements" / "recommend.ref").read_text()

    done = steelyard("decide", "-c", folder / "steelyard.toml", "--json")

    assert done.returncode == 0, done.stderr
    floors = [row["floor"]["min_quality_share"] for row in json.loads(done.stdout)["surfaces"]]
    assert 0.4 in floors
    assert (folder / ".steelyard" / "refs" / "measurements" / "recommend.ref").read_text() == before


def test_a_damaged_artefact_is_made_again_and_an_old_verb_does_the_new_one(shop, tmp_path):
    folder = tmp_path / "shop"
    shutil.copytree(shop[0], folder)
    store = folder / ".steelyard"
    digest = (store / "refs" / "parts" / "lexical.ref").read_text().strip()
    victim = store / "objects" / digest / "arrays.safetensors"
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 4
    victim.write_bytes(data)

    built = within("compress", "-c", folder / "steelyard.toml")

    assert built.returncode == 0, built.stderr
    assert "`steelyard compress` is now `steelyard build`" in built.stderr
    assert victim.read_bytes() != bytes(data)


def test_a_damaged_bundle_is_not_served(shop, tmp_path):
    bundle = next(p for p in (shop[0] / ".steelyard" / "bundles").iterdir() if (p / "bundle.json").is_file())
    copy = tmp_path / bundle.name
    shutil.copytree(bundle, copy)
    (copy / "bundle.json").write_text((copy / "bundle.json").read_text() + " ")

    done = steelyard("serve", copy, "--port", 0)

    assert done.returncode == 1
    assert "was not loaded" in done.stderr


def test_evaluate_judges_a_bundle_on_other_events(shop, tmp_path):
    folder, _ = shop
    bundle = next(p for p in (folder / ".steelyard" / "bundles").iterdir() if (p / "bundle.json").is_file())
    other = write_shop(tmp_path / "later", seed=1)

    done = within("evaluate", bundle, "--events", other / "orders.csv", "--repeats", "--rows")

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["requests"] == len(found["per_request"]) == 60
    ndcg = next(value for name, value in found["metrics"].items() if name.startswith("ndcg@10"))
    assert ndcg["low"] <= ndcg["mean"] <= ndcg["high"]


def test_an_event_is_stored_once_and_survives_the_server(shop, tmp_path):
    from steelyard.adapters.measuring.http_ask import ask

    bundle = next(p for p in (shop[0] / ".steelyard" / "bundles").iterdir() if (p / "bundle.json").is_file())
    event = {"event_id": "e1", "user": "u", "item_id": "SKU-0-0", "kind": "purchase"}
    with ServerProcess(serve_argv(bundle, tmp_path / "state")) as server:
        first = ask(server.url, "/v1/events", event)
        second = ask(server.url, "/v1/events", event)

    assert (first["stored"], second["duplicates"]) == (1, 1)
    store = next((tmp_path / "state").glob("*.sqlite*"))
    with closing(sqlite3.connect(store)) as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        assert any(database.execute(f"select count(*) from {name}").fetchone() == (1,) for name in tables)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb):
    done = within(verb, "--help")

    assert done.returncode == 0
    assert done.stdout.startswith("Usage: ")


def test_help_is_there_for_a_user_who_starts_a_process():
    done = steelyard("--help")

    assert done.returncode == 0
    assert done.stdout.startswith("Usage: ")
    assert all(verb in done.stdout for verb in VERBS)
