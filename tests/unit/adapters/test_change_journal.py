"""The journal of changes: what was acknowledged is there, whatever happened to the process."""

import logging
import os
import signal
import subprocess
import sys

import pytest

from steelyard.adapters.change_journal import FILE, ChangeJournal
from steelyard.documents.changes import ItemChange, Op, Standing
from steelyard.errors import ArtefactError, StorageError

AT = "2026-03-01T12:00:00+00:00"


def price(item, amount):
    return ItemChange(Op.PRICE, item, price=amount)


def add(journal, *changes, key="", digest=""):
    with journal.writing():
        journal.news()
        return journal.append(changes, at=AT, key=key, digest=digest)


def numbers(batches):
    return [batch.last for batch in batches]


def test_batches_come_back_in_order_and_only_once(tmp_path):
    journal, other = ChangeJournal(tmp_path / "c"), ChangeJournal(tmp_path / "c")
    add(journal, price("a", "1.00"), price("b", "2.00"))
    add(journal, price("a", "3.00"), key="k", digest="d")

    assert numbers(other.news()) == [2, 3]
    assert other.news() == []
    assert not other.has_news()
    add(journal, price("c", "1.00"))
    assert other.has_news()
    assert numbers(other.news()) == [4]
    assert (other.journal, other.key("k")) == (journal.journal, ("d", 3))


def test_writers_take_turns_and_number_on(tmp_path):
    one, other = ChangeJournal(tmp_path / "c"), ChangeJournal(tmp_path / "c")

    assert [add(journal, price("a", "1.00")).last for journal in (one, other, one, other)] == [1, 2, 3, 4]


def test_a_torn_end_is_cut_and_kept_aside(tmp_path, caplog):
    journal = ChangeJournal(tmp_path)
    add(journal, price("a", "1.00"))
    path = tmp_path / FILE
    whole = path.read_bytes()
    for torn in (b"abc", whole.split(b"\n")[1][:80], b"0" * 64 + b" {}\n"):
        path.write_bytes(whole + torn)
        with caplog.at_level(logging.ERROR):
            fresh = ChangeJournal(tmp_path)
            assert numbers(fresh.news()) == [1]
            assert add(fresh, price("b", "2.00")).last == 2
        assert numbers(ChangeJournal(tmp_path).news()) == [1, 2]
        assert (tmp_path / f"torn-{len(whole)}").read_bytes() == torn
        path.write_bytes(whole)


@pytest.mark.parametrize("line", [0, 1, 2, 3])
def test_damage_to_a_whole_line_is_never_passed_over(tmp_path, line):
    journal = ChangeJournal(tmp_path)
    for amount in ("1.00", "2.00", "3.00"):
        add(journal, price("a", amount))
    path = tmp_path / FILE
    lines = path.read_bytes().split(b"\n")
    lines[line] = lines[line].replace(b"00", b"01", 1) if line else lines[line].replace(b'"', b"'", 1)
    path.write_bytes(b"\n".join(lines))

    with pytest.raises(ArtefactError, match=f"damaged at line {line + 1}"):
        ChangeJournal(tmp_path).news()


def test_a_line_that_was_taken_out_shows(tmp_path):
    journal = ChangeJournal(tmp_path)
    for amount in ("1.00", "2.00", "3.00"):
        add(journal, price("a", amount))
    path = tmp_path / FILE
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([*lines[:2], *lines[3:]]))

    with pytest.raises(ArtefactError, match="damaged at line 3"):
        ChangeJournal(tmp_path).news()


def test_what_is_folded_is_left_to_the_next_load_and_new_batches_go_on(tmp_path):
    journal, behind = ChangeJournal(tmp_path), ChangeJournal(tmp_path)
    add(journal, price("a", "1.00"), key="k", digest="d")
    behind.news()
    add(journal, price("b", "2.00"))
    add(journal, price("c", "3.00"))
    standing = Standing(ItemChange(Op.PATCH, "a", price="1.00"), {"op": 1, "price": 1})

    ChangeJournal(tmp_path).retire(2, [standing])

    assert journal.news() == []
    assert not journal.is_behind
    behind.news()
    assert behind.is_behind
    fresh = ChangeJournal(tmp_path)
    assert numbers(fresh.news()) == [3]
    assert (fresh.beginning.last, fresh.beginning.standing, fresh.key("k")) == (2, (standing,), ("d", 1))
    assert add(journal, price("d", "4.00")).last == 4
    assert numbers(ChangeJournal(tmp_path).news()) == [3, 4]


def test_a_change_that_came_during_a_rebuild_is_not_folded_with_the_others(tmp_path):
    journal = ChangeJournal(tmp_path)
    add(journal, price("a", "1.00"))
    add(journal, price("b", "2.00"), price("c", "2.00"))

    journal.retire(2, [])  # the load saw number 2 only: its batch goes on

    assert numbers(ChangeJournal(tmp_path).news()) == [3]


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_lost(tmp_path, monkeypatch):
    journal = ChangeJournal(tmp_path)
    add(journal, price("a", "1.00"))

    def refuses(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuses)
    with pytest.raises(StorageError, match="No space left"):
        add(journal, price("a", "2.00"))
    monkeypatch.undo()

    assert numbers(ChangeJournal(tmp_path).news()) == [1]
    assert add(journal, price("a", "3.00")).last == 2


WRITER = """
import sys
from pathlib import Path
from steelyard.adapters.change_journal import ChangeJournal
from steelyard.documents.changes import ItemChange, Op

journal, n = ChangeJournal(Path(sys.argv[1])), 0
while True:
    n += 1
    with journal.writing():
        journal.news()
        batch = journal.append([ItemChange(Op.PRICE, "a", price=f"{n}.00"), ItemChange(Op.STOCK, "a", stock=n)], at="x")
    print(batch.last, flush=True)
"""


def test_a_killed_process_loses_nothing_that_it_acknowledged(tmp_path):
    with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as writer:
        told = [int(writer.stdout.readline()) for _ in range(25)]
        writer.send_signal(signal.SIGKILL)
        told += [int(line) for line in writer.stdout.read().split()]

    batches = ChangeJournal(tmp_path).news()

    assert batches[-1].last >= told[-1]
    assert numbers(batches) == list(range(2, batches[-1].last + 1, 2))
    assert all(len(batch.changes) == 2 for batch in batches)
