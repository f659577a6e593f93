"""The pages on experiments show what their commands print of the files that their script writes."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from steelyard.cli import main

ROOT = Path(__file__).parents[2]


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)\n```", text, re.DOTALL)


@pytest.mark.parametrize("page", ["docs/howto/experiments.md", "docs/zh/experiments.md"])
def test_what_the_page_shows_is_printed(page, tmp_path, monkeypatch):
    text = (ROOT / page).read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    exec(blocks(text, "python")[0], {})
    commands, shown = blocks(text, "sh"), blocks(text, "text")

    assert len(commands) == len(shown) == 2
    for command, expected in zip(commands, shown, strict=True):
        done = CliRunner().invoke(main, command.removeprefix("steelyard ").split(), catch_exceptions=False)
        printed = "\n".join(line.rstrip() for line in done.stdout.splitlines())
        assert printed.startswith(expected)
