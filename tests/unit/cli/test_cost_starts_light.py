"""Verbs of `steelyard cost` that simulate nothing start without the libraries that only simulations need."""

import json
import subprocess
import sys

import pytest

SHOP = """
[shop]
name = "toy"
currency = "USD"
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
"""
ADD = "ledger add --id 1 --text EC2 --amount 120.50 --currency USD --stage serving --source bill --on 2026-11-21"
LEDGER = (
    ADD,
    "ledger book",
    "ledger entries --month 2026-11",
    "ledger balances --month 2026-11 --by stage",
    "ledger allocate --month 2026-11",
    "ledger reverse 1 --text wrong --on 2026-11-22",
    "focus --out costs.csv",
    "budget set --amount 100 --currency USD --from 2026-11",
    "budget show --from 2026-11",
    "ledger close 2026-11",
)
WITHOUT_ARRAYS = ("ledger", "import", "reconcile", "focus", "prices", "calibrate", "budget", "bill", "unit", "life")
SCRIPT = """
import json, sys
from click.testing import CliRunner
from steelyard.cli import main

failed = []
for words in {calls!r}:
    done = CliRunner().invoke(main, ["cost", *words.split()])
    if done.exit_code:
        failed.append((words, done.output, repr(done.exception)))
print(json.dumps([failed, [name for name in {heavy!r} if name in sys.modules]]))
"""
HEAVY = ("scipy", "xlsxwriter", "torch", "onnxruntime", "tokenizers", "tantivy", "statsforecast", "pyarrow", "duckdb")


@pytest.mark.parametrize(
    ("calls", "heavy"),
    [
        (LEDGER, ("numpy", "safetensors", *HEAVY)),
        ([f"{verb} --help" for verb in WITHOUT_ARRAYS], ("numpy", "safetensors", *HEAVY)),
        (["scenario --help", "returns --help", "carbon --help", "forecast --help", "explain --help"], HEAVY),
    ],
    ids=["the ledger at work", "help of verbs without arrays", "help of the others"],
)
def test_what_a_verb_does_not_need_is_not_imported(tmp_path, calls, heavy):
    (tmp_path / "steelyard.toml").write_text(SHOP, "utf-8")
    (tmp_path / "items.csv").write_text("id,title\n1,kettle\n", "utf-8")
    script = SCRIPT.format(calls=tuple(calls), heavy=heavy)

    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert json.loads(done.stdout.splitlines()[-1]) == [[], []]
