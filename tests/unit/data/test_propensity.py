"""Propensities of places: exact on worked counts, recovered on simulated logs, steady on real ones."""

from pathlib import Path

import numpy as np
import pytest

from steelyard.data.labels.propensity import Shows, attraction, effective_size, estimate, harvest

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
TRUTH = 1 / np.arange(1, 9) ** 0.7


def shows_of(rows):
    pair, place, shown, clicked = (np.array(each) for each in zip(*rows, strict=True))
    return Shows(pair, place, shown.astype(float), clicked.astype(float))


def simulated(seed, *, n_queries=20, n_items=12, n_visits=400, spread=0.15):
    generator = np.random.default_rng(seed)
    attractive = generator.beta(1, 4, (n_queries, n_items))
    cells = {}
    for query in range(n_queries):
        orders = np.argsort(-(attractive[query] + generator.normal(0, spread, (n_visits, n_items))), axis=1)[:, :8]
        clicks = generator.random(orders.shape) < TRUTH * attractive[query][orders]
        for place in range(8):
            shown = np.bincount(orders[:, place], minlength=n_items)
            clicked = np.bincount(orders[:, place], weights=clicks[:, place], minlength=n_items)
            for item in np.flatnonzero(shown):
                cells[query * n_items + int(item), place] = (shown[item], clicked[item])
    return shows_of([(*key, *counts) for key, counts in cells.items()]), attractive


def test_two_items_that_change_places_tell_the_place():
    # each item gets half the clicks at the second place, whatever it is
    shows = shows_of([(0, 0, 100, 40), (0, 1, 100, 20), (1, 0, 100, 20), (1, 1, 100, 10)])

    assert harvest(shows) == pytest.approx([1.0, 0.5])
    assert estimate(shows).of_place == pytest.approx([1.0, 0.5], abs=0.005)


def test_the_worth_of_a_pair_allows_for_its_places():
    shows = shows_of([(0, 0, 100, 40), (0, 1, 100, 20), (1, 0, 100, 20), (1, 1, 100, 10), (2, 1, 200, 40)])

    found, looked = attraction(shows, estimate(shows), most=10)

    assert found == pytest.approx([0.4, 0.2, 0.4], abs=0.01)  # the third was only ever second
    assert looked == pytest.approx([150, 150, 100], rel=0.01)


def test_clipping_does_not_make_low_places_look_unattractive():
    shows = shows_of([(0, 0, 1000, 500), (0, 1, 1000, 10), (1, 0, 1000, 100), (1, 1, 1000, 2), (2, 1, 10000, 100)])

    found, _ = attraction(shows, estimate(shows), most=5)

    assert found[2] == pytest.approx(0.5, rel=0.15)


def test_places_that_no_item_shares_with_the_first_are_unknown():
    shows = shows_of([(0, 0, 100, 40), (0, 1, 100, 20), (1, 2, 100, 30), (1, 3, 100, 10)])

    found = estimate(shows)

    assert np.isnan(found.of_place).tolist() == [False, False, True, True]
    assert attraction(shows, found, most=10)[0][0] > 0 and np.isnan(attraction(shows, found, most=10)[0][1])


def test_a_log_whose_ranks_never_change_is_said_to_tell_nothing():
    shows = shows_of([(0, 0, 100, 40), (1, 1, 100, 20)])

    assert estimate(shows).moved_share == 0.0


def test_propensities_are_recovered_and_the_plain_click_rate_is_not():
    for seed in range(4):
        shows, _ = simulated(seed)
        found = estimate(shows)
        clicks = np.bincount(shows.place, weights=shows.clicked) / np.bincount(shows.place, weights=shows.shown)

        assert np.abs(found.of_place - TRUTH).max() < 0.06
        assert np.abs(clicks / clicks[0] - TRUTH).max() > 0.1
        assert found.largest_gap < 0.06


def test_grades_with_the_bias_taken_out_are_nearer_to_the_truth_than_clicks():
    shows, truth = simulated(1, n_visits=800, spread=0.3)
    found, looked = attraction(shows, estimate(shows), most=10)
    raw = np.bincount(shows.pair, weights=shows.clicked) / np.maximum(np.bincount(shows.pair, weights=shows.shown), 1)
    flat = truth.ravel()[: shows.n_pairs]
    seen = looked > 30

    assert np.abs(found - flat)[seen].mean() < 0.6 * np.abs(raw - flat)[seen].mean()


@pytest.mark.parametrize(("weights", "size"), [([1, 1, 1, 1], 4), ([3, 0, 0], 1), ([2, 1], 1.8), ([], 0)])
def test_the_effective_number_is_kishs(weights, size):
    assert effective_size(np.array(weights, float)) == pytest.approx(size)


def read_cells(sql, file):
    duckdb = pytest.importorskip("duckdb")
    if not file.is_file():
        pytest.skip(f"{file.parent.name} is not on this machine")
    found = duckdb.sql(sql.format(file=file)).fetchnumpy()
    keys = np.array([f"{query}\t{item}" for query, item in zip(found["q"], found["i"], strict=True)])
    _, pair = np.unique(keys, return_inverse=True)
    return Shows(pair, found["k"].astype(np.int64), found["n"].astype(float), found["c"].astype(float))


def test_on_simulated_sessions_of_a_real_catalogue_two_ways_to_estimate_agree():
    sql = (
        "select query q, clicked_doc_id i, rank k, count(*) n, sum(clicked::int) c from '{file}' "
        "where sess_id % 10 = 3 group by 1, 2, 3"
    )
    shows = read_cells(sql, SHARED / "retrotech" / "sessions.parquet")

    found = estimate(shows)

    assert found.moved_share > 0.5
    assert found.largest_gap < 0.1
    assert (np.diff(found.of_place[:6]) < 0).all()  # people look less further down


def test_three_places_side_by_side_are_looked_at_about_as_often():
    sql = "select 'one' q, item_id i, position - 1 k, count(*) n, sum(click) c from '{file}' group by 1, 2, 3"
    shows = read_cells(sql, SHARED / "open-bandit" / "random_all.parquet")

    found = estimate(shows)

    assert found.moved_share == 1.0  # shown at random
    assert found.of_place.min() > 0.5
