"""A small shop as files, with a truth: shoppers stay in one of four departments."""

import csv
import fcntl
import json
import random
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from steelyard.cli import main

DEPARTMENTS = {
    "kitchen": ("pan", "kettle", "knife", "bowl", "grater"),
    "garden": ("spade", "hose", "shears", "pot", "rake"),
    "office": ("stapler", "folder", "pen", "lamp", "chair"),
    "sports": ("racket", "ball", "mat", "bottle", "rope"),
}
MATERIALS = ("steel", "wooden", "plastic", "copper")


def write_shop(folder, *, n_users=60, seed=0):
    draw = random.Random(seed)
    items = [
        (f"SKU-{d}-{i}", f"{material} {thing}", f"{department} > {thing}", f"{3 + i}.{10 + d}")
        for d, (department, things) in enumerate(DEPARTMENTS.items())
        for i, (thing, material) in enumerate((t, m) for t in things for m in MATERIALS)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "products.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("product_id", "title", "category", "price"), *items])
    with (folder / "orders.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("customer_id", "product_id", "order_date"))
        for day in range(60):
            for user in range(n_users):
                if draw.random() < 0.35:
                    own = [item for item in items if item[0].startswith(f"SKU-{user % 4}-")]
                    sku = draw.choice(own if draw.random() < 0.95 else items)[0]
                    rows.writerow((f"person{user}@mail.example", sku, f"2024-{1 + day // 28:02}-{1 + day % 28:02}"))
    return folder


QUICK = """
[models]
search = ["lexical"]
recommend = ["popularity", "item-knn"]
[compress]
neighbours = ["full", "20x8bit"]
[split]
synthetic_queries = 60
[measure]
timed_requests = 20
http_best = 1
http_seconds = 1.0
quiet_wait_s = 1
check_seconds = 30
bootstrap = 100
[decide.search]
min_quality_share = 0.9
max_p99_ms = 1000
[decide.recommend]
min_quality_share = 0.5
max_p99_ms = 1000
"""


def steelyard(*arguments, **options):
    """The command line in a process of its own, as a user has it."""
    argv = [sys.executable, "-m", "steelyard", *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False, **options)


def within(*arguments):
    """The command line in this process: the same words and status, without importing everything anew."""
    done = CliRunner().invoke(main, [*map(str, arguments)], prog_name="steelyard")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return SimpleNamespace(returncode=done.exit_code, stdout=done.stdout, stderr=done.stderr)


@pytest.fixture(scope="session")
def shop(tmp_path_factory, worker_id):
    """A shop that went through ``init`` and ``run``: once for all who run tests side by side, a copy for each."""
    own = tmp_path_factory.mktemp("shop")
    if worker_id == "master":
        return _made(own)
    made = tmp_path_factory.getbasetemp().parent / "made-shop"
    with (made.with_suffix(".lock")).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = made.with_suffix(".json")
        if not told.exists():
            made.mkdir()
            told.write_text(json.dumps(vars(_made(made)[1])), "utf-8")
    shutil.copytree(made, own, dirs_exist_ok=True)
    done = json.loads(told.read_text("utf-8").replace(str(made), str(own)))
    return own, SimpleNamespace(**done)


def _made(folder):
    write_shop(folder)
    made = steelyard("init", folder)
    assert made.returncode == 0, made.stderr
    with (folder / "steelyard.toml").open("a", encoding="utf-8") as file:
        file.write(QUICK)
    done = steelyard("run", "-c", folder / "steelyard.toml")
    assert done.returncode == 0, done.stderr
    return folder, done


@pytest.fixture
def decision(shop):
    store = shop[0] / ".steelyard"
    digest = (store / "refs" / "decision.ref").read_text().strip()
    return json.loads((store / "objects" / digest / "value.json").read_text())
