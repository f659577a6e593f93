"""Figures of an experiment on a screen of 80 columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.cli.experiment.screen import figure, p_text, print_lines, print_notes, print_table
from steelyard.documents.experiment import Note


@pytest.mark.parametrize(
    ("value", "signed", "shown"),
    [(None, False, "–"), (None, True, "–"), (0.123456, False, "0.1235"), (12345.6, False, "1.235e+04"),
     (2.0, True, "+2"), (-2.0, True, "-2"), (0.0, False, "0"), (1e-7, False, "1e-07")],
)  # fmt: skip
def test_a_figure_has_four_digits_and_what_is_not_known_a_dash(value, signed, shown):
    assert figure(value, is_signed=signed) == shown


@pytest.mark.parametrize(
    ("p", "shown"), [(0.05, "0.0500"), (1.0, "1.0000"), (0.0001, "0.0001"), (0.00009, "< .0001"), (0.0, "< .0001")]
)
def test_a_p_value_too_small_to_be_told_is_said_to_be(p, shown):
    assert p_text(p) == shown


@given(st.floats(-1e300, 1e300))
def test_a_figure_is_within_half_of_its_last_digit(value):
    assert float(figure(value)) == pytest.approx(value, rel=6e-4)


@given(st.lists(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Zs")), max_size=60), max_size=5))
def test_no_line_is_wider_than_the_screen_and_no_word_is_lost(words):
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        print_lines([" ".join(words)])

    assert max(map(len, out.getvalue().splitlines()), default=0) <= 80
    assert out.getvalue().replace("\n", "").replace(" ", "") == "".join(words).replace(" ", "")


def test_marks_of_a_markup_language_are_text(capsys):
    print_lines(["[bold]spent[/bold]"])
    print_table(("[red]a", "b"), [("[/x]", "1")])

    shown = capsys.readouterr().out
    assert "[bold]spent[/bold]" in shown and "[/x]" in shown


def test_a_table_fills_the_screen_with_figures_on_the_right(capsys):
    print_table(("metric", "value"), [("spent", "1.5"), ("a" * 100, "2")])

    lines = capsys.readouterr().out.splitlines()
    assert {len(line) for line in lines} == {80}
    assert any(line.rstrip("│ ").endswith("1.5") for line in lines)


def test_warnings_come_before_what_is_assumed(capsys):
    print_notes([Note("a", "rows are independent"), Note("b", "the groups are unlike " * 8, is_warning=True)])

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("! the groups are unlike")
    assert lines[1].startswith("  ")  # goes on below the text
    assert lines[-2:] == ["Assumed:", "- rows are independent."]
