"""What a shop expects of its own data is asked of every row, and stops the load where it is not so."""

import pytest
from tests.unit.data.small_shop import Shop

from steelyard.config.expectations import Expectation
from steelyard.errors import ConfigError, DataError

ITEMS = "sku,title,price,status,shelf\nA-1,Pan,9.50,new,1\nA-2,Pot,12.00,used,2\nA-3,Lid,0.00,new,\nB4,Cup,ask,lost,2\n"
EVENTS = "user,sku,time,quantity\nu1,A-1,2024-05-30 10:00,1\nu2,A-2,2024-05-31 10:00,2\n"


def expected(shop, *rules):
    """The rows of the report; a load that is stopped leaves them in the artefact ``refused``."""
    shop.write("items.csv", ITEMS).write("events.csv", EVENTS)
    try:
        quality = shop.prepare(events={}, expect=rules)
    except DataError:
        quality = shop.store.read_json("refused")
    return quality["expectations"]


@pytest.mark.parametrize(
    ("rule", "is_met", "count", "values"),
    [
        ({"column": "price", "min": 0.01}, False, 2, {"0.00": 1, "ask": 1}),
        ({"column": "price", "min": 0, "except_share": 0.25}, True, 1, {"ask": 1}),
        ({"column": "price", "max": 12, "except_share": 0.25}, True, 1, {"ask": 1}),
        ({"column": "price", "max": 11}, False, 2, {"12.00": 1, "ask": 1}),
        ({"column": "sku", "unique": True}, True, 0, {}),
        ({"column": "shelf", "unique": True}, False, 1, {}),
        ({"column": "status", "in": ["new", "used"]}, False, 1, {}),
        ({"column": "item_id", "matches": "[A-Z]-[0-9]"}, False, 1, {"B4": 1}),
        ({"column": "sku", "matches": "[A-Z]-?[0-9]+"}, True, 0, {}),
        ({"column": "shelf", "max_missing_share": 0.25}, True, 1, {}),
        ({"column": "shelf", "max_missing_share": 0.2}, False, 1, {}),
        ({"min_rows": 4}, True, 0, {}),
        ({"min_rows": 5}, False, 0, {}),
    ],
)
def test_each_kind_counts_the_rows_that_break_it(shop, rule, is_met, count, values):
    (row,) = expected(shop, {"table": "items", **rule})

    assert (row["is_met"], row["count"], row["values"]) == (is_met, count, values)


@pytest.mark.parametrize(("days", "is_met"), [(1, True), (0.5, False)])
def test_the_newest_time_tells_how_fresh_a_log_is(shop, days, is_met):
    (row,) = expected(shop, {"table": "events", "column": "time", "max_age_days": days})

    assert (row["is_met"], row["found"]) == (is_met, "2024-05-31T10:00:00+00:00")


def test_several_rules_of_one_table_are_rows_of_the_report_the_unmet_first(shop):
    price = {"table": "items", "column": "price", "max_missing_share": 0.0, "min": 1}

    rows = expected(shop, price, {"table": "items", "min_rows": 2})

    assert [(row["kind"], row["is_met"]) for row in rows] == [
        ("min", False),
        ("max_missing_share", True),
        ("min_rows", True),
    ]


def test_an_unmet_expectation_stops_the_load_whatever_is_accepted(shop):
    shop.write("items.csv", ITEMS)

    with pytest.raises(DataError, match=r"items: expected price min = 1; found 0; 2 rows break it \(50.0%\)"):
        shop.prepare(expect=[{"table": "items", "column": "price", "min": 1}])


def test_values_of_people_are_never_listed(shop):
    (row,) = expected(shop, {"table": "events", "column": "user", "matches": "u[0-9]{4}"})

    assert (row["count"], row["values"]) == (2, {})


def test_a_column_that_is_not_there_is_answered_with_the_nearest(shop):
    shop.write("items.csv", ITEMS)

    with pytest.raises(ConfigError, match=r"table 'items' has no column 'prise'; did you mean 'price'"):
        shop.prepare(expect=[{"table": "items", "column": "prise", "min": 1}])
    with pytest.raises(ConfigError, match=r"about 'judgements', and there is no \[data.judgements\]"):
        shop.prepare(expect=[{"table": "judgements", "min_rows": 1}])


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("((((a{99}){99}){99}){99})", "more than 1000 times"),
        ("(?:a|b{4}){300}", "more than 1000 times"),
        ("a{1000}", "has '{1000', which is not understood"),
    ],
)
def test_a_pattern_that_the_engine_would_not_take_is_refused_with_the_configuration(pattern, says):
    with pytest.raises(ValueError, match=says):
        Expectation(table="items", column="sku", matches=pattern)


@pytest.mark.parametrize("pattern", ["(a{10}b{20}){30}", r"\({9}", "[{]{999}", "(x{1,33}){30}|(y{900})"])
def test_counts_beside_one_another_do_not_multiply(pattern):
    assert Expectation(table="items", column="sku", matches=pattern).matches == pattern


def test_a_value_of_a_megabyte_is_not_printed_whole(tmp_path):
    opened = Shop(tmp_path).write("items.csv", f"sku,title,price\n1,mug,{'9' * 1_000_000}\n")

    with pytest.raises(DataError, match="not one value") as refused:
        opened.prepare()

    assert len(str(refused.value)) < 1000
