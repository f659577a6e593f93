"""The order that rules give to recommendations, worked out by hand."""

import numpy as np
import pytest

from steelyard.data.dividing.repeatable import in_categories
from steelyard.domain import NONE, CatalogueFacts, Interactions, Request, Surface, Texts
from steelyard.errors import ConfigError
from steelyard.models.companions.repeats import repeat_shares
from steelyard.models.pipeline import Pipeline, catalogue_from_state, catalogue_state
from steelyard.models.ranking.list_facts import ListFacts
from steelyard.models.ranking.rule_words import rules_said
from steelyard.models.ranking.rules import Rules
from steelyard.models.retrieval.popularity import Popularity

DAY = 86_400.0
TITLES = ("Green tea 50 g", "Green tea 100 g", "Black tea", "Garden hose", "Spade", "")
PATHS = ("Food > Tea", "Food > Coffee", "Garden")
TEXTS = Texts(
    TITLES, ("",) * 6, tuple(PATHS[n] for n in (0, 0, 0, 2, 2, 2)), ("Leaf", "Leaf", "leaf", "", "Dig", ""), ("",) * 6
)
FACTS = CatalogueFacts(
    np.arange(6), np.arange(6), np.array([0, 0, 0, 2, 2, 2]), np.ones(6, np.int64), PATHS, frozenset({5})
)
LOG = Interactions(
    np.array([0, 0, 0, 1, 1, 2, 2]),
    np.array([0, 0, 1, 1, 2, 3, 4]),
    np.array([0, 2, 4, 6, 8, 10, 30]) * DAY, np.ones(7), 3, 6,
)  # fmt: skip
KNOWN = ListFacts.of(TEXTS, FACTS, LOG)


def listed(k=6, *, facts=FACTS, request=None, **rules):
    """From a ranking 0, 1, 2, 3, 4, 5 with scores 6 to 1."""
    model = Popularity.from_state(
        type(Popularity().fit(LOG, seed=0).state())(
            {"scores": np.arange(6, 0, -1, np.float32)}, {"half_life_days": None}
        )
    )
    pipeline = Pipeline(model, facts, surface=Surface.RECOMMEND, rules=Rules(**rules), known=KNOWN)
    row = pipeline.answer([request or Request()], k=k).items[0]
    return row[row != NONE].tolist(), pipeline


def test_variety_moves_what_is_like_an_item_above_it_down_and_is_said():
    plain, _ = listed()
    varied, pipeline = listed(diversity=0.5)

    assert plain == [0, 1, 2, 3, 4, 5]
    assert varied[:2] == [0, 3]
    assert pipeline.moved(Request(), k=6)[3] == "varied"
    assert listed()[1].moved(Request(), k=6) == {}


def test_a_brand_is_capped_within_the_first_places_and_upper_case_is_the_same_brand():
    assert listed(brand_cap=1)[0] == [0, 3, 4, 5]
    assert listed(brand_cap=1, cap_within=2)[0] == [0, 3, 1, 2, 4, 5]


def test_where_the_caps_leave_nothing_the_list_ends():
    assert listed(category_cap=1, cap_within=3)[0] == [0, 3]


def test_an_item_of_today_is_moved_up_by_its_share_of_the_span():
    boosted, pipeline = listed(new_boost=0.5, new_days=10.0)

    # of today: 4 (bought last) and 5 (never); 4 has 1/5 of the span and half of it more, 2 has 3/5
    assert boosted == [0, 1, 4, 2, 5, 3]
    assert pipeline.moved(Request(), k=6) == {4: "fresh", 5: "fresh"}


def test_a_place_is_kept_for_a_new_item_and_is_said():
    found, pipeline = listed(k=3, new_share=1.0, first=1, new_days=10.0)

    assert found == [4, 0, 1]
    assert pipeline.moved(Request(), k=3) == {4: "new_place"}


def test_a_text_comes_once_but_what_has_no_title_is_not_taken_to_be_the_same():
    twins = CatalogueFacts(
        np.array([0, 0, 1, 5, 5, 2]), np.arange(6), FACTS.category, FACTS.in_stock, PATHS, frozenset({5})
    )

    assert listed(facts=twins, one_of_text=True)[0] == [0, 2, 3, 4, 5]
    assert listed(facts=twins)[0] == [0, 1, 2, 3, 4, 5]
    assert catalogue_from_state(catalogue_state(twins)).untitled == {5}


def test_what_is_bought_again_and_again_comes_back_in_its_categories_only():
    asked = Request(history=(0, 3), seen=(1,))

    assert listed(request=asked, repeat_categories=("food",))[0] == [0, 1, 2, 4, 5]
    assert listed(request=asked)[0] == [2, 4, 5]


def test_a_category_holds_all_below_it_and_no_other_of_the_same_beginning():
    paths = ("Food", "Food > Tea", "Foods", "food>tea > Green")

    assert in_categories(paths, ("Food > Tea",)).tolist() == [False, True, False, True]
    assert in_categories(paths, ("food",)).tolist() == [True, True, False, True]
    assert in_categories((), ("food",)).tolist() == []


@pytest.mark.parametrize(
    "wrong",
    [{"diversity": 1.5}, {"brand_cap": 0}, {"new_share": -0.1}, {"first": 0}, {"nothing": 1}, {"variety": "random"}],
)
def test_impossible_rules_are_refused(wrong):
    with pytest.raises(ConfigError, match=r"must be|unknown rules"):
        Rules.from_options(wrong)


def test_rules_of_an_earlier_bundle_keep_their_meaning():
    rules = Rules.from_options({"exclude_seen": False, "category_cap": None})

    assert (rules.one_of_text, rules.rearranges) == (False, False)
    assert Rules.from_options({"repeat_categories": ["a"]}).repeat_categories == ("a",)


def test_likeness_is_of_category_words_and_brand():
    like = KNOWN.likeness(0, np.arange(6), FACTS)

    # the same words but the amount; one of two words; neither words nor category
    assert like.tolist() == pytest.approx([1.0, 0.6 + 0.3 + 0.1, 0.6 + 0.3 / 2 + 0.1, 0.0, 0.0, 0.0])


def test_items_that_came_after_the_fit_are_new_and_like_nothing_but_their_category():
    wide = CatalogueFacts(np.arange(7), np.arange(7), np.append(FACTS.category, 0), np.ones(7, np.int64), PATHS)

    assert KNOWN.new(np.array([6]), days=5).tolist() == [1.0]
    assert KNOWN.likeness(6, np.array([0, 3]), wide).tolist() == pytest.approx([0.6, 0.0])
    assert KNOWN.brands(np.array([6])).tolist() == [-1]


def test_list_facts_come_back_from_their_state():
    back = ListFacts.from_state(KNOWN.state())

    assert back.age_days.tolist() == pytest.approx([30, 26, 22, 20, 0, 0])
    np.testing.assert_array_equal(back.words, KNOWN.words)
    assert (back.brand.tolist(), back.levels.tolist()) == ([0, 0, 0, -1, 1, -1], [[0, 1], [0, 2], [3, -1]])


def test_the_rules_in_force_are_said_in_both_languages():
    rules = Rules(
        repeat_categories=("Food",), one_of_text=True, category_cap=2, cap_within=10, diversity=0.2, new_share=0.1
    )

    personal = {each.name: each.said for each in rules_said(rules, Surface.RECOMMEND)}
    similar = [each.name for each in rules_said(rules, Surface.SIMILAR)]

    assert list(personal) == [
        "exclude_seen",
        "exclude_out_of_stock",
        "one_of_text",
        "category_cap",
        "diversity",
        "new_share",
    ]
    assert personal["category_cap"].en == "At most 2 of one category among the first 10"
    assert personal["new_share"].zh == "前 10 位中至少有 10% 留给新品"
    assert similar == ["exclude_out_of_stock", "one_of_text"]


def test_repeat_shares_count_users_who_came_back_for_the_same_item():
    again = repeat_shares(LOG, FACTS)

    # tea: user 0 came back for one of two items, user 1 for neither of two; garden: one user, two items once
    assert [(each.category, each.share, each.pairs) for each in again] == [("Food > Tea", 1 / 4, 4), ("Garden", 0.0, 2)]
    assert repeat_shares(LOG, FACTS, least=3)[-1].category == "Food > Tea"
