import subprocess
import sys

import numpy as np
import pytest

from steelyard.domain import NONE, Request
from steelyard.errors import StageError
from steelyard.models.retrieval.factorization import Factorization, IalsRecipe, tune_factorization
from steelyard.testing import toy_shop


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


def test_a_user_of_the_log_gets_the_factors_that_learning_gave(shop, model):
    implicit = pytest.importorskip("implicit.cpu.als")
    learnt = implicit.AlternatingLeastSquares(factors=8, regularization=model.regularization, num_threads=1)
    learnt.item_factors = model.item_factors_
    user = 0
    items = np.unique(shop.interactions.items[shop.interactions.users == user])
    confidences = model._confidences(shop.interactions)

    expected = model.item_factors_ @ learnt.recalculate_user(user, confidences[user])

    ranked = model.retrieve([Request(history=tuple(items.tolist()))], k=64)
    found = ranked.items[0][ranked.items[0] != NONE]
    np.testing.assert_allclose(ranked.scores[0][: len(found)], expected.ravel()[found], atol=1e-3)


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

    assert tuned["decay"] in (0.6, 0.8, 0.9, 1.0)
    assert model.decay == 1.0


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
