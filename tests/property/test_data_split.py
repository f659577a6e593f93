import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from steelyard.data.normalise import fold
from steelyard.data.split import Events, cut_times, hold_out, query_id, split_queries
from steelyard.data.tables import recommend_cases
from steelyard.data.vocabulary import TextVocabulary, representatives

rows = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7), st.integers(0, 20)), min_size=1, max_size=60)


def events_of(rows):
    rows = sorted(rows, key=lambda row: row[2])
    users, items, times = (np.array(column) for column in zip(*rows, strict=True))
    return Events(users.astype(np.int64), items.astype(np.int64), times.astype(float), np.ones(len(rows)))


@given(rows, st.booleans())
def test_cases_agree_with_a_plain_reading_of_the_log(rows, exclude_seen):
    events = events_of(rows)
    cuts = cut_times(events.times_s, test_share=0.2, validation_share=0.2)

    held = hold_out(events, begins_s=cuts.test_s, ends_s=float("inf"), exclude_seen=exclude_seen, max_users=99, seed=0)
    cases = recommend_cases(events, held, part="test", begins_s=cuts.test_s, max_history=3, exclude_seen=exclude_seen)

    plain = {}
    log = list(zip(events.users.tolist(), events.items.tolist(), events.times_s.tolist(), strict=True))
    for user in sorted({user for user, _, _ in log}):
        before = [i for u, i, t in log if u == user and t < cuts.test_s]
        after = {i for u, i, t in log if u == user and t >= cuts.test_s}
        targets = sorted(after - set(before) if exclude_seen else after)
        if before and targets:
            distinct = list(dict.fromkeys(reversed(before)))[:3]  # the latest three items, each once
            plain[f"test-u{user}"] = (tuple(reversed(distinct)), targets)
    found = zip(cases.ids, cases.requests, cases.relevant, strict=True)
    assert {name: (request.history, relevant.tolist()) for name, request, relevant in found} == plain
    for request, relevant in zip(cases.requests, cases.relevant, strict=True):
        assert not set(relevant.tolist()) & set(request.exclude)


@given(rows, st.integers(1, 3))
def test_a_draw_is_a_subset_and_the_same_for_the_same_seed(rows, n):
    events = events_of(rows)
    settings = {"begins_s": 10.0, "ends_s": 99.0, "exclude_seen": False, "seed": 3}

    everyone = hold_out(events, max_users=99, **settings)
    drawn = hold_out(events, max_users=n, **settings)
    again = hold_out(events, max_users=n, **settings)

    assert len(drawn.users) == min(n, len(everyone.users))
    assert set(drawn.users) <= set(everyone.users)
    assert drawn.users.tolist() == again.users.tolist()


@given(st.sets(st.text(min_size=1, max_size=8), max_size=30), st.floats(0.1, 0.9))
def test_queries_are_on_one_side_only_and_no_side_is_empty(queries, share):
    ids = sorted({query_id(query) for query in queries})

    tuning = split_queries(ids, tuning_share=share)

    assert tuning <= set(ids)
    if len(ids) > 1:
        assert 0 < len(tuning) < len(ids)


@given(st.lists(st.lists(st.text(max_size=6), min_size=2, max_size=2), max_size=20))
def test_texts_share_a_number_exactly_when_all_fields_fold_alike(texts):
    numbers = TextVocabulary()

    found = [numbers.number(text)[0] for text in texts]

    folded = [tuple(fold(field) for field in text) for text in texts]
    for i, a in enumerate(folded):
        for j, b in enumerate(folded):
            assert (found[i] == found[j]) == (a == b)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3)), min_size=1, max_size=20), st.integers(1, 4))
def test_representatives_agree_with_a_plain_search(items, n_texts):
    text_of_item = np.arange(len(items)) % min(n_texts, len(items))
    in_stock, taken = (np.array(column) for column in zip(*items, strict=True))

    found = representatives(text_of_item, in_stock=in_stock, n_interactions=taken, n_texts=int(text_of_item.max()) + 1)

    for text, item in enumerate(found):
        same = [i for i in range(len(items)) if text_of_item[i] == text]
        assert item == min(same, key=lambda i: (-in_stock[i], -taken[i], i))
