import pytest

from steelyard.adapters.artefacts import Artefacts
from steelyard.errors import StageError
from steelyard.workflows.stages import Besides, Reading, Steps, Usage, key_of


class Clock:
    """Meters that show one more second, half a processor second and a byte at each look."""

    def __init__(self):
        self.looks = 0

    def __call__(self):
        self.looks += 1
        return Reading(wall_s=float(self.looks), cpu_s=self.looks / 2, peak_rss_bytes=self.looks)


@pytest.fixture
def steps(tmp_path):
    return Steps(Artefacts(tmp_path), meter=Clock(), version="1")


def again(steps):
    return Steps(Artefacts(steps.store.root), meter=Clock(), version="1")


def test_a_step_is_done_once_and_its_usage_is_kept(steps):
    work = lambda: steps.store.write_json("x", 1)  # noqa: E731

    assert steps.once("s", ["a"], ["x"], work)
    assert not steps.once("s", ["a"], ["x"], work)
    assert steps.usage() == {"s": Usage(1.0, 0.5, 2)}


def test_what_a_killed_process_spent_is_booked_and_what_was_booked_before_is_only_remembered(tmp_path):
    booked = []
    steps = Steps(Artefacts(tmp_path), meter=Clock(), version="1", journal=lambda name, usage: booked.append(usage))

    steps.once("s", ["a"], ["x"], lambda: steps.store.write_json("x", 1), besides=lambda: Besides(10.0, 100.0))

    assert booked == [Usage(1.0, 100.5, 2)]
    assert steps.usage() == {"s": Usage(1.0, 110.5, 2)}


@pytest.mark.parametrize("change", ["key", "version", "output gone", "output changed"])
def test_a_step_is_done_again_when_anything_it_rests_on_changed(steps, change):
    steps.once("s", ["a"], ["x"], lambda: steps.store.write_json("x", 1))
    later = Steps(Artefacts(steps.store.root), meter=Clock(), version="2" if change == "version" else "1")
    if change == "output gone":
        later.store.forget("x")
    elif change == "output changed":
        later.store.write_json("x", 2)

    assert later.once("s", ["b" if change == "key" else "a"], ["x"], lambda: later.store.write_json("x", 1))


def test_a_damaged_output_is_made_again(steps):
    steps.once("s", [], ["x"], lambda: steps.store.write_json("x", 1))
    (steps.store.path("x") / "value.json").write_text("broken")
    later = again(steps)

    assert later.once("s", [], ["x"], lambda: later.store.write_json("x", 1))
    assert later.store.read_json("x") == 1


def test_an_interrupted_step_is_not_taken_for_done(steps):
    def interrupted():
        steps.store.write_json("x", 1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        steps.once("s", [], ["x", "y"], interrupted)

    assert again(steps).once("s", [], ["x"], lambda: None)


def test_a_step_that_writes_nothing_is_a_bug_and_says_so(steps):
    with pytest.raises(StageError, match="without writing x"):
        steps.once("s", [], ["x"], lambda: None)


def test_a_missing_stage_names_its_command(steps):
    with pytest.raises(StageError, match="run `steelyard prepare`"):
        steps.require({"data": "prepare"})


def test_keys_do_not_depend_on_the_order_of_a_mapping():
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1}) != key_of({"a": 2, "b": 1})
