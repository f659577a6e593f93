"""The models on the page for authors of plugins keep the promises of a recipe, as they stand there."""

import importlib.util
import re
import sys
import tempfile
from pathlib import Path

import pytest

from steelyard.testing import RecipeContract

ROOT = Path(__file__).parents[2]
FOLDER = tempfile.TemporaryDirectory()
PAGES = [ROOT / "docs" / "howto" / "plugin.md", ROOT / "docs" / "zh" / "plugin.md"]


def blocks(page):
    return re.findall(r"```(?:python|toml|text|json)\n(.*?)```", page.read_text("utf-8"), re.S)


def module(start):
    """The example whose docstring names it, run as a module."""
    code = next(block for block in blocks(PAGES[0]) if block.startswith(f'"""``{start}``'))
    path = Path(FOLDER.name) / f"{start}.py"
    path.write_text(code, "utf-8")
    spec = importlib.util.spec_from_file_location(start, path)
    sys.modules[start] = importlib.util.module_from_spec(spec)  # options find their docstrings through it
    spec.loader.exec_module(sys.modules[start])
    return sys.modules[start]


class TestDepartments(RecipeContract):
    name = "departments"
    recipe = module("departments").DepartmentsRecipe()


def test_the_chinese_page_has_the_same_examples():
    assert blocks(PAGES[0]) == blocks(PAGES[1])


def test_the_compression_of_the_page_gives_a_part_of_a_smaller_part():
    from steelyard.errors import ConfigError
    from steelyard.models.building import Part

    letters = module("letters")
    code = next(block for block in blocks(PAGES[0]) if block.startswith("def rounded_form"))
    exec(compile(code, "rounded.py", "exec"), {**vars(letters)}, found := {})
    whole = Part("parts/letters", lambda bench: {})

    assert found["rounded_form"](None, whole, "fp32") is whole
    assert found["rounded_form"](None, whole, "fp16").made_from == (whole,)
    with pytest.raises(ConfigError, match="fp32 or fp16"):
        found["rounded_form"](None, whole, "fp8")
