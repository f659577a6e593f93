import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_shop import reasons

from steelyard.adapters.shop.tables import load_shop
from steelyard.data.ratings import RatingScale, read_rating, scale_of

ITEMS = "sku,title\n" + "".join(f"{name},Thing {name}\n" for name in "ABCDE")
BARE = {"columns": {"item_id": "sku", "title": "title"}}
COLUMNS = {"user": "user", "item_id": "sku", "time": "time"}


def counted(*values):
    return [(value, 1) for value in values]


@pytest.mark.parametrize(
    ("values", "top", "liked", "not_liked"),
    [
        (("1", "2", "3", "4", "5"), 5, "4", "3"),
        (("0.5", "3.5", "5.0", "4,5"), 5, "3,5", "3.0"),
        (("0", "7", "10"), 10, "7", "6"),
        (("12", "88", "100", "61"), 100, "61", "60"),
        (("80 %", "20%", "95%"), 1, "80 %", "20%"),
        (("A", "B", "C", "F"), 1, "B", "C"),
        (("4/5", "2/5"), 1, "4/5", "3/5"),
        (("★★★★☆", "★", "★★★★★"), 5, "★★★★", "★★★☆☆"),
        (("thumbs up", "thumbs down"), 1, "like", "dislike"),
        (("好评", "差评"), 1, "好评", "中评"),
        (("0", "1"), 1, "1", "0"),
    ],
)
def test_the_whole_column_tells_the_scale(values, top, liked, not_liked):
    scale = scale_of(counted(*values))

    def value(text):
        found, is_share = read_rating(text)
        return found * scale.top if is_share else found

    assert scale.top == top
    assert scale.is_liking(value(liked))
    assert not scale.is_liking(value(not_liked))


@pytest.mark.parametrize("values", [("1",), ("1", "2", "3"), ("1", "4"), ("3", "7"), ("1", "20"), ("fine", "poor"), ()])
def test_a_scale_that_cannot_be_told_is_not_guessed(values):
    assert scale_of(counted(*values)) is None
    assert scale_of(counted(*values), top=7) == RatingScale(7, 7 * 0.6)


def test_a_typing_error_is_no_scale():
    assert scale_of([("5", 60), ("1", 38), ("55", 2)]).top == 5


@given(st.text(max_size=8))
def test_any_text_is_read_or_refused(text):
    found = read_rating(text)

    assert found is None or isinstance(found[0], float)


def events(rows):
    return "user,sku,time,rating\n" + "".join(
        f"u{i},{sku},2024-01-{1 + i % 28:02d} {i % 24:02d}:00,{rating}\n" for i, (sku, rating) in enumerate(rows)
    )


def learnt_items(shop):
    return {"ABCDE"[number] for number in load_shop(shop.data, max_history=9).learn_all.items.tolist()}


def test_one_star_is_not_learnt_from_and_the_report_says_so(shop):
    rows = [("A", 1)] * 20 + [("B", 5), ("C", 4), ("B", 5), ("D", 3)] * 5 + [("E", 9)] + [("C", 5)] * 20
    shop.write("items.csv", ITEMS).write("events.csv", events(rows))

    quality = shop.prepare(items=BARE, events={"columns": {**COLUMNS, "rating": "rating"}, "kind": "rating"})

    assert learnt_items(shop) <= {"B", "C"}
    assert reasons(quality, "events") == {"rating_out_of_range": 1, "rating_not_liking": 25}
    assert shop.split()["rating"] == {"top": 5.0, "like_above": 3.0}


def test_a_column_of_that_name_is_read_without_being_configured_and_said(shop):
    shop.write("items.csv", ITEMS).write("events.csv", events([("A", 1), ("B", 5)] * 20))

    quality = shop.prepare(items=BARE, events={"columns": COLUMNS, "kind": "rating"})

    assert learnt_items(shop) == {"B"}
    assert "rating_column_found" in reasons(quality)


def test_ratings_without_any_values_say_that_none_is_read(shop):
    shop.write("items.csv", ITEMS).write("events.csv", events([("A", 1), ("B", 5)]).replace("rating", "note"))

    quality = shop.prepare(items=BARE, events={"columns": COLUMNS, "kind": "rating"})

    assert reasons(quality) == {"rating_values_not_read": 2}


def test_a_scale_nobody_can_tell_is_said_and_none_of_it_is_learnt(shop):
    shop.write("items.csv", ITEMS).write("events.csv", events([("A", 1), ("B", 4)] * 20))

    quality = shop.prepare(items=BARE, events={"columns": COLUMNS, "kind": "rating"})
    unknown = reasons(quality)["rating_scale_unknown"]
    nothing = learnt_items(shop)
    shop.prepare(items=BARE, events={"columns": COLUMNS, "kind": "rating", "rating_top": 4})

    assert (unknown, nothing) == (40, set())
    assert learnt_items(shop) == {"B"}


def test_ratings_in_a_log_of_several_kinds_leave_the_other_kinds_alone(shop):
    rows = "u,A,2024-01-01,buy,\nu,B,2024-01-02,rate,1\nv,B,2024-01-02,rate,5\n"
    rows += "v,C,2024-01-03,rate,\nu,C,2024-02-01,buy,1\n"
    shop.write("items.csv", ITEMS).write("events.csv", "user,sku,time,kind,stars\n" + rows)

    columns = {**COLUMNS, "kind": "kind", "rating": "stars"}
    quality = shop.prepare(items=BARE, events={"columns": columns, "kinds": {"buy": "purchase", "rate": "rating"}})

    assert reasons(quality) == {"rating_missing": 1, "rating_not_liking": 1}
    weights = {(row["item"], row["kind"]): row["weight"] for row in shop.rows("events") if row["kind"] == "purchase"}
    assert set(weights.values()) == {5.0}
