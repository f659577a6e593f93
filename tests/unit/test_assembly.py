"""What touches the world is handed in: typed, imported late, and named with its install command where it is missing."""

import ast
import importlib.util
import inspect
import json
import subprocess
import sys
from datetime import UTC
from pathlib import Path

import pytest

import steelyard
from steelyard.assembly import Tools
from steelyard.config import parse
from steelyard.data.schema import SourcePort
from steelyard.errors import MissingExtra, UnknownPlugin
from steelyard.ledger.entries import LedgerPort
from steelyard.models.ports import Parts
from steelyard.serving.events import EventLog
from steelyard.serving.pictures import PicturePort
from steelyard.workflows import accounting_ports as accounts
from steelyard.workflows import measuring_ports, ports
from steelyard.workflows.session import Run
from steelyard.workflows.stages import Reading, Steps

ROOT = Path(steelyard.__file__).parent
HEAVY = ("numpy", "torch", "duckdb", "pyarrow", "onnxruntime", "tantivy", "scipy", "pydantic", "starlette")
TOUCHING = {
    "exists", "glob", "hardlink_to", "is_dir", "is_file", "iterdir", "mkdir", "read_bytes", "read_text", "rename",
    "rglob", "rmdir", "rmtree", "stat", "symlink_to", "touch", "unlink", "write_bytes", "write_text",
}  # fmt: skip
CONFIG = """
[shop]
name = "toy"
currency = "USD"
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
"""


def satisfies(found, port) -> bool:
    """Whether an object has every member of a port, and its methods every parameter, by name, order and kind."""
    for name in members(port):
        wanted = inspect.getattr_static(port, name, None)
        assert hasattr(found, name), f"{type(found).__name__} has no {name} of {port.__name__}"
        if inspect.isfunction(wanted) and name != "__call__":
            has = list(inspect.signature(getattr(found, name)).parameters.values())
            asks = list(inspect.signature(wanted).parameters.values())[1:]
            given = {each.name: each.kind for each in has}
            assert all(given.get(each.name) == each.kind for each in asks), f"{type(found).__name__}.{name}"
            extra = [each for each in has if each.name not in {a.name for a in asks}]
            assert all(each.default is not each.empty or each.kind is each.VAR_KEYWORD for each in extra)
    return True


def members(port):
    """Names of what a protocol asks for."""
    own = (name for base in port.__mro__ if getattr(base, "_is_protocol", False) for name in vars(base))
    return {name for name in own if not name.startswith("_")}


def tools_of(name):
    return getattr(Tools(), name)


@pytest.mark.parametrize(
    ("group", "port"),
    [
        ("clock", ports.Clock),
        ("files", ports.Files),
        ("shop", ports.ShopFiles),
        ("encoders", ports.Encoders),
        ("measuring", measuring_ports.Measuring),
        ("bundles", ports.BundleFolders),
        ("prices", ports.Prices),
        ("accounting", accounts.Accounting),
    ],
)
def test_every_group_of_tools_is_what_workflows_ask_for(group, port):
    assert satisfies(tools_of(group), port)


def test_the_tools_are_all_that_workflows_ask_for():
    assert satisfies(Tools(), ports.Tools)


def test_what_the_tools_open_is_what_its_user_asks_for(tmp_path):
    tools = Tools()
    store = tools.files.artefacts(tmp_path / "work")
    (tmp_path / "pictures").mkdir()

    assert satisfies(store, ports.Store)
    assert satisfies(tools.files.parts(store.path, {}), Parts)
    assert satisfies(tools.prices.books(tmp_path), ports.PriceBooks)
    assert satisfies(tools.measuring.probe(), measuring_ports.ProbePort)
    assert satisfies(tools.measuring.serve(["true"]), measuring_ports.Server)
    assert satisfies(tools.accounting.journal(tmp_path / "usage.jsonl"), accounts.Journal)
    assert satisfies(tools.accounting.bill_files(), accounts.BillFiles)
    assert satisfies(tools.accounting.calendars(), accounts.Calendars)
    hook = tools.accounting.hook("https://example.org", allows_http=False, networks=(), key=None)
    assert satisfies(hook, accounts.Hook)
    assert satisfies(tools.serving.pictures(tmp_path / "pictures"), PicturePort)
    ledger, events = tools.accounting.ledger(tmp_path), tools.serving.events(tmp_path / "state")
    try:
        assert satisfies(ledger, LedgerPort)
        assert satisfies(events, EventLog)
    finally:
        ledger.close()
        events.close()
    with tools.shop.sources(tmp_path) as sources:
        assert satisfies(sources, ports.Sources)
        assert satisfies(sources, SourcePort)


def test_a_run_is_handed_the_tools_of_the_shop_that_was_opened(tmp_path):
    class Shop:
        config, base, work, key, tools = parse(CONFIG), tmp_path, tmp_path, bytes(32), Tools()
        erased = frozenset()
        store = tools.files.artefacts(tmp_path)
        steps = Steps(store, meter=lambda: Reading(0, 0, 0), version="1")

    run = Run.of(Shop())

    assert run.tools is Shop.tools
    assert run.now.tzinfo is UTC


def test_an_address_that_nothing_installed_opens_is_named(tmp_path):
    with pytest.raises(UnknownPlugin, match="no ledgers plugin named 'oracle'"):
        Tools().accounting.ledger(tmp_path, "oracle://host/books")


def test_importing_the_tools_imports_no_engine():
    script = (
        f"import json, sys; import steelyard.assembly; print(json.dumps([n for n in {HEAVY!r} if n in sys.modules]))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == []


def test_a_tool_that_needs_an_extra_says_how_to_install_it():
    if importlib.util.find_spec("statsforecast") is not None:
        pytest.skip("statsforecast is installed")
    with pytest.raises(MissingExtra, match=r"statsforecast needs statsforecast: pip install 'steelyard\[forecast\]'"):
        Tools().accounting.forecasting_methods()


@pytest.mark.parametrize(
    ("missing", "call", "message"),
    [
        ("duckdb", "shop.sources(Path())", "'files' needs duckdb: pip install 'steelyard[train]'"),
        ("pyarrow", "shop.tables(Path(), max_history=1)", "needs pyarrow: pip install 'steelyard[train]'"),
        (
            "torch",
            "encoders.pretrained('.', Path(), max_tokens=1, threads=1).write_form("
            "Path(), 'fp32', fitted_to=None, full=None, seed=0, query_prefix='')",
            "needs torch: pip install 'steelyard[train]'",
        ),
        (
            "psycopg",
            "accounting.ledger(Path(), 'postgresql://x/y')",
            "needs psycopg: pip install 'steelyard[postgres]'",
        ),
    ],
)
def test_without_an_optional_module_the_tool_names_the_command_that_brings_it(missing, call, message):
    script = f"""
import sys
from pathlib import Path
from steelyard.assembly import Tools
from steelyard.errors import MissingExtra

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
try:
    Tools().{call}
except MissingExtra as error:
    print(error)
"""

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert message in done.stdout


def test_workflows_call_nothing_that_touches_a_file():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.func.attr}"
        for path in sorted((ROOT / "workflows").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TOUCHING
    ]

    assert found == []


def test_workflows_ask_no_clock_of_their_own():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "workflows").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("now", "today", "utcnow")
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("datetime", "date")
    ]

    assert found == []
