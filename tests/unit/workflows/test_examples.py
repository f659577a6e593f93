"""What the store front proposes to search for."""

from steelyard.workflows.examples import store_examples


def test_what_people_ask_comes_first_then_categories_then_what_sells():
    paths = [("Food", "Tea")] * 3 + [("Home", "Lamps")] * 2

    assert store_examples(["green tea"], paths, ["Red lamp"], n=4) == ["green tea", "Tea", "Lamps", "Red lamp"]


def test_each_department_gives_its_largest_category_and_none_comes_twice():
    paths = [("Food", "Tea")] * 3 + [("Food", "Rice")] * 2 + [("Home", "TEA")] * 4

    assert store_examples([], paths, ["tea", "Kettle"]) == ["TEA", "Kettle"]


def test_names_made_for_a_stock_system_are_not_proposed():
    paths = [("A", "COUPON/MISC"), ("B", "SFT DRNK (EX"), ("C", "Item 48213"), ("D", "x" * 40), ("E", "Soap")]

    assert store_examples([], paths, []) == ["Soap"]


def test_a_shop_without_a_name_for_anything_proposes_nothing():
    assert store_examples([], [], ["", "1234"]) == []
