"""Verbs by other names: an earlier one does what it did and says its new name, an unknown one is told the nearest."""

import click
import pytest
from click.testing import CliRunner

from steelyard.cli.nearest import RenamedVerbs, new_verb


@click.group(cls=RenamedVerbs, renamed={"spread": "amortise", "gone": "nowhere"})
def books():
    """Books."""


@books.command()
@click.argument("name")
def amortise(name):
    """Say a name."""
    click.echo(f"amortised {name}")


def typed(*words):
    return CliRunner().invoke(books, words)


def test_an_earlier_name_does_what_it_did_and_says_the_new_one():
    done = typed("spread", "x")

    assert (done.exit_code, done.stdout) == (0, "amortised x\n")
    assert done.stderr == "note: `books spread` is now `books amortise`\n"


def test_a_name_of_today_is_not_commented_on_and_earlier_ones_are_not_listed():
    assert typed("amortise", "x").stderr == ""
    assert "spread" not in typed("--help").stdout


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        ("amortize", "There is no command 'amortize'. Did you mean `books amortise`?"),
        ("xyz", "There is no command 'xyz'. `books --help` lists what there is."),
        ("gone", "There is no command 'nowhere'."),
    ],
)
def test_an_unknown_verb_is_told_the_nearest_or_where_they_are_listed(verb, says):
    done = typed(verb)

    assert done.exit_code == 2
    assert says in done.stderr


def test_an_option_before_any_verb_is_left_to_the_group():
    assert "No such option" in typed("--frobnicate").stderr


def test_only_names_that_changed_are_changed(capsys):
    assert new_verb("book", {"spread": "amortise"}, above="x") == "book"
    assert capsys.readouterr().err == ""
