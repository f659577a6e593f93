import dataclasses
import math

import numpy as np
import pytest

from steelyard.adapters.artefacts import Artefacts
from steelyard.config.schema import Measure
from steelyard.documents.machine import MachineFacts
from steelyard.domain import Cases, Configuration, Request, State, Surface
from steelyard.errors import DataError, MeasurementError
from steelyard.evaluation.quiet import Surroundings
from steelyard.evaluation.readings import ProbeResult
from steelyard.workflows.measure import ROUNDS, Measurer, load_measurements, measure

SETTINGS = Measure(k=2, timed_requests=20, bootstrap=100)
QUIET = Surroundings(wall_s=1.0, cpu_s=1.0, load_share=0.0, steal_share=0.0, involuntary_switches=0)


class InMemoryProbe:
    """Answers request i of a configuration with the items its options name, and counts what it was asked."""

    def __init__(self):
        self.asked = []
        self.broken = set()
        self.surroundings = QUIET

    def measure(self, configuration, store_root, requests, *, k, timed=None, is_answering_all=True):
        self.asked.append((configuration.name, tuple(timed), is_answering_all))
        if configuration.name in self.broken:
            raise MeasurementError(f"measuring {configuration.name}: the process failed")
        shown = np.array([configuration.options["items"]] * len(requests))
        return ProbeResult(
            items=shown,
            timed=np.array(timed),
            cpu_s=np.full(len(timed), 0.002),
            service_s=np.full(len(timed), 0.003),
            load_s=0.5,
            rss_before_bytes=50_000_000,
            peak_rss_bytes=60_000_000 + len(self.asked),
            surroundings=self.surroundings,
            facts={"batch_agreement": 1.0},
        )


@pytest.fixture
def store(tmp_path):
    store = Artefacts(tmp_path / "store")
    store.write_state("parts/one", State({"a": np.arange(100)}, {}))
    store.write_state("parts/two", State({"a": np.arange(200)}, {}))
    return store


def cases():
    # The right item is 0, 1, 2; the last request has none.
    return Cases(
        surface=Surface.SEARCH,
        ids=("a", "b", "c", "d"),
        requests=tuple(Request(query=q) for q in "abcd"),
        relevant=(np.array([0]), np.array([1]), np.array([2]), np.array([], dtype=np.int64)),
        gains=(np.ones(1), np.ones(1), np.ones(1), np.zeros(0)),
    )


def configurations():
    return [
        Configuration("first", Surface.SEARCH, "lexical", {"lexical": "parts/one"}, {"items": [0, 1]}),
        Configuration(
            "second", Surface.SEARCH, "dense", {"encoder": "parts/one", "vectors": "parts/two"}, {"items": [2, 9]}
        ),
    ]


def run(store, probe, **changes):
    options = {"config_measure": SETTINGS, "seed": 0, "machine": MachineFacts(cpu_model="here")} | changes
    made = options.pop("configurations", configurations())
    by_surface = options.pop("cases", {Surface.SEARCH: cases()})
    contenders = options.pop("contenders", None)
    measurer = Measurer(store, probe, options["config_measure"], options["seed"], options["machine"])
    return measure(made, by_surface, measurer=measurer, progress=lambda *_: None, contenders=contenders)


def test_quality_is_judged_on_every_request_and_undefined_where_nothing_is_right(store):
    first, second = run(store, InMemoryProbe())

    assert first.metric == "ndcg@2(gain=linear,discount=log2,unjudged=0)"
    np.testing.assert_allclose(first.per_request, [1.0, 1 / math.log2(3), 0.0, math.nan])
    np.testing.assert_allclose(second.per_request, [0.0, 0.0, 1.0, math.nan])
    assert first.quality.n == 3
    assert first.facts["metrics"]["hit_rate@2(relevant=gain>0,unjudged=0)"]["mean"] == pytest.approx(2 / 3)


def test_only_what_can_still_be_chosen_is_measured_in_all_rounds(store):
    probe = InMemoryProbe()

    run(store, probe, contenders={"second"})

    assert [name for name, _, _ in probe.asked] == ["first", "second", *["second"] * (ROUNDS - 1)]


def test_every_configuration_is_timed_on_the_same_requests_in_rounds_that_alternate(store):
    probe = InMemoryProbe()

    first, _ = run(store, probe)

    assert [name for name, _, _ in probe.asked] == ["first", "second"] * ROUNDS
    assert [timed for name, timed, _ in probe.asked if name == "first"] == [
        timed for name, timed, _ in probe.asked if name == "second"
    ]
    assert [answers for name, _, answers in probe.asked if name == "first"] == [True, False, False]
    assert len(first.service_s) == SETTINGS.timed_requests
    assert first.cpu_s_per_request.n == SETTINGS.timed_requests


def test_size_memory_and_loading_are_those_of_its_own_parts(store):
    _, second = run(store, InMemoryProbe())

    assert second.disk_bytes == store.size("parts/one") + store.size("parts/two")
    assert second.disk_bytes_by_part == {"parts/one": store.size("parts/one"), "parts/two": store.size("parts/two")}
    assert second.peak_rss_bytes == 60_000_000 + 2 * ROUNDS
    assert second.load_s == 0.5


def test_what_was_measured_is_read_back_as_it_was(store):
    found = run(store, InMemoryProbe())

    back = load_measurements(store, Surface.SEARCH)

    for ours, stored in zip(found, back, strict=True):
        np.testing.assert_array_equal(ours.per_request, stored.per_request)
        np.testing.assert_array_equal(ours.service_s, stored.service_s)
        for field in dataclasses.fields(ours):
            if field.name not in {"per_request", "service_s"}:
                assert getattr(ours, field.name) == getattr(stored, field.name), field.name


def test_an_undefined_figure_is_stored_as_null_and_read_back_as_undefined(store):
    nothing = dataclasses.replace(cases(), relevant=(np.array([], dtype=np.int64),) * 4, gains=(np.zeros(0),) * 4)
    run(store, InMemoryProbe(), cases={Surface.SEARCH: nothing})

    back = load_measurements(store, Surface.SEARCH)

    assert math.isnan(back[0].quality.mean)
    assert "NaN" not in (store.path("measurements/search") / "facts.json").read_text()


def test_nothing_is_measured_twice(store):
    first = run(store, InMemoryProbe())
    again = InMemoryProbe()

    second = run(store, again)

    assert again.asked == []
    assert second[0].quality == first[0].quality


def test_an_interrupted_run_goes_on_where_it_stopped(store):
    class Interrupted(InMemoryProbe):
        def measure(self, *arguments, **options):
            if len(self.asked) == 3:
                raise KeyboardInterrupt
            return super().measure(*arguments, **options)

    with pytest.raises(KeyboardInterrupt):
        run(store, Interrupted())
    probe = InMemoryProbe()

    found = run(store, probe)

    assert len(probe.asked) == 2 * ROUNDS - 3
    assert all(len(m.service_s) == SETTINGS.timed_requests for m in found)


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},
        {"machine": MachineFacts(cpu_model="elsewhere")},
        {"config_measure": SETTINGS.model_copy(update={"k": 1})},
        {
            "cases": {
                Surface.SEARCH: dataclasses.replace(
                    cases(), gains=(np.ones(1), np.ones(1), np.full(1, 2.0), np.zeros(0))
                )
            }
        },
    ],
)
def test_another_seed_machine_cut_off_or_set_of_requests_is_measured_afresh(store, changes):
    run(store, InMemoryProbe())
    probe = InMemoryProbe()

    run(store, probe, **changes)

    assert len(probe.asked) == 2 * ROUNDS


def test_a_changed_part_is_measured_afresh_and_the_others_are_not(store):
    run(store, InMemoryProbe())
    store.write_state("parts/two", State({"a": np.arange(201)}, {}))
    probe = InMemoryProbe()

    run(store, probe)

    assert {name for name, _, _ in probe.asked} == {"second"}


def test_damaged_readings_are_measured_afresh(store):
    run(store, InMemoryProbe())
    arrays = store.path("measured/first") / "arrays.safetensors"
    arrays.write_bytes(arrays.read_bytes()[:-1] + b"!")
    probe = InMemoryProbe()

    run(Artefacts(store.root), probe)

    assert {name for name, _, _ in probe.asked} == {"first"}


def test_one_that_cannot_be_measured_does_not_cost_the_others_theirs(store):
    probe = InMemoryProbe()
    probe.broken = {"first"}

    with pytest.raises(MeasurementError, match=r"1 of 2 configurations .* measuring first: the process failed"):
        run(store, probe)

    assert [m.configuration for m in load_measurements(store, Surface.SEARCH)] == ["second"]


def test_a_busy_machine_is_said_to_have_been_busy(store):
    probe = InMemoryProbe()
    probe.surroundings = dataclasses.replace(QUIET, load_share=0.8)

    first, _ = run(store, probe)

    assert not first.is_quiet
    assert first.facts["not_quiet_because"] == ["80% of the processor was busy with other things (limit 25%)"]
    assert first.cpu_s_per_request.mean == pytest.approx(0.002)


def test_requests_made_by_us_are_marked_wherever_their_figures_go(store):
    made = dataclasses.replace(cases(), is_synthetic=True)

    first, _ = run(store, InMemoryProbe(), cases={Surface.SEARCH: made})

    assert first.is_synthetic


def test_what_made_requests_give_is_kept_beside_and_changes_nothing_else(store):
    alone, _ = run(store, InMemoryProbe())
    beside = dataclasses.replace(cases(), ids=("x",), requests=(Request(query="x"),), relevant=(np.array([9]),),
                                 gains=(np.ones(1),), is_synthetic=True)  # fmt: skip

    both, _ = run(store, InMemoryProbe(), cases={Surface.SEARCH: dataclasses.replace(cases(), beside=beside)})

    assert alone.beside is None
    assert both.beside is not None and (both.beside.mean, both.beside.n) == (0.0, 1)
    assert both.quality == alone.quality and len(both.per_request) == len(alone.per_request)
    assert not both.is_synthetic
    again = load_measurements(store, Surface.SEARCH)[0].beside
    assert again is not None and (again.mean, again.n) == (both.beside.mean, both.beside.n)


def test_a_surface_without_requests_is_refused_before_any_work(store):
    probe = InMemoryProbe()

    with pytest.raises(DataError, match="no test requests for the surface 'search'"):
        run(store, probe, cases={})

    assert probe.asked == []
