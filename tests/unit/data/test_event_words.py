"""Words of a log: which kind of event each names, which column holds ratings, and on which scale they are."""

import pytest

from steelyard.config.schema import EventColumns, EventsSource
from steelyard.data.behaviour import kinds_of
from steelyard.data.rated import scale_read, with_rating_column
from steelyard.data.ratings import RatingScale
from steelyard.domain import EventKind
from steelyard.errors import ConfigError


def log(*, columns=None, **fields):
    named = {"user": "u", "item_id": "i", "time": "t", **(columns or {})}
    return EventsSource(path="log.csv", columns=EventColumns(**named), **fields)


def test_every_kind_is_known_by_its_own_name_and_returns_by_the_usual_words():
    found = kinds_of(log())

    assert {kind.value: found[kind.value] for kind in EventKind} == {kind.value: kind.value for kind in EventKind}
    assert found["refund"] == found["退货"] == "return"


def test_the_shops_own_words_win_whatever_their_case():
    found = kinds_of(log(kinds={"BUY": "purchase", "refund": "view", "Click": "view"}))

    assert (found["buy"], found["refund"], found["click"]) == ("purchase", "view", "view")


def test_a_word_for_no_kind_is_refused_with_the_kinds_there_are():
    with pytest.raises(ConfigError, match=r"kinds maps to unknown kinds \{'x': 'wish'\}: use impression, view"):
        kinds_of(log(kinds={"x": "wish", "y": "view"}))


def test_a_column_that_can_hold_nothing_but_ratings_is_read_and_said():
    found, (said,) = with_rating_column(log(kind="rating"), ["u", "i", "t", "Star Rating"])

    assert found.columns.rating == "Star Rating"
    assert said.reason == "rating_column_found"
    assert "column 'Star Rating'" in said.says and "set rating" in said.says


@pytest.mark.parametrize(
    ("source", "columns"),
    [
        (log(kind="rating", columns={"rating": "grade"}), ["stars"]),  # the shop said which
        (log(kind="purchase"), ["stars"]),  # no event is a rating
        (log(kind="rating"), ["stars", "rating"]),  # which of the two?
        (log(kind="rating"), ["score"]),  # may be anything
        (log(columns={"kind": "rating"}), ["rating"]),  # it is taken
        (log(kind="rating", columns={"price": "stars"}), ["stars"]),
    ],
)
def test_no_column_is_taken_for_ratings_where_that_may_be_wrong(source, columns):
    assert with_rating_column(source, columns) == (source, [])


def test_a_log_of_several_kinds_may_hold_ratings():
    found, said = with_rating_column(log(columns={"kind": "k"}), ["k", "stars"])

    assert found.columns.rating == "stars"
    assert len(said) == 1


def test_a_running_shop_takes_ratings_on_the_logs_scale_then_the_settings_then_of_five():
    own = RatingScale(10.0, 7.0)

    assert scale_read(own, log(rating_top=100)) is own
    assert scale_read(None, log(rating_top=10)).top == 10
    assert scale_read(None, log(rating_top=10, like_above=8)) == RatingScale(10.0, 8.0)
    assert scale_read(None, None) == scale_read(None, log()) == RatingScale(5.0, 3.0)
