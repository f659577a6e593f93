"""Trees as an ONNX graph: equal to what LightGBM says, and graded as they were judged."""

import numpy as np
import pytest

from steelyard.models.learned_ranking.forest import Growth, grow, levels_of, open_forest
from steelyard.models.learned_ranking.tree_arrays import trees_from

pytest.importorskip("lightgbm", reason="lightgbm is not installed: the extra train brings it")


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(0).normal(size=(2000, 6)).astype(np.float32)


@pytest.fixture(scope="module")
def grown(rows):
    gains = np.clip(np.round(rows[:, 0] + rows[:, 1] * rows[:, 2]), 0, 3).astype(np.float64)
    return grow(rows, gains, np.full(100, 20), Growth(rounds=40, seed=1))


def test_the_graph_says_what_lightgbm_says(grown, rows):
    again = open_forest(grown.graph()).scores(rows)

    np.testing.assert_allclose(again, grown.scores(rows, rounds=40), rtol=1e-5, atol=1e-6)


def test_a_row_upon_a_threshold_falls_on_the_same_side_of_both(grown):
    splits = []
    for tree in grown.booster.dump_model()["tree_info"]:
        nodes = [tree["tree_structure"]]
        for node in nodes:
            if "threshold" in node:
                splits.append((node["split_feature"], node["threshold"]))
                nodes += [node["left_child"], node["right_child"]]
    upon = np.zeros((len(splits), 6), np.float32)
    for row, (feature, threshold) in enumerate(splits):
        upon[row, feature] = np.float32(threshold)

    again = open_forest(grown.graph()).scores(upon)

    np.testing.assert_allclose(again, grown.scores(upon, rounds=40), rtol=1e-5, atol=1e-6)


def test_it_ranks_what_it_was_grown_for(grown, rows):
    meant = rows[:, 0] + rows[:, 1] * rows[:, 2]

    assert np.corrcoef(open_forest(grown.graph()).scores(rows), meant)[0, 1] > 0.7


def test_scores_after_some_rounds_add_up_to_those_after_all(grown, rows):
    *_, last = grown.after(rows[:50], (10, 25, 40))

    np.testing.assert_allclose(last, grown.scores(rows[:50], rounds=40), rtol=1e-9)


def test_no_rows_have_no_scores(grown):
    assert open_forest(grown.graph()).scores(np.empty((0, 6), np.float32)).shape == (0,)


def test_grades_stay_grades():
    levels, gains = levels_of(np.array([0.0, 1.67, 0.33, 2.0, 0.33]))

    assert levels.tolist() == [0, 2, 1, 3, 1]
    assert gains == [0.0, 0.33, 1.67, 2.0]


def test_of_many_different_gains_neighbours_share_a_level():
    levels, gains = levels_of(np.linspace(0, 5, 500))

    assert len(gains) <= 31
    assert (np.diff(levels) >= 0).all()
    assert levels[0] == 0


def test_what_the_features_added_adds_up_to_the_score(grown, rows):
    trees = trees_from({**grown.trees(), "brands": np.zeros(3, np.int32)})

    added = trees.contributions(rows[:50])

    np.testing.assert_allclose(trees.start + added.sum(axis=1), grown.scores(rows[:50], rounds=40), atol=1e-5)


def test_a_feature_that_says_nothing_adds_next_to_nothing(grown, rows):
    added = np.abs(trees_from(grown.trees()).contributions(rows)).mean(axis=0)

    assert added[0] > 5 * added[3:].max()
    assert trees_from({"brands": np.zeros(3, np.int32)}) is None
