import json

import numpy as np
import pytest

from steelyard.documents.encoding import as_builtins
from steelyard.domain import NONE, CatalogueFacts, Past, Ranked
from steelyard.errors import DataError
from steelyard.workflows.evaluate import cases_from_events, cases_from_judgements, evaluate

ITEMS = ("A", "B", "C", "D")
FACTS = CatalogueFacts(
    text_of_item=np.array([0, 0, 1, 2]),  # A and B have the same text, and B stands for it
    representative=np.array([1, 2, 3]),
    category=np.full(4, -1),
    in_stock=np.ones(4, dtype=np.int64),
    categories=(),
)


class Always:
    """Gives the same list to everybody."""

    def __init__(self, *items):
        self.items = items

    def answer(self, requests, *, k):
        row = [*self.items, *[NONE] * k][:k]
        return Ranked(np.array([row] * len(requests)), np.zeros((len(requests), k)))


def test_judgements_become_one_request_a_query():
    found = cases_from_judgements(
        [("lamp", "A", 1.0), ("chair", "D", 2.0), ("lamp", "C", 3.0)], item_ids=ITEMS, facts=FACTS
    )

    assert [r.query for r in found.cases.requests] == ["lamp", "chair"]
    assert found.cases.relevant[0].tolist() == [1, 2]  # B is shown for A's text
    assert found.cases.gains[0].tolist() == [1.0, 3.0]


def test_of_items_with_one_text_the_best_judgement_counts():
    found = cases_from_judgements([("lamp", "A", 3.0), ("lamp", "B", 1.0)], item_ids=ITEMS, facts=FACTS)

    assert found.cases.relevant[0].tolist() == [1]
    assert found.cases.gains[0].tolist() == [3.0]


def test_unknown_items_are_counted_and_their_query_is_still_asked():
    judged = cases_from_judgements([("lamp", "A", 1.0), ("sofa", "Z", 1.0)], item_ids=ITEMS, facts=FACTS)

    found = evaluate(Always(1), judged, item_ids=ITEMS, k=2, seed=0)

    assert found.counts == {"rows": 2, "unknown_items": 1}
    assert found.requests == 2
    assert found.undefined == 1
    assert found.metrics["ndcg@2(gain=linear,discount=log2,unjudged=0)"].n == 1


@pytest.mark.parametrize("gain", [-1.0, float("nan"), float("inf")])
def test_an_impossible_gain_is_refused_with_its_row(gain):
    with pytest.raises(DataError, match="row 2 gives 'C' the gain"):
        cases_from_judgements([("lamp", "A", 1.0), ("lamp", "C", gain)], item_ids=ITEMS, facts=FACTS)


def test_no_rows_is_an_error_and_not_a_zero():
    with pytest.raises(DataError, match="nothing to evaluate"):
        cases_from_judgements([], item_ids=ITEMS, facts=FACTS)


def test_each_users_last_event_is_the_answer_and_the_rest_its_history():
    events = [("u", "C", 3.0), ("u", "A", 1.0), ("u", "B", 2.0), ("v", "D", 9.0)]

    found = cases_from_events(events, item_ids=ITEMS, max_history=50)

    assert found.cases.requests[0].history == (0, 1)
    assert found.cases.relevant[0].tolist() == [2]
    assert found.cases.requests[1].history == ()
    assert found.cases.relevant[1].tolist() == [3]
    assert found.counts["users_without_history"] == 1


def test_where_nothing_is_left_to_answer_it_is_said_why():
    events = [("u", "A", 1.0), ("u", "A", 5.0), ("v", "Z", 6.0)]

    with pytest.raises(DataError, match=r"of 3 rows 1 name items .* 1 answers were interacted with before .* 1 users"):
        cases_from_events(events, item_ids=ITEMS, max_history=50)


def test_a_given_time_divides_history_from_answers():
    events = [("u", "A", 1.0), ("u", "B", 5.0), ("u", "C", 6.0), ("v", "D", 2.0)]

    found = cases_from_events(events, item_ids=ITEMS, max_history=50, cut_s=5.0)

    assert found.cases.ids == ("u",)
    assert found.cases.relevant[0].tolist() == [1, 2]
    assert found.counts["users_without_answer"] == 1


def test_items_taken_before_are_left_out_of_the_answers_and_counted():
    events = [("u", "A", 1.0), ("u", "A", 5.0), ("u", "C", 6.0)]

    new = cases_from_events(events, item_ids=ITEMS, max_history=50, cut_s=5.0)
    all_of_them = cases_from_events(events, item_ids=ITEMS, max_history=50, cut_s=5.0, is_new_only=False)

    assert new.cases.relevant[0].tolist() == [2]
    assert new.counts["taken_before"] == 1
    assert "without items interacted with before" in new.protocol
    assert all_of_them.cases.relevant[0].tolist() == [0, 2]


def test_repeats_and_times_before_the_answer_are_given_to_models_that_read_them():
    events = [("u", "A", 1.0), ("u", "B", 2.0), ("u", "A", 3.0), ("u", "C", 4.0)]

    (request,) = cases_from_events(events, item_ids=ITEMS, max_history=1, is_new_only=False).cases.requests

    assert request.past == Past((0, 1, 0), (1.0, 2.0, 3.0))
    assert request.asked_s == 4.0


def test_only_the_latest_of_a_long_history_is_given():
    events = [("u", ITEMS[i % 3], float(i)) for i in range(9)] + [("u", "D", 99.0), ("u", "Z", 100.0)]

    found = cases_from_events(events, item_ids=ITEMS, max_history=2)

    assert found.cases.requests[0].history == (1, 2)
    assert found.counts["unknown_items"] == 1


def test_an_evaluation_is_json_with_rows_on_demand():
    judged = cases_from_judgements([("lamp", "A", 1.0), ("chair", "D", 2.0)], item_ids=ITEMS, facts=FACTS)

    short = as_builtins(evaluate(Always(1, 3), judged, item_ids=ITEMS, k=3, seed=0))
    full = as_builtins(evaluate(Always(1, 3), judged, item_ids=ITEMS, k=3, seed=0, has_rows=True))

    assert "per_request" not in short
    assert json.loads(json.dumps(full, allow_nan=False)) == full
    assert full["per_request"][0]["items"] == ["B", "D"]
    assert full["per_request"][0]["relevant"] == {"B": 1.0}
    assert full["per_request"][1]["metrics"]["mrr@3(relevant=gain>0,unjudged=0)"] == 0.5
    assert full["coverage"] == 2 / 4
