"""What a log says while the work goes on, and what is said at its end."""

import threading
from decimal import Decimal
from pathlib import Path

import pytest

from steelyard.cli.cost.booking import said_booked
from steelyard.cli.ending import say_next
from steelyard.cli.stage_progress import LogLines, _logged, duration, shown, shown_stages
from steelyard.domain import Money


class Clock:
    def __init__(self):
        self.at = 0.0

    def __call__(self):
        return self.at


def test_a_log_is_told_the_stage_the_step_and_the_time():
    clock, lines = Clock(), []
    stage = LogLines("stage 4 of 8, measure", write=lines.append, now=clock)

    stage.begin()
    clock.at = 60
    stage.still()
    stage.update(2, 13, "hybrid-int8-1bit")
    clock.at = 125
    stage.still()
    clock.at = 482
    stage.end()

    assert lines == [
        "stage 4 of 8, measure …",
        "stage 4 of 8, measure: 1 min 0 s so far",
        "stage 4 of 8, measure: step 3 of 13, hybrid-int8-1bit, 2 min 5 s so far",
        "stage 4 of 8, measure: done in 8 min 2 s",
    ]


def test_lines_come_while_a_step_is_silent_and_stop_at_its_end():
    lines, enough = [], threading.Event()

    def write(line):
        lines.append(line)
        if len(lines) == 4:
            enough.set()

    with _logged(LogLines("train", write=write), every_s=0.01):
        assert enough.wait(30)
    said = len(lines)

    assert lines[0] == "train …"
    assert all("so far" in line for line in lines[1:-1])
    assert lines[-1].startswith("train: done in")
    assert not [thread for thread in threading.enumerate() if thread.name == "progress"]
    assert len(lines) == said


def test_a_stage_that_fails_is_not_called_done(capsys):
    with pytest.raises(ValueError, match="no"), shown("train") as progress:
        progress(0, 1, "a")
        raise ValueError("no")

    assert "done" not in capsys.readouterr().err


def test_stages_are_numbered(capsys):
    numbered = shown_stages(("prepare", "train"))

    with numbered("train") as progress:
        progress(0, 2, "a")
    with numbered("again"):
        pass

    said = capsys.readouterr().err
    assert "stage 2 of 2, train …" in said
    assert "\nagain …" in said


@pytest.mark.parametrize(
    ("seconds", "says"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (41.4, "41 s"), (59.7, "1 min 0 s"), (3700, "1 h 1 min")]
)
def test_a_time_is_said_as_people_say_it(seconds, says):
    assert duration(seconds) == says


def test_at_the_end_it_is_said_what_to_open_edit_and_do_next(capsys):
    say_next(Path("my shop/steelyard.toml"), surfaces=["search"], report=Path("r/index.html"), port=8788)

    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines()] == ["open", "edit", "next", "read"]
    assert "steelyard serve -c 'my shop/steelyard.toml'" in said
    assert "http://127.0.0.1:8788/decision" in said
    assert "[decide.search]" in said
    assert "recommend" not in said


@pytest.mark.parametrize(
    ("n", "amounts", "says"),
    [
        (1, ["0.000000000796"], "Booked 1 meter reading: < 0.01 USD"),
        (2, ["1234.5"], "Booked 2 meter readings: 1,234.50 USD"),
        (1200, [], "Booked 1,200 meter readings"),
        (0, ["0"], "Booked 0 meter readings: 0.00 USD"),
    ],
)
def test_what_was_booked_is_said_without_noise(n, amounts, says):
    assert said_booked(n, [Money(Decimal(each), "USD") for each in amounts]) == says


def test_the_end_names_the_file_to_edit_where_a_folder_was_named(tmp_path, capsys):
    say_next(tmp_path, surfaces=["search"], report=Path("r/index.html"), port=8788)

    assert f"edit   {tmp_path / 'steelyard.toml'}: the floors" in capsys.readouterr().out
