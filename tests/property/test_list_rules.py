"""No list of recommendations ever breaks a rule, whatever the rules, the candidates and the history are."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.domain import NONE, CatalogueFacts, Ranked, Request, Surface
from steelyard.models.pipeline import Pipeline
from steelyard.models.ranking.list_facts import ListFacts
from steelyard.models.ranking.rearrange import Rearranger
from steelyard.models.ranking.rules import VARIETIES, Rules

N = 24


class Fixed:
    """A retriever whose scores are given."""

    def __init__(self, scores):
        self.order = np.lexsort((np.arange(len(scores)), -scores))
        self.scores = scores[self.order]

    def retrieve(self, requests, *, k):
        items = np.full((len(requests), k), NONE)
        scores = np.full((len(requests), k), -np.inf)
        for row, request in enumerate(requests):
            kept = ~np.isin(self.order, list(request.exclude))
            found, values = self.order[kept][:k], self.scores[kept][:k]
            items[row, : len(found)], scores[row, : len(found)] = found, values
        return Ranked(items, scores)

    def explain(self, request, items):
        return [[] for _ in items]


def columns(low, high, n=N):
    return st.lists(st.integers(low, high), min_size=n, max_size=n).map(np.array)


shops = st.fixed_dictionaries(
    {
        "scores": st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.0, 7.0, -2.0]), min_size=N, max_size=N).map(np.array),
        "text": columns(0, 17),
        "category": columns(-1, 4),
        "stock": columns(0, 3),
        "brand": columns(-1, 3),
        "age": columns(0, 60),
    }
)
rules = st.builds(
    Rules,
    exclude_seen=st.booleans(),
    repeat_categories=st.sampled_from([(), ("c1",), ("C3", "none")]),
    exclude_out_of_stock=st.booleans(),
    one_of_text=st.booleans(),
    category_cap=st.none() | st.integers(1, 3),
    brand_cap=st.none() | st.integers(1, 3),
    cap_within=st.none() | st.integers(1, 12),
    diversity=st.sampled_from([0.0, 0.3, 1.0]),
    variety=st.sampled_from(VARIETIES),
    new_boost=st.sampled_from([0.0, 0.4]),
    new_share=st.sampled_from([0.0, 0.25, 1.0]),
    first=st.integers(1, 10),
)
histories = st.lists(st.integers(0, N - 1), max_size=4, unique=True).map(tuple)


def facts_of(shop):
    none = np.zeros((18, 8), np.uint32)
    facts = CatalogueFacts(
        shop["text"], np.arange(18), shop["category"], shop["stock"], tuple(f"c{n}" for n in range(5))
    )
    levels = np.arange(5)[:, None]
    return facts, ListFacts(none, shop["brand"], levels, shop["age"].astype(float))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shop=shops, rule=rules, history=histories, k=st.integers(1, 15))
def test_no_rule_is_ever_broken(shop, rule, history, k):
    facts, known = facts_of(shop)
    pipeline = Pipeline(Fixed(shop["scores"]), facts, surface=Surface.RECOMMEND, rules=rule, known=known)
    request = Request(history=history, exclude=(2,))

    ranked = pipeline.answer([request, Request()], k=k)
    row, scores = ranked.items[0], ranked.scores[0]
    found = row[row != NONE]

    assert len(set(found.tolist())) == len(found)
    assert (row[: len(found)] != NONE).all()
    assert 2 not in found
    assert (np.diff(scores[: len(found)]) <= 0).all()
    if rule.exclude_seen:
        again = {n for n in range(5) if f"c{n}" in {name.lower() for name in rule.repeat_categories}}
        assert all(shop["category"][item] in again for item in found if item in history)
    if rule.exclude_out_of_stock:
        assert (shop["stock"][found] > 0).all()
    if rule.one_of_text:
        assert len(set(shop["text"][found].tolist())) == len(found)
    within = found[: rule.cap_within] if rule.cap_within else found
    for cap, kinds in ((rule.category_cap, shop["category"]), (rule.brand_cap, shop["brand"])):
        counts = np.bincount(kinds[within][kinds[within] >= 0], minlength=1)
        assert cap is None or counts.max() <= cap
    np.testing.assert_array_equal(pipeline.answer([request], k=k).items[0], row)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shop=shops, rule=rules, history=histories)
def test_a_shorter_list_is_the_beginning_of_a_longer_one(shop, rule, history):
    facts, known = facts_of(shop)
    pipeline = Pipeline(Fixed(shop["scores"]), facts, surface=Surface.RECOMMEND, rules=rule, known=known)

    short, long = (pipeline.answer([Request(history=history)], k=k).items[0] for k in (4, 12))

    np.testing.assert_array_equal(short, long[:4])


def answered(shop, rule, *, text=None, k=15):
    facts, known = facts_of(shop if text is None else {**shop, "text": text})
    pipeline = Pipeline(Fixed(shop["scores"]), facts, surface=Surface.RECOMMEND, rules=rule, known=known)
    row = pipeline.answer([Request()], k=k).items[0]
    return row[row != NONE].tolist()


@settings(max_examples=25, deadline=None)
@given(shop=shops, variety=st.sampled_from(VARIETIES))
def test_no_weight_of_variety_and_a_list_of_equal_items_keep_the_order_of_the_scores(shop, variety):
    plain = answered(shop, Rules())
    same = np.zeros(N, np.int64)

    assert answered(shop, Rules(diversity=0.0, variety=variety, brand_cap=99)) == plain
    assert answered(shop, Rules(diversity=0.5, variety=variety), text=same) == plain


def naive_dpp(values, like, *, weight, k, epsilon=0.01):
    """Place after place by determinants, as the docstring has it."""
    taken = []
    for _ in range(k):

        def worth(item):
            before = np.linalg.det(like[np.ix_(taken, taken)]) if taken else 1.0
            left = np.linalg.det(like[np.ix_([*taken, item], [*taken, item])]) / before
            return (1 - weight) * values[item] - weight * np.log(max(left, epsilon)) / np.log(epsilon)

        taken.append(max((item for item in range(len(values)) if item not in taken), key=worth))
    return taken


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), weight=st.sampled_from([0.2, 0.5, 0.9]))
def test_a_determinantal_list_is_that_of_its_determinants(seed, weight):
    random = np.random.default_rng(seed)
    n = 12
    vectors = np.abs(random.standard_normal((n, 9)))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    like = vectors @ vectors.T * 0.9 + 0.1 * np.eye(n)
    scores = np.sort(random.random(n))[::-1]
    facts = CatalogueFacts(np.arange(n), np.arange(n), np.full(n, -1), np.ones(n, np.int64), ())

    class Known:
        def likeness(self, item, others, _facts):
            return like[item][others]

        def brands(self, items):
            return np.full(len(items), -1)

        def new(self, items, *, days):
            return np.zeros(len(items))

    rule = Rules(diversity=weight, variety="dpp", first=6)
    made = Rearranger(rule, facts, Known()).arrange(np.arange(n), scores, Request(), k=6, out=frozenset())

    values = (scores - scores[-1]) / (scores[0] - scores[-1])
    assert made.items == naive_dpp(values, like, weight=weight, k=6)


@settings(max_examples=20, deadline=None)
@given(share=st.sampled_from([0.1, 0.25, 0.5]), seed=st.integers(0, 5))
def test_new_items_get_their_share_of_the_first_places_over_many_shoppers(share, seed):
    n = 60
    age = np.where(np.arange(n) < 40, 90.0, 1.0)  # the last twenty are new, and score least
    facts = CatalogueFacts(np.arange(n), np.arange(n), np.full(n, -1), np.ones(n, np.int64), ())
    known = ListFacts(np.zeros((n, 8), np.uint32), np.full(n, -1), np.zeros((0, 1), np.int64), age)
    rule = Rules(exclude_seen=False, new_share=share, seed=seed)
    pipeline = Pipeline(Fixed(-np.arange(n, dtype=float)), facts, surface=Surface.RECOMMEND, rules=rule, known=known)

    lists = np.array(
        [pipeline.answer([Request(history=(one, two))], k=10).items[0] for one in range(12) for two in range(12, 24)]
    )

    assert abs(float((lists >= 40).mean()) - share) <= 0.04
    assert all((row >= 40).sum() in (np.floor(10 * share), np.ceil(10 * share)) for row in lists)
