"""Searches without Optuna, files or a clock: the quality of a value is known, and so is what a trial takes."""

import threading
from dataclasses import dataclass, field

import numpy as np

from steelyard.domain import Cases, Ranked, Request, Surface
from steelyard.models.searching import Real, Search
from steelyard.workflows.stages import Reading
from steelyard.workflows.tuning.budget import Budget
from steelyard.workflows.tuning.running import Kit, SearchRun

N = 40
SPACE = {"x": Real(0.0, 1.0)}


class OnRank:
    """Puts what is wanted (item 0) on a rank that depends on the value, for each case a little differently."""

    def __init__(self, x):
        self.x = x

    def retrieve(self, requests, *, k):
        ranks = [min(int(12 * abs(self.x - 0.7) + 1e-9) + int(request.query) % 2, k - 1) for request in requests]
        items = np.full((len(requests), k), 9)
        items[np.arange(len(requests)), ranks] = 0
        return Ranked(items, np.zeros(items.shape))

    def explain(self, request, items):
        return [[] for _ in items]


def search(make=lambda values: OnRank(values["x"]), *, start=0.0, n=N, **more):
    requests = tuple(Request(query=str(at)) for at in range(n))
    wanted = tuple(np.array([0]) for _ in range(n))
    cases = Cases(
        Surface.RECOMMEND, tuple(r.query for r in requests), requests, wanted, tuple(np.ones(1) for _ in wanted)
    )
    return Search("tuned/fake", SPACE, {"x": start}, cases, lambda: make, **more)


class Grid:
    """Proposes 0.1, 0.2 … by number; gives up what it is told to."""

    def __init__(self, hopeless=()):
        self.hopeless = hopeless

    def propose(self, number, known):
        assert [trial.number for trial in known] == list(range(number))
        return {"x": round((number % 11) / 10, 1)}

    def is_hopeless(self, number, known):
        return number in self.hopeless


class MemoryJournal:
    """Lines in a list; ``cut`` is what a process that was killed left."""

    def __init__(self, lines=()):
        self.lines = list(lines)

    def read(self):
        return list(self.lines)

    def append(self, line):
        self.lines.append(line)

    def begin(self, line):
        self.lines = [line]


@dataclass
class Meter:
    """Every look takes a second by the clock and half a second of processors."""

    looks: int = 0

    def __call__(self):
        self.looks += 1
        return Reading(float(self.looks), self.looks / 2, 0)


@dataclass
class Crew:
    """The caller's own thread, or as many as are asked for."""

    lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self, each, *, workers):
        each()


def run(budget=None, *, of=None, journal=None, proposals=None, crew=None, workers=1, key="key"):
    kit = Kit(
        proposals or Grid(),
        MemoryJournal() if journal is None else journal,
        crew or Crew(),
        Meter(),
        lambda *told: None,
    )
    return SearchRun(of or search(), budget or Budget(trials=6), kit, key=key, seed=0, workers=workers).run()
