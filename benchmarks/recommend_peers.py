"""Our recommenders beside those of others: quality, processor time and memory, on one split, by one judge.

Amazon Beauty (and Toys), leave-one-out by the protocol `published` of leave_one_out.py: the last item of each user is
the test, the one before it validation. Everybody learns without the validation items and answers from the history that
has them; full ranking over the whole catalogue, seen items removed, ties pessimistic, all users. Every system runs in a
process of its own, on one thread: ours in this interpreter, others (peer_recommenders.py says how their environments
are made) in theirs; both are handed the same Parquet files, and none the test items. They hand back lists of 50 with
scores, which are judged here. Options are chosen on validation: ours by our tuners, others' from the few settings below
on every seventh user.

    python benchmarks/recommend_peers.py --peers PEERS --work FOLDER [--sets beauty toys] [--systems item-knn sansa ...]
        [--sansa-libraries FOLDER:FOLDER] [--training-minutes 10] [--transformer] [--again]

A row is kept in FOLDER and not made twice, unless ``--again`` is said. RecTools' networks are trained for so many
minutes of processor time, and at most ``--training-wall-minutes``; their rows say what they had reached. Columns: R@10,
NDCG@10; processor seconds of choosing options and of the last fit, libraries already loaded; processor milliseconds a
user, all asked in one batch, and one by one; megabytes of the arrays that answer; what the process held after fitting
and at most (interpreter and libraries included); users judged.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import peer_talk
from leave_one_out import ROWS, Bench, Row, read, read_attributes, size
from steelyard.domain import Request
from steelyard.models.linear.counts import counted
from steelyard.models.linear.ease import Ease
from steelyard.models.linear.recipe import tune_ease

EASE = Row(
    lambda bench, events, tuned, seed: Ease(**tuned).fit(events, seed=seed),
    lambda bench, seed: tune_ease(counted(bench.learn, max_events=200), bench.validation, given={}),
)


def _transformer(bench, events, tuned, seed):
    from sequence import taught
    from steelyard.adapters.sequences.sequence_learning import SequenceSettings
    from steelyard.models.sequence.transformer import Transformer, served_state

    usual = SequenceSettings()
    asked = argparse.Namespace(minutes=20, negatives=usual.negatives, epochs=200, dropout=usual.dropout, patience=6,
                               cold=False, out=None)  # fmt: skip
    state, files, _ = taught(events, bench.validation, asked, seed)
    return Transformer(served_state(state, files["fp32.onnx"], length=50, bits=16))


OURS = {
    **{name: ROWS[name] for name in ("popularity", "item-knn", "item-knn-50x8bit", "user-knn", "transitions")},
    "ease": EASE,
    "ials": ROWS["ials"],
    "transformer": Row(_transformer),
}
"""Rows of leave_one_out.py, and two that it does not have."""


@dataclass(frozen=True)
class Peer:
    """A system of peer_recommenders.py: its environment and the settings that are tried."""

    environment: str
    settings: tuple[dict, ...]
    tuned_on: int = 7
    """Settings are judged on every so-manieth user."""
    judged_on: int = 1
    """And so is the chosen one: 1 are all; more where a list takes some fifty milliseconds."""
    alone: int = 22
    """Every so-manieth user is asked alone."""


NETWORK = {"n_factors": 64, "n_heads": 1, "dropout_rate": 0.2, "session_max_len": 50, "batch_size": 128, "epochs": 200}
PEERS = {
    "implicit-als": Peer("implicit", tuple(
        {"factors": factors, "regularization": 0.01, "alpha": alpha, "iterations": 15}
        for factors, alpha in ((64, 10.0), (128, 1.0), (128, 10.0), (128, 40.0))
    )),
    "implicit-cosine": Peer("implicit", tuple({"kind": "CosineRecommender", "K": k} for k in (20, 100, 400))),
    "implicit-bm25": Peer("implicit", tuple(
        {"kind": "BM25Recommender", "K": k, **more}
        for k in (20, 100, 400) for more in ({}, {"K1": 1.2, "B": 0.75})
    )),
    "lenskit-popular": Peer("lenskit", ({},), judged_on=4),
    "lenskit-itemknn": Peer("lenskit", ({"max_nbrs": 20}, {"max_nbrs": 100}), 70, 4, 220),
    "lenskit-als": Peer("lenskit", tuple(
        {"embedding_size": 64, "epochs": 10, "weight": weight} for weight in (10, 40)
    ), 70, 4, 220),
    "lenskit-ease": Peer("lenskit", ({"regularization": 100}, {"regularization": 400}), 70, 20, 700),
    "sansa": Peer("sansa", tuple({"l2": l2, "density": 5e-4, "factorizer": "cholmod"} for l2 in (20, 100))),
    "rectools-sasrec": Peer("rectools", ({**NETWORK, "n_blocks": 2, "loss": "BCE", "n_negatives": 1},), alone=700),
    "rectools-esasrec": Peer("rectools", (
        {**NETWORK, "n_blocks": 1, "loss": "sampled_softmax", "n_negatives": 256, "ligr": True},
    ), alone=700),
}  # fmt: skip


class Ours:
    """One of our rows, asked as a peer is."""

    def __init__(self, row, work, n_items):
        self.row, self.work, self.n_items = row, work, n_items

    @cached_property
    def bench(self):
        """Users' histories with a place for the test item, which is not known here."""
        known = peer_talk.read(self.work)["test"]
        sequences = [np.append(known.of(place), 0) for place in range(len(known))]
        return Bench(sequences, self.n_items, read_attributes(self.work / "attributes.parquet", self.n_items))

    def choose(self, seed):
        """Options that the tuner finds on validation."""
        return dict(self.row.tune(self.bench, seed))

    def fit(self, learn, options, seed):
        """Learns; what is measured."""
        self.model = self.row.fit(self.bench, self.bench.learn, options, seed)

    def lists(self, asked):
        """Items and scores of the best 50 of each of these users."""
        histories = [tuple(asked.of(place).tolist()) for place in range(len(asked))]
        found = self.model.retrieve([Request(history=one, exclude=one) for one in histories], k=peer_talk.K)
        return found.items, found.scores

    def size(self):
        """Bytes of the arrays that answer."""
        return size(self.model)


class Talk:
    """A process that is told what to do."""

    def __init__(self, name, command, log, environment):
        self.name, self.log = name, log
        threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log.open("w"), text=True,
            env=os.environ | threads | {"RAYON_NUM_THREADS": "1"} | environment,
        )  # fmt: skip
        self.read()

    def read(self):
        """Its next line."""
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with status {self.process.wait()}: {self.log.read_text()[-2000:]}")
        return json.loads(line)

    def do(self, **told):
        """What it answers."""
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        return self.read()

    def close(self):
        """Until it has ended."""
        self.process.stdin.close()
        self.process.wait()


class Set:
    """One set of a run."""

    def __init__(self, name, arguments):
        self.work = arguments.work / name
        self.work.mkdir(parents=True, exist_ok=True)
        self.sequences, n_items = read(arguments.data / f"{name}.sequences.parquet")
        (self.work / "facts.json").write_text(json.dumps({"n_items": n_items}), "utf-8")
        attributes = (arguments.data / f"{name}.attributes.parquet").read_bytes()
        (self.work / "attributes.parquet").write_bytes(attributes)
        for part, cut in (("learn", -2), ("validation", -2), ("test", -1)):
            rows = pa.array([one[:cut].tolist() for one in self.sequences], pa.list_(pa.int32()))
            pq.write_table(pa.table({"items": rows}), self.work / f"{part}.parquet")

    def judged(self, name, part, step, k=10):
        """Recall and nDCG of the lists a system has written, and how many seen items it had listed."""
        found = np.load(self.work / f"{name}.npz")
        at, users = {"validation": -2, "test": -1}[part], self.sequences[::step]
        scores = found["scores"].astype(np.float64)
        seen = np.array([np.isin(row, one[:at]) for row, one in zip(found["items"], users, strict=True)])
        scores[seen | (found["items"] < 0)] = -np.inf
        is_it = (found["items"] == np.array([one[at] for one in users])[:, None]) & np.isfinite(scores)
        score = np.where(is_it, scores, -np.inf).max(axis=1)
        ranks = np.where(is_it.any(axis=1), (scores >= score[:, None]).sum(axis=1), np.iinfo(np.int64).max)
        gains = np.where(ranks <= k, 1 / np.log2(np.minimum(ranks, k) + 1.0), 0.0)
        return float((ranks <= k).mean()), float(gains.mean()), int(seen.sum())


def started(name, bench, arguments):
    """A process of one system that has read its data."""
    if name in OURS:
        command, environment = [sys.executable, __file__, "--serve", name], {}
    else:
        script = str(Path(__file__).with_name("peer_recommenders.py"))
        command = [str(arguments.peers / PEERS[name].environment / "bin/python"), script, name]
        environment = {"LD_LIBRARY_PATH": arguments.sansa_libraries} if name == "sansa" else {}
    command += ["--work", str(bench.work)] if name in OURS else [str(bench.work), "0"]
    return Talk(name, command, bench.work / f"{name}.log", environment)


def chosen(name, bench, arguments):
    """Options, and processor seconds of finding them."""
    settings = () if name in OURS else PEERS[name].settings
    if len(settings) == 1:
        limits = [60 * arguments.training_minutes, 60 * arguments.training_wall_minutes]
        more = {"cpu_s": limits[0], "wall_s": limits[1]} if name.startswith("rectools") else {}
        return {**settings[0], **more}, 0.0
    talk = started(name, bench, arguments)
    if name in OURS:
        told = talk.do(choose={})
        talk.close()
        return told["options"], told["cpu_s"]
    cpu_s, best = 0.0, (-1.0, {})
    for options in settings:
        cpu_s += talk.do(fit=options)["cpu_s"]
        step = PEERS[name].tuned_on
        cpu_s += talk.do(ask="validation", users=[0, len(bench.sequences), step])["cpu_s"]
        _, ndcg, _ = bench.judged(name, "validation", step)
        print(f"    {name} {options}: {ndcg:.4f} on validation", file=sys.stderr, flush=True)
        best = max(best, (ndcg, options), key=lambda pair: pair[0])
    talk.close()
    return best[1], cpu_s


def measured(name, bench, arguments):
    """One row of the table."""
    options, tune_s = chosen(name, bench, arguments)
    talk = started(name, bench, arguments)
    fit = talk.do(fit=options)
    step, alone_step = (PEERS[name].judged_on, PEERS[name].alone) if name in PEERS else (1, 22)
    n = len(bench.sequences)
    batch = talk.do(ask="test", users=[0, n, step])
    recall, ndcg, n_seen = bench.judged(name, "test", step)
    talk.do(ask="test", users=[1, n, alone_step * 10], alone=True)
    alone = talk.do(ask="test", users=[0, n, alone_step], alone=True)
    talk.close()
    known = ("cpu_s", "wall_s", "model_mb", "resident_mb", "peak_mb")
    return {
        "system": name,
        "options": options,
        "recall@10": round(recall, 4),
        "ndcg@10": round(ndcg, 4),
        "tune_cpu_s": round(tune_s, 1),
        "fit_cpu_s": round(fit["cpu_s"], 2),
        "batch_cpu_ms": round(1e3 * batch["cpu_s"] / batch["n"], 4),
        "alone_cpu_ms": round(1e3 * alone["cpu_s"] / alone["n"], 3),
        "model_mb": round(fit["model_mb"], 2),
        "fitted_mb": round(fit["resident_mb"]),
        "fit_peak_mb": round(fit["peak_mb"]),
        "users": batch["n"],
        "seen_listed": n_seen,
        "reached": {key: value for key, value in fit.items() if key not in known},
        "fit_wall_s": round(fit["wall_s"], 1),
        "load": Path("/proc/loadavg").read_text().split()[0],
    }


COLUMNS = ("recall@10", "ndcg@10", "tune_cpu_s", "fit_cpu_s", "batch_cpu_ms", "alone_cpu_ms", "model_mb", "fitted_mb",
           "fit_peak_mb", "users")  # fmt: skip


def table(rows):
    """The rows in Markdown."""
    lines = ["| | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    lines += [f"| {row['system']} | " + " | ".join(str(row[name]) for name in COLUMNS) + " |" for row in rows]
    return "\n".join(lines)


def serve(name, work):
    """One of ours, in a process of its own."""
    data = peer_talk.read(work)
    out, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps({"ready": name}), file=out, flush=True)
    system = Ours(OURS[name], work, data["learn"].n_items)
    peer_talk.answering(system, name, data, work=work, out=out, seed=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data/amazon-reviews")
    parser.add_argument("--peers", type=Path, help="folder of the environments")
    parser.add_argument("--work", type=Path, required=True, help="folder for what is handed over, and for the rows")
    parser.add_argument("--sets", nargs="+", default=["beauty"])
    parser.add_argument("--systems", nargs="*", choices=[*OURS, *PEERS])
    parser.add_argument("--transformer", action="store_true", help="ours too: some minutes")
    parser.add_argument("--sansa-libraries", default="", help="folders of SuiteSparse and BLAS")
    parser.add_argument("--training-minutes", type=float, default=10)
    parser.add_argument("--training-wall-minutes", type=float, default=60)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.work)
        return
    every = [name for name in (*OURS, *PEERS) if name != "transformer" or arguments.transformer]
    for each in arguments.sets:
        bench, rows = Set(each, arguments), []
        for name in arguments.systems or every:
            kept, began = bench.work / f"{name}.row.json", time.perf_counter()
            if arguments.again or not kept.is_file():
                kept.write_text(json.dumps(measured(name, bench, arguments)), "utf-8")
                print(f"  {name}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
            rows.append(json.loads(kept.read_text("utf-8")))
            print(json.dumps({"set": each, **rows[-1]}), flush=True)
        print(f"\n{each}\n\n{table(rows)}\n", flush=True)


if __name__ == "__main__":
    main()
