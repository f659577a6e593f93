"""What happens to the ledger's file: killed programs, a full disk, other programs, and hands from outside."""

import itertools
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import date

import pytest

from steelyard.adapters.ledgers.sqlite import SqliteLedger
from steelyard.errors import ArtefactError, DataError, StorageError
from steelyard.ledger.entries import Month, View, balances, is_balanced, trial_balance
from steelyard.testing.ledger_contract import spent

NOVEMBER = Month(2026, 11)
WRITER = textwrap.dedent("""
    import itertools, sys
    from pathlib import Path
    from steelyard.adapters.ledgers.sqlite import SqliteLedger
    from steelyard.testing.ledger_contract import spent
    ledger, name = SqliteLedger(Path(sys.argv[1])), sys.argv[2]
    for n in itertools.count():
        ledger.append(spent(k + 1, f"{name}-{n}-{k}") for k in range(20))
        print(f"{name}-{n}", flush=True)
""")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path):
    made = SqliteLedger(path)
    yield made
    made.close()


def ids(ledger):
    return [each.id for each in ledger.iter_entries(NOVEMBER, view=View.ACCRUAL)]


def test_kill_at_any_moment_loses_nothing_that_was_booked_and_halves_nothing(path):
    acknowledged = set()
    for round_ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(round_)], stdout=subprocess.PIPE, text=True
        ) as child:
            for _ in range(10 + 7 * round_):
                acknowledged.add(child.stdout.readline().strip())
            child.send_signal(signal.SIGKILL)
            acknowledged.update(line.strip() for line in child.stdout if line.endswith("\n"))

    ledger = SqliteLedger(path)
    found = list(ledger.iter_entries(NOVEMBER, view=View.ACCRUAL))
    sums = {each.account: each.total for each in ledger.balances(NOVEMBER, view=View.ACCRUAL)}
    sizes = {name: len(list(of)) for name, of in itertools.groupby(found, key=lambda each: each.id.rpartition("-")[0])}

    assert len(acknowledged) >= 51
    assert acknowledged <= set(sizes)
    assert set(sizes.values()) == {20}
    assert sums == {each.account: each.total for each in balances(found, view=View.ACCRUAL)}
    assert ledger.close_month(NOVEMBER) == 2 * len(found)
    ledger.close()


def test_killed_within_an_append_it_books_nothing_of_it_and_all_of_it_the_next_time(path):
    in_the_middle = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from steelyard.adapters.ledgers.sqlite import SqliteLedger
        from steelyard.testing.ledger_contract import spent
        def entries():
            for n in range(30_000):
                yield spent(n + 1, f"e{n}")
            print("written so far", flush=True)
            time.sleep(60)
        SqliteLedger(Path(sys.argv[1])).append(entries())
    """)
    with subprocess.Popen([sys.executable, "-c", in_the_middle, str(path)], stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"written so far\n"
        child.send_signal(signal.SIGKILL)

    ledger = SqliteLedger(path)
    before = ids(ledger)
    n_new = ledger.append(spent(n + 1, f"e{n}") for n in range(2000))

    assert (before, n_new, len(ids(ledger))) == ([], 2000, 2000)
    ledger.close()


def test_when_the_disk_is_full_nothing_is_booked_and_the_ledger_goes_on_when_there_is_room(ledger, path):
    ledger.append([spent(1, "before")])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.with_name("ledger.sqlite-wal").stat().st_size + 8192, hard))
    try:
        with pytest.raises(StorageError, match=r"nothing was booked.*free some space"):
            ledger.append(replace(spent(n + 1, f"e{n}"), text="x" * 500) for n in range(5000))
        meanwhile = ids(ledger)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)

    assert meanwhile == ["before"]
    assert ledger.append(spent(n + 1, f"e{n}") for n in range(5000)) == 5000
    assert len(ids(ledger)) == 5001
    assert is_balanced(trial_balance(ledger.balances(NOVEMBER, view=View.ACCRUAL)))


def test_programs_that_open_and_book_at_the_same_time_lose_nothing(path):
    book = textwrap.dedent("""
        import sys
        from pathlib import Path
        from steelyard.adapters.ledgers.sqlite import SqliteLedger
        from steelyard.testing.ledger_contract import spent
        sys.stdin.readline()
        ledger = SqliteLedger(Path(sys.argv[1]))
        n_new = 0
        for n in range(20):
            n_new += ledger.append([spent(n + 1, f"{sys.argv[2]}-{n}"), spent(n + 1, f"shared-{n}")])
        print(n_new)
    """)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", book, str(path), str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for n in range(4)
    ]
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    counts = [int(child.communicate(timeout=60)[0]) for child in children]

    ledger = SqliteLedger(path)
    found = ids(ledger)
    ledger.close()

    assert sum(counts) == len(found) == len(set(found)) == 4 * 20 + 20


def test_a_file_that_was_removed_or_replaced_meanwhile_is_not_written_to(ledger, path, tmp_path):
    ledger.append([spent(1, "a")])
    path.rename(tmp_path / "elsewhere.sqlite")

    with pytest.raises(StorageError, match="was removed or replaced since it was opened"):
        ledger.append([spent(2, "b")])
    shutil.copy(tmp_path / "elsewhere.sqlite", path)
    with pytest.raises(StorageError, match="was removed or replaced since it was opened"):
        ledger.close_month(NOVEMBER)


def unguarded(path, statement):
    with sqlite3.connect(path) as other:
        for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            other.execute(f"DROP TRIGGER {name}")
        other.execute(statement)
    other.close()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE posting SET units = units + 1 WHERE line = 0", "postings sum to 1.000000000000, not to zero"),
        ("DELETE FROM posting WHERE line = 1", "at least two postings"),
        ("UPDATE posting SET account = 77", "changed from outside"),
        ("UPDATE posting SET centre = 77", "changed from outside"),
        ("UPDATE posting SET units = 'many'", "changed from outside"),
        ("UPDATE entry SET kind = 'guessed'", "changed from outside"),
        ("UPDATE entry SET day = 'yesterday'", "changed from outside"),
    ],
)
def test_a_row_changed_by_hand_is_never_read_as_an_entry(ledger, path, statement, said):
    ledger.append([spent(3, "a")])
    unguarded(path, statement)

    for asked in (lambda: ids(ledger), lambda: ledger.append([spent(3, "a")])):
        with pytest.raises((ArtefactError, DataError), match=said):
            asked()


def test_a_month_that_was_changed_by_hand_does_not_close(ledger, path):
    ledger.append([spent(3, "a"), spent(4, "b", on=date(2026, 12, 1))])
    unguarded(path, "UPDATE posting SET millionths = 1 WHERE line = 0 AND entry = 1")

    with pytest.raises(DataError, match="the accrual accounts of 2026-11 do not sum to zero"):
        ledger.close_month(NOVEMBER)


@pytest.mark.parametrize("damage", ["cut", "overwritten"])
def test_a_damaged_file_is_said_to_be_damaged_and_left_as_it_is(path, damage):
    ledger = SqliteLedger(path)
    ledger.append(spent(n + 1, f"e{n}") for n in range(3000))
    ledger.close()
    content = path.read_bytes()
    half = len(content) // 2
    path.write_bytes(content[:half] if damage == "cut" else content[:4096] + os.urandom(half) + content[4096 + half :])
    before = path.read_bytes()

    with pytest.raises(ArtefactError, match=r"is not a ledger, or is damaged|changed from outside"):
        list(SqliteLedger(path).iter_entries(NOVEMBER, view=View.ACCRUAL))

    assert path.read_bytes() == before
