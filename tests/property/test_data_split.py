import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.adapters.shop.sources import Sources
from steelyard.data.dividing.newcomers import hold_out_newcomers
from steelyard.data.dividing.split import (
    Cuts,
    Events,
    HeldOut,
    Period,
    cut_times,
    hold_out,
    leakage,
    query_id,
    split_queries,
    with_period,
)
from steelyard.data.ranks import medians, quantiles
from steelyard.data.tables import recommend_cases
from steelyard.data.values.normalise import fold
from steelyard.data.vocabulary import TextVocabulary, representatives
from steelyard.documents.split import HeldOutCounts

rows = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7), st.integers(0, 20)), min_size=1, max_size=60)
few = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    with Sources(tmp_path_factory.mktemp("split"), threads=1) as opened:
        yield opened


def events_of(rows):
    rows = sorted(rows, key=lambda row: row[2])
    users, items, times = (np.array(column) for column in zip(*rows, strict=True))
    return Events(users.astype(np.int64), items.astype(np.int64), times.astype(float), np.ones(len(rows)))


def frame_of(sources, events):
    with sources.writing({"user_number": "int", "item": "int", "time": "float"}, name="positive") as rows:
        rows.write({"user_number": events.users, "item": events.items, "time": events.times_s})
    return sources.table("positive")


@few
@given(rows, st.booleans(), st.sets(st.integers(0, 5)))
def test_cases_agree_with_a_plain_reading_of_the_log(sources, rows, exclude_seen, again):
    events = events_of(rows)
    frame = frame_of(sources, events)
    cuts = cut_times(sources, frame, test_share=0.2, validation_share=0.2)
    period = Period("test", cuts.test_s, float("inf"))

    may = np.array(sorted(again), np.int64)  # what is bought again and again
    held = hold_out(sources, frame, period, exclude_seen=exclude_seen, max_users=99, seed=0, again=may)
    cases = recommend_cases(events, held, part="test", begins_s=cuts.test_s, max_history=3, exclude_seen=exclude_seen)

    plain = {}
    log = list(zip(events.users.tolist(), events.items.tolist(), events.times_s.tolist(), strict=True))
    for user in sorted({user for user, _, _ in log}):
        before = [i for u, i, t in log if u == user and t < cuts.test_s]
        after = {i for u, i, t in log if u == user and t >= cuts.test_s}
        targets = sorted(after - (set(before) - again) if exclude_seen else after)
        if before and targets:
            distinct = list(dict.fromkeys(reversed(before)))[:3]  # the latest three items, each once
            plain[f"test-u{user}"] = (tuple(reversed(distinct)), targets)
    found = zip(cases.ids, cases.requests, cases.relevant, strict=True)
    assert {name: (request.history, relevant.tolist()) for name, request, relevant in found} == plain
    for request, relevant in zip(cases.requests, cases.relevant, strict=True):
        assert not set(relevant.tolist()) & set(request.exclude)


@few
@given(rows, st.booleans(), st.integers(0, 20))
def test_the_counts_of_a_period_agree_with_a_plain_reading(sources, rows, exclude_seen, begins):
    period = Period("test", float(begins), 18.0)

    held = hold_out(
        sources, frame_of(sources, events_of(rows)), period, exclude_seen=exclude_seen, max_users=99, seed=0
    )

    before = {(u, i) for u, i, t in rows if t < begins}
    after = {(u, i) for u, i, t in rows if begins <= t < 18}
    wanted = after - before if exclude_seen else after
    known, users = {u for u, _ in before}, {u for u, _ in after}
    targets = [i for u, i in wanted if u in known]
    assert held.counts == HeldOutCounts(
        users=len(users),
        cold_users=len(users - known),
        users_with_nothing_new=len(users & known) - len(known & {u for u, _ in wanted}),
        eligible_users=len(known & {u for u, _ in wanted}),
        drawn_users=len(held.users),
        targets=len(targets),
        cold_targets=len([i for i in targets if i not in {item for _, item in before}]),
        targets_seen_before=len(after) - len(wanted),
        known_pairs=len([u for u, _ in after if u in known]),
        repeated_pairs=len(after & before),
    )


@few
@given(rows, st.integers(1, 3))
def test_a_draw_is_a_subset_and_the_same_for_the_same_seed(sources, rows, n):
    frame = frame_of(sources, events_of(rows))
    period, chosen = Period("tuning", 10.0, 99.0), {"exclude_seen": False, "seed": 3}

    everyone = hold_out(sources, frame, period, max_users=99, **chosen)
    drawn = hold_out(sources, frame, period, max_users=n, **chosen)
    again = hold_out(sources, frame, period, max_users=n, **chosen)

    assert len(drawn.users) == min(n, len(everyone.users))
    assert set(drawn.users) <= set(everyone.users)
    assert drawn.users.tolist() == again.users.tolist()


@few
@given(
    st.lists(st.floats(-1e12, 1e12) | st.sampled_from([0.0, 7.5]), min_size=1, max_size=60),
    st.floats(0, 1),
    st.sampled_from([1, 3, 1000]),
)
def test_quantiles_counted_in_bands_equal_those_of_the_sorted_values(sources, values, share, held):
    with sources.writing({"x": "float"}, name="values") as rows:
        rows.write({"x": values})

    found = quantiles(sources, sources.table("values"), "x", [share], held=held)

    assert found == [float(np.quantile(values, share, method="linear"))]


def test_a_leak_into_the_learning_is_counted(sources):
    frame = frame_of(sources, events_of([(0, 1, 1), (1, 2, 5), (0, 3, 9)]))
    cuts, none = Cuts(4.0, 8.0), HeldOut(np.empty(0, np.int64), ())
    late, stranger = HeldOut(np.array([1]), (np.array([3]),)), {"tuning": ["red lamp"], "test": ["Red  Lamp"]}

    clean = leakage(sources, with_period(frame, cuts), cuts, tuning=none, test=late, parts={})
    leaked = leakage(sources, with_period(frame, Cuts(6.0, 10.0)), cuts, tuning=late, test=none, parts=stranger)

    assert clean.is_clean
    assert leaked.learnt_events_after_validation_cut == 1
    assert leaked.learnt_events_after_test_cut == 1
    assert leaked.queries_in_tuning_and_test == 1
    assert not leaked.is_clean


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


@few
@given(st.lists(st.tuples(st.integers(0, 3), st.one_of(st.none(), st.floats(-1e6, 1e6))), max_size=60))
def test_medians_of_groups_are_those_of_numpy(sources, rows):
    of = [group for group, _ in rows]
    values = [None if value is None else value + 0.0 for _, value in rows]  # no nought with a sign
    with sources.writing({"of": "int", "value": "float"}, name="valued") as stored:
        stored.write({"of": of, "value": values})

    found = sources.arrays(medians(sources, sources.table("valued"), "value", by="of", name="values_alike"))

    groups = {group for group, value in rows if value is not None}
    expected = {
        g: np.median([v for at, v in zip(of, values, strict=True) if at == g and v is not None]) for g in groups
    }
    assert dict(zip(found["of"].tolist(), found["value"].tolist(), strict=True)) == expected


@few
@given(rows, st.integers(1, 3))
def test_newcomers_are_all_whom_nobody_knew_before_the_period(sources, rows, at_most):
    events = events_of(rows)
    frame = frame_of(sources, events)
    begins_s = float(np.median(events.times_s))
    period = Period("new_users", begins_s, float("inf"))

    every, drawn = (hold_out_newcomers(sources, frame, period, max_users=n, seed=0) for n in (99, at_most))

    log = list(zip(events.users.tolist(), events.items.tolist(), events.times_s.tolist(), strict=True))
    known = {user for user, _, time in log if time < begins_s}
    plain = {user: sorted({i for u, i, _ in log if u == user}) for user, _, _ in log if user not in known}
    found = {u: items.tolist() for u, items in zip(every.users.tolist(), every.targets, strict=True)}
    assert found == plain
    assert set(drawn.users.tolist()) <= set(plain)
    assert len(drawn.users) == min(at_most, len(plain))
