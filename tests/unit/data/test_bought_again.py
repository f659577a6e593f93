"""What may be recommended again is tuned on, judged and served alike, item by item."""

import numpy as np
import pytest

from steelyard.adapters.shop.tables import load_shop
from steelyard.domain import Surface
from steelyard.models.pipeline import Pipeline
from steelyard.models.ranking.rules import Rules
from steelyard.models.retrieval.link_batches import TuningCases
from steelyard.models.retrieval.popularity import Popularity
from steelyard.models.retrieval.shortlists import mean_ndcg, to_find

ITEMS = "sku,title,category\n" + "".join(
    f"{kind}{n},{kind} {n},{path}\n" for kind, path in (("milk", "Food > Milk"), ("hose", "Garden")) for n in range(4)
)
COLUMNS = {"columns": {"item_id": "sku", "title": "title", "category": "category"}}


def log():
    """Everybody takes one milk and one hose every month, and the same milk and hose again in the last two."""
    rows = ["user,sku,time,quantity"]
    for user in range(12):
        for month in range(1, 11):
            number = user % 4 if month > 8 else (user + month) % 4
            rows += [f"u{user},{kind}{number},2023-{month:02d}-{user + 1:02d},1" for kind in ("milk", "hose")]
    return "\n".join(rows) + "\n"


@pytest.fixture
def tables(shop):
    shop.write("items.csv", ITEMS).write("events.csv", log())

    def prepared(**rules):
        shop.prepare(items=COLUMNS, events={}, rules=rules)
        return load_shop(shop.data, max_history=2), Rules.from_options(rules)

    return prepared


@pytest.mark.parametrize("again", [(), ("food",), ("Food > Milk", "Garden")])
def test_tuning_keeps_away_what_serving_keeps_away_and_looks_for_the_rest(tables, again):
    shop, rules = tables(repeat_categories=again)
    facts = shop.facts

    found = to_find(shop.recommend_tuning)

    assert len(found) == (12 if again else 0)
    for asked, gain in found:
        without = rules.excluded(asked, facts)
        assert set(asked.exclude) == without
        assert not without & gain.keys()
        assert {facts.categories[facts.category[item]] for item in gain} <= {"Food > Milk", "Garden"}
    for cases in (shop.recommend_tuning, shop.recommend_test):
        for request, relevant in zip(cases.requests, cases.relevant, strict=True):
            assert not rules.excluded(request, facts) & set(relevant.tolist())


def test_the_figure_that_tuning_sees_is_that_of_the_lists_that_are_served(tables):
    shop, rules = tables(repeat_categories=("Food",), one_of_text=False)
    model = Popularity().fit(shop.learn, seed=0)
    pipeline = Pipeline(model, shop.facts, surface=Surface.RECOMMEND, rules=rules)
    asked = [(request, relevant) for request, relevant in zip(
        shop.recommend_tuning.requests, shop.recommend_tuning.relevant, strict=True) if len(relevant)]  # fmt: skip

    served = pipeline.answer([request for request, _ in asked], k=10).items
    tuned = model.retrieve([request for request, _ in to_find(shop.recommend_tuning)], k=10).items

    np.testing.assert_array_equal(served, tuned)
    assert mean_ndcg(model, shop.recommend_tuning) > 0
    assert len(TuningCases(shop.recommend_tuning, n_items=8, seed=0).requests) == len(asked)


def test_what_was_taken_again_and_is_no_target_is_kept_apart(tables):
    shop, _ = tables(repeat_categories=("Food",))
    wide, _ = tables(exclude_seen=False)

    names = {kind: {i for i, name in enumerate(shop.item_ids) if name.startswith(kind)} for kind in ("milk", "hose")}

    assert len(shop.taken_again) == len(shop.recommend_test.requests) > 0
    assert all(set(each.tolist()) <= names["hose"] and len(each) for each in shop.taken_again)
    assert all(set(each.tolist()) <= names["milk"] for each in shop.recommend_test.relevant)
    assert all(not len(each) for each in wide.taken_again)
    assert any(set(each.tolist()) & names["hose"] for each in wide.recommend_test.relevant)
