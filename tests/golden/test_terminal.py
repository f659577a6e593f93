"""What the terminal shows of a decision at 80 to 120 columns; STEELYARD_WRITE_GOLDEN=1 writes the pictures anew."""

import io
import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console
from tests.documents_of import candidate_of, candidate_value, surface_of, surface_value

from steelyard.cli.decision_table import apart, decision_table, short_verdict
from steelyard.cli.printing import print_decision
from steelyard.cli.quality_table import print_quality
from steelyard.documents.choice import Quality
from steelyard.documents.decision import read_decision
from steelyard.documents.quality import read_quality

HERE = Path(__file__).parent
STORED = json.loads((HERE / "decision.json").read_text("utf-8"))
DECISION = read_decision(STORED)
QUALITY = read_quality({
    "findings": [
        {"table": "items", "reason": "price_not_a_number", "severity": "warning", "count": 1234, "share": 0.01,
         "action": "flag", "says": "a price cannot be read as a number; the item is kept without one"},
        {"table": "events", "reason": "event_time_unreadable", "severity": "error", "count": 7, "share": 0.01,
         "action": "quarantine", "says": "a time cannot be read; the event is kept out"},
    ],
    "rows": {"items": {"in": 92331, "kept": 92331, "quarantined": 0, "merged": 41}},
})  # fmt: skip


def picture(show, value, width):
    console = Console(width=width, file=io.StringIO(), force_terminal=False, color_system=None)
    show(value, console=console)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize(("name", "show", "value"), [
    ("decision", print_decision, DECISION), ("quality", print_quality, QUALITY),
])  # fmt: skip
def test_the_terminal_looks_as_it_should(name, show, value, width):
    shown = picture(show, value, width)
    golden = HERE / f"terminal-{name}-{width}.txt"

    if os.environ.get("STEELYARD_WRITE_GOLDEN"):
        golden.write_text(shown, "utf-8")
    assert shown == golden.read_text("utf-8")
    assert max(cell_len(line) for line in shown.splitlines()) <= width


def test_who_judged_and_what_stands_beside_are_said():
    first = DECISION.surfaces[0]
    made = Quality(mean=0.8765, low=0.8, high=0.9, n=500)
    rows = (replace(first.candidates[0], beside=made), *first.candidates[1:])
    judged = replace(first, is_synthetic=False, judged_by="us [red]", candidates=rows)

    shown = picture(print_decision, replace(DECISION, surfaces=(judged,)), 200)

    assert "judged by us [red]" in shown
    assert f"on 500 queries made from the catalogue (synthetic, they decide nothing): {rows[0].name} 0.8765" in shown


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160, 200])
def test_configuration_quality_p99_month_and_verdict_are_there_at_every_width(width):
    for surface in DECISION.surfaces:
        shown = picture(
            lambda value, console: console.print(decision_table(value, width=width, rows=40)), surface, width
        )
        for row in surface.candidates:
            monthly = "no price" if row.monthly is None else f"{row.monthly:f}"
            for figure in (f"{row.quality.mean:.4f}", f"{row.p99_ms:.1f}", monthly):
                assert figure in shown
        assert "…" not in shown


def test_wider_terminals_show_more():
    def heads(width):
        table = decision_table(DECISION.surfaces[0], width=width, rows=40)
        return [str(column.header) for column in table.columns]

    assert heads(80) == ["configuration", "quality", "p99 ms", "a month", "verdict"]
    assert [len(heads(width)) for width in (80, 100, 120, 170)] == sorted(len(heads(w)) for w in (80, 100, 120, 170))
    assert len(heads(170)) == 11


@pytest.mark.parametrize(
    ("found", "wanted", "shown"),
    [
        (0.987, 0.99, ("98.7", "99")),
        (0.9897, 0.99, ("98.97", "99")),
        (0.98996, 0.99, ("98.996", "99")),
        (0.9649, 0.965, ("96.49", "96.5")),
        (0.719815, 0.99, ("72.0", "99")),
    ],
)
def test_two_shares_are_shown_with_as_many_digits_as_tell_them_apart(found, wanted, shown):
    assert apart(found, wanted, scale=100, places=1) == shown


@given(st.floats(0, 1000), st.floats(0, 1000), st.integers(0, 4))
def test_the_figures_never_contradict_the_sign_between_them(found, wanted, places):
    left, right = (float(text) for text in apart(found, wanted, places=places))

    if abs(found - wanted) > 1e-5:
        assert (left < right) == (found < wanted)
        assert left != right


def row(verdict, violations=(), monthly="10.00", name="a"):
    quality = {"mean": 0.5, "low": None, "high": None}
    return candidate_of(name, verdict=verdict, violations=list(violations), monthly=monthly, quality=quality)


def broken(what, found, wanted):
    return {"what": what, "found": found, "wanted": wanted, "relative": None}


@pytest.mark.parametrize(
    ("of", "says"),
    [
        (row("loses", [broken("quality_share", 0.9897, 0.99)]), "loses: 98.97 % < 99 %"),
        (row("loses", [broken("quality", 0.13996, 0.14)]), "loses: 0.13996 < 0.14"),
        (row("loses", [broken("p99", 50.2, 50.0)]), "loses: p99 50.2 > 50 ms"),
        (row("loses", [broken("memory", 9.25, 8.0)]), "loses: memory 9.2 > 8 GB"),
        (row("loses", [broken("quality_share", None, 0.99)]), "loses: too few requests to judge"),
        (
            row("loses", [broken("p99", 80, 50), broken("quality_share", 0.5, 0.9)]),
            "loses: p99 80 > 50 ms; 50.0 % < 90 %",
        ),
        (row("set_aside", monthly=None), "set aside: no price"),
        (row("chosen", [broken("p99", 80, 50)]), "chosen, nearest: p99 80 > 50 ms"),
        (row("feasible", monthly="1012.50"), "feasible: 1,002.50 more"),
        (row("feasible"), "feasible: same cost"),
        (row("loses", [broken("carbon", 3.0, 2.0)]), "loses: carbon 3.0 > 2"),
    ],
)
def test_a_verdict_is_said_in_a_few_words(of, says):
    assert short_verdict(candidate_value(of), candidate_value(row("chosen"))) == says


names = st.text(st.sampled_from("abcdefghij0123456789-_轻量"), min_size=1, max_size=60)
verdicts = st.sampled_from(["chosen", "feasible", "loses", "set_aside"])
violations = st.lists(
    st.builds(
        broken, st.sampled_from(["p99", "quality", "quality_share", "memory"]), st.floats(0, 1e4), st.floats(0, 1e4)
    ),
    max_size=3,
)
amounts = st.none() | st.decimals(0, 10**7, places=2).map(str)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(row, verdicts, violations, amounts, names), min_size=1, max_size=4), st.integers(70, 200))
@example([row("chosen", [], "100000.00", "0" * 23)], 70)
def test_no_table_is_wider_than_the_terminal_and_no_word_of_a_reason_is_cut(candidates, width):
    surface = surface_value(surface_of("search", "a", *candidates))
    shown = picture(lambda value, console: console.print(decision_table(value, width=width, rows=9)), surface, width)

    assert max(cell_len(line) for line in shown.splitlines()) <= width
    words = {word for line in shown.splitlines() for word in line.split()}
    words |= {word.removesuffix(":") for word in words}  # where it goes on with how much more it costs
    for each in candidates:
        assert (
            set(short_verdict(candidate_value(each)).replace(":", ": ").split()) - {"set", "aside:"} <= words | {""}
            or width < 80
        )
        assert each["monthly"] is None or f"{Decimal(each['monthly']):,}" in words


def test_what_looks_like_markup_is_text():
    decision = json.loads(json.dumps(STORED))
    decision["warnings"] = ["[bold]x[/bold] [/red]"]
    decision["surfaces"][0]["candidates"][0]["name"] = "[link=x]a"

    shown = picture(print_decision, read_decision(decision), 100)

    assert "[bold]x[/bold] [/red]" in shown
    assert "[link=x]a" in shown


def test_three_notes_are_shown_and_the_rest_counted():
    shown = picture(print_decision, DECISION, 100)

    assert shown.count("note: ") == 3
    assert "16 more notes: on the page /decision" in shown


def test_the_total_names_what_it_is_of():
    alone = replace(DECISION, surfaces=DECISION.surfaces[:1])
    unpriced = replace(DECISION, total=replace(DECISION.total, monthly=None))

    assert "Total for search and recommendation: 584.22 USD a month." in picture(print_decision, DECISION, 100)
    assert "Total for search: 584.22 USD a month." in picture(print_decision, alone, 100)
    assert "incomplete, a price is missing" in picture(print_decision, unpriced, 100)
