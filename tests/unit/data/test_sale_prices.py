"""A column of reduced prices and the one of usual prices beside it are read together, in the languages of shops."""

import pytest

from steelyard.data.guessing.guess import guess
from steelyard.data.guessing.profiles import TableProfile, profile


def catalogue(reduced, usual):
    rows = range(24)
    columns = {
        "sku": [f"B{i}" for i in rows],
        "title": [f"linen towel no {i}" for i in rows],
        reduced: [f"{i + 3}.90" if i % 4 == 0 else "" for i in rows],
        usual: [f"{i + 9}.90" for i in rows],
    }
    profiled = [profile(n, v, [float(x) if x[:1].isdigit() else None for x in v]) for n, v in columns.items()]
    return guess([TableProfile("goods.csv", 24, tuple(profiled))])


@pytest.mark.parametrize(
    ("reduced", "usual"),
    [
        ("Angebotspreis", "Regulärer Preis"),
        ("Aktionspreis", "Normalpreis"),
        ("Tarif promo", "Tarif régulier"),
        ("Prix soldé", "Prix barré"),
        ("Precio rebajado", "Precio normal"),
        ("Prezzo in offerta", "Prezzo di listino"),
        ("Actieprijs", "Reguliere prijs"),
        ("促销价", "常规售价"),
        ("优惠价格", "原价"),
        ("セール価格", "通常価格"),
        ("特価", "定価"),
        ("sale_price", "regular_price"),
    ],
)
def test_the_reduced_price_counts_where_it_is_given_else_the_usual_one(reduced, usual):
    price = catalogue(reduced, usual).item_roles["price"]

    assert price.columns == (reduced, usual)
    assert price.sureness < 0.95


@pytest.mark.parametrize("name", ["Price tax excluded", "price_excl_vat", "Nettopreis"])
def test_a_price_before_taxes_is_taken_and_doubted_where_there_is_no_other(name):
    rows = range(24)
    columns = {"sku": [f"B{i}" for i in rows], "title": [f"linen towel no {i}" for i in rows]}
    columns[name] = [f"{i + 3}.900000" for i in rows]
    profiled = [profile(n, v, [float(x) if x[:1].isdigit() else None for x in v]) for n, v in columns.items()]

    price = guess([TableProfile("goods.csv", 24, tuple(profiled))]).item_roles["price"]

    assert price.columns == (name,)
    assert price.sureness < 0.95
