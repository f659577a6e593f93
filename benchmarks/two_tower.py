"""Two towers on Amazon Beauty and Toys, leave-one-out: quality, training, size and time of an answer.

The protocol of `sequence.py` (`published`: validation items are not learnt from). Attributes of the items are read as
words. The time of an answer is processor time of one core, for a history of 50 items and a list of 10.

    python benchmarks/two_tower.py [--sets beauty toys] [--seeds 1] [--minutes 10] [--mean] [--plain]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from leave_one_out import cases, interactions, judge, read
from sequence import answer_ms, attributes, told
from steelyard.adapters.sequences.tower_learning import learn_towers
from steelyard.models.sequence.spectral import spectral_factors
from steelyard.models.towers.basic_facts import NO_BASICS
from steelyard.models.towers.item_content import ItemContent
from steelyard.models.towers.tower_lessons import TowerSettings, shop_towers
from steelyard.models.towers.two_tower import TwoTower, served_state

FORMS = {"two-tower": 16, "two-tower-int8": 8}


def one(name, sequences, n_items, arguments, seed):
    learn, validation = interactions([s[:-2] for s in sequences], n_items), cases(sequences, -2)
    held = arguments.data / f"{name}.attributes.parquet"
    texts = None if arguments.plain else attributes(held, n_items, seed)
    content = ItemContent(texts, np.zeros((n_items, 1), np.int64), ())
    settings = TowerSettings(minutes=arguments.minutes, attends=not arguments.mean)
    began = time.process_time()
    start = spectral_factors(learn, width=settings.width, seed=seed)
    spectral_s = time.process_time() - began
    lessons = shop_towers(learn, validation, settings, seed=seed, content=content, basics=NO_BASICS, start=start)
    every = lessons.steps_in_epoch
    state = learn_towers(lessons, unfinished=None, progress=lambda *said: told(*said, every))
    learning = state.facts["learning"]
    print(
        f"  seed {seed}: {len(learning['looks'])} epochs, best after {learning['best_step']} of {learning['steps']} "
        f"steps, {learning['cpu_seconds'] + spectral_s:.0f} CPU-s, {learning['seconds']:.0f} s, "
        f"validation nDCG@10 {learning['best']:.4f}; looks {learning['looks']}"
    )
    for form, bits in FORMS.items():
        stored = served_state(state, content, length=settings.length, attends=settings.attends, basics=(), bits=bits)
        model = TwoTower(stored)
        recall, ndcg, cpu_ms, _ = judge(model, sequences)
        n_bytes = sum(array.nbytes for array in stored.arrays.values())
        p50, p95 = answer_ms(model, n_items)
        print(
            f"  {form:<18}{recall:8.4f}{ndcg:8.4f}{n_bytes / 1e6:8.2f} MB{cpu_ms:8.3f} ms mean (k 50)"
            f"{p50:8.3f} ms p50{p95:8.3f} ms p95 (50 items)",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data/amazon-reviews")
    parser.add_argument("--sets", nargs="+", default=["beauty", "toys"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--mean", action="store_true", help="items weigh by how far back they are alone")
    parser.add_argument("--plain", action="store_true", help="attributes are not read")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name in arguments.sets:
        sequences, n_items = read(arguments.data / f"{name}.sequences.parquet")
        print(f"{name}: {len(sequences)} users, {n_items - 1} items")
        for seed in range(arguments.seeds):
            one(name, sequences, n_items, arguments, seed)


if __name__ == "__main__":
    main()
