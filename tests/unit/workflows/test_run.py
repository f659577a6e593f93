"""Every stage in its order: what is skipped, when the doors open, what stands after a failure."""

import json
import shutil
from collections import Counter
from contextlib import contextmanager

import msgspec
import pytest
from tests.unit.workflows.toy_run import (
    RECOMMEND,
    SEARCH,
    TOML,
    Truth,
    live_of,
    open_run,
    shown,
    untold,
    write_shop,
)

from steelyard.adapters.bundle import Bundle
from steelyard.documents.decision import read_decision
from steelyard.documents.machine import MachineFacts
from steelyard.documents.progress import StepState
from steelyard.errors import MeasurementError, StageError, SteelyardError
from steelyard.workflows.run import STAGES, bundle_of, do, measure_stage, run_all, write_report
from steelyard.workflows.stored import stored_decision
from steelyard.workflows.weighing import weigh

ALL = ["lexical", "popularity", "item-knn-full", "item-knn-20x8bit"]


def whole(run, **more):
    return run_all(run, shown, live=live_of(run), **more)


def test_a_second_run_does_nothing_and_decides_the_same(done, toy_done):
    run = open_run(done)

    decision = whole(run)

    assert run.steps.ran == []
    assert (run.tools.measuring.asked, run.tools.measuring.loads) == ([], [])
    assert decision == stored_decision(open_run(toy_done).store)


def test_a_changed_floor_decides_again_once_without_making_or_measuring_anything(done):
    run = open_run(done, text=TOML.replace("min_quality_share = 0.5", "min_quality_share = 0.6"))

    for stage in ("prepare", "build"):
        do(run, stage, untold)
    first = do(run, "price", untold)
    second = do(run, "decide", untold)

    assert first == second
    assert first.of("recommend").floor.min_quality_share == 0.6
    assert run.steps.ran == ["decide"]


def test_more_configurations_before_the_choice_are_asked_over_http_and_not_measured_again(done):
    run = open_run(done, text=TOML.replace("http_best = 1", "http_best = 2"))

    do(run, "measure", untold)

    assert run.tools.measuring.asked == []
    assert "measure/http" in run.steps.ran


def test_another_machine_measures_again_and_makes_nothing(done):
    run = open_run(done)
    run.tools.measuring.facts = MachineFacts(cpu_model="Another CPU", usable_cores=2)

    for stage in ("prepare", "build", "measure"):
        do(run, stage, untold)

    assert run.steps.ran == ["measure", "measure/http"]
    assert sorted(run.tools.measuring.asked) == sorted(3 * ALL)


def test_another_commit_of_the_code_is_the_same_machine(done):
    run = open_run(done)
    run.tools.measuring.facts = msgspec.structs.replace(run.tools.measuring.facts, git_commit="abc")

    whole(run)

    assert run.tools.measuring.asked == []


def test_a_line_more_in_the_log_is_prepared_and_fitted_again_and_words_are_not(done):
    with (done / "events.csv").open("a", newline="", encoding="utf-8") as file:
        file.write("person 1,item-0,2025-01-01T05:00:00+00:00\r\n")
    run = open_run(done)

    do(run, "prepare", untold)
    do(run, "build", untold)

    assert run.steps.ran[0] == "prepare"
    assert "train/recommend/popularity" in run.steps.ran
    assert "parts/cards" not in run.steps.ran


@pytest.mark.parametrize("stage", ["build", "measure", "decide", "verify", "package", "report"])
def test_a_stage_whose_input_is_not_there_names_the_command_that_makes_it(tmp_path, stage):
    before = {"build": "prepare", "measure": "build", "decide": "measure"}.get(stage, "decide")
    run = open_run(write_shop(tmp_path / "shop"))

    with pytest.raises(StageError, match=f"run `steelyard {before}`, or `steelyard run` for all"):
        do(run, stage, untold)

    assert not run.store.has("decision")


def test_stages_are_shown_in_their_order(done):
    run, seen = open_run(done), []

    @contextmanager
    def noting(stage):
        seen.append(stage)
        yield untold

    run_all(run, noting, live=live_of(run))

    assert tuple(seen) == STAGES


def test_what_watches_is_told_all_steps_and_the_end(done):
    run, written = open_run(done), []

    run_all(run, shown, live=live_of(run, written))

    last = written[-1]
    assert (last.is_done, last.failure, last.seconds_left, last.stage) == (True, "", 0.0, "report")
    assert all(step.state in (StepState.DONE, StepState.SKIPPED) for step in last.steps)
    assert [step.key for step in last.steps][-4:] == ["measure", "decide", "verify", "report"]


def test_the_doors_of_a_shop_with_a_bundle_open_before_anything_is_done(done):
    run, opened = open_run(done), []
    bundles = list((done / "work" / "bundles").iterdir())

    run_all(run, shown, live=live_of(run), doors=lambda: opened.append(list(run.steps.skipped)))

    assert opened == [[]]
    assert list((done / "work" / "bundles").iterdir()) == bundles


@pytest.fixture(scope="module")
def new_shop(tmp_path_factory):
    """A shop that was opened while its first run went on: the run, what the doors saw, the decision."""
    run, seen = open_run(write_shop(tmp_path_factory.mktemp("new") / "shop")), []

    def open_doors():
        bundle = Bundle.open(run.work / "bundles")
        decision = read_decision(json.loads((bundle.folder / "decision.json").read_text("utf-8")))
        seen.append((served(bundle), decision, run.store.has("decision"), list(run.steps.ran)))

    decision = run_all(run, shown, live=live_of(run), doors=open_doors)
    return run, seen, decision


def served(bundle):
    return {str(surface): found[0].name for surface, found in bundle.configurations.items() if surface != "similar"}


def test_the_doors_of_a_new_shop_open_once_with_the_first_cheap_models_untuned(new_shop):
    _, seen, _ = new_shop

    ((first, _, has_decision, ran),) = seen
    assert first == {"search": "lexical", "recommend": "popularity"}
    assert not has_decision
    assert "train/tuned/lexical" not in ran


def test_the_bundle_of_the_open_doors_names_the_shop_and_no_choice(new_shop):
    ((_, undecided, *_),) = new_shop[1]

    assert (undecided.shop.name, undecided.surfaces) == ("Toy", ())
    assert undecided.made_at == "2026-11-01T12:00:00+00:00"


def test_the_newest_bundle_of_an_opened_shop_is_the_decided_one(new_shop):
    run, _, decision = new_shop

    latest = Bundle.open(run.work / "bundles")

    assert served(latest) == {row.surface: row.chosen for row in decision.surfaces}
    assert latest.folder == bundle_of(run)


@pytest.fixture(scope="module")
def refused_shop(tmp_path_factory):
    """A shop whose first run broke off when its first server did not start; and how that was said."""
    run = open_run(write_shop(tmp_path_factory.mktemp("refused") / "shop"))
    run.tools.measuring.refuses = True
    with pytest.raises(MeasurementError) as refusal:
        whole(run)
    return run, str(refusal.value)


def test_a_server_that_does_not_start_ends_the_run_with_its_last_words(refused_shop):
    assert refused_shop[1] == ("lexical, popularity could not be served: the server ended with status 1: no space left")


def test_a_failed_first_run_has_neither_decision_nor_bundle_nor_folder_of_a_check(refused_shop):
    run, _ = refused_shop

    assert bundle_of(run) is None
    assert not run.store.has("decision")
    assert not (run.work / "verify").exists()


def test_a_run_after_a_failure_goes_on_where_it_stopped(refused_shop, tmp_path):
    run = open_run(shutil.copytree(refused_shop[0].base, tmp_path / "shop", symlinks=True))

    whole(run)

    assert [name for name in run.steps.ran if name not in ("decide", "verify")] == ["measure/http"]
    assert run.tools.measuring.asked == []
    assert bundle_of(run).is_dir()


def test_a_part_that_is_gone_is_made_again_alone(done):
    open_run(done).store.forget("parts/recommend/item-knn.20x8bit")
    run = open_run(done)

    lines = do(run, "build", untold)

    assert run.steps.ran == ["compress/recommend/item-knn.20x8bit"]
    assert lines[-1] == "4 configurations to measure"
    assert {line.split("/")[0] for line in lines[:-1]} == {"compress", "train"}


def test_measuring_gives_a_line_for_each_configuration_with_its_quality(done):
    run = open_run(done)

    lines = do(run, "measure", untold)

    assert [line.split() for line in lines] == [
        ["lexical", "1.0000"],
        ["popularity", "1.0000"],
        ["item-knn-full", "1.0000"],
        ["item-knn-20x8bit", "1.0000"],
    ]


def test_the_report_is_written_where_it_is_asked_for_in_the_language_asked_for(done, tmp_path):
    run = open_run(done)

    default = write_report(run)
    chinese = write_report(run, out=tmp_path / "there" / "bericht.html", language="zh")

    assert default == done / "work" / "report" / "index.html"
    assert 'lang="zh' in chinese.read_text("utf-8")
    assert 'lang="en' in default.read_text("utf-8")


def test_what_breaks_a_floor_on_quality_is_looked_at_once_unless_everything_is_asked_for(done):
    run = open_run(done, truth={"popularity": Truth(right=0.1)})
    run.tools.measuring.facts = MachineFacts(cpu_model="Another CPU", usable_cores=2)
    contenders = weigh(run, live_of(run), untold, serve=lambda found: None)

    measure_stage(run, untold, contenders=contenders)
    thrifty = Counter(run.tools.measuring.asked)
    measure_stage(run, untold)

    assert thrifty == {"lexical": 3, "popularity": 1, "item-knn-full": 3, "item-knn-20x8bit": 3}
    assert Counter(run.tools.measuring.asked) == dict.fromkeys(ALL, 3)


def test_surfaces_are_those_of_the_configuration(done):
    run = open_run(done)

    assert set(run.measured()) == {SEARCH, RECOMMEND}
    assert set(run.cases()) == {SEARCH, RECOMMEND}


class Beside:
    """Notes when a run ends its second process."""

    def __init__(self):
        self.said = []

    def has(self, name):
        return False

    def begin(self, names):
        self.said.append(tuple(names))

    @contextmanager
    def paused(self):
        yield

    def close(self):
        self.said.append("close")


def test_the_second_process_ends_with_the_building_also_when_that_fails(tmp_path):
    write_shop(tmp_path / "shop")
    (tmp_path / "shop" / "events.csv").write_text("nothing\n")
    run = open_run(tmp_path / "shop")
    run.ahead = Beside()

    with pytest.raises(SteelyardError):
        whole(run)

    assert run.ahead.said[-1] == "close"


def test_an_encoder_that_is_not_there_is_told_after_what_is_wrong_with_the_files(tmp_path):
    both = TOML.replace('search = ["lexical"]', 'search = ["lexical", "dense"]')
    text = both + '[models.encoder]\nsource = "nowhere"\n'
    write_shop(tmp_path / "shop", text)
    (tmp_path / "shop" / "events.csv").write_text("nothing\n")
    run = open_run(tmp_path / "shop")

    with pytest.raises(SteelyardError) as found:
        whole(run)

    assert "nowhere" not in str(found.value)
