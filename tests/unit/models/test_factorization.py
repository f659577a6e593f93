import subprocess
import sys

import numpy as np
import pytest

from steelyard.domain import NONE, Interactions, Request
from steelyard.errors import StageError
from steelyard.models.retrieval.factorization import Factorization, IalsRecipe, tune_factorization
from steelyard.models.retrieval.least_squares import Rows, Solver
from steelyard.testing import toy_shop
from steelyard.testing.memory_bench import MemoryBench, toy_tables


@pytest.fixture(scope="module")
def shop():
    return toy_shop(seed=3, loyalty=1.0)


@pytest.fixture(scope="module")
def model(shop):
    return Factorization(8, iterations=10).fit(shop.interactions, seed=0)


def by_hand(model, counted):
    """Scores from the docstring's formula; ``counted`` maps item to w."""
    factors = model.item_factors_.astype(np.float64)
    confidence = {item: 1 + model.alpha * np.log2(1 + w) for item, w in counted.items()}
    system = factors.T @ factors + model.regularization * np.eye(model.factors)
    system += sum((c - 1) * np.outer(factors[i], factors[i]) for i, c in confidence.items())
    return factors @ np.linalg.solve(system, sum(c * factors[i] for i, c in confidence.items()))


def test_scores_are_those_of_the_normal_equations(model):
    ranked = model.retrieve([Request(history=(3, 5, 3))], k=64)

    found = ranked.items[0][ranked.items[0] != NONE]
    np.testing.assert_allclose(ranked.scores[0][: len(found)], by_hand(model, {3: 2, 5: 1})[found], atol=1e-4)


def test_older_items_count_less_with_a_decay(model):
    faded = Factorization.from_state(type(model.state())(model.state().arrays, {**model.state().facts, "decay": 0.5}))

    ranked = faded.retrieve([Request(history=(3, 5))], k=64)

    found = ranked.items[0][ranked.items[0] != NONE]
    np.testing.assert_allclose(ranked.scores[0][: len(found)], by_hand(model, {3: 0.5, 5: 1})[found], atol=1e-4)


def test_one_half_of_an_alternation_solves_the_normal_equations_of_every_row():
    rng = np.random.default_rng(5)
    factors = rng.standard_normal((40, 6)).astype(np.float32)
    lengths = np.array([0, 1, 3, 6, 7, 25, 2])  # shorter and longer than the width
    columns = np.concatenate([np.sort(rng.choice(40, n, replace=False)) for n in lengths])
    confidences = (1 + rng.random(len(columns)) * 30).astype(np.float32)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    ridges = np.linspace(0.5, 3, len(lengths))

    solved = Solver(factors).solve(Rows(starts, columns, confidences), ridges)

    for row, ridge in enumerate(ridges.tolist()):
        own = slice(starts[row], starts[row + 1])
        known, c = factors[columns[own]].astype(np.float64), confidences[own].astype(np.float64)
        system = factors.T @ factors + ridge * np.eye(6) + (known * (c - 1)[:, None]).T @ known
        expected = np.linalg.solve(system, known.T @ c)
        np.testing.assert_allclose(solved[row], expected, atol=2e-5)
        if len(c):
            alone = Solver(factors).solve_one(columns[own], c, ridge=ridge)
            np.testing.assert_allclose(alone, expected, atol=1e-6)


def test_learning_lowers_the_objective_with_every_alternation(shop):
    def objective(iterations):
        model = Factorization(4, iterations=iterations).fit(shop.interactions, seed=1)
        cells = model._confidences(shop.interactions)
        rows = Rows(cells.indptr.astype(np.int64), cells.indices.astype(np.int64), cells.data.astype(np.float32))
        ridges = model._ridges(rows.lengths)
        items = model.item_factors_.astype(np.float64)
        users = Solver(model.item_factors_).solve(rows, ridges).astype(np.float64)
        confidence, wanted = np.ones(cells.shape), np.zeros(cells.shape)
        for row in range(len(users)):
            at = cells.indices[cells.indptr[row] : cells.indptr[row + 1]]
            confidence[row, at], wanted[row, at] = cells.data[cells.indptr[row] : cells.indptr[row + 1]], 1.0
        n_users = np.bincount(cells.indices, minlength=cells.shape[1])
        held = (ridges[:, None] * users**2).sum() + (model._ridges(n_users)[:, None] * items**2).sum()
        return float((confidence * (wanted - users @ items.T) ** 2).sum() + held)

    found = [objective(n) for n in (1, 2, 4, 8)]

    assert found == sorted(found, reverse=True)
    assert found[-1] < found[0]


def test_a_batch_has_the_very_scores_of_its_requests_one_by_one(shop, model):
    requests = [*shop.cases.requests[:70], Request(), Request(items=(1, 2))]

    batch = model.retrieve(requests, k=9)

    for row, request in enumerate(requests):
        alone = model.retrieve([request], k=9)
        np.testing.assert_array_equal(batch.items[row], alone.items[0])
        np.testing.assert_array_equal(batch.scores[row], alone.scores[0])


def test_one_user_and_one_item_are_learnt_without_a_warning():
    one = Interactions(np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1), np.ones(1), 1, 1)

    model = Factorization(4).fit(one, seed=0)

    assert model.retrieve([Request(history=(0,))], k=2).items[0].tolist() == [0, NONE]
    assert np.isfinite(model.item_factors_).all()


def test_a_shopper_who_was_never_learnt_gets_items_of_the_own_segment(shop, model):
    requests = [Request(history=(start, start + 1), exclude=(start, start + 1)) for start in (0, 16, 32, 48)]

    ranked = model.retrieve(requests, k=3)

    assert (shop.segment_of_item[ranked.items] == np.arange(4)[:, None]).all()


def test_items_nobody_took_are_not_offered(shop, model):
    ranked = model.retrieve([Request(history=(0,))], k=64)

    assert not set(ranked.items[0].tolist()) & set(shop.cold.tolist())


def test_reasons_add_up_to_the_score(model):
    request = Request(history=(3, 5))
    best = model.retrieve([request], k=1)

    (reasons,) = model.explain(request, best.items[0])

    assert {reason.item for reason in reasons} <= {3, 5}
    assert sum(reason.contribution for reason in reasons) == pytest.approx(1)


def test_a_new_user_has_neither_answers_nor_reasons(model):
    assert (model.retrieve([Request()], k=3).items == NONE).all()
    assert model.explain(Request(), np.array([1, 2])) == [[], []]


def test_tuning_returns_a_decay_it_tried_and_leaves_the_model_alone(shop, model):
    tuned = tune_factorization(model, shop.cases)

    assert tuned["decay"] in (0.4, 0.6, 0.8, 0.9, 1.0)
    assert model.decay == 1.0


def test_the_recipe_tunes_the_decay_before_the_validation_period_unless_the_shop_sets_it():
    bench, recipe = MemoryBench(toy_tables(toy_shop(seed=3)), seed=3), IalsRecipe()
    early = Factorization(8).fit(bench.shop.learn, seed=bench.seed)

    found = recipe.tune(bench, recipe.options(factors=8))

    assert found == tune_factorization(early, bench.shop.recommend_tuning)
    assert found["decay"] != early.decay, "else this test could not tell whether anything was tuned"
    assert recipe.tune(bench, recipe.options(factors=8, decay=0.9)) == {}
    assert recipe.fit(bench, recipe.options(factors=8, decay=0.9), {}).facts["decay"] == 0.9
    assert recipe.fit(bench, recipe.options(factors=8), found).facts["decay"] == found["decay"]


def test_answering_does_not_import_the_library_that_learns(model, tmp_path):
    np.save(tmp_path / "factors.npy", model.item_factors_)
    script = (
        "import sys, numpy as np\n"
        "from steelyard.domain import Request, State\n"
        "from steelyard.models.retrieval.factorization import IalsRecipe\n"
        f"facts = {dict(model.state().facts)!r}\n"
        f"state = State({{'item_factors': np.load({str(tmp_path / 'factors.npy')!r})}}, facts)\n"
        "parts = type('Stored', (), {'state': lambda self, role: state})()\n"
        "IalsRecipe().open(parts, {}).retrieve([Request(history=(1,))], k=3)\n"
        "assert 'implicit' not in sys.modules\n"
    )

    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_a_tuned_option_wins_over_the_stored_one(model):
    class Stored:
        def state(self, role):
            return {"model": model.state()}[role]

    assert IalsRecipe().open(Stored(), {"decay": 0.8}).decay == 0.8


def test_an_unfitted_model_says_what_to_do():
    with pytest.raises(StageError, match="call fit"):
        Factorization().retrieve([Request(history=(0,))], k=1)
