"""The sequential transformer on Amazon Beauty and Toys, leave-one-out: quality, training, size and time of an answer.

Last item of each user is the test, the one before it validation, which training stops by. Full ranking over the whole
catalogue, seen items removed, ties pessimistic, all users. `published` learns without the validation items and answers
from the history that has them, as the published tables do; `refitted` is taught a little longer on all events, as a
shop is. Item neighbours stand beside it. The time of an answer is processor time of one core, for a history of 50 items
and a list of 10, top-k included.

    python benchmarks/sequence.py [--sets beauty toys] [--seeds 1] [--minutes 20] [--refitted] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import duckdb
import numpy as np

from leave_one_out import cases, interactions, judge, read
from steelyard.adapters.sequences.sequence_learning import learn_sequences
from steelyard.domain import Request
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.models.sequence.sequence_lessons import SequenceSettings, shop_sequences
from steelyard.models.sequence.spectral import spectral_factors, word_factors
from steelyard.models.sequence.transformer import Transformer, served_state

PUBLISHED = {"beauty": "eSASRec .0928/.0523", "toys": "eSASRec .0939/.0538"}
FORMS = (("fp32", 16), ("int8", 8))
_ASKED = 300


def told(done, total, what, every):
    if done % every == 0 or done == total:
        print(f"    {done:>6} {what}", flush=True)


def attributes(path, n_items, seed):
    """What is read of an item besides its number: its attributes in few numbers, as ``texts = "words"`` does."""
    from scipy import sparse

    rows = duckdb.connect().execute("select * from read_parquet(?)", [str(path)]).fetchall()
    items = np.concatenate([np.full(len(held), item) for item, held in rows])
    numbers = np.concatenate([np.asarray(held, np.int64) for _, held in rows])
    rarity = np.log1p(n_items / np.bincount(numbers).clip(min=1))
    cells = (rarity[numbers], (items, numbers))
    return word_factors(sparse.csr_array(cells, shape=(n_items, int(numbers.max()) + 1)), width=128, seed=seed)


def taught(learn, validation, arguments, seed, *, texts=None, everything=None):
    """Trained state and graphs, with processor seconds of the start vectors."""
    settings = SequenceSettings(
        minutes=arguments.minutes,
        negatives=arguments.negatives,
        epochs=arguments.epochs,
        dropout=arguments.dropout,
        patience=arguments.patience,
    )
    began = time.process_time()
    start = None if arguments.cold else spectral_factors(learn, width=settings.width, seed=seed)
    spectral_s = time.process_time() - began
    lessons = shop_sequences(learn, validation, settings, seed=seed, everything=everything, vectors=(start, texts))
    every = lessons.steps_in_epoch
    state, files = learn_sequences(
        lessons,
        unfinished=arguments.out / "unfinished" if arguments.out else None,
        progress=lambda done, total, what: told(done, total, what, every),
    )
    return state, files, spectral_s


def answer_ms(model, n_items, seed=0):
    """Processor milliseconds of one answer: median and 95th percentile."""
    rng = np.random.default_rng(seed)
    known = np.flatnonzero(model.state().arrays["known"])
    timings = []
    for _ in range(_ASKED):
        history = tuple(rng.choice(known, 50, replace=False).tolist())
        request = Request(history=history, exclude=history)
        began = time.process_time()
        model.retrieve([request], k=10)
        timings.append(1e3 * (time.process_time() - began))
    return np.percentile(timings, [50, 95])


def keep(folder, name, model, sequences):
    """Lists and scores of the best 50 for validation and test, what was seen left out; and what is served."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for part, at in (("validation", -2), ("test", -1)):
        histories = [tuple(s[:at].tolist()) for s in sequences]
        ranked = model.retrieve([Request(history=each, exclude=each) for each in histories], k=50)
        arrays |= {f"{part}_items": ranked.items.astype(np.int32), f"{part}_scores": ranked.scores.astype(np.float32)}
    np.savez_compressed(folder / f"{name}.lists.npz", **arrays)
    state = model.state()
    np.savez_compressed(folder / f"{name}.state.npz", **state.arrays)
    (folder / f"{name}.facts.json").write_text(json.dumps(dict(state.facts)), "utf-8")


def one(name, sequences, n_items, arguments, seed):
    learn, validation = interactions([s[:-2] for s in sequences], n_items), cases(sequences, -2)
    everything = interactions([s[:-1] for s in sequences], n_items) if arguments.refitted else None
    held = arguments.data / f"{name}.attributes.parquet"
    texts = attributes(held, n_items, seed) if arguments.attributes else None
    state, files, spectral_s = taught(learn, validation, arguments, seed, texts=texts, everything=everything)
    learning = state.facts["learning"]
    print(
        f"  seed {seed}: {len(learning['looks'])} epochs, best after {learning['best_step']} of {learning['steps']} "
        f"steps, {learning['cpu_seconds'] + spectral_s:.0f} CPU-s ({spectral_s:.1f} for start vectors), "
        f"{learning['seconds']:.0f} s, validation nDCG@10 {learning['best']:.4f}"
    )
    for form, bits in FORMS:
        model = Transformer(served_state(state, files[f"{form}.onnx"], length=50, bits=bits))
        recall, ndcg, cpu_ms, _ = judge(model, sequences)
        n_bytes = sum(array.nbytes for array in model.state().arrays.values())
        p50, p95 = answer_ms(model, n_items)
        print(
            f"  {'transformer-' + form:<18}{recall:8.4f}{ndcg:8.4f}{n_bytes / 1e6:8.2f} MB{cpu_ms:8.3f} ms mean (k 50)"
            f"{p50:8.3f} ms p50{p95:8.3f} ms p95 (50 items)",
            flush=True,
        )
        if arguments.out:
            protocol = ("refitted" if arguments.refitted else "published") + "-words" * arguments.attributes
            keep(arguments.out, f"{name}.{protocol}.{form}.seed{seed}", model, sequences)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data/amazon-reviews")
    parser.add_argument("--sets", nargs="+", default=["beauty", "toys"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--negatives", type=int, default=SequenceSettings().negatives)
    parser.add_argument("--dropout", type=float, default=SequenceSettings().dropout)
    parser.add_argument("--patience", type=int, default=6)
    parser.add_argument("--attributes", action="store_true", help="items' attributes are read too")
    parser.add_argument("--cold", action="store_true", help="items start from random vectors")
    parser.add_argument("--refitted", action="store_true", help="taught longer on all events")
    parser.add_argument("--out", type=Path, help="folder for lists, states, and a training that is interrupted")
    arguments = parser.parse_args()
    for name in arguments.sets:
        sequences, n_items = read(arguments.data / f"{name}.sequences.parquet")
        print(f"{name}: {len(sequences)} users, {n_items - 1} items; published: {PUBLISHED.get(name, '-')}")
        beside = ItemNeighbours().fit(interactions([s[:-2] for s in sequences], n_items), seed=0)
        recall, ndcg, cpu_ms, _ = judge(beside, sequences)
        print(f"  {'item-knn 200':<18}{recall:8.4f}{ndcg:8.4f}{'':11}{cpu_ms:8.3f} ms mean (k 50)", flush=True)
        for seed in range(arguments.seeds):
            one(name, sequences, n_items, arguments, seed)


if __name__ == "__main__":
    main()
