"""How a recommender in a process of its own is talked to by recommend_peers.py, whoever made it.

Only numpy, pyarrow and psutil are needed, for it is run by the interpreters of other libraries' environments too.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

K = 50
NONE = -1


class Histories:
    """What was known of each user before the item to be found."""

    def __init__(self, items, offsets, users, n_items):
        self.items, self.offsets, self.users, self.n_items = items, offsets, users, n_items

    def __len__(self):
        return len(self.users)

    def of(self, place):
        """Items of one of these users, the latest last."""
        return self.items[self.offsets[place] : self.offsets[place + 1]]

    def taken(self, begin, end, step=1):
        """Some of these users."""
        places = np.arange(begin, min(end, len(self)), step)
        rows = [self.of(place) for place in places]
        offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        return Histories(np.concatenate(rows), offsets, self.users[places], self.n_items)

    def matrix(self):
        """Ones in scipy's rows. Shape (users, n_items)."""
        from scipy import sparse

        found = sparse.csr_matrix(
            (np.ones(len(self.items), np.float32), self.items, self.offsets), shape=(len(self), self.n_items)
        )
        found.sum_duplicates()
        found.data[:] = 1.0
        return found


def resident_mb():
    """Of this process, now: proportional set."""
    import psutil

    return psutil.Process().memory_full_info().pss / 1e6


def peak_mb():
    """The most this process held at once, interpreter and libraries included.

    ``ru_maxrss`` would be that of the process that started it, where that was larger.
    """
    status = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM"))


def read(work):
    """What is learnt from, and histories before the validation and the test items."""
    import pyarrow.parquet as pq

    n_items = json.loads((work / "facts.json").read_text("utf-8"))["n_items"]
    found = {}
    for part in ("learn", "validation", "test"):
        rows = pq.read_table(work / f"{part}.parquet")["items"].combine_chunks()
        items, offsets = rows.flatten().to_numpy().astype(np.int64), rows.offsets.to_numpy().astype(np.int64)
        found[part] = Histories(items, offsets, np.arange(len(rows)), n_items)
    return found


def answering(system, name, data, *, work, out, seed):
    """Does what it is told on its input, until that ends."""
    for line in sys.stdin:
        told = json.loads(line)
        cpu, wall = time.process_time(), time.perf_counter()
        if "ask" in told:
            asked = data[told["ask"]].taken(*told["users"])
            if told.get("alone"):
                some = [asked.taken(place, place + 1) for place in range(len(asked))]
                cpu, wall = time.process_time(), time.perf_counter()
                for one in some:
                    system.lists(one)
                spent = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
            else:
                items, scores = system.lists(asked)
                spent = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
                np.savez(work / f"{name}.npz", items=items, scores=scores)
            answer = {**spent, "n": len(asked)}
        elif "choose" in told:
            answer = {"options": system.choose(seed), "cpu_s": time.process_time() - cpu}
        else:
            system.fit(data["learn"], told["fit"], seed)
            answer = {
                "cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall,
                "model_mb": system.size() / 1e6, "resident_mb": resident_mb(), **getattr(system, "told", {}),
            }  # fmt: skip
        print(json.dumps({**answer, "peak_mb": peak_mb()}), file=out, flush=True)
