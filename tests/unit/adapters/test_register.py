"""The register: who was erased, and a log of readings of which no line can be changed (R1.7)."""

import json

import pytest

from steelyard.adapters.privacy.register import Register
from steelyard.documents.access_line import AccessLine
from steelyard.errors import ArtefactError, DataError

NAMES = ["a" * 32, "b" * 32]


@pytest.fixture
def register(tmp_path):
    return Register(tmp_path / "register")


def test_who_was_erased_is_known_to_the_next_process_and_to_nobody_else(register):
    assert register.erased() == frozenset()
    register.erase(NAMES)

    assert Register(register.folder).erased() == frozenset(NAMES)
    assert register.erased_file.stat().st_mode & 0o077 == 0
    assert register.folder.stat().st_mode & 0o077 == 0


def test_a_damaged_list_is_refused_since_people_would_come_back(register):
    register.erase(NAMES)
    register.erased_file.write_text("abc\n")

    with pytest.raises(ArtefactError, match="would come back"):
        register.erased()


def test_a_watcher_sees_that_somebody_was_erased(register):
    before = register.stamp()
    register.erase(NAMES)

    assert register.stamp() != before


def line(n):
    return AccessLine(at=f"2026-03-0{n + 1}", who="somebody", purpose="test", what=str(n))


@pytest.fixture
def log(register):
    for n in range(5):
        register.note(line(n))
    return register.folder / "access.jsonl"


def test_every_line_is_as_it_was_written(register, log):
    assert register.broken_note() == 0
    assert [said.what for said in register.notes()] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (lambda lines: [*lines[:1], lines[1].replace("somebody", "nobody"), *lines[2:]], 2),
        (lambda lines: [*lines[:2], *lines[3:]], 3),
        (lambda lines: lines[:4], 5),
        (lambda lines: lines[1:], 1),
        (lambda lines: [*lines, lines[0]], 6),
        (lambda lines: [*lines[:3], "{half a li", lines[4]], 4),
        (lambda lines: [], 1),
    ],
    ids=["changed", "taken out", "cut at the end", "cut at the beginning", "repeated", "damaged", "all gone"],
)
def test_a_line_that_was_changed_or_taken_away_is_found(register, log, change, broken):
    lines = log.read_text("utf-8").splitlines()
    log.write_text("".join(f"{line}\n" for line in change(lines)), "utf-8")

    assert register.broken_note() == broken


def test_a_crash_between_line_and_head_is_no_break(register, log):
    head = register.folder / "access.head"
    before = head.read_text()
    register.note(line(6))
    head.write_text(before)  # the power went after the line was on the disk

    register.note(line(7))

    assert register.broken_note() == 0
    assert len(register.notes()) == 7


def test_privacy_loss_is_never_more_than_the_period_has(register):
    left = [register.spend("2026-03", 0.1, most=1.0, what="t") for _ in range(10)]

    assert left[-1] == 0
    with pytest.raises(DataError, match="would exceed"):
        register.spend("2026-03", 1e-9, most=1.0, what="t")
    assert register.spend("2026-04", 0.5, most=1.0, what="t") == 0.5
    lines = (register.folder / "epsilon.jsonl").read_text().splitlines()
    assert len(lines) == 11
    assert all(json.loads(text)["what"] == "t" for text in lines)
