"""`steelyard cost` runs in the base install: what it imports needs no extra."""

import ast
import subprocess
import sys
from pathlib import Path

import steelyard.cli.cost

EXTRAS = ("torch", "transformers", "onnx", "duckdb", "narwhals", "pyarrow", "aiohttp", "psycopg",
          "statsforecast")  # fmt: skip
BLOCKED = """
import importlib, sys

class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {extras}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Without())
for name in {names}:
    importlib.import_module(name)
"""


def imported():
    """Every module of ours that a verb imports, also those it imports when called."""
    for path in Path(steelyard.cli.cost.__file__).parent.glob("*.py"):
        yield f"steelyard.cli.cost.{path.stem}"
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("steelyard."):
                yield node.module


def test_no_verb_of_cost_imports_what_an_extra_installs():
    script = BLOCKED.format(extras=set(EXTRAS), names=sorted(set(imported())))

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
