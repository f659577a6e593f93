"""Experiments read from files: hand-worked figures, and rows that cannot be used."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from steelyard.adapters.shop.sources import Sources
from steelyard.documents.experiment import experiment_builtins, policy_value_builtins
from steelyard.errors import DataError, SourceError
from steelyard.workflows.experiments.analyse import Design, ExperimentColumns, analyse
from steelyard.workflows.experiments.offpolicy import LogColumns, judge_policy

SMALL = "user,arm,spent\na,control,1\nb,control,2\nc,control,3\nd,new,4\ne,new,6\nf,new,8\n"
LOG = """shown,reward,propensity,p_new,q,v
A,1,0.25,0.5,0.5,0.25
A,0,0.25,0.5,0.5,0.25
B,1,0.2,0.1,0.5,0.25
B,0,0.2,0.1,0.5,0.25
"""
COLUMNS = ExperimentColumns("user", "arm", ("spent",))
CHANCES = LogColumns("reward", "propensity", target="p_new")


@pytest.fixture
def analysed(tmp_path):
    def run(text, columns=COLUMNS, design=None, name="log.csv"):
        if text is not None:
            (tmp_path / name).write_text(text, "utf-8")
        with Sources(tmp_path, threads=1) as sources:
            return analyse(sources, name, columns, design or Design("control"))

    return run


@pytest.fixture
def judged(tmp_path):
    def run(text, columns=CHANCES, **more):
        (tmp_path / "log.csv").write_text(text, "utf-8")
        with Sources(tmp_path, threads=1) as sources:
            return judge_policy(sources, "log.csv", columns, **more)

    return run


def keys(found, *, is_warning=True):
    return {note.key for note in found.notes if note.is_warning is is_warning}


def test_a_difference_by_hand(analysed):
    (found,) = analysed(SMALL).metrics

    # variances 1 and 4 of three units each: squared errors 1/3 and 4/3
    assert (found.control_mean, found.treatment_mean, found.difference) == (2.0, 6.0, 4.0)
    assert found.standard_error == pytest.approx(math.sqrt(5 / 3))
    assert found.relative == 2.0
    freedom = (5 / 3) ** 2 / ((1 / 3) ** 2 / 2 + (4 / 3) ** 2 / 2)
    reach = stats.t.ppf(0.975, freedom) * math.sqrt(5 / 3)
    assert (found.low, found.high) == pytest.approx((4 - reach, 4 + reach))
    assert found.p_value == pytest.approx(2 * stats.t.sf(4 / math.sqrt(5 / 3), freedom))
    assert found.variance_removed is found.anytime_p_value is None


def test_several_rows_of_a_unit_are_added_up_or_averaged(analysed):
    twice = SMALL + "a,control,3\n"  # a: 1 and 3

    assert analysed(twice).metrics[0].control_mean == 3.0
    averaged = analysed(twice, design=Design("control", is_mean=True))
    assert averaged.metrics[0].control_mean == pytest.approx(7 / 3)
    assert (averaged.n_rows, averaged.control.n_units) == (7, 3)
    assert "rows_put_together" in keys(averaged, is_warning=False)


def test_what_was_known_before_takes_its_part_of_the_variance_out(analysed):
    generator = np.random.default_rng(0)
    before = generator.normal(10, 2, 400)
    spent = before + generator.normal(0, 0.5, 400) + 0.2 * (np.arange(400) % 2)
    lines = [f"u{i},{('control', 'new')[i % 2]},{spent[i]},{before[i]}" for i in range(400)]
    text = "user,arm,spent,before\n" + "\n".join(lines) + "\n"

    (plain,) = analysed(text).metrics
    found = analysed(text, ExperimentColumns("user", "arm", ("spent",), "before"))

    (adjusted,) = found.metrics
    assert adjusted.variance_removed == pytest.approx(np.corrcoef(spent, before)[0, 1] ** 2)
    assert adjusted.standard_error < 0.35 * plain.standard_error
    assert adjusted.low < 0.2 < adjusted.high
    assert "covariate_before" in keys(found, is_warning=False)


def test_an_interval_for_any_look_is_wider_than_that_for_one(analysed):
    found = analysed(SMALL, design=Design("control", expected_effect=2.0))

    (metric,) = found.metrics
    variance, total = 5 / 3, 5 / 3 + 4
    reach = math.sqrt(variance * total / 4 * (math.log(total / variance) + 2 * math.log(20)))
    assert (metric.anytime_low, metric.anytime_high) == pytest.approx((4 - reach, 4 + reach))
    assert metric.anytime_p_value > metric.p_value
    assert "any_look" in keys(found, is_warning=False)


def test_groups_unlike_their_plan_are_called_a_mismatch(analysed):
    lines = [f"u{i},{'control' if i < 400 else 'new'},{i % 3}" for i in range(1000)]
    text = "user,arm,spent\n" + "\n".join(lines) + "\n"

    found = analysed(text)

    assert found.sample_ratio.is_mismatch
    assert found.sample_ratio.p_value == pytest.approx(stats.chi2.sf(2 * 100**2 / 500, 1))
    assert "sample_ratio_mismatch" in keys(found)
    assert not analysed(text, design=Design("control", share=0.6)).sample_ratio.is_mismatch


def test_a_metric_too_skewed_for_its_units_is_said_to_be(analysed):
    lines = [f"u{i},{('control', 'new')[i % 2]},{1000 if i in (3, 4) else 0}" for i in range(100)]

    assert "skewed_metric" in keys(analysed("user,arm,spent\n" + "\n".join(lines) + "\n"))


def test_several_metrics_are_warned_of(analysed):
    text = "user,arm,spent,items\n" + "".join(f"{line},1\n" for line in SMALL.splitlines()[1:])

    found = analysed(text, ExperimentColumns("user", "arm", ("spent", "items")))

    assert {"several_metrics", "no_variation"} <= keys(found)
    assert experiment_builtins(found)["metrics"][1]["difference"] == 0.0


def test_of_three_arms_two_are_named(analysed):
    three = SMALL + "g,other,5\nh,other,6\n"

    with pytest.raises(DataError, match=r"3 arms \(control, new, other\): choose one with --treatment"):
        analysed(three)
    found = analysed(three, design=Design("control", "other"))
    assert (found.metrics[0].treatment_mean, found.n_rows) == (5.5, 5)
    assert "3 units of other arms are left out" in " ".join(note.says for note in found.notes)


def test_a_unit_that_was_also_in_an_arm_that_is_not_compared_is_refused(analysed):
    with pytest.raises(DataError, match=r"1 units of 'user' are in more than one arm \(first: row 2\)"):
        analysed(SMALL + "b,other,5\ng,other,6\n", design=Design("control", "new"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("user,arm,spent\n", "no row below its header"),
        ("user,group,spent\na,control,1\n", "no column 'arm': name it with --arm COLUMN"),
        ("user,arm,spend\na,control,1\n", "'spent': name it with --metric COLUMN; did you mean 'spend'"),
        (SMALL + "g,new,\nh,new,much\n", r"2 rows have no number in 'spent' \(first: row 7\): write 0"),
        (SMALL + "g,,1\n", r"1 row has nothing in 'arm' \(row 7\)"),
        (SMALL + "a,new,1\n", r"1 units of 'user' are in more than one arm \(first: row 1\)"),
        (SMALL.replace("control", "old"), "no row has arm 'control'; 'arm' holds new, old: name one with --control"),
        (SMALL.replace("new", "control"), "'arm' holds control only"),
        ("user,arm,spent\na,control,1\nb,control,1\nc,new,1\n", "arm 'new' has 1 unit: at least two"),
        (SMALL + "g,new\n", r"1 row has no number in 'spent' \(row 7\)"),
        (SMALL + "g,new,1,2\n", r"cannot be cut into columns \(first: line 8\)"),
    ],
)
def test_what_cannot_be_used_is_found_before_anything_is_computed(analysed, text, says):
    with pytest.raises(DataError, match=says):
        analysed(text)


def test_a_file_that_is_not_there_is_refused(analysed):
    with pytest.raises(SourceError, match=r"nowhere\.csv"):
        analysed(None, name="nowhere.csv")


def test_parquet_says_the_same_as_csv(analysed, tmp_path):
    rows = [line.split(",") for line in SMALL.splitlines()[1:]]
    columns = {"user": [r[0] for r in rows], "arm": [r[1] for r in rows], "spent": [float(r[2]) for r in rows]}
    pq.write_table(pa.table(columns), tmp_path / "log.parquet")

    assert analysed(None, name="log.parquet").metrics == analysed(SMALL).metrics


def test_another_policy_judged_by_hand(judged):
    found = judged(LOG, LogColumns("reward", "propensity", target="p_new", predicted="q", expected="v"), clip=1.0)

    # weights 2, 2, .5, .5
    values = {each.estimator: each.value for each in found.estimates}
    assert values == pytest.approx(
        {"ips": 2.5 / 4, "snips": 2.5 / 5, "clipped ips": 1.5 / 4, "direct": 0.25, "doubly robust": 0.25}
    )
    assert found.logged.value == 0.5
    assert found.overlap.effective_rows == 25 / 8.5
    assert (found.overlap.mean_weight, found.overlap.max_weight_share) == (1.25, 0.4)
    assert {"few_effective_rows", "heavy_row"} <= keys(found)
    assert policy_value_builtins(found)["estimates"][0]["estimator"] == "ips"


def test_a_policy_without_chance_is_told_by_what_it_shows(judged):
    text = "shown,best,reward,propensity\nA,A,1,0.5\nB,A,1,0.5\nA,B,0,0.5\nB,B,0,0.25\n"

    found = judged(text, LogColumns("reward", "propensity", action="shown", target_action="best"))

    # weights 2, 0, 0, 4
    assert found.estimates[0].value == 2 / 4
    assert found.estimates[1].value == pytest.approx(2 / 6)
    assert found.overlap.zero_weight_share == 0.5


def test_a_log_that_never_shows_what_the_other_policy_likes_says_nothing_of_it(judged):
    found = judged("reward,propensity,p_new\n1,0.5,0\n0,0.5,0\n")

    assert {each.estimator: each.value for each in found.estimates} == {"ips": 0.0, "snips": None}
    assert keys(found) == {"no_overlap"}


def test_wrong_propensities_show_in_the_mean_weight(judged):
    generator = np.random.default_rng(0)
    shown = generator.choice(2, p=(0.8, 0.2), size=2000)
    right, wrong = np.array([0.8, 0.2]), np.array([0.5, 0.5])
    target = np.array([0.3, 0.7])

    def log(propensity):
        return "reward,propensity,p_new\n" + "".join(f"{a},{propensity[a]},{target[a]}\n" for a in shown)

    assert "mean_weight" not in keys(judged(log(right)))
    assert "mean_weight" in keys(judged(log(wrong)))


@pytest.mark.parametrize(
    ("text", "columns", "says"),
    [
        ("reward,propensity,p_new\n1,0,0.5\n", CHANCES, r"no number in \(0, 1\] in 'propensity' \(row 1\): record"),
        ("reward,propensity,p_new\n1,0.5,1.5\n", CHANCES, r"no number in \[0, 1\] in 'p_new'"),
        ("reward,propensity,p_new\nnan,0.5,0.5\n", CHANCES, "no number in 'reward'"),
        (LOG, LogColumns("reward", "propensity"), "give --target COLUMN"),
        (LOG, LogColumns("reward", "propensity", target_action="shown"), "add --action COLUMN"),
        (LOG, LogColumns("reward", "propensity", target="p_new", action="shown"), "add --target-action COLUMN"),
        (LOG, LogColumns("reward", "propensity", target="p_new", predicted="q"), "add --expected COLUMN"),
        (LOG, LogColumns("reward", "propensity", target="p_new", expected="v"), "add --predicted COLUMN"),
    ],
)
def test_a_log_that_cannot_be_used_is_refused(judged, text, columns, says):
    with pytest.raises(DataError, match=says):
        judged(text, columns)
