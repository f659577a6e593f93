"""The file of the rules is looked at while the server runs; a wrong one changes nothing."""

import os

import pytest

from steelyard.api.curator import Curator
from steelyard.errors import ConfigError

RULE = '[[rule]]\nid = "a"\naction = "hide"\nitems = ["i1"]\nowner = "me"\nreason = "why"\n'


class Told:
    def __init__(self):
        self.rules = []

    def curate(self, rules, *, timezone=""):
        self.rules.append([rule.id for rule in rules])
        return []


def write(path, text, at):
    path.write_text(text, "utf-8")
    os.utime(path, ns=(at, at))


def test_rules_are_read_at_the_start_and_again_when_their_file_is_another(tmp_path):
    path, told = tmp_path / "curation.toml", Told()
    write(path, RULE, 1)
    curator = Curator(told, path)

    assert curator.look()
    assert not curator.look()
    write(path, RULE + RULE.replace('"a"', '"b"'), 2)
    assert curator.look()
    assert told.rules == [["a"], ["a", "b"]]


@pytest.mark.parametrize("content", [b"rule", b"\xff\xfe", None])
def test_a_server_does_not_start_without_the_rules_it_was_told_to_keep(tmp_path, content):
    path = tmp_path / "curation.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=r"curation\.toml"):
        Curator(Told(), path).start()


def test_a_file_that_became_wrong_leaves_the_rules_before_in_force(tmp_path):
    path, told = tmp_path / "curation.toml", Told()
    write(path, RULE, 1)
    curator = Curator(told, path)
    curator.look()
    write(path, RULE + "[[", 2)

    with pytest.raises(ConfigError):
        curator.look()

    assert told.rules == [["a"]]


def test_without_a_file_nobody_looks(tmp_path):
    curator = Curator(Told(), None)

    curator.start()
    curator.close()
