from math import log

import numpy as np
import pytest

from steelyard.domain import NONE, Cases, CatalogueFacts, Interactions, Request, Surface, Texts
from steelyard.errors import StageError
from steelyard.models.graph.text_space import TextSpace
from steelyard.models.graph.transitions import AFTER, ALIKE, Transitions, tune_transitions
from steelyard.models.graph.transitions_recipe import TransitionsOptions, TransitionsRecipe
from steelyard.models.recipe import Plan
from steelyard.models.retrieval.content import text_matrix
from steelyard.testing.recipe_contract import toy_config


def log_of(*sequences, n_items):
    users = np.repeat(np.arange(len(sequences)), [len(s) for s in sequences])
    items = np.array([item for s in sequences for item in s], dtype=np.int64)
    times = np.arange(len(items), dtype=float)
    return Interactions(users, items, times, np.ones(len(items)), len(sequences), n_items)


def one_each(n):
    return CatalogueFacts(np.arange(n), np.arange(n), np.full(n, -1), np.ones(n, np.int64), ())


def space_of(*rows):
    """Items whose texts have these vectors."""
    vectors = np.array(rows, np.float32).reshape(len(rows), len(rows[0]) if rows else 2)
    return TextSpace(vectors, one_each(len(rows)))


def silent(n):
    """Items whose texts say nothing."""
    return space_of(*[[0.0, 0.0]] * n)


def scores(model, request, n):
    ranked = model.retrieve([request], k=n)
    pairs = zip(ranked.items[0].tolist(), ranked.scores[0].tolist(), strict=True)
    return {item: score for item, score in pairs if item != NONE}


def test_an_edge_counts_half_of_its_logarithm_over_the_largest_of_its_row():
    events = log_of([0, 1], [0, 1], [0, 2], n_items=3)
    model = Transitions(1.0, text=0, back=0, steps=1).reading(silent(3)).fit(events, seed=0)

    found = scores(model, Request(history=(0,)), 3)

    assert found == pytest.approx({1: 1 / 2, 2: log(2) / log(3) / 2}, rel=1e-6)


def test_against_its_direction_an_edge_counts_what_back_says():
    events = log_of([0, 1], [2, 0], n_items=3)

    one_way, both = (
        scores(Transitions(text=0, back=back, steps=1).reading(silent(3)).fit(events, seed=0), Request(history=(0,)), 3)
        for back in (0.0, 0.5)
    )

    assert one_way == pytest.approx({1: 1 / 2})
    assert both == pytest.approx({1: 1 / 2, 2: log(1.5) / log(2) / 2}, rel=1e-6)


def test_the_likeness_of_texts_adds_to_edges_as_text_says():
    space = space_of([1, 0], [0.6, 0.8], [0, 1])
    model = Transitions(text=2.0, back=0, steps=1).reading(space).fit(log_of([0, 1], n_items=3), seed=0)

    assert scores(model, Request(history=(0,)), 3) == pytest.approx({1: 1 / 2 + 2 * 0.6}, rel=1e-6)


def test_a_second_step_goes_on_from_where_the_first_led():
    events = log_of([0, 1], [1, 2], n_items=3)
    options = {"text": 0, "back": 0, "further": 0.5}

    one, two = (Transitions(steps=n, **options).reading(silent(3)).fit(events, seed=0) for n in (1, 2))

    assert scores(one, Request(history=(0,)), 3) == pytest.approx({1: 1 / 2})
    assert scores(two, Request(history=(0,)), 3) == pytest.approx({1: 1 / 2, 2: 0.5 * 1 / 2})


def test_three_steps_reach_further_than_two():
    events = log_of([0, 1], [1, 2], [2, 3], n_items=4)

    two, three = (Transitions(text=0, back=0, steps=n).reading(silent(4)).fit(events, seed=0) for n in (2, 3))

    assert 3 not in scores(two, Request(history=(0,)), 4)
    assert scores(three, Request(history=(0,)), 4)[3] == pytest.approx(0.5 * 0.5 * 1 / 2)


def test_a_new_item_is_reached_by_its_text_also_behind_an_edge():
    space = space_of([1, 0, 0], [0, 1, 0], [0, 0.8, 0.6])  # nobody interacted with 2; it reads like 1
    options = {"text": 1.0, "back": 0, "steps": 2, "further": 0.5, "newness": 1.0}
    model = Transitions(**options).reading(space).fit(log_of([0, 1], n_items=3), seed=0)

    found = scores(model, Request(history=(0,)), 3)

    assert found == pytest.approx({1: 1 / 2, 2: 0.5 * 0.8}, rel=1e-6)


def test_walks_start_from_a_new_item_as_well():
    space = space_of([1, 0, 0], [0, 1, 0], [0.8, 0, 0.6])  # 2 is new and reads like 0, which leads to 1
    options = {"text": 1.0, "back": 0, "steps": 2, "further": 0.5, "newness": 1.0}
    model = Transitions(**options).reading(space).fit(log_of([0, 1], n_items=3), seed=0)

    found = scores(model, Request(history=(2,)), 3)

    # From 2 all walks go on from 0, which leads to 1 and, by its text, back to 2.
    assert found == pytest.approx({0: 0.8, 1: 0.5 * 1 / 2}, rel=1e-6)


def test_the_likeness_of_a_new_item_counts_what_newness_says():
    space = space_of([1, 0], [0.6, 0.8], [0.6, 0.8])  # 1 and 2 read the same; nobody interacted with 2
    model = Transitions(text=1.0, back=0, steps=1, newness=3.0).reading(space).fit(log_of([0], [1], n_items=3), seed=0)

    assert scores(model, Request(history=(0,)), 3) == pytest.approx({1: 0.6, 2: 3 * 0.6}, rel=1e-6)


def test_only_the_latest_items_count_each_by_the_decay():
    events = log_of([0, 3], [1, 4], [2, 5], n_items=6)
    model = Transitions(0.5, last=2, text=0, back=0, steps=1).reading(silent(6)).fit(events, seed=0)

    assert scores(model, Request(history=(0, 1, 2)), 6) == pytest.approx({5: 1 / 2, 4: 1 / 4})
    assert scores(model, Request(items=(0, 1, 2)), 6) == pytest.approx({3: 1 / 2, 4: 1 / 2, 5: 1 / 2})


def test_reasons_say_what_it_came_after_and_what_it_reads_like():
    space = space_of([1, 0], [0.6, 0.8])
    model = Transitions(text=1.0, back=0, steps=1).reading(space).fit(log_of([0, 1], n_items=2), seed=0)

    (reasons,) = model.explain(Request(history=(0,)), np.array([1]))

    assert [(reason.kind, reason.item) for reason in reasons] == [(ALIKE, 0), (AFTER, 0)]
    assert [reason.contribution for reason in reasons] == pytest.approx([0.6 / 1.1, 0.5 / 1.1], abs=1 / 255)


def test_what_no_walk_leads_to_has_no_reason():
    model = Transitions(text=0).reading(silent(3)).fit(log_of([0, 1], n_items=3), seed=0)

    assert model.explain(Request(history=(0,)), np.array([2])) == [[]]
    assert model.explain(Request(), np.array([1])) == [[]]


def test_an_item_bought_again_and_again_leads_nowhere():
    model = Transitions().reading(silent(2)).fit(log_of([0, 0, 0], n_items=2), seed=0)

    assert scores(model, Request(history=(0,)), 2) == {}


@pytest.mark.parametrize("n_items", [0, 1])
def test_a_catalogue_of_one_or_none_offers_nothing(n_items):
    model = Transitions().reading(silent(n_items)).fit(log_of(*[[0]] * n_items, n_items=n_items), seed=0)

    assert scores(model, Request(history=(0,)), 3) == {}


def test_equal_scores_go_to_the_lower_number():
    model = Transitions(text=0, steps=1).reading(silent(4)).fit(log_of([0, 3], [0, 1], [0, 2], n_items=4), seed=0)

    assert model.retrieve([Request(history=(0,))], k=3).items[0].tolist() == [1, 2, 3]


def test_items_of_one_text_are_near_each_other_through_the_one_that_stands_for_it():
    facts = CatalogueFacts(np.array([0, 0, 1]), np.array([1, 2]), np.full(3, -1), np.ones(3, np.int64), ())
    space = TextSpace(np.array([[1, 0], [0.6, 0.8]], np.float32), facts)

    assert space.near().toarray() == pytest.approx(np.array([[0, 1, 0.6], [0, 0, 0.6], [0, 0.6, 0]]))


def test_words_and_vectors_of_one_meaning_give_one_answer():
    blank = ("",) * 4
    matrix = text_matrix(Texts(("red cup", "red pot", "blue cup", "blue pot"), blank, blank, blank, blank))
    sparse_space, dense_space = (TextSpace(v, one_each(4)) for v in (matrix, matrix.toarray()))

    np.testing.assert_allclose(sparse_space.near().toarray(), dense_space.near().toarray(), atol=1e-6)
    pairs = np.array([0, 0, 3]), np.array([1, 3, 3])
    np.testing.assert_allclose(sparse_space.cosines(*pairs), dense_space.cosines(*pairs), atol=1e-6)


def test_many_small_blocks_give_what_one_block_gives(monkeypatch):
    draws = np.random.default_rng(1)
    events = log_of(*[draws.integers(0, 30, 6).tolist() for _ in range(40)], n_items=30)
    space = space_of(*draws.random((30, 4)))
    whole = Transitions(steps=3).reading(space).fit(events, seed=0).state()
    monkeypatch.setattr("steelyard.models.graph.walks._BLOCK_LINKS", 50)

    pieces = Transitions(steps=3).reading(space).fit(events, seed=0).state()

    for name, array in whole.arrays.items():
        np.testing.assert_array_equal(array, pieces.arrays[name])


def test_tuning_follows_the_text_where_only_texts_lead_to_the_answer():
    space = space_of([1, 0], [0, 1], [1, 0])
    events = log_of(*[[0, 1]] * 5, n_items=3)
    cases = Cases(Surface.RECOMMEND, ("a",) * 9, (Request(history=(0,)),) * 9, (np.array([2]),) * 9, (np.ones(1),) * 9)

    found = tune_transitions(space, events, cases, given={"steps": 1, "back": 0.0, "newness": 1.0})

    assert (found["text"], found["steps"], found["cases"]) == (1.0, 1, 9)  # at .5 the edge ties and is the lower number


def test_tuning_with_nothing_to_find_keeps_the_defaults():
    nothing = Cases(Surface.RECOMMEND, (), (), (), ())

    found = tune_transitions(silent(2), log_of([0, 1], n_items=2), nothing)

    assert {name: found[name] for name in ("text", "back", "last")} == {"text": 0.5, "back": 0.5, "last": 5}


def test_without_texts_or_with_those_of_another_catalogue_it_says_what_to_do():
    with pytest.raises(StageError, match="call reading"):
        Transitions().fit(log_of([0, 1], n_items=2), seed=0)
    with pytest.raises(StageError, match="prepare again"):
        Transitions().reading(silent(3)).fit(log_of([0, 1], n_items=2), seed=0)
    with pytest.raises(StageError, match="call fit"):
        Transitions().retrieve([Request(history=(0,))], k=1)


@pytest.mark.parametrize("options", [{"decay": 0}, {"last": 0}, {"steps": 4}, {"text": -1}, {"text": float("nan")}])
def test_an_option_outside_its_range_is_refused(options):
    with pytest.raises(ValueError, match=r"must be|walks"):
        Transitions(**options)


def test_each_kind_of_texts_is_a_configuration_that_says_so():
    options = TransitionsOptions(texts=("words", "encoder"))

    words, encoder = TransitionsRecipe().variants(Plan(toy_config(), options))

    assert (words.name, encoder.name) == ("transitions-words", "transitions-encoder")
    assert [part.name for part in words.needed[1].made_from] == []
    assert "vectors/minilm" in [part.name for part in encoder.parts["model"].made_from]
