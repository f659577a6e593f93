"""A whole run of the toy shop with nothing beside this process: real files, and ports to a world in memory.

The measuring port answers from a truth by configuration, the clock goes on by what is measured, and no server,
probe or load generator is started. Prices, store, bundles and tables are the real ones.
"""

import csv
import json
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from steelyard.adapters.artefacts import Artefacts
from steelyard.assembly import Tools
from steelyard.config import parse
from steelyard.documents.machine import MachineFacts
from steelyard.domain import Surface
from steelyard.errors import MeasurementError
from steelyard.evaluation.latency import OpenLoopRun
from steelyard.evaluation.quiet import Surroundings
from steelyard.evaluation.readings import ProbeResult
from steelyard.models.recipe import InstalledModels
from steelyard.testing import toy_shop
from steelyard.workflows.live import LiveRun
from steelyard.workflows.session import Run
from steelyard.workflows.stages import Reading, Steps

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
TOML = """
work = "work"
[shop]
name = "Toy"
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
category = "category"
[data.events]
path = "events.csv"
[data.events.columns]
user = "who"
item_id = "id"
time = "at"
[models]
search = ["lexical"]
recommend = ["popularity", "item-knn"]
[models.item-knn]
forms = ["full", "20x8bit"]
[split]
synthetic_queries = 60
[measure]
timed_requests = 20
http_best = 1
bootstrap = 100
[load.search]
peak_rps = 20
requests_per_month = 1000000
[load.recommend]
peak_rps = 20
requests_per_month = 1000000
[cost]
instances = ["t3.small"]
[decide.search]
min_quality_share = 0.9
max_p99_ms = 50
[decide.recommend]
min_quality_share = 0.5
max_p99_ms = 50
"""

EVENTS = TOML[TOML.index("[data.events]") : TOML.index("[models]")]
WORDS = TOML.replace(EVENTS, "").replace('["popularity", "item-knn"]', "[]")
"""The same shop without a log: one configuration, and so a decision that takes little time."""


def write_shop(folder, text=TOML):
    """The toy shop as the files that its owner has."""
    shop = toy_shop(seed=3, n_users=60)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "items.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "title", "category"))
        for item, of in enumerate(shop.facts.text_of_item.tolist()):
            rows.writerow((f"item-{item}", shop.texts.title[of], shop.texts.category[of]))
    with (folder / "events.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("who", "id", "at"))
        events = shop.interactions
        for user, item, at_s in zip(events.users, events.items, events.times_s, strict=True):
            at = datetime.fromtimestamp(at_s, UTC).isoformat(timespec="seconds")
            rows.writerow((f"person {user}", f"item-{item}", at))
    (folder / "steelyard.toml").write_text(text, "utf-8")
    return folder


class Clock:
    """Goes on when it is told to, or when somebody waits."""

    def __init__(self):
        self.s = 0.0

    def now(self):
        return NOW + timedelta(seconds=self.s)

    def monotonic_s(self):
        return self.s

    def sleep(self, seconds):
        self.s += seconds


@dataclass(frozen=True)
class Truth:
    """What a configuration really does."""

    right: float = 1.0
    """Share of the requests that it answers rightly."""
    service_ms: float = 2.0
    p99_ms: float = 5.0
    """Read over HTTP, whatever the rate."""
    slower_per_rps: float = 0.0
    """Milliseconds more for each request a second."""
    errors: int = 0
    others: float = 0.0
    """Share of the machine that other programs use while it is served."""


class Server:
    """A server that has a number in place of a process."""

    url = "memory:"

    def __init__(self, bundle):
        self.bundle, self.used_s = bundle, 0.0

    def cpu_s(self):
        return self.used_s

    def peak_rss_bytes(self):
        return 90_000_000


@dataclass
class World:
    """The measuring port: a machine of two cores whose truth is known."""

    clock: Clock
    truth: dict = field(default_factory=dict)
    cases: object = None
    """Gives the cases of every surface, once the shop is prepared."""
    facts: MachineFacts = field(default_factory=lambda: MachineFacts(cpu_model="Test CPU", usable_cores=2))
    asked: list = field(default_factory=list)
    """Names in the order in which they were measured in a process."""
    loads: list = field(default_factory=list)
    """Configuration, rate and seconds of each run over HTTP that was read (warming is not)."""
    servers: list = field(default_factory=list)
    refuses: bool = False
    _busy_s: float = 0.0
    _server: Server | None = None

    def machine(self):
        return self.facts

    def cores(self):
        return [0, 1]

    def busy_s(self):
        return self._busy_s

    def own_cpu_s(self):
        return 0.0

    def probe(self):
        return self

    def measure(self, configuration, store_root, requests, *, k, timed=None, is_answering_all=True):
        self.asked.append(configuration.name)
        truth = self.of(configuration.name)
        items = np.full((len(requests), k), -1)
        relevant = self.cases()[configuration.surface].relevant
        for row in range(round(truth.right * len(requests))):
            items[row, : min(k, len(relevant[row]))] = relevant[row][:k]
        times = np.full(len(timed), truth.service_ms / 1000)
        return ProbeResult(
            items=items,
            timed=np.array(timed),
            cpu_s=times,
            service_s=times,
            load_s=0.1,
            rss_before_bytes=50_000_000,
            peak_rss_bytes=80_000_000,
            surroundings=Surroundings(
                wall_s=1.0, cpu_s=1.0, load_share=0.0, steal_share=0.0, involuntary_switches=0
            ),
        )  # fmt: skip

    def of(self, name):
        return self.truth.get(name, Truth())

    @contextmanager
    def serve(self, argv, *, cores=None):
        if self.refuses:
            raise MeasurementError("the server ended with status 1: no space left")
        document = json.loads((Path(argv[5]) / "bundle.json").read_text("utf-8"))
        self._server = Server(document)
        self.servers.append((Path(argv[5]), document))
        yield self._server
        self._server = None

    def load(self, base_url, calls, *, rate_rps, seconds, warm_up_s, seed, core=None):
        surface = "search" if calls[0].path == "/v1/search" else "recommend"
        name = self._server.bundle["surfaces"][surface][0]["name"]
        truth = self.of(name)
        n = max(int(rate_rps * seconds), 1)
        p99_ms = truth.p99_ms + truth.slower_per_rps * rate_rps
        used_s = (truth.service_ms / 1000 + 0.0005) * rate_rps * (seconds + warm_up_s)
        self._server.used_s += used_s
        self._busy_s += used_s + truth.others * (seconds + warm_up_s) * 2
        self.clock.s += seconds + warm_up_s
        if warm_up_s > 1e-3:
            self.loads.append((name, rate_rps, seconds))
        is_miss = np.arange(n) < truth.errors
        return OpenLoopRun(np.full(n, p99_ms / 1000), is_miss, np.zeros(n), seconds, 2.0, {}, 700.0)

    def ask(self, base_url, call):
        raise MeasurementError("nobody is asked here")

    def calibration(self, path):
        from steelyard.adapters.measuring.calibration_files import read_calibration

        return read_calibration(path)


class ToyTools:
    """The real tools but for the machine and the clock."""

    def __init__(self, truth=None):
        real = Tools()
        self.clock = Clock()
        self.measuring = World(self.clock, truth or {})
        self.files, self.shop, self.encoders = real.files, real.shop, real.encoders
        self.bundles, self.prices, self.accounting = real.bundles, real.prices, real.accounting


def open_run(folder, *, truth=None, tools=None, text=None):
    """A run over the shop's folder, as the command line opens it."""
    config = parse(text or (folder / "steelyard.toml").read_text("utf-8"), models=InstalledModels())
    work = folder / "work"
    work.mkdir(exist_ok=True)
    (work / "secret.key").write_bytes(b"k" * 32)
    tools = tools or ToyTools(truth)
    store = Artefacts(work)
    steps = Steps(store, meter=lambda: Reading(tools.clock.s, tools.clock.s / 2, 10**8), version="1")
    run = Run(config, folder, work, store, steps, b"k" * 32, tools.clock.now(), 1, tools)
    tools.measuring.cases = run.cases
    return run


def untold(done, total, what):
    """Nobody wants to know how far it is."""


def shown(stage):
    """No bar."""
    return nullcontext(untold)


def live_of(run, written=None):
    return LiveRun("Toy", run.tools.clock, (written if written is not None else []).append)


SEARCH, RECOMMEND = Surface.SEARCH, Surface.RECOMMEND
