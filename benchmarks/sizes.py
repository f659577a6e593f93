"""Memory of each recommender on Amazon Beauty: megabytes of its part on disk, and what a process holds when it is open.

Each is fitted at its defaults, stored as the product stores it, and opened in a process of its own, which then answers
some requests one by one and a batch of a thousand. Prints a JSON line for each: files of the part; the process with
everything imported, with the model open, after the answers (proportional set), and at most.

    python benchmarks/sizes.py [--kinds popularity item-knn …] [--data ../shared/data/amazon-reviews]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from peer_talk import peak_mb, resident_mb
from recommend_shop import MODELS, beauty
from steelyard.adapters.artefacts import Artefacts
from steelyard.domain import Request
from steelyard.models.recipe import find_recipe


class Opening:
    """Hands a recipe its one part."""

    def __init__(self, store: Artefacts, name: str) -> None:
        self._store, self._name = store, name

    def state(self, role: str):
        """The part, whatever its role."""
        return self._store.read_state(self._name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data/amazon-reviews")
    parser.add_argument("--kinds", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--open", nargs=2, metavar=("STORE", "KIND"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.open:
        print(json.dumps(opened(Path(args.open[0]), args.open[1])))
        return
    bench, events = beauty(args.data)
    histories = [events.items[events.users == user].tolist() for user in range(1_000)]
    with tempfile.TemporaryDirectory() as folder:
        store = Artefacts(Path(folder))
        (Path(folder) / "histories.json").write_text(json.dumps(histories), "utf-8")
        for kind in args.kinds:
            store.write_state(kind, MODELS[kind](bench, events).state())
            on_disk = sum(path.stat().st_size for path in store.path(kind).rglob("*") if path.is_file())
            argv = [sys.executable, __file__, "--open", folder, kind]
            told = json.loads(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)
            print(json.dumps({"kind": kind, "disk_mb": round(on_disk / 1e6, 2)} | told), flush=True)


def opened(folder: Path, kind: str) -> dict[str, float]:
    """Megabytes of this process at each step."""
    requests = [
        Request(history=tuple(items), exclude=tuple(items))
        for items in json.loads((folder / "histories.json").read_text("utf-8"))
    ]
    recipe, empty = find_recipe(kind), resident_mb()
    model = recipe.open(Opening(Artefacts(folder), kind), {})
    ready = resident_mb()
    for request in requests[:200]:
        model.retrieve([request], k=20)
    alone = resident_mb()
    model.retrieve(requests, k=20)
    return {
        "imported_mb": round(empty, 1),
        "open_adds_mb": round(ready - empty, 1),
        "answering_adds_mb": round(alone - empty, 1),
        "peak_with_a_batch_of_1000_mb": round(peak_mb(), 1),
    }


if __name__ == "__main__":
    main()
