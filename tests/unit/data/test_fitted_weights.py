"""Weights of kinds and ratings, fitted on held-out purchases of a shop whose truth is known."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from steelyard.documents.quality import read_quality
from steelyard.errors import ConfigError
from steelyard.reporting.data_page import data_page

START = datetime(2024, 3, 1, tzinfo=UTC)
COLUMNS = {"user": "user", "item_id": "sku", "time": "time", "kind": "kind", "rating": "stars"}
SEGMENTS, EACH = 4, 24
SPLIT = {"validation_share": 0.3}
ITEMS = "sku,title,price\n" + "".join(f"s{i},thing {i},1\n" for i in range(SEGMENTS * EACH))


def shop_log(*, of_kind, n_users=160, seed=1):
    """Everybody buys eight times within an own segment; ``of_kind`` draws the other events, by segment."""
    generator = np.random.default_rng(seed)
    rows = []
    for user in range(n_users):
        own = np.arange(EACH) + user % SEGMENTS * EACH
        acts = [(int(item), "purchase", "") for item in generator.choice(own, 8, replace=False)]
        acts += of_kind(generator, own)
        for item, kind, stars in acts:
            at = START + timedelta(minutes=int(generator.integers(80 * 24 * 60)))
            rows.append((at.isoformat(), f"u{user},s{item},{at.isoformat()},{kind},{stars}"))
    return "user,sku,time,kind,stars\n" + "\n".join(line for _, line in sorted(rows)) + "\n"


def idle_views(generator, own):
    """Views of anything, which say nothing."""
    return [(int(item), "view", "") for item in generator.integers(0, SEGMENTS * EACH, 60)]


def ratings(generator, own):
    """Five stars for what is of the own segment, three for anything."""
    liked = [(int(item), "rating", "5") for item in generator.choice(own, 4, replace=False)]
    return liked + [(int(item), "rating", "3") for item in generator.integers(0, SEGMENTS * EACH, 20)]


def ratings_and_views(generator, own):
    return [(int(own[0]), "rating", "3"), (int(own[1]), "rating", "5"), *idle_views(generator, own)]


def fitted(shop, of_kind, *, like_above=None, n_users=160, **more):
    shop.write("items.csv", ITEMS).write("events.csv", shop_log(of_kind=of_kind, n_users=n_users))
    events = {"columns": COLUMNS, **({} if like_above is None else {"like_above": like_above})}
    return read_quality(shop.prepare(events=events, more=more, split=SPLIT))


def weights(quality):
    return {(row.kind, row.up_to): row for row in quality.weights}


def told(quality, reason):
    (found,) = [each.says for each in quality.findings if each.reason == reason]
    return found


def test_views_that_mean_nothing_weigh_nothing_beside_purchases(shop):
    quality = fitted(shop, idle_views, event_weights="fitted")

    found = weights(quality)
    assert found["view", None].origin == "fitted"
    assert found["view", None].weight <= 0.1 * found["purchase", None].weight < 5.01
    assert (found["view", None].declared, found["purchase", None].weight) == (1.0, 5.0)
    assert found["purchase", None].origin == "usual"
    assert "95 %" in told(quality, "event_weights_fitted")
    stored = {row["kind"]: row["weight"] for row in shop.rows("events")}
    assert stored == {"view": pytest.approx(found["view", None].weight), "purchase": 5.0}


def test_five_stars_weigh_more_than_three_where_only_they_announce_purchases(shop):
    quality = fitted(shop, ratings, like_above=2, rating_weights="fitted")

    found, page = weights(quality), data_page(quality, shop="Toy")
    assert found["rating", 3.0].weight < found["rating", 5.0].weight == 1.0
    assert (found["rating", 3.0].origin, found["rating", None].weight) == ("fitted", 3.0)
    stored = {row["weight"] for row in shop.rows("events") if row["kind"] == "rating"}
    assert sorted(stored) == pytest.approx(sorted({3.0, 3.0 * found["rating", 3.0].weight}))
    assert "What an event says" in page and "各类事件的权重" in page
    assert "rating up to 3" in page and "fitted on held-out purchases" in page and "按验证期的购买拟合" in page


def test_what_is_given_stays_and_is_told_apart_from_what_was_fitted(shop):
    given = {"purchase": 4, "view": "fitted", "rating": 2}

    found = weights(fitted(shop, ratings_and_views, like_above=2, event_weights=given, rating_weights={"3": 0.9}))

    assert {name: (row.weight, row.origin) for name, row in found.items() if row.origin == "given"} == {
        ("purchase", None): (4.0, "given"),
        ("rating", None): (2.0, "given"),
        ("rating", 3.0): (0.9, "given"),
    }
    assert (found["view", None].origin, found["view", None].weight < 1) == ("fitted", True)


def test_a_shop_of_few_people_keeps_the_declared_weights_and_says_why(shop):
    quality = fitted(shop, idle_views, n_users=30, event_weights="fitted")

    assert "60 are needed" in told(quality, "event_weights_not_fitted")
    assert all(row.weight == row.declared for row in quality.weights)


def test_nothing_is_told_of_weights_that_are_all_given(shop):
    quality = fitted(shop, idle_views, n_users=4, event_weights={"purchase": 5, "view": 2})

    assert not quality.weights
    assert not [each for each in quality.findings if each.reason.startswith("event_weights")]


@pytest.mark.parametrize(("given", "says"), [({"9": 1}, "no rating up to 5"), ({"4.9": 1, "5": 1}, "same tenth")])
def test_a_value_that_is_no_rating_of_the_scale_is_refused(shop, given, says):
    with pytest.raises(ConfigError, match=says):
        fitted(shop, ratings, n_users=4, rating_weights=given)
