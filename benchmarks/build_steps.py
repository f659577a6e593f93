"""Processor and wall time of making each part of a finished shop again, and whether another version makes the same.

Each part is made in a process of its own, from the parts that the shop's store holds; the store is only read. With
--against the same is done with another checkout's sources, in turns, and the results are compared: the largest
difference of any number, or "same" for tuned values. Times of one turn stand side by side; the machine may be busy.

    python benchmarks/build_steps.py SHOP/steelyard.toml [--against CHECKOUT] [--parts NAME ...] [--times 3]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

HERE = Path(__file__).resolve().parents[1]
SLOW_TO_IMPORT = "parts/encoder/"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--parts", nargs="+")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--make", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.make:
        print(json.dumps(made(chosen.config, chosen.make, chosen.out, threads=chosen.threads)))
        return
    trees = {"this": HERE} | ({"other": chosen.against.resolve()} if chosen.against else {})
    for name in chosen.parts or sorted(plan(chosen.config)):
        print(json.dumps(compared(name, trees, chosen)), flush=True)


def plan(config: Path) -> dict[str, Any]:
    """Every part of the shop's build, by name."""
    from steelyard.config import parse
    from steelyard.models.building import with_ancestors
    from steelyard.workflows.building.planned import companions, planned_configurations

    parsed = parse(config.read_text("utf-8"), name=str(config))
    planned = [*planned_configurations(parsed), *companions(parsed)]
    return {part.name: part for part in with_ancestors(part for each in planned for part in each.needed)}


def compared(name: str, trees: dict[str, Path], chosen: argparse.Namespace) -> dict[str, Any]:
    """Times of one part in every tree, in turns, and the difference of what was made."""
    row: dict[str, Any] = {"part": name}
    readings: dict[str, list[dict[str, Any]]] = {tree: [] for tree in trees}
    with tempfile.TemporaryDirectory() as work:
        folders = {tree: Path(work) / tree for tree in trees}
        for _ in range(chosen.times):
            for tree, root in trees.items():
                found = child(root, name, folders[tree], chosen)
                if "error" in found:
                    return row | found
                readings[tree].append(found)
        for tree, each in readings.items():
            row[tree] = {key: round(statistics.median(one[key] for one in each), 2) for key in ("cpu_s", "wall_s")}
        if len(trees) > 1:
            turns = zip(readings["this"], readings["other"], strict=True)
            row["cpu_ratios"] = [round(this["cpu_s"] / max(other["cpu_s"], 1e-3), 2) for this, other in turns]
            row["difference"] = difference(folders["this"], folders["other"])
    return row


def child(tree: Path, name: str, out: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """One making in a fresh process with the sources of one tree."""
    out.mkdir(exist_ok=True)
    command = [sys.executable, __file__, str(chosen.config), "--make", name, "--out", str(out)]
    command += ["--threads", str(chosen.threads)]
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"error": [f"exit {done.returncode}", *done.stderr.strip().splitlines()[-1:]]}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def made(config: Path, name: str, out: Path, *, threads: int) -> dict[str, Any]:
    """Makes one part of what the store holds; imports of torch and tables are not in its time."""
    from steelyard.adapters.artefacts import Artefacts
    from steelyard.assembly import Tools
    from steelyard.config import parse
    from steelyard.domain import State
    from steelyard.workflows.building.bench import ShopBench

    base, part = config.resolve().parent, plan(config)[name]
    parsed = parse(config.read_text("utf-8"), name=str(config))
    bench = ShopBench(parsed, Artefacts(base / ".steelyard"), base, Tools(), threads=threads)
    assert bench.shop
    assert bench.search_tuning
    if name.startswith(SLOW_TO_IMPORT):
        bench.pretrained._network  # noqa: B018, SLF001 - loads torch and the weights before the clock starts
    wall, cpu = time.perf_counter(), time.process_time()
    product = part.make(bench)
    if callable(product):
        folder = out / "folder"
        folder.mkdir(exist_ok=True)
        product(bench.folder(folder))
    times = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
    if isinstance(product, State):
        save_file({key: np.ascontiguousarray(value) for key, value in product.arrays.items()}, out / "arrays")
    elif not callable(product):
        (out / "values.json").write_text(json.dumps(product, sort_keys=True), "utf-8")
    return times


def difference(this: Path, other: Path) -> Any:
    """Largest difference of any number, "same" or "other values" for tuned values, what differs of files."""
    if (this / "arrays").is_file():
        return arrays_apart(this / "arrays", other / "arrays")
    if (this / "values.json").is_file():
        is_same = (this / "values.json").read_bytes() == (other / "values.json").read_bytes()
        return "same" if is_same else "other values"
    found: dict[str, Any] = {}
    for path in sorted((this / "folder").iterdir()):
        twin = other / "folder" / path.name
        if path.name == "arrays.safetensors":
            found[path.name] = arrays_apart(path, twin)
        elif path.is_file():
            found[path.name] = "same" if path.read_bytes() == twin.read_bytes() else "other bytes"
    return found


def arrays_apart(this: Path, other: Path) -> float | str:
    """Largest difference between arrays of the same names; other shapes are said."""
    mine, theirs = load_file(this), load_file(other)
    if {k: v.shape for k, v in mine.items()} != {k: v.shape for k, v in theirs.items()}:
        return "other shapes"
    pairs = [(v.astype(np.float64), theirs[k].astype(np.float64)) for k, v in mine.items() if v.size]
    return float(max((np.abs(a - b).max() for a, b in pairs), default=0.0))


if __name__ == "__main__":
    main()
