"""Agreement worked by hand, published examples, and a truth recovered from simulated raters (R1.4)."""

import math
from pathlib import Path

import numpy as np
import pytest

from steelyard.assembly import Tools
from steelyard.data.labels.agreement import MISSING, cohen_kappa, dawid_skene, fleiss_kappa, krippendorff_alpha
from steelyard.data.labels.rules import NO, RULES, SILENT, YES, Pair, votes
from steelyard.errors import ConfigError, DataError
from steelyard.workflows.labelling.agree import RaterFile, agree

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def test_cohen_of_two_raters_is_the_share_beyond_chance():
    # 20 both yes, 5 yes/no, 10 no/yes, 15 both no: .7 alike, chance .5 x .6 + .5 x .4 = .5
    one = np.repeat([1, 1, 0, 0], [20, 5, 10, 15])
    other = np.repeat([1, 0, 1, 0], [20, 5, 10, 15])

    kappa, n = cohen_kappa(one, other)

    assert (kappa, n) == (pytest.approx((0.7 - 0.5) / (1 - 0.5)), 50)


def test_weights_forgive_a_step_more_than_a_leap():
    one, near, far = np.array([0, 1, 2, 2]), np.array([0, 1, 2, 1]), np.array([0, 1, 2, 0])

    assert cohen_kappa(one, near)[0] == cohen_kappa(near, one)[0]
    assert cohen_kappa(one, near, weights="quadratic")[0] > cohen_kappa(one, far, weights="quadratic")[0]
    # one step off in four: 1/4 against an expectation of (1 + 4 + 1/2 + ...) worked out over the margins
    expected = sum(
        a * b * (i - j) ** 2 for i, a in enumerate((1 / 4, 1 / 4, 1 / 2)) for j, b in enumerate((1 / 4, 1 / 2, 1 / 4))
    )
    assert cohen_kappa(one, near, weights="quadratic")[0] == pytest.approx(1 - (1 / 4) / expected)


def test_kappa_is_undefined_where_all_is_of_one_class_or_nothing_is_common():
    assert math.isnan(cohen_kappa(np.array([1, 1]), np.array([1, 1]))[0])
    kappa, n = cohen_kappa(np.array([1, MISSING]), np.array([MISSING, 0]))
    assert math.isnan(kappa) and n == 0


def test_fleiss_of_the_example_he_published():
    counts = np.array(
        [
            [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
            [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
        ]
    )  # fmt: skip
    ratings = np.array([np.repeat(np.arange(5), row) for row in counts])

    kappa, n = fleiss_kappa(ratings)

    assert (round(kappa, 3), n) == (0.210, 10)


def test_krippendorff_of_the_example_he_published():
    m = MISSING
    ratings = np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, m, m, m],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, m, 3],
            [m, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, m],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, m],
        ]
    ).T

    found = {
        metric: round(krippendorff_alpha(ratings, metric=metric)[0], 3) for metric in ("nominal", "ordinal", "interval")
    }

    assert found == {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849}
    assert krippendorff_alpha(ratings)[1] == 11


def simulated(seed, *, raters=(0.9, 0.8, 0.7, 0.6), n=800, silent=0.2, classes=3):
    generator = np.random.default_rng(seed)
    truth = generator.choice(classes, n, p=[0.5, 0.3, 0.2])
    said = np.stack(
        [np.where(generator.random(n) < right, truth, generator.integers(0, classes, n)) for right in raters], axis=1
    )
    said[generator.random(said.shape) < silent] = MISSING
    return truth, said


def majority(said, classes):
    return np.stack([(said == each).sum(axis=1) for each in range(classes)], axis=1).argmax(axis=1)


def test_the_truth_and_how_good_each_rater_is_are_recovered():
    better = 0
    for seed in range(8):
        rights = (0.95, 0.6, 0.5, 0.4)
        truth, said = simulated(seed, raters=rights)
        found = dawid_skene(said, classes=3)
        expected = np.array([right + (1 - right) / 3 for right in rights])

        assert found.accuracy == pytest.approx(expected, abs=0.09)
        assert (found.chances.argmax(axis=1) == truth).mean() > 0.85
        better += (found.chances.argmax(axis=1) == truth).mean() > (majority(said, 3) == truth).mean()
    assert better == 8


def test_a_rater_who_says_the_opposite_helps_where_some_truth_is_known():
    truth, said = simulated(3, raters=(0.8, 0.8), silent=0.0)
    contrary = (2 - truth)[:, None]
    known = np.where(np.arange(len(truth)) < 100, truth, MISSING)

    found = dawid_skene(np.concatenate([said, contrary], axis=1), classes=3, known=known)

    assert (found.chances.argmax(axis=1) == truth)[100:].mean() > 0.97
    assert (found.chances[:100].argmax(axis=1) == truth[:100]).all()


def test_a_pair_nobody_rated_has_the_shares_of_all():
    found = dawid_skene(np.array([[1, 1], [1, 1], [0, 0], [MISSING, MISSING]]), classes=2)

    assert found.chances[3] == pytest.approx(found.shares, abs=1e-6)


def pair(query, title, *, brand="", category="", brands="", **did):
    of = [frozenset(text.split()) for text in (query, title, category, brand, brands)]
    return Pair(*of, **did)


@pytest.mark.parametrize(
    ("given", "name", "expected"),
    [
        (pair("red lamp", "big red lamp"), "title-words", YES),
        (pair("red lamp", "green chair"), "title-words", NO),
        (pair("red lamp", "red chair"), "title-words", SILENT),
        (pair("acme lamp", "desk lamp", brand="acme", brands="acme"), "brand", YES),
        (pair("acme lamp", "desk lamp", brand="other", brands="acme"), "brand", NO),
        (pair("lamp", "desk lamp", brand="other"), "brand", SILENT),
        (pair("lamp", "x", bought=1), "bought", YES),
        (pair("lamp", "x", shown=25), "clicked", NO),
        (pair("lamp", "x", shown=25, clicked=1), "clicked", SILENT),
        (pair("lamp", "x", category="lamp table"), "category", YES),
        (pair("", "x"), "title-words", SILENT),
    ],
)
def test_a_rule_speaks_only_of_what_it_sees(given, name, expected):
    place = [rule.name for rule in RULES].index(name)

    assert votes([given])[0, place] == expected


def test_rules_that_only_ever_speak_for_a_class_count_by_their_silence():
    generator = np.random.default_rng(0)
    truth = generator.random(1500) < 0.3
    speaks = [np.where(truth, hit, slip) for hit, slip in ((0.8, 0.1), (0.7, 0.05), (0.6, 0.1))]
    said = np.stack([np.where(generator.random(1500) < chance, 1, MISSING) for chance in speaks], axis=1)

    told = dawid_skene(said, classes=2, silence_tells=True)

    assert ((told.chances[:, 1] > 0.5) == truth).mean() > 0.88


def raters(folder, text, *names, **columns):
    (folder / "raters.csv").write_text(text, "utf-8")
    with Tools().shop.sources(folder) as sources:
        return agree(sources, RaterFile("raters.csv", names, **columns), out=folder / "truth.parquet")


def test_agreement_is_read_from_a_file_and_the_likely_grades_are_written(tmp_path):
    rows = "".join(f"lamp,{i},{i % 2},{i % 2},{'' if i % 3 == 0 else i % 2}\n" for i in range(30))

    report = raters(tmp_path, "query,item_id,ann,bob,eve\n" + rows, "ann", "bob", "eve")

    values = {(row.between, row.measure): row.value for row in report.agreement}
    assert values[("ann", "bob"), "cohen"] == values[("all",), "krippendorff"] == 1.0
    assert report.by_gain == {"0": 15, "1": 15}
    assert (tmp_path / "truth.parquet").is_file()


@pytest.mark.parametrize(
    ("text", "names", "error", "says"),
    [
        ("query,item_id,ann\nlamp,1,1\n", ("ann",), ConfigError, "two raters"),
        ("query,item_id,ann\nlamp,1,1\n", ("ann", "bob"), DataError, "no column bob"),
        ("query,item_id,ann,bob\nlamp,1,good,1\n", ("ann", "bob"), DataError, "no numbers"),
        ("query,item_id,ann,bob\nlamp,1,,\n", ("ann", "bob"), DataError, "0 different grades"),
    ],
)
def test_a_file_that_cannot_be_compared_is_refused_with_what_to_do(tmp_path, text, names, error, says):
    with pytest.raises(error, match=says):
        raters(tmp_path, text, *names)


def test_three_raters_of_a_real_shop_agree_well_and_the_model_finds_their_final_grade():
    pq = pytest.importorskip("pyarrow.parquet")
    file = SHARED / "chorus" / "individual_ratings.parquet"
    if not file.is_file():
        pytest.skip("chorus is not on this machine")
    table = pq.read_table(file)
    said = np.stack([table[f"agent_{n}_rating"].to_numpy() for n in (1, 2, 3)], axis=1)
    final = table["final_rating"].to_numpy()

    found = dawid_skene(said, classes=4)

    assert krippendorff_alpha(said, metric="ordinal")[0] > 0.7
    assert (found.chances.argmax(axis=1) == final).mean() > 0.85
