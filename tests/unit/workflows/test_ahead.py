"""Dear parts are made by a second process while the cheap ones are fitted; what it cannot make is made here."""

from contextlib import contextmanager

from steelyard.adapters.artefacts import Artefacts
from steelyard.assembly import Tools
from steelyard.config import parse
from steelyard.models.building import Part
from steelyard.models.recipe import InstalledModels
from steelyard.workflows.building.ahead import Ahead
from steelyard.workflows.building.bench import ShopBench
from steelyard.workflows.building.builder import Builder, step_of
from steelyard.workflows.building.first_wave import ahead_of_tables, made_ahead, parts_by_name
from steelyard.workflows.building.planned import planned_configurations
from steelyard.workflows.stages import Reading, Steps

TOML = """
work = "."
[data.items]
path = "-"
[data.items.columns]
item_id = "id"
title = "title"
[models]
search = ["lexical", "dense", "hybrid"]
recommend = ["popularity"]
"""
FULL = "parts/encoder/minilm-fp32"


def untold(done, total, what):
    pass


class Worker:
    """Makes parts when it is waited for, by the same steps; those it is told to fail it does not."""

    def __init__(self, builder, parts, failing=()):
        self.builder, self.parts, self.failing = builder, parts, failing
        self.asked, self.said = [], []

    def ask(self, parts):
        self.asked += parts

    def wait(self, part, progress):
        self.said.append(f"wait {part}")
        progress(1, 2, "encoding texts")
        if part in self.failing:
            return None
        self.builder.make([self.parts[part]], progress=untold)
        return 3.0

    @contextmanager
    def paused(self):
        self.said.append("pause")
        yield
        self.said.append("go on")

    def close(self):
        self.said.append("close")


class Bench:
    """A shop's folder in which parts are values."""

    def __init__(self, folder, failing=()):
        self.made = []
        self.store = Artefacts(folder)
        self.steps = Steps(self.store, meter=lambda: Reading(0.0, 0.0, 0), version="1")
        self.bench = ShopBench(parse(TOML, models=InstalledModels()), self.store, folder, Tools())
        first = Part("first", self._making("first"), uses_tables=False)
        second = Part("second", self._making("second"), (first,), uses_tables=False)
        self.parts = {"first": first, "second": second}
        self.worker = Worker(Builder(self.bench, self.steps), self.parts, failing)
        self.starts = 0
        self.ahead = Ahead(self.start)
        self.builder = Builder(self.bench, self.steps, ahead=self.ahead)

    def start(self):
        self.starts += 1
        return self.worker

    def _making(self, name):
        def make(bench):
            self.made.append(name)
            return {"name": name}

        return make


def test_what_lacks_is_asked_for_and_waited_for_when_it_is_needed(tmp_path):
    shop = Bench(tmp_path)
    told = []

    shop.builder.begin_ahead(shop.parts.values())
    done = shop.builder.make([shop.parts["second"]], progress=lambda *step: told.append(step))

    assert shop.worker.asked == ["first", "second"]
    assert done == ["train/first", "train/second"]
    assert shop.made == ["first", "second"]
    assert told == [(0, 2, "first"), (1, 2, "encoding texts"), (1, 2, "second"), (1, 2, "encoding texts")]


def test_what_is_there_already_starts_no_process(tmp_path):
    before = Bench(tmp_path)
    before.builder.make(before.parts.values(), progress=untold)
    again = Bench(tmp_path)

    again.builder.begin_ahead(again.parts.values())

    assert again.starts == 0
    assert again.builder.make(again.parts.values(), progress=untold) == []


def test_what_rests_on_something_that_lacks_lacks_too(tmp_path):
    before = Bench(tmp_path)
    before.builder.make(before.parts.values(), progress=untold)
    before.store.forget("first")
    again = Bench(tmp_path)

    again.builder.begin_ahead(again.parts.values())

    assert again.worker.asked == ["first", "second"]


def test_what_the_process_cannot_make_is_made_here(tmp_path):
    shop = Bench(tmp_path, failing=("first",))

    shop.builder.begin_ahead(shop.parts.values())
    done = shop.builder.make([shop.parts["second"]], progress=untold)

    assert done == ["train/first", "train/second"]
    assert shop.made == ["first", "second"]


def test_without_room_for_a_process_every_part_is_made_here(tmp_path):
    shop = Bench(tmp_path)
    alone = Ahead(lambda: None)

    Builder(shop.bench, shop.steps, ahead=alone).begin_ahead(shop.parts.values())

    assert not alone.has("first")
    with alone.paused():
        pass
    alone.close()


def test_after_it_was_closed_nothing_is_waited_for(tmp_path):
    shop = Bench(tmp_path)
    shop.builder.begin_ahead(shop.parts.values())

    shop.ahead.close()
    shop.builder.make(shop.parts.values(), progress=untold)

    assert shop.worker.said == ["close"]
    assert shop.made == ["first", "second"]


def test_the_process_stands_still_while_something_is_timed(tmp_path):
    shop = Bench(tmp_path)
    shop.ahead.begin(["first"])

    with shop.ahead.paused():
        shop.worker.said.append("timed")

    assert shop.worker.said == ["pause", "timed", "go on"]


def test_ahead_are_the_dear_parts_that_are_built_whatever_comes():
    config = parse(TOML, models=InstalledModels())

    names = [part.name for part in made_ahead(planned_configurations(config))]

    vectors = ["vectors/minilm", "parts/vectors/minilm.fp32", "parts/vectors/minilm.fp16"]
    assert names == [FULL, *vectors, "tuned/floor-fp32"]
    assert [part.name for part in ahead_of_tables(config)] == [FULL]
    assert step_of(parts_by_name(config)["parts/encoder/minilm-static"]) == "compress/encoder/minilm-static"


def test_a_shop_without_an_encoder_has_nothing_to_make_ahead():
    config = parse(TOML.replace('"lexical", "dense", "hybrid"', '"lexical"'), models=InstalledModels())

    assert made_ahead(planned_configurations(config)) == []
    assert ahead_of_tables(config) == []
