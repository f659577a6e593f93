"""``steelyard cost scenario``: its verbs by their earlier names."""

import pytest
from click.testing import CliRunner

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
