"""``steelyard cost scenario``: its verbs by their earlier names."""

import pytest
from click.testing import CliRunner

from steelyard.adapters.artefacts import Artefacts
from steelyard.cli import main


def scenario(*words):
    return CliRunner().invoke(main, ["cost", "scenario", *words], prog_name="steelyard")


@pytest.mark.parametrize("words", [(), ("--surface", "search"), ("--save", "today"), ("--lines",), ("x", "--of", "y")])
def test_a_call_of_show_as_it_once_was_is_refused_with_the_name_of_the_verb_that_does_it_now(words):
    found = scenario("show", *words)

    assert found.exit_code == 2
    assert "`steelyard cost scenario run` prices the hosting options" in found.output


@pytest.mark.parametrize(("old", "new"), [("again", "show"), ("share", "export")])
def test_an_earlier_name_says_the_new_one(old, new):
    found = scenario(old, "--help")

    assert found.exit_code == 0
    assert f"note: `steelyard cost scenario {old}` is now `steelyard cost scenario {new}`" in found.stderr
    assert f"scenario {new}" in found.stdout


def test_earlier_names_are_not_listed():
    shown = scenario("--help").output

    assert "export" in shown
    assert "again" not in shown


def kept(folder, **more):
    """The configuration file of a shop with one scenario that was kept as ``plan``."""
    option = {
        "name": "autoscaled", "what": "2 x cloud/box", "monthly": "12.50", "currency": "USD", "per_1000": "0.1",
        "low": 10.0, "high": 15.0, "p_cheapest": 1.0,
    }  # fmt: skip
    plan = {
        "surface": "search", "configuration": "lexical", "requests_per_month": 1000, "peak_rps": 2.0,
        "spot_share": "0.3", "uncertain": {"requests": [0.5, 2.0], "draws": 100, "people_price": [0.5, 1.6]},
    }  # fmt: skip
    path = folder / "steelyard.toml"
    path.write_text('[data.items]\npath = "items.csv"\n[data.items.columns]\nitem_id = "id"\ntitle = "title"\n')
    store = Artefacts(folder / ".steelyard")
    cheapest = [{"from": 1, "to": 10, "option": "autoscaled"}]
    document = {"format": 2, "plan": plan, "options": [{**option, **more}], "cheapest": cheapest}
    store.write_json("scenarios/plan", document)
    return "-c", str(path)


def test_the_table_names_the_option_and_what_was_asked(tmp_path):
    found = scenario("show", "plan", *kept(tmp_path))

    assert found.exit_code == 0, found.output
    assert "search · lexical · 1,000 requests a month, 2 rps at the peak · USD a month" in found.output
    assert "autoscaled" in found.output
    assert "late" not in found.output.replace("late_at_peak", "").replace("late at peak", "")


def test_lateness_is_told_with_what_a_calendar_leaves_of_it(tmp_path):
    found = scenario("show", "plan", *kept(tmp_path, late_at_peak=0.125, late_if_scheduled=0.01))

    said = " ".join(found.output.split())
    assert "autoscaled: 12.5% of the requests around the beginning of a peak are late" in said
    assert "; 1.0% where a calendar launches machines before it" in said


def test_scenarios_side_by_side_have_a_row_an_option(tmp_path):
    found = scenario("compare", "plan", "--as", "csv", *kept(tmp_path))

    assert found.output.splitlines()[:2] == ["option,plan", "autoscaled,12.50"]
