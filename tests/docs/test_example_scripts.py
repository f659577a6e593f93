"""Every example runs as a newcomer runs it: in an empty folder, with the base installation, without a network."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
MOST_LINES = 300
ALONE = """\
import runpy, socket, sys
for name in ("torch", "transformers", "duckdb", "pyarrow", "pytest"):
    sys.modules[name] = None
def refuse(*_): raise AssertionError("an example opened a connection")
socket.socket.connect = refuse
runpy.run_path(sys.argv[1], run_name="__main__")
"""
"""The base installation alone, and no way out."""


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda path: path.name)
def ran(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    temporary = tmp_path_factory.mktemp("temporary")
    done = subprocess.run(
        [sys.executable, "-c", ALONE, request.param],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(temporary)},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done, [*folder.iterdir(), *temporary.iterdir()]


def test_an_example_runs_with_the_base_installation_and_without_a_network(ran):
    done, _ = ran

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_an_example_leaves_nothing_behind(ran):
    _, left = ran

    assert left == []


@pytest.mark.parametrize("ran", [ROOT / "examples" / "mini.py"], indirect=True)
def test_the_miniature_shows_a_decision_a_bill_and_answers_with_reasons(ran):
    shown = ran[0].stdout

    assert "=> only lexical keeps every floor" in shown
    assert "popularity" in shown and "loses" in shown
    assert "red tea kettle         matches_words: tea, kettle" in shown
    assert "not known" not in shown


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_short_and_uses_no_private_names(path):
    text = path.read_text("utf-8")
    names = {node.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}
    imported = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    names |= {part for node in imported for part in [*node.module.split("."), *(each.name for each in node.names)]}

    assert len(text.splitlines()) <= MOST_LINES
    assert {name for name in names if name.startswith("_") and name != "__future__"} == set()
