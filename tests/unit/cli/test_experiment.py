"""``steelyard experiment`` on a screen of 80 columns and as JSON."""

import json

import pytest
from click.testing import CliRunner

from steelyard.cli.experiment import command

ARMS = "user,arm,spent,before\n" + "".join(f"u{i},{('control', 'new')[i % 2]},{i % 7},{i % 5}\n" for i in range(300))
LOG = "shown,reward,propensity,p_new\n" + "".join(
    f"{i % 2},{i % 3 == 0:d},0.5,{(0.9, 0.1)[i % 2]}\n" for i in range(300)
)


@pytest.fixture
def run(tmp_path):
    (tmp_path / "arms.csv").write_text(ARMS, "utf-8")
    (tmp_path / "log.csv").write_text(LOG, "utf-8")

    def of(verb, file, *options):
        done = CliRunner().invoke(command, [verb, str(tmp_path / file), *options], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    return of


@pytest.mark.parametrize(
    ("verb", "file", "options"),
    [
        ("analyse", "arms.csv", ("--metric", "spent", "--before", "before", "--expected-effect", "0.5")),
        ("offpolicy", "log.csv", ("--target", "p_new", "--clip", "1.5")),
    ],
)
def test_a_screen_of_80_columns_holds_it(run, verb, file, options):
    shown = run(verb, file, *options)

    assert max(map(len, shown.splitlines())) <= 80
    assert "95 % interval" in shown and "Assumed:" in shown


def test_an_analysis_says_its_sample_ratio_and_what_it_assumes(run):
    shown = run("analyse", "arms.csv", "--metric", "spent")

    assert "Sample ratio: 50.00 % in the treatment, 50.00 % planned, p 1.0000: as planned" in shown
    assert "at any look" not in shown and "one look" in shown


def test_programs_read_json(run):
    found = json.loads(run("analyse", "arms.csv", "--metric", "spent", "--json"))
    judged = json.loads(run("offpolicy", "log.csv", "--target", "p_new", "--json"))

    assert (found["control"]["n_units"], found["metrics"][0]["metric"]) == (150, "spent")
    assert [each["estimator"] for each in judged["estimates"]] == ["ips", "snips"]
    assert {note["key"] for note in judged["notes"]} >= {"right_propensities", "independent_rows"}


@pytest.mark.parametrize("option", ["--share", "--confidence"])
@pytest.mark.parametrize("value", ["0", "1", "1.5"])
def test_a_share_of_nothing_or_of_all_is_refused(tmp_path, option, value):
    (tmp_path / "arms.csv").write_text(ARMS, "utf-8")

    done = CliRunner().invoke(command, ["analyse", str(tmp_path / "arms.csv"), "--metric", "spent", option, value])

    assert done.exit_code == 1
    assert "a number above zero and below 1" in str(done.exception)
