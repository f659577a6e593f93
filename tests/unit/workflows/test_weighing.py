"""Configurations are built, looked at and served one after the other; those too dear to win are passed over."""

import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.prices.books import PriceBooks
from steelyard.config import parse
from steelyard.documents.machine import MachineFacts
from steelyard.documents.progress import StepState
from steelyard.domain import Surface
from steelyard.errors import MeasurementError
from steelyard.evaluation.quiet import Surroundings
from steelyard.evaluation.readings import ProbeResult
from steelyard.models.recipe import InstalledModels
from steelyard.testing import toy_shop, toy_tables
from steelyard.workflows.build import load_built
from steelyard.workflows.building.ahead import Ahead
from steelyard.workflows.building.builder import Builder
from steelyard.workflows.building.first_wave import parts_by_name
from steelyard.workflows.live import LiveRun
from steelyard.workflows.session import Run
from steelyard.workflows.stages import Reading, Steps
from steelyard.workflows.weighing import weigh

TOML = """
work = "."
[data.items]
path = "-"
[data.items.columns]
item_id = "id"
title = "title"
[models]
search = ["lexical", "scales"]
recommend = ["popularity"]
[measure]
timed_requests = 20
bootstrap = 100
[decide.search]
min_quality_share = 0.9
max_p99_ms = 1000
[decide.recommend]
min_quality_share = 0.5
max_p99_ms = 1000
"""
SLOW_S = 0.2
RECIPE = """
from steelyard.domain import State, Surface, Upkeep
from steelyard.models.building import Part, Work
from steelyard.models.recipe import Need, Recipe, Variant

def part(name):
    return Part(f"parts/{name}", lambda bench: State({}, {"n": 1}), work=Work.COMPRESS)

class Scales(Recipe):
    surface = Surface.SEARCH
    needs = frozenset({Need.TEXT, Need.ENCODER})

    def variants(self, plan):
        large = Upkeep(has_transformer=True)
        yield Variant("scales-whole", {"model": part("whole")}, upkeep=large)
        yield Variant("scales-small", {"model": part("small")}, upkeep=large, whole="scales-whole")

    def open(self, parts, options):
        raise NotImplementedError
"""


@pytest.fixture(autouse=True)
def recipe(tmp_path, monkeypatch):
    """A search with a whole form and a small one, both of which take looking after."""
    site = tmp_path / "site"
    info = site / "steelyard_scales-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "steelyard_scales.py").write_text(RECIPE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: steelyard-scales\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[steelyard.recipes.search]\nscales = steelyard_scales:Scales\n")
    monkeypatch.syspath_prepend(str(site))
    yield
    sys.modules.pop("steelyard_scales", None)


class Clock:
    def now(self):
        return datetime(2026, 11, 1, tzinfo=UTC)

    def monotonic_s(self):
        return 0.0


class Probe:
    """Answers rightly what a configuration is said to answer."""

    def __init__(self, cases, right):
        self.cases, self.right, self.asked = cases, right, []

    def measure(self, configuration, store_root, requests, *, k, timed=None, is_answering_all=True):
        self.asked.append(configuration.name)
        if configuration.name not in self.right:
            raise MeasurementError(f"{configuration.name} is not known here")
        items = np.full((len(requests), k), -1)
        n_right = round(self.right[configuration.name] * len(requests))
        for row, relevant in enumerate(self.cases[configuration.surface].relevant[:n_right]):
            items[row, 0] = relevant[0]
        times = np.full(len(timed), SLOW_S if configuration.name == "scales-whole" else 0.002)
        quiet = Surroundings(wall_s=1.0, cpu_s=1.0, load_share=0.0, steal_share=0.0, involuntary_switches=0)
        return ProbeResult(
            items=items,
            timed=np.array(timed),
            cpu_s=times,
            service_s=times,
            load_s=0.1,
            rss_before_bytes=50_000_000,
            peak_rss_bytes=60_000_000,
            surroundings=quiet,
            facts={},
        )


class Measuring:
    def __init__(self, probe):
        self._probe = probe

    def machine(self):
        return MachineFacts(cpu_model="test", usable_cores=2)

    def probe(self):
        return self._probe


class Prices:
    def books(self, base=None):
        return PriceBooks(base)


class ToyTools:
    """The real tools but for the probe; cards and histories are left out."""

    def __init__(self, probe):
        from steelyard.assembly import Tools

        self._tools, self.measuring, self.prices, self.clock = Tools(), Measuring(probe), Prices(), Clock()
        self.files, self.encoders, self.bundles = self._tools.files, self._tools.encoders, self._tools.bundles
        self.shop = NoCards()


class NoCards:
    def write_cards(self, data_folder, out):
        (out / "facts.json").write_text("{}")

    def histories(self, folder):
        from steelyard.domain import State

        return State({}, {"n": 0})


def make_run(folder, right, toml=TOML):
    store = Artefacts(folder / "shop")
    store.write_json("data", {"rows": 1})
    config = parse(toml, models=InstalledModels())
    steps = Steps(store, meter=lambda: Reading(0.0, 1.0, 10**8), version="1")
    steps.once("prepare", [1], ["data"], lambda: None)
    run = Run(config, folder, folder / "shop", store, steps, b"k" * 32, Clock().now(), 1, ToyTools(None))
    run.bench.shop = toy_tables(toy_shop(seed=3, n_users=60))
    run.tools.measuring = Measuring(Probe(run.cases(), right))
    return run


class Worker:
    """A second process that notes what it is told; it makes what it is waited for with the run's own steps."""

    def __init__(self, run, failing=()):
        self.run, self.failing, self.said = run, failing, []

    def ask(self, parts):
        self.said.append(("ask", *parts))

    def wait(self, part, progress):
        self.said.append(("wait", part))
        progress(900, 1000, "rows")
        if part in self.failing:
            return None
        Builder(self.run.bench, self.run.steps).make([parts_by_name(self.run.config)[part]], progress=lambda *_: None)
        return 40.0

    @contextmanager
    def paused(self):
        self.said.append(("pause", self.run.tools.measuring.probe().asked.copy()))
        yield
        self.said.append(("go on", self.run.tools.measuring.probe().asked.copy()))

    def close(self):
        self.said.append(("close",))


def weighed_beside(folder, **options):
    run = make_run(folder, POOR_WORDS)
    worker = Worker(run, **options)
    run.ahead = Ahead(lambda: worker)
    live = LiveRun("Shop", Clock(), lambda document: None)
    weigh(run, live, lambda *_: None, serve=lambda found: None)
    return run, live, worker


def weighed(folder, right, **options):
    run = make_run(folder, right)
    live, served = LiveRun("Shop", Clock(), lambda document: None), []
    contenders = weigh(run, live, lambda *_: None, serve=lambda found: served.append(
        {str(surface): one.name for surface, one in found.items()}), **options)  # fmt: skip
    return run, live, served, contenders


GOOD_WORDS = {"lexical": 1.0, "popularity": 1.0, "scales-whole": 1.0, "scales-small": 1.0}
POOR_WORDS = {**GOOD_WORDS, "lexical": 0.3}


def test_what_cannot_win_is_neither_made_nor_measured_and_it_is_stored_why(tmp_path):
    run, live, _, _ = weighed(tmp_path, GOOD_WORDS)

    built = load_built(run.store)
    assert [each.name for each in built.configurations] == ["lexical", "scales-whole", "popularity"]
    (left_out,) = built.left_out
    assert (left_out.model, left_out.why, left_out.by) == ("scales-small", "too_dear", "lexical")
    assert not run.store.has("parts/small")
    states = {step.key: (step.state, step.reason) for step in live.document.steps}
    assert states["measure/scales-small"] == (StepState.SKIPPED, "too_dear")
    assert states["compress/small"] == (StepState.SKIPPED, "too_dear")  # nobody waits for its parts either
    assert all(state is not StepState.WAITING for state, _ in states.values())


def test_what_its_own_recipe_refuses_is_not_measured_and_it_is_stored_why(tmp_path):
    toml = TOML.replace('"scales"', '"ltr"').replace("[measure]", '[models.ltr]\nencoders = ["words"]\n[measure]')
    run = make_run(tmp_path, GOOD_WORDS, toml)
    tables = run.bench.shop
    few = {name: replace(getattr(tables, name), is_synthetic=False) for name in ("search_tuning", "search_test")}
    run.bench.shop = replace(tables, **few)
    live = LiveRun("Shop", Clock(), lambda document: None)

    weigh(run, live, lambda *_: None, serve=lambda found: None)

    built = load_built(run.store)
    assert [each.name for each in built.configurations] == ["lexical", "popularity"]
    (left_out,) = built.left_out
    assert (left_out.model, left_out.why) == ("ltr-words", "refused")
    assert "too few to learn a ranking from" in left_out.en and "不足以学习排序" in left_out.zh
    assert "ltr-words" not in run.tools.measuring.probe().asked
    states = {step.key: (step.state, step.reason) for step in live.document.steps}
    assert states["measure/ltr-words"] == (StepState.SKIPPED, "refused")


def test_what_may_win_is_made_and_measured(tmp_path):
    run, _, _, _ = weighed(tmp_path, POOR_WORDS)

    assert run.store.has("parts/small")
    assert load_built(run.store).left_out == ()


def test_everything_is_made_where_it_is_asked_for(tmp_path):
    run, _, _, _ = weighed(tmp_path, GOOD_WORDS, is_everything=True)

    assert len(load_built(run.store).configurations) == 4


def test_the_doors_open_with_untuned_cheap_models_and_what_is_better_follows(tmp_path):
    _, _, served, _ = weighed(tmp_path, POOR_WORDS)

    assert served[0] == {"search": "lexical", "recommend": "popularity"}
    assert served[-1]["search"].startswith("scales-")


def test_only_those_that_keep_the_floors_on_quality_are_measured_again(tmp_path):
    *_, contenders = weighed(tmp_path, POOR_WORDS)

    assert contenders == {"scales-whole", "scales-small", "popularity"}


def test_a_second_weighing_measures_nothing(tmp_path):
    weighed(tmp_path, GOOD_WORDS)

    run, live, _, _ = weighed(tmp_path, GOOD_WORDS)

    assert run.tools.measuring.probe().asked == []
    looks = [step for step in live.document.steps if step.key.startswith("measure/")]
    assert {step.state for step in looks} == {StepState.SKIPPED}


def test_the_points_have_their_bills_and_the_choice(tmp_path):
    _, live, _, _ = weighed(tmp_path, GOOD_WORDS)

    points = {point.name: point for point in live.document.points}
    assert points["lexical"].is_chosen and points["lexical"].monthly is not None
    assert points["scales-whole"].surface is Surface.SEARCH and not points["scales-whole"].is_chosen


def test_a_second_process_makes_the_whole_form_and_stands_still_while_anything_is_looked_at(tmp_path):
    run, live, worker = weighed_beside(tmp_path)

    assert worker.said[0] == ("ask", "parts/whole")  # and not what may be passed over
    looks = [(said[0], said[1]) for said in worker.said if said[0] in ("pause", "go on")]
    order = ["lexical", "popularity", "scales-whole", "scales-small"]
    for place, name in enumerate(order):
        assert looks[2 * place : 2 * place + 2] == [("pause", order[:place]), ("go on", order[: place + 1])], name
    states = {step.key: (step.state, step.seconds) for step in live.document.steps}
    assert states["compress/whole"] == (StepState.DONE, None)
    assert run.steps.ran.count("compress/whole") == 1


def test_what_the_second_process_cannot_make_is_made_here_and_its_time_is_told(tmp_path):
    run, live, worker = weighed_beside(tmp_path, failing=("parts/whole",))

    assert ("wait", "parts/whole") in worker.said
    assert run.store.has("parts/whole")
    (step,) = [each for each in live.document.steps if each.key == "compress/whole"]
    assert (step.state, step.seconds) == (StepState.DONE, 0.0)


def test_a_second_weighing_asks_no_second_process(tmp_path):
    weighed_beside(tmp_path)

    _, _, worker = weighed_beside(tmp_path)

    assert worker.said == []
