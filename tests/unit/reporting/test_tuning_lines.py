"""What is said of a search of a model's values, in both languages, on a terminal and in the report."""

from decimal import Decimal

import msgspec
import pytest
from rich.cells import cell_len

from steelyard.documents.tuning import TriedRow, TuningReport, read_tuning, tuning_builtins
from steelyard.reporting.page import raw
from steelyard.reporting.tuning_lines import tuning_lines, tuning_section
from steelyard.reporting.words.tuning import TUNING


def row(number, quality, best, *, state="complete", cases=900):
    money = Decimal("0.0001") * (number + 1)
    return TriedRow(number=number, state=state, quality=quality, cases=cases, best=best, seconds=number + 1.0,
                    cpu_s=number + 0.5, money=money, values={"decay": 0.5 + number / 10})  # fmt: skip


FOUND = TuningReport(
    model="item-knn",
    cases=900,
    trials=(
        row(0, 0.10, 0.10),
        row(1, 0.13, 0.13),
        row(2, 0.02, 0.13, state="pruned", cases=500),
        row(3, None, 0.13, state="failed", cases=0),
        row(4, 0.12, 0.13),
    ),
    start={"decay": 0.5},
    chosen={"decay": 0.6},
    start_quality=0.1,
    best_quality=0.13,
    gain_error=0.004,
    flattered=0.002,
    is_adopted=True,
    stopped_by="money",
    sessions=2,
    currency="USD",
)


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", ["3 judged on all, 1 given up early, 1 failed", "(+0.0300, standard error",
                "flatters it by about 0.0020; it gains more", "0.0005 USD; ended by: its money",
                "depends on the machine", "It ran in 2 sessions"]),
        ("zh", ["在 900 个验证样本上试了 5 组", "虚高约 0.0020；提升超过这一幅度", "费用用完", "共分 2 次运行"]),
    ],
)  # fmt: skip
def test_everything_is_said_in_both_languages(language, wanted):
    lines = "\n".join(tuning_lines(FOUND, language=language))
    section = str(raw(tuning_section([FOUND], language=language)))

    assert all(each in lines for each in wanted), lines
    assert all(each in section for each in wanted[:2]), section
    assert "{" not in lines


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_curve_and_the_values_fit_into_a_terminal(language):
    many = [row(n, 0.1 + n / 100, 0.1 + n / 100) for n in range(60)]
    values = dict.fromkeys([f"weights.attributes{n}" for n in range(3)], 0.123456)
    found = msgspec.structs.replace(FOUND, trials=tuple(many), start=values, chosen=values)
    lines = tuning_lines(found, language=language)
    table = [line for line in lines if "█" in line or "weights" in line]

    assert max(map(cell_len, table)) <= 80
    assert len([line for line in table if "█" in line]) <= 15


def test_the_curve_shows_where_the_best_changed_and_the_end():
    shown = [line.split()[0] for line in tuning_lines(FOUND, language="en") if "█" in line]

    assert shown == ["1", "2", "5"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"is_adopted": False}, "it gains no more than that"),
        ({"best_quality": 0.1}, "No trial was better"),
        ({"start_quality": None, "best_quality": None, "trials": ()}, "Nothing could be judged"),
        ({"workers": 3}, "another run gives other trials"),
        ({"stopped_by": "trials"}, "the same data and seed give the same trials."),
        ({"trials": (TriedRow(number=0, state="complete", quality=0.1, cases=9, best=0.1),)}, "no price"),
    ],
)
def test_every_end_is_said(changes, says):
    found = msgspec.structs.replace(FOUND, **changes)

    assert says in "\n".join(tuning_lines(found, language="en"))
    assert says in str(raw(tuning_section([found], language="en")))


def test_a_trial_given_up_early_is_a_ring_in_the_report():
    section = str(raw(tuning_section([FOUND], language="en")))

    assert section.count("<circle") == 4
    assert section.count('fill="none"/>') == 1


def test_a_report_without_a_search_says_nothing_of_one():
    assert tuning_section([], language="en") is None


def test_the_document_is_read_as_it_was_written():
    assert read_tuning(tuning_builtins(FOUND)) == FOUND


def test_every_way_to_end_has_a_sentence():
    assert {f"tune_by_{end}" for end in ("minutes", "money", "trials", "space", "")} <= set(TUNING)
