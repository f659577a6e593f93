"""Categories that are bought again are named where that is sure, and the wider one where nothing below it objects."""

import tomllib

import numpy as np
import pytest

from steelyard.data.dividing.repeatable import in_categories
from steelyard.documents.hardness import Hardness, hardness_builtins, read_hardness
from steelyard.domain import CatalogueFacts
from steelyard.evaluation.hardness.bought_again import LEAST_PAIRS, with_bought_again
from steelyard.models.companions.repeats import Pairs
from steelyard.reporting.hardness_lines import hardness_lines, hardness_section

PATHS = ("Food > Milk", "Food > Tea", "Garden > Hose", 'Pets > "Cat" food', "Garden > Few")
FACTS = CatalogueFacts(np.arange(6), np.arange(6), np.array([0, 1, 2, 3, 4, -1]), np.ones(6, np.int64), PATHS)
EMPTY = Hardness(events=0, users=0, items=0, held_out=0)


def told(*shares, n=200, offered=(), few=20):
    """Each of the first four items taken by ``n`` users, of whom a share came back; everybody came back for few."""
    sizes = [*(n for _ in shares), few]
    is_again = [np.arange(n) < round(share * n) for share in shares] + [np.ones(few, bool)]
    items = np.repeat([*range(len(shares)), 4], sizes)
    pairs = Pairs(np.concatenate([np.arange(size) for size in sizes]), items, np.concatenate(is_again))
    return with_bought_again(EMPTY, pairs, FACTS, offered=lambda paths: in_categories(tuple(paths), offered))


def nobody(paths):
    return [False] * len(paths)


def names(found):
    return [row.category for row in found.again]


def test_a_category_clearly_above_the_shop_is_named_with_its_share_and_interval():
    found = told(0.6, 0.0, 0.0, 0.0)

    assert names(found) == ["Food > Milk"]  # all of Food is above the shop, but Tea is not bought again
    row = found.again[0]
    # a ratio of users with one pair each: the usual interval of a share
    assert row.share.mean == pytest.approx(0.6)
    error = 1.96 * np.sqrt(0.6 * 0.4 / 199)
    assert (row.share.low, row.share.high) == pytest.approx((0.6 - error, 0.6 + error), abs=1e-4)
    assert row.pairs == 200
    assert found.bought_again.mean == pytest.approx((120 + 20) / 820, abs=1e-6)


def test_the_wider_category_is_named_where_nothing_below_it_objects():
    assert names(told(0.6, 0.5, 0.0, 0.0)) == ["Food"]


def test_few_pairs_a_small_share_or_what_is_offered_already_are_not_named():
    assert LEAST_PAIRS > 20
    assert "Garden > Few" not in names(told(0.6, 0.0, 0.0, 0.0))
    assert names(told(0.08, 0.0, 0.0, 0.0, few=0)) == []  # above the shop's, and still rare
    assert names(told(0.6, 0.0, 0.0, 0.6, offered=("food",))) == ["Pets"]
    assert names(told(0.3, 0.3, 0.3, 0.3, few=0)) == []  # all alike: nothing stands out


def test_one_user_who_buys_everything_again_is_no_evidence():
    n = 200
    users = np.concatenate([np.zeros(n, np.int64), np.arange(1, 41)])
    items = np.concatenate([np.zeros(n, np.int64), np.repeat([0, 2], 20)])
    is_again = np.arange(n + 40) < n

    assert names(with_bought_again(EMPTY, Pairs(users, items, is_again), FACTS, offered=nobody)) == []


def test_without_purchases_nothing_is_said():
    none = Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool))

    assert with_bought_again(EMPTY, none, FACTS, offered=nobody) == EMPTY


@pytest.mark.parametrize(("language", "said"), [("en", "not offered again today"), ("zh", "不会再次推荐")])
def test_the_setting_is_ready_to_be_copied(language, said):
    found = told(0.6, 0.5, 0.0, 0.6)
    lines = hardness_lines(found, language=language)

    begin = lines.index("repeat_categories = [")
    assert tomllib.loads("\n".join(lines[begin:])) == {"repeat_categories": names(found)}
    assert any(said in line for line in lines[:begin])
    assert "repeat_categories = [" in str(hardness_section(found, language=language))
    assert read_hardness(hardness_builtins(found)) == found
    assert not any("repeat_categories" in line for line in hardness_lines(EMPTY, language=language))
