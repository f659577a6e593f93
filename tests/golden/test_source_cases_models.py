"""The worked examples of the source documents on quality: where they are wrong, the wrong result is refused."""

from decimal import Decimal

import numpy as np
import pytest

from steelyard.adapters.shop.sources import Sources
from steelyard.cost.returns import Per, orders
from steelyard.data.dividing.split import Events, cut_times
from steelyard.data.features.scale import Standard
from steelyard.domain import CatalogueFacts, Request, Texts
from steelyard.errors import DataError, PriceError
from steelyard.evaluation.classification import auc, log_loss
from steelyard.evaluation.coverage import catalogue_coverage
from steelyard.evaluation.ranking import precision, recall
from steelyard.models.retrieval.content import Content, text_matrix
from steelyard.models.retrieval.shortlists import interest
from steelyard.models.retrieval.vectors import FloatVectors
from steelyard.models.text.encode import normalised
from steelyard.testing import toy_shop
from steelyard.testing.toy_shop import SEGMENTS


def test_a_perfect_ranker_has_an_auc_of_one_and_not_of_eleven_hundredths():
    scores, is_positive = np.array([0.9, 0.1]), np.array([True, False])

    # A product over squares gives .1098 for a perfect order, and would be higher the worse the scores are told apart.
    wrong = (0.9 * 0.1) / (0.9**2 + 0.1**2)
    assert round(wrong, 4) == 0.1098
    assert auc(scores, is_positive) == 1.0
    assert auc(1 - scores, is_positive) == 0.0
    assert auc(np.full(5, 0.3), np.array([True, False, True, False, False])) == 0.5


@pytest.mark.parametrize(("per", "expected"), [(Per.IMPRESSION, 2_000), (Per.CLICK, 16)])
def test_a_conversion_rate_says_what_it_is_counted_of(per, expected):
    rates = {"ctr": Decimal("0.008"), "cvr": Decimal("0.002")}

    assert orders(impressions=Decimal(1_000_000), **rates, per=per) == expected


def test_more_orders_than_clicks_are_refused():
    with pytest.raises(PriceError, match="is it per click"):
        orders(impressions=Decimal(1000), ctr=Decimal("0.008"), cvr=Decimal("0.02"), per=Per.IMPRESSION)
    with pytest.raises(PriceError, match="ctr is 3, cvr is 2: write shares"):
        orders(impressions=Decimal(1000), ctr=Decimal(3), cvr=Decimal(2), per=Per.CLICK)


def test_coverage_counts_each_eligible_item_once():
    lists = np.array([[1, 2, 3], [1, 2, 4], [1, 2, 99]])  # 99 may not be shown

    assert catalogue_coverage(lists, np.arange(10)) == 4 / 10


def test_precision_and_recall_are_at_k():
    gains, n_relevant = np.array([[1.0, 0.0, 1.0, 1.0]]), np.array([5])

    assert [precision(gains, n_relevant, k=k)[0] for k in (1, 2, 4)] == [1, 1 / 2, 3 / 4]
    assert [recall(gains, n_relevant, k=k)[0] for k in (1, 2, 4)] == [1 / 5, 1 / 5, 3 / 5]


BRANDS = ("acme", "bolt", "acme", "core", "bolt", "core")
CATEGORIES = ("phone", "tablet", "phone", "watch", "tablet", "watch")
A, B, C, D, E, _ = range(6)


def shelf():
    blank = ("",) * 6
    texts = Texts(blank, blank, CATEGORIES, BRANDS, blank)
    number = np.arange(6)
    return texts, CatalogueFacts(number, number, np.full(6, -1), np.ones(6, np.int64), ())


def test_five_items_liked_alike_share_the_interest():
    _, weights = interest(Request(history=(A, B, C, D, E)), decay=1.0, n_items=6)

    assert (weights / weights.sum()).tolist() == [0.2] * 5


def test_items_are_alike_by_the_attributes_they_share():
    matrix = text_matrix(shelf()[0])
    cosines = (matrix @ matrix.T).toarray()

    assert cosines[A, C] == pytest.approx(1)  # brand and category
    assert cosines[B, E] == pytest.approx(1)
    assert cosines[A, D] == 0  # neither, whatever was written


def test_what_was_bought_is_not_recommended():
    texts, facts = shelf()
    model = Content(popularity=0).fit_texts(texts, facts, None)

    found = model.retrieve([Request(history=(A,), exclude=(A,)), Request(history=(A, C), exclude=(A, C))], k=3).items

    assert found[0].tolist() == [C, -1, -1]
    assert not {A, C} & set(found[1].tolist())


def test_similarity_is_the_cosine_and_is_not_divided_by_a_distance():
    vectors = np.array([[3.0, 4.0], [4.0, 3.0], [-4.0, 3.0]])
    search = FloatVectors(normalised(vectors))

    found, scores = search.search(normalised(vectors[:1])[0], k=3)

    assert found.tolist() == [0, 1, 2]
    assert scores == pytest.approx([1, 24 / 25, 0], abs=1e-6)
    # Divided by the distance, an item's likeness to itself has no value, and to its double it is 1 / 5.
    twice = FloatVectors(normalised(np.array([[6.0, 8.0]])))
    assert twice.scores(normalised(vectors[:1])[0], np.array([0])) == pytest.approx([1])


def test_test_rows_are_put_on_the_scale_of_the_training_rows():
    training, test = np.array([[10.0, 7.0], [20.0, 7.0]]), np.array([[30.0, 7.0], [40.0, 9.0]])

    scale = Standard.fit(training)

    assert scale.apply(training).tolist() == [[-1, 0], [1, 0]]
    assert scale.apply(test).tolist() == [[3, 0], [5, 2]]
    assert scale.apply(test).tolist() != Standard.fit(test).apply(test).tolist()
    with pytest.raises(DataError, match="values are numbers"):
        Standard.fit(np.array([[1.0, np.nan]]))


def test_what_is_learnt_from_lies_before_what_is_judged(tmp_path):
    n = 100
    events = Events(np.zeros(n, np.int64), np.arange(n), np.arange(n, dtype=float), np.ones(n))

    with Sources(tmp_path, threads=1) as sources:
        with sources.writing({"time": "float"}, name="times") as rows:
            rows.write({"time": events.times_s})
        cuts = cut_times(sources, sources.table("times"), test_share=0.2, validation_share=0.1)
    learnt = events.until(cuts.validation_s)

    assert learnt.times_s.max() < cuts.validation_s < cuts.test_s <= events.times_s[80]
    assert len(learnt.times_s) == 70


def test_a_rating_is_no_label_of_a_cross_entropy():
    with pytest.raises(DataError, match=r"2 of 3 rows have a label outside \[0, 1\] \(row 1: 4\)"):
        log_loss(np.full(3, 0.5), np.array([1.0, 4.0, 5.0]))
    with pytest.raises(DataError, match="1 of 1 rows have a probability outside"):
        log_loss(np.array([1.2]), np.array([1.0]))
    assert log_loss(np.array([0.5, 0.25, 1.0]), np.array([1.0, 0.0, 1.0])) == pytest.approx(
        [np.log(2), np.log(4 / 3), 0]
    )
    assert log_loss(np.array([0.0]), np.array([1.0])) == np.inf


def test_a_column_of_the_catalogue_reaches_every_event_by_its_item():
    shop = toy_shop()

    joined = [shop.facts.categories[number] for number in shop.facts.category[shop.interactions.items]]

    bought = shop.segment_of_item[shop.interactions.items]
    assert [category.split(" > ")[0] for category in joined] == [SEGMENTS[segment] for segment in bought]
