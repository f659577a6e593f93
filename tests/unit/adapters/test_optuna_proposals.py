"""Optuna's proposals: they depend on the seed, the number and what is known, and on nothing else."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("optuna", reason="optuna is not installed: the extra train brings it")

from tests.unit.workflows.search_fakes import MemoryJournal, run, search

from steelyard.adapters.tuning.journal_file import JournalFile
from steelyard.adapters.tuning.optuna_proposals import OptunaProposals
from steelyard.adapters.tuning.threads import Threads
from steelyard.documents.search_journal import Opened, Session
from steelyard.errors import ArtefactError
from steelyard.models.searching import Choice, Real, Whole
from steelyard.models.trials import Trial, TrialState
from steelyard.workflows.tuning.budget import Budget

SPACE = {"decay": Real(0.3, 1.0), "size": Whole(10, 500, is_log=True), "kind": Choice(("a", "b"))}
X = {"x": Real(0.0, 1.0)}


def tried(n, *, seed=0):
    proposals = OptunaProposals(SPACE, seed=seed, pruning="median")
    known = []
    for number in range(n):
        values = proposals.propose(number, known)
        quality = 1 - abs(values["decay"] - 0.8)
        known.append(Trial(number, values, TrialState.COMPLETE, {100: quality}))
    return known


def test_values_lie_in_their_ranges_and_kinds():
    for trial in tried(14):
        assert 0.3 <= trial.values["decay"] <= 1.0
        assert isinstance(trial.values["size"], int)
        assert 10 <= trial.values["size"] <= 500
        assert trial.values["kind"] in ("a", "b")


def test_the_same_seed_gives_the_same_trials_and_another_one_others():
    assert tried(12) == tried(12)
    assert tried(3) != tried(3, seed=1)


def test_a_start_outside_the_space_is_not_refused():
    proposals = OptunaProposals(SPACE, seed=0, pruning="median")
    values = {"decay": 0.1, "size": 5000, "kind": "a"}

    proposed = proposals.propose(1, [Trial(0, values, TrialState.COMPLETE, {100: 0.5})])

    assert proposed.keys() == SPACE.keys()


def running(pruning, quality, *, number=6):
    """Trials that were judged in full, and one more after its first rung."""
    values = {"decay": 0.5, "size": 20, "kind": "a"}
    rungs = [{500: 0.5 + n / 100, 2000: 0.5, 6000: 0.5 + n / 100} for n in range(number)]
    known = [Trial(n, values, TrialState.COMPLETE, each) for n, each in enumerate(rungs)]
    known.append(Trial(number, values, TrialState.RUNNING, {500: quality}))
    return OptunaProposals(SPACE, seed=0, pruning=pruning).is_hopeless(number, known)


def test_what_is_below_the_median_on_the_same_cases_is_hopeless():
    assert running("median", 0.1)
    assert not running("median", 0.9)
    assert not running("median", 0.1, number=4)  # nobody knows yet what is usual


def test_hyperband_gives_up_in_some_brackets_what_is_worse_than_the_others_there():
    numbers = range(6, 18)

    assert 0 < sum(running("hyperband", 0.1, number=number) for number in numbers) < len(numbers)
    assert not any(running("hyperband", 0.9, number=number) for number in numbers)


def test_nothing_is_hopeless_where_nothing_is_pruned():
    assert not running("none", 0.1)


def test_several_workers_end_together_and_begin_no_trial_too_many():
    finished = run(
        Budget(trials=12),
        of=search(n=900),
        proposals=OptunaProposals(X, seed=0, pruning="median"),
        crew=Threads(),
        workers=3,
    )

    assert [trial.number for trial in finished.trials] == list(range(12))
    assert all(trial.state in (TrialState.COMPLETE, TrialState.PRUNED) for trial in finished.trials)


def test_with_several_workers_too_the_smallest_budget_is_one_trial():
    finished = run(Budget(trials=1), of=search(), crew=Threads(), workers=4)

    assert [trial.state for trial in finished.trials] == [TrialState.COMPLETE]


def test_an_error_in_a_thread_is_raised():
    def make(values):
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        run(of=search(make), crew=Threads(), workers=2)


KILLED = """
import sys, time
from pathlib import Path
from tests.unit.workflows.search_fakes import OnRank, run, search
from steelyard.adapters.tuning.journal_file import JournalFile
from steelyard.adapters.tuning.optuna_proposals import OptunaProposals
from steelyard.models.searching import Real
from steelyard.workflows.tuning.budget import Budget

def make(values):
    time.sleep(0.05)
    return OnRank(values["x"])

proposals = OptunaProposals({"x": Real(0.0, 1.0)}, seed=5, pruning="median")
run(Budget(trials=200), of=search(make, n=900), proposals=proposals, journal=JournalFile(Path(sys.argv[1])))
"""


def test_a_search_that_was_killed_goes_on_at_the_same_trial(tmp_path):
    path = tmp_path / "made" / "fake.jsonl"
    root = Path(__file__).parents[3]
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], cwd=root, env={**os.environ})
    try:
        while not path.is_file() or path.read_bytes().count(b'"ended"') < 12:
            assert process.poll() is None, "the search ended by itself"
            time.sleep(0.02)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    begun = [json.loads(line) for line in path.read_bytes().splitlines() if b'"begun"' in line]

    def go_on(journal):
        proposals = OptunaProposals(X, seed=5, pruning="median")
        return run(Budget(trials=len(begun) + 3), of=search(n=900), proposals=proposals, journal=journal)

    resumed, whole = go_on(JournalFile(path)), go_on(MemoryJournal())

    assert resumed.before.sessions == 1
    assert [(t.values, t.state, t.rungs) for t in resumed.trials] == [
        (t.values, t.state, t.rungs) for t in whole.trials
    ]
    assert resumed.before.unbooked_s > 0


def test_a_line_that_was_cut_off_is_left_out_and_the_next_one_stands_alone(tmp_path):
    path = tmp_path / "journal.jsonl"
    journal = JournalFile(path)
    journal.begin(Opened(key="key"))
    with path.open("ab") as file:
        file.write(b'{"line":"session","wor')

    assert journal.read() == [Opened(key="key")]
    journal.append(Session(workers=2))
    assert journal.read() == [Opened(key="key"), Session(workers=2)]


def test_a_damaged_line_is_told_with_its_file(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"line":"opened","key":"key"}\n{"line":"nothing"}\n')

    with pytest.raises(ArtefactError, match=r"journal\.jsonl.*Delete it"):
        JournalFile(path).read()


def test_the_best_of_a_search_is_found_near_the_top():
    finished = run(Budget(trials=25), of=search(), proposals=OptunaProposals(X, seed=0, pruning="none"))

    best = max(finished.trials, key=lambda trial: trial.quality)
    assert abs(best.values["x"] - 0.7) < 0.09
