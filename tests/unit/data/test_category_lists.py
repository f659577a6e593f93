"""Categories whose cells list names by commas: several, or one path, as the whole column tells; never one long name."""

import pytest
from small_shop import reasons

from steelyard.data.guessing.guess import guess
from steelyard.data.guessing.profiles import TableProfile, profile
from steelyard.data.guessing.proposal import proposal, sentences
from steelyard.data.values.category_lists import Listing, NameLists
from steelyard.data.values.category_paths import PathCutter
from steelyard.data.values.normalise import category_path

TREE = ["Garden,Pots,Clay", "Garden,Pots", "Garden,Tools,Spades", "Kitchen,Pans", "Kitchen,Pots&Lids"]
TAGS = ["Lamps,New", "New,Rugs", "Rugs,Sale", "Sale,Lamps", "Lamps"]


def listing(column, mark=","):
    lists = NameLists()
    for value in column:
        lists.learn(value)
    return lists.listing(mark)


@pytest.mark.parametrize(
    ("column", "told"),
    [
        (TREE, Listing.PATH),
        (TAGS, Listing.SEVERAL),
        (["Garden,Pots"], Listing.OPEN),
        (["Food, Drinks & Snacks", "Arts, Paper & Paint", "Toys"], Listing.NONE),
        (["Lamps", "Rugs", "Chairs", "Tables, folding", "Beds"], Listing.NONE),
        (["Garden > Pots", "Garden > Tools"], Listing.NONE),
        ([], Listing.NONE),
    ],
)
def test_the_whole_column_tells_what_names_by_commas_are(column, told):
    assert listing(column) is told


def test_names_by_semicolons_are_told_in_the_same_way():
    assert listing([value.replace(",", "; ") for value in TAGS], ";") is Listing.SEVERAL


def paths(column):
    cutter = PathCutter(column)
    return [category_path([cutter(value)]) for value in column]


def test_levels_by_commas_are_one_path_and_of_several_categories_the_first_is_taken():
    assert paths(TREE)[:3] == [("Garden", "Pots", "Clay"), ("Garden", "Pots"), ("Garden", "Tools", "Spades")]
    assert paths(TAGS) == [("Lamps",), ("New",), ("Rugs",), ("Sale",), ("Lamps",)]


def test_two_paths_by_a_comma_are_two_where_no_other_row_tells():
    assert paths(["Garden > Pots, Offers > Spring"]) == [("Garden", "Pots")]
    assert paths(["Food, Drinks & Snacks > Tea"]) == [("Food, Drinks & Snacks", "Tea")]
    assert paths(["Pets > Leads, Collars & Bells > Dogs"]) == [("Pets", "Leads, Collars & Bells", "Dogs")]


@pytest.mark.parametrize("column", [TREE, TAGS, ["Garden,Pots"] * 4])
def test_the_report_says_how_lists_of_names_are_read(shop, column):
    rows = [f'S{i},Oak board {i},"{value}"' for i, value in enumerate(column)]
    shop.write("items.csv", "sku,title,cat\n" + "\n".join(rows) + "\n")

    quality = shop.prepare(items={"columns": {"item_id": "sku", "title": "title", "category": "cat"}})

    assert reasons(quality)["category_listed"] == sum("," in value for value in column)


def test_a_guess_of_the_columns_says_how_lists_of_names_are_read():
    rows = {"sku": [f"S{i}" for i in range(20)], "title": [f"oak board {i}" for i in range(20)]}
    rows["category"] = [TREE[i % 5] for i in range(20)]
    table = TableProfile("items.csv", 20, tuple(profile(name, values) for name, values in rows.items()))

    found = guess([table])

    assert any(line.startswith("CHECK categories: category: cells list names by ','") for line in sentences(found))
    assert "# CHECK category: cells list names by ','" in proposal(found, name="s", paths={"items.csv": "items.csv"})
