import numpy as np
import pytest

from steelyard.domain import NONE, CatalogueFacts, Request, Texts
from steelyard.errors import StageError
from steelyard.models.retrieval.content import ITEMS_PER_TEXT, Content, ContentRecipe, text_matrix, tune_content
from steelyard.testing import toy_shop


def texts_of(*titles, brands=None, categories=None):
    blank = ("",) * len(titles)
    return Texts(titles, blank, categories or blank, brands or blank, blank)


def one_item_each(n, in_stock=None):
    number = np.arange(n)
    stock = np.ones(n, np.int64) if in_stock is None else np.asarray(in_stock)
    return CatalogueFacts(number, number, np.full(n, -1), stock, ())


def test_similarity_is_the_cosine_of_tf_idf():
    texts = texts_of("red kettle", "red cup", "green kettle", "green cup", "drum")

    matrix = text_matrix(texts).toarray()

    # each of four words is in two of five texts, so both words of a title weigh alike
    np.testing.assert_allclose(matrix @ matrix.T, np.array(
        [[1, 0.5, 0.5, 0, 0], [0.5, 1, 0, 0.5, 0], [0.5, 0, 1, 0.5, 0], [0, 0.5, 0.5, 1, 0], [0, 0, 0, 0, 0]]
    ), atol=1e-6)  # fmt: skip


def test_rarer_words_say_more():
    texts = texts_of("red kettle", "red cup", "red hose", "blue kettle", "grey", "grey")
    model = Content(popularity=0).fit_texts(texts, one_item_each(6), None)

    ranked = model.retrieve([Request(items=(0,))], k=2)

    assert ranked.items[0].tolist() == [3, 1]


def test_brand_and_category_join_the_words():
    brands = ("a", "b", "a", "b", "", "")
    categories = ("x > y", "x > z", "v", "x > y", "v", "x > z")
    texts = texts_of("one", "two", "three", "four", "five", "six", brands=brands, categories=categories)
    model = Content(popularity=0).fit_texts(texts, one_item_each(6), None)

    found = model.retrieve([Request(items=(0,))], k=4).items[0]

    assert found[0] == 3  # both levels of the category
    assert set(found.tolist()) == {3, 2, 1, 5}


def test_a_new_item_is_found_without_any_behaviour():
    shop = toy_shop()
    model = Content().fit_texts(shop.texts, shop.facts, shop.interactions)
    cold = int(shop.cold[0])
    sibling = int(np.flatnonzero(shop.segment_of_item == 0)[4])

    answer = model.retrieve([Request(items=(cold,))], k=5).items[0]
    back = model.retrieve([Request(items=(sibling,))], k=64).items[0]

    assert (shop.segment_of_item[answer] == 0).all()
    assert cold in back


def test_of_equally_similar_items_the_more_popular_comes_first():
    shop = toy_shop()
    taken = np.bincount(shop.interactions.items, minlength=shop.interactions.n_items)
    texts = texts_of(*["kettle"] * 3, "drum")
    facts = one_item_each(4)
    events = shop.interactions
    kept = np.isin(events.items, [1, 2])
    few = type(events)(
        events.users[kept], events.items[kept], events.times_s[kept], events.weights[kept], events.n_users, 4
    )

    ranked = Content(popularity=0.5).fit_texts(texts, facts, few).retrieve([Request(items=(0,))], k=2)

    assert ranked.items[0].tolist() == sorted([1, 2], key=lambda item: -taken[item])


def test_things_that_read_the_same_do_not_fill_the_list():
    facts = CatalogueFacts(np.array([0] * 9 + [1]), np.array([4, 9]), np.full(10, -1), np.ones(10, np.int64), ())
    model = Content().fit_texts(texts_of("red kettle", "red kettle lid"), facts, None)

    ranked = model.retrieve([Request(items=(9,))], k=9)

    found = ranked.items[0][ranked.items[0] != NONE].tolist()
    assert len(found) == ITEMS_PER_TEXT
    assert 4 in found


def test_items_in_stock_stand_for_their_text_first():
    in_stock = np.array([0, 0, 0, 1, 1])
    facts = CatalogueFacts(np.array([0, 0, 0, 0, 1]), np.array([0, 4]), np.full(5, -1), in_stock, ())
    model = Content().fit_texts(texts_of("red kettle", "red cup"), facts, None)

    assert 3 in model.retrieve([Request(items=(4,))], k=5).items


def test_reasons_name_the_most_similar_item_of_the_history():
    texts = texts_of("red kettle", "red cup", "green kettle", "green drum", "green drum")
    model = Content(1.0, popularity=0).fit_texts(texts, one_item_each(5), None)

    (reasons,) = model.explain(Request(history=(3, 1, 0)), np.array([2]))

    assert reasons[0].kind == "similar_content"
    assert reasons[0].item == 0
    assert sum(reason.contribution for reason in reasons) == pytest.approx(1)


def test_tuning_returns_options_that_the_recipe_takes():
    shop = toy_shop()
    model = Content().fit_texts(shop.texts, shop.facts, shop.interactions)

    tuned = tune_content(model, shop.cases)

    class Stored:
        def state(self, role):
            return {"model": model.state()}[role]

    opened = ContentRecipe().open(Stored(), tuned)
    assert (opened.decay, opened.popularity) == (tuned["decay"], tuned["popularity"])


def test_chinese_texts_are_linked_by_their_words():
    blank = ("",) * 4
    texts = Texts(("红色 茶壶", "蓝色 茶壶", "红色 帐篷", "绿色 鼓"), blank, blank, blank, blank, language="zh")
    model = Content(popularity=0).fit_texts(texts, one_item_each(4), None)

    assert set(model.retrieve([Request(items=(0,))], k=2).items[0].tolist()) == {1, 2}


def test_without_texts_it_says_what_to_do():
    with pytest.raises(StageError, match="fit_texts"):
        Content().fit(toy_shop().interactions, seed=0)
