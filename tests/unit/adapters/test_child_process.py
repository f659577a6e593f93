import pytest

from steelyard.adapters.measuring.child_process import ask_child, last_lines
from steelyard.errors import MeasurementError


@pytest.fixture
def child(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def make(body):
        (tmp_path / "some_child.py").write_text(
            f"import os, sys, time\nfrom steelyard.adapters.measuring.child_process import answer_once\n"
            f"def answer(question):\n    {body}\nanswer_once(answer)\n"
        )
        return "some_child"

    return make


def ask(module, time_out_s=30):
    return ask_child(module, {"n": 3}, time_out_s=time_out_s, what="asking")


def test_a_child_answers(child):
    assert ask(child("return question['n'] + 1")) == 4


def test_what_libraries_print_is_not_taken_for_the_answer(child):
    assert ask(child("print('hello'); os.system('echo hello'); return 7")) == 7


def test_the_engines_are_kept_to_one_thread(child):
    assert ask(child("return os.environ['OMP_NUM_THREADS'] + os.environ['RAYON_NUM_THREADS']")) == "11"


def test_a_failing_child_is_reported_with_its_last_words(child):
    with pytest.raises(MeasurementError, match=r"asking: the process failed with status 1.*ValueError: no such part"):
        ask(child("raise ValueError('no such part')"))


def test_a_killed_child_is_reported_with_the_likely_cause(child):
    with pytest.raises(MeasurementError, match="ended by SIGKILL: most often the machine was out of memory"):
        ask(child("os.kill(os.getpid(), 9)"))


def test_a_child_that_hangs_is_stopped(child):
    with pytest.raises(MeasurementError, match=r"no answer after 2 s, stopped\. Last words: thinking"):
        ask(child("print('thinking', file=sys.stderr, flush=True); time.sleep(60)"), time_out_s=2)


def test_an_answer_that_is_no_json_is_reported(child):
    with pytest.raises(MeasurementError, match="no JSON"):
        ask(child("os._exit(0)"))


def test_last_lines_are_the_last_ones():
    assert last_lines("a\nb\n\n", 1) == "b"
    assert last_lines(b"") == "(none)"
