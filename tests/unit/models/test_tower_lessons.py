"""What two towers are taught: who wanted what after what, compared with whom; what is read of items and shoppers."""

from dataclasses import replace

import numpy as np

from steelyard.domain import NONE, Cases, CatalogueFacts, Interactions, Request, Surface, Texts
from steelyard.models.towers.basic_facts import NO_BASICS, basic_facts
from steelyard.models.towers.item_content import ItemContent, item_content
from steelyard.models.towers.tower_lessons import TowerSettings, shop_towers

SETTINGS = TowerSettings(width=4, length=5, negatives=40, batch=8, epochs=2)
NOTHING = Cases(Surface.RECOMMEND, (), (), (), ())


def lessons(*histories, basics=(), columns=None, settings=SETTINGS, n_items=9, seed=1):
    users = np.repeat(np.arange(len(histories)), [len(each) for each in histories])
    items = np.array([item for each in histories for item in each])
    times = np.concatenate([np.arange(len(each)) for each in histories]).astype(float)
    order = np.argsort(times, kind="stable")
    events = Interactions(users[order], items[order], times[order], np.ones(len(items)), len(histories), n_items)
    facts = basic_facts(basics, columns=columns, learnt=events.users)
    content = ItemContent(None, np.zeros((n_items, 1), np.int64), ())
    return shop_towers(events, NOTHING, settings, seed=seed, content=content, basics=facts)


def test_the_first_item_is_learnt_of_those_of_whom_something_is_known():
    step = lessons((3, 4, 5), (6,), (7, 8), basics=[("age=old",), ("age=old", "sex=f"), ()]).step(0)

    told = {tuple(t): (tuple(i), tuple(b)) for t, i, b in zip(step.targets, step.items, step.basics, strict=True)}
    assert told == {
        (3, 4, 5): ((3, 4), (1, 0)),
        (6, NONE, NONE): ((NONE, NONE), (1, 2)),
        (NONE, 8, NONE): ((7, NONE), (0, 0)),
        # nothing is known of the third: what came first of all is not learnt
    }


def test_without_facts_nobody_with_one_item_is_learnt_from():
    taught = lessons((3, 4), (6,))

    assert len(taught.rows) == 1
    assert taught.step(0).targets.tolist() == [[NONE, 4]]
    assert lessons((3,), (6,)).n_steps == 0
    assert lessons((3,), (6,), basics=[("a=1",), ()]).n_steps > 0


def test_half_of_the_sampled_items_are_wanted_by_others_of_the_step():
    step = lessons((0, 1), (2, 3), (4, 5)).step(0)

    assert (step.owners[:20] == NONE).all()
    for item, owner in zip(step.negatives[20:].tolist(), step.owners[20:].tolist(), strict=True):
        assert item in step.targets[owner]
    # 20 of 6 items evenly, and 20 of 3 that were wanted
    wanted = np.isin(step.negatives, [1, 3, 5])
    np.testing.assert_allclose(np.exp(step.log_expected[wanted]), 20 / 6 + 20 / 3, rtol=1e-6)
    np.testing.assert_allclose(np.exp(step.log_expected[~wanted]), 20 / 6, rtol=1e-6)


def test_a_step_is_the_same_whenever_it_is_asked_for():
    taught, again = lessons((0, 1, 2), (2, 3), seed=4), lessons((0, 1, 2), (2, 3), seed=4)
    later = taught.step(1)

    np.testing.assert_array_equal(again.step(1).negatives, later.negatives)
    assert taught.key == again.key
    assert taught.key != lessons((0, 1, 2), (2, 3), seed=4, settings=replace(SETTINGS, no_id=0.2)).key
    assert taught.key != lessons((0, 1, 2), (2, 3), seed=4, basics=[("a=1",), ()]).key


def test_only_columns_that_are_named_are_read():
    facts = [("age=old", "sex=f"), ("age=young",), ("town=x",)]
    learnt = np.array([0, 1])

    assert basic_facts(facts, columns=None, learnt=learnt).names == ("age=old", "age=young", "sex=f")
    assert basic_facts(facts, columns=("sex",), learnt=learnt).names == ("sex=f",)
    assert basic_facts(facts, columns=(), learnt=learnt) is NO_BASICS
    assert basic_facts((), columns=None, learnt=learnt) is NO_BASICS


def test_requests_are_read_as_users_are():
    taught = lessons((0, 1), (2, 3), basics=[("age=old", "sex=f"), ()])

    found = taught.basics_of([Request(basics=("sex=f", "age=old", "new=1")), Request()])

    assert found.tolist() == [[1, 2], [0, 0]]


def test_items_are_told_by_category_department_brand_and_price():
    texts = Texts(("a", "b", "c"), ("",) * 3, ("",) * 3, ("Acme", "acme ", "Solo"), ("",) * 3)
    facts = CatalogueFacts(
        text_of_item=np.array([0, 1, 2, 0]),
        representative=np.array([0, 1, 2]),
        category=np.array([0, 0, 1, -1]),
        in_stock=np.ones(4, np.int64),
        categories=("Shoes > Boots", "Shoes > Clogs"),
    )

    found = item_content(facts, texts, np.array([1.0, 1.0, 9.0, np.nan]), vectors=None)

    # what one item has alone is left out: Clogs, Solo, the band of 9
    told = [{found.names[code - 1] for code in row if code} for row in found.codes.tolist()]
    assert told == [
        {"category=Shoes > Boots", "department=Shoes", "brand=acme", told_price(found)},
        {"category=Shoes > Boots", "department=Shoes", "brand=acme", told_price(found)},
        {"department=Shoes"},
        {"brand=acme"},
    ]
    assert item_content(facts, texts, None, vectors=None).codes[:, 3].tolist() == [0] * 4


def told_price(found):
    (name,) = (name for name in found.names if name.startswith("price="))
    return name
