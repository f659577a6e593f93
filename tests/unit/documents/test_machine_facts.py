"""Facts of a machine: what is not known is left out, and what is known to be nothing is said."""

from steelyard.documents.decision import decision_builtins, read_decision
from steelyard.documents.machine import MachineFacts, machine_builtins


def test_what_is_not_known_of_a_machine_is_left_out_and_no_commit_is_told():
    assert machine_builtins(MachineFacts(cpu_model="x")) == {"cpu_model": "x"}
    assert machine_builtins(MachineFacts(cpu_flags=(), git_commit=None)) == {"cpu_flags": [], "git_commit": None}


def test_another_commit_is_the_same_machine():
    one, other = (MachineFacts(cpu_model="x", git_commit=commit) for commit in ("a", None))

    assert one != other
    assert one.without_commit() == other.without_commit() == MachineFacts(cpu_model="x")


def test_a_decision_keeps_what_it_says_of_its_machine():
    said = {"cpu_model": "x", "cpu_flags": [], "libraries": {"numpy": "2"}, "git_commit": None}

    assert decision_builtins(read_decision({"machine": said}))["machine"] == said
