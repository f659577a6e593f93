"""What models learn from: judgements first, then behaviour, then made queries, and who decides."""

from dataclasses import replace

import numpy as np

from steelyard.domain import Cases, Request, Surface
from steelyard.models.learning.training_queries import taught

SHARES = {"least": 200, "share": 0.2, "seed": 0}


def cases(n, *, origin="judged", gain=1.0):
    names = tuple(f"{origin} {number}" for number in range(n))
    one = np.array([0])
    requests = tuple(Request(query=name) for name in names)
    found = Cases(Surface.SEARCH, names, requests, (one,) * n, (np.array([gain]),) * n, origin=origin)
    return replace(found, is_synthetic=origin == "synthetic")


def test_many_judgements_teach_and_decide_on_queries_of_their_own():
    found = taught(cases(300), None, **SHARES)

    assert found.facts["source"] == found.facts["decided_by_source"] == "judged"
    assert found.facts["queries"] + len(found.held.ids) == 300
    assert not {*found.learning.ids} & {*found.held.ids}


def test_behaviour_teaches_and_judgements_decide():
    found = taught(cases(60), cases(250, origin="behaviour"), **SHARES)

    assert found.facts == {"source": "behaviour", "queries": 250, "pairs": 250, "decided_by_source": "judged"}
    assert len(found.held.ids) == 60


def test_behaviour_decides_itself_where_nobody_judged():
    found = taught(cases(500, origin="synthetic"), cases(250, origin="behaviour"), **SHARES)

    assert found.facts["source"] == found.facts["decided_by_source"] == "behaviour"
    assert len(found.learning.ids) + len(found.held.ids) == 250


def test_made_queries_teach_only_where_people_decide():
    made = cases(300, origin="synthetic")

    assert taught(cases(60), made, **SHARES).facts["decided_by_source"] == "judged"
    assert taught(cases(20), made, **SHARES) is None
    assert taught(made, None, **SHARES) is None


def test_queries_with_nothing_to_find_teach_nothing():
    assert taught(cases(300, gain=0.0), None, **SHARES) is None
    assert taught(cases(199), None, **SHARES) is None
