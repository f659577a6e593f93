# ruff: noqa: E501
"""Where no name tells what a column is, its values are heard: never sure, with the reason and the runner-up."""

import pytest

from steelyard.data.guessing.assign import SURE
from steelyard.data.guessing.guess import guess
from steelyard.data.guessing.profiles import TableProfile, profile
from steelyard.data.guessing.proposal import proposal, sentences

N, M = 40, 200
THINGS = ("blue kettle of steel", "red toaster", "small lamp for a desk", "green chair", "soft scarf of wool")
CODES = [f"A{i}" for i in range(N)]
TITLES = [f"{THINGS[i % 5]} {i}" for i in range(N)]
TRADE = [str(4006381333000 + 7 * i) for i in range(N)]
PRICES = [f"{5 + i * 7 % 40}.{i * 13 % 100:02d}" for i in range(N)]
PATHS = [("Home > Light", "Garden", "Kitchen > Pots")[i % 3] for i in range(N)]
PEOPLE = [f"u{(i * i + 3 * i) % 31}" for i in range(M)]
BOUGHT = [CODES[(i * i + 7 * i) % N] for i in range(M)]
TIMES = [f"2024-05-{1 + i % 28:02d} {i % 24:02d}:{i % 60:02d}:00" for i in range(M)]
VISITS = [f"s{i // 2}" for i in range(M)]
LANDS = [("DE", "AT", "CH")[i % 3] for i in range(M)]
ASKED = [("kettle", "desk lamp", "wool scarf", "chair")[i % 4] for i in range(M)]


def table(path, **columns):
    found = []
    for name, values in columns.items():
        try:
            numbers = [float(value) for value in values]
        except ValueError:
            numbers = [_number(value) for value in values]
        found.append(profile(name, list(map(str, values)), numbers))
    return TableProfile(path, len(next(iter(columns.values()))), tuple(found))


def _number(value):
    try:
        return float(value.strip(" €").replace(",", "."))
    except ValueError:
        return None


def chosen(roles):
    return {role: "+".join(one.columns) for role, one in roles.items()}


@pytest.mark.parametrize(
    ("columns", "roles"),
    [
        ({"c1": CODES, "c2": TITLES, "c3": PATHS, "c4": PRICES}, {"item_id": "c1", "title": "c2", "category": "c3", "price": "c4"}),
        ({"x1": TITLES, "x2": CODES}, {"item_id": "x2", "title": "x1"}),
        ({"x1": ["a long text about the care and the making of number " + str(i) for i in range(N)], "x2": TITLES, "x3": CODES}, {"item_id": "x3", "title": "x2", "description": "x1"}),
        ({"f1": TRADE, "f2": CODES, "f3": TITLES}, {"item_id": "f2", "title": "f3"}),
        ({"f1": [f"{p.replace('.', ',')} €" for p in PRICES], "f2": CODES, "f3": TITLES}, {"item_id": "f2", "title": "f3", "price": "f1"}),
        ({"f1": CODES, "f2": TITLES, "f3": [f"https://s.example/{i}.jpg" for i in range(N)]}, {"item_id": "f1", "title": "f2", "image": "f3"}),
        ({"Kode": CODES, "zz": TITLES}, {"item_id": "Kode", "title": "zz"}),
    ],
)  # fmt: skip
def test_a_catalogue_without_names_is_told_by_its_values(columns, roles):
    found = guess([table("one.csv", **columns)])

    assert chosen(found.item_roles) == roles
    assert all(one.sureness < SURE for role, one in found.item_roles.items() if one.columns[0] != "Kode")


@pytest.mark.parametrize(
    ("columns", "roles", "runner_up"),
    [
        ({"k1": PEOPLE, "k2": BOUGHT, "k3": TIMES}, {"user": "k1", "item_id": "k2", "time": "k3"}, ()),
        ({"k1": TIMES, "k2": BOUGHT, "k3": PEOPLE}, {"user": "k3", "item_id": "k2", "time": "k1"}, ()),
        ({"k1": LANDS, "k2": VISITS, "k3": PEOPLE, "k4": BOUGHT, "k5": TIMES}, {"user": "k3", "item_id": "k4", "time": "k5"}, ("k2",)),
        ({"k1": VISITS, "k2": [f"{one}@x.example" for one in PEOPLE], "k3": BOUGHT, "k4": TIMES}, {"user": "k2", "item_id": "k3", "time": "k4"}, ("k1",)),
    ],
)  # fmt: skip
def test_a_log_is_told_by_the_items_of_the_catalogue_and_by_people_who_come_back(columns, roles, runner_up):
    found = guess([table("one.csv", **columns), table("two.csv", c1=CODES, c2=TITLES)])

    assert chosen(found.event_roles) == roles
    assert found.event_roles["user"].alternatives[:1] == runner_up
    assert all(one.sureness < SURE and one.columns for one in found.event_roles.values())


def test_judgements_are_told_by_texts_that_come_back_items_and_grades():
    judged = table("n.csv", p1=ASKED, p2=BOUGHT, p3=[str(i % 4) for i in range(M)])

    found = guess([judged, table("m.csv", c1=CODES, c2=TITLES)])

    assert chosen(found.judgement_roles) == {"query": "p1", "item_id": "p2", "gain": "p3"}
    assert found.events is None


def test_the_catalogues_key_is_the_column_that_the_log_names_its_items_by():
    by_trade = [TRADE[CODES.index(one)] for one in BOUGHT]
    items = table("i.csv", nr=[str(i + 1) for i in range(N)], f2=CODES, f3=TRADE, title=TITLES)

    found = guess([items, table("l.csv", k1=PEOPLE, k2=by_trade, k3=TIMES)])

    assert found.item_roles["item_id"].columns == ("f3",)
    assert "k2 in l.csv" in found.item_roles["item_id"].why
    assert found.event_roles["item_id"].columns == ("k2",)


def test_a_table_of_people_is_no_catalogue_and_a_column_of_numbers_no_item():
    people = table(
        "people.csv",
        ID=[f"u{i}" for i in range(31)],
        Name=[f"Ann Lee {i}" for i in range(31)],
        Mail=[f"a{i}@x.example" for i in range(31)],
        Land=[("AT", "DE")[i % 2] for i in range(31)],
    )

    found = guess([people, table("p.csv", c1=CODES, c2=TITLES), table("l.csv", ID=PEOPLE, c1=BOUGHT, c9=TIMES)])

    assert found.items.path == "p.csv"
    assert chosen(found.event_roles) == {"user": "ID", "item_id": "c1", "time": "c9"}
    assert found.further.users.path == "people.csv"
    assert found.further.user_roles["attributes"].columns == ("Land",)


def test_questions_and_answers_are_told_by_what_asks():
    asked = table(
        "f.csv",
        v1=[f"How long does number {i} last?" for i in range(N)],
        v2=[f"It lasts {i} years if it is kept dry." for i in range(N)],
    )

    found = guess([asked, table("p.csv", c1=CODES, c2=TITLES)])

    assert chosen(found.further.answer_roles) == {"question": "v1", "answer": "v2"}
    assert all(one.sureness < SURE for one in found.further.answer_roles.values())


@pytest.mark.parametrize(
    "columns",
    [
        {"x": ["1", "2"], "y": ["2", "3"]},
        {"Firm": [f"Firm {i}" for i in range(N)], "Town": [("Graz", "Wien")[i % 2] for i in range(N)]},
        {"a1": TIMES[:N], "a2": CODES, "a3": TITLES},  # times: perhaps orders
    ],
)
def test_what_the_values_leave_open_is_no_catalogue(columns):
    assert guess([table("one.csv", **columns)]).items is None


def test_a_name_that_is_known_is_never_taken_for_another_role():
    found = guess([table("one.csv", brand=CODES, zz=TITLES)])

    assert found.items is None


def test_every_guess_by_values_is_marked_with_the_value_and_the_runner_up():
    found = guess([table("one.csv", f1=TRADE, f2=CODES, f3=TITLES, f4=PRICES, f5=[str(i % 9) for i in range(N)])])

    text = proposal(found, name="Shop", paths={"one.csv": "one.csv"})
    lines = sentences(found)

    assert (
        "item_id = \"f2\"  # CHECK (50%): no column is named as one; each of its values is there once, as 'A0'; or f1"
        in text
    )
    assert 'price = "f4"  # CHECK (50%)' in text
    assert [line for line in lines if line.startswith("CHECK item_id = f2 (50% sure") and "runner-up f1" in line]
    assert "note: one.csv: columns that play no role: f1 ('4006381333000'; item_id is f2), f5 ('0')" in lines


def test_prices_with_signs_are_found_beside_names_that_are_known():
    items = table("one.csv", sku=CODES, title=TITLES, zzz=[f"{p} €" for p in PRICES], www=[str(i) for i in range(N)])

    price = guess([items]).item_roles["price"]

    assert (price.columns, price.sureness < SURE) == (("zzz",), True)


@pytest.mark.parametrize(
    ("values", "offset", "says", "is_usual"),
    [
        ((0, 1, 2, 3), 0.0, "numbers from 0 to 3", True),
        ((0, 35, 70, 100), 0.0, "points of 100", False),
        ((1, 2, 4, 5), -1.0, "1 is worth nothing (gain_offset = -1)", False),
        ((2, 3, 5), -1.0, "1 is worth nothing", False),
        ((-1, 0, 2), 1.0, "the lowest is worth nothing (gain_offset = 1)", False),
        ((0, 5, 10), 0.0, "more is better", False),
    ],
)
def test_the_scale_of_grades_in_numbers_is_said(values, offset, says, is_usual):
    judged = table("j.csv", query=ASKED, sku=BOUGHT, relevance=[str(values[i % len(values)]) for i in range(M)])
    found = guess([judged, table("p.csv", sku=CODES, title=TITLES)])

    (line,) = [line for line in sentences(found) if "grades:" in line]

    assert found.gain_offset == offset
    assert says in line
    assert line.startswith("CHECK") is not is_usual


def test_school_grades_are_turned_round_and_marked():
    judged = table("j.csv", query=ASKED, sku=BOUGHT, Schulnote=[str(1 + i % 6) for i in range(M)])

    found = guess([judged, table("p.csv", sku=CODES, title=TITLES)])

    assert found.grades == {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1, "6": 0}
    assert "# CHECK grades: numbers from 1 to 6" in proposal(
        found, name="S", paths={"j.csv": "j.csv", "p.csv": "p.csv"}
    )


@pytest.mark.parametrize(
    ("written", "gains"),
    [
        (("5/5", "3/5", "1/5"), (4, 2, 0)),
        (("0 von 3", "3 von 3"), (0, 3)),
        (("★★★", "★", "★★☆"), (2, 0, 1)),
        (("100 %", "0 %"), (1, 0)),
    ],
)
def test_points_stars_and_percent_are_grades(written, gains):
    judged = table("j.csv", query=ASKED, sku=BOUGHT, relevance=[written[i % len(written)] for i in range(M)])

    found = guess([judged, table("p.csv", sku=CODES, title=TITLES)])

    assert found.grades == dict(zip(written, gains, strict=True))


@pytest.mark.parametrize(
    ("price", "says"),
    [
        ("12–15 €", "a range is not one price"),
        ("von 3 bis 5 €", "a range is not one price"),
        ("12 €/m²", "a price per unit is not that of the item"),
        ("4,20 € pro kg", "a price per unit is not that of the item"),
    ],
)
def test_prices_that_are_none_are_said_with_the_way_on(price, says):
    prices = [price if i % 2 else "9,90 €" for i in range(N)]
    found = guess([table("p.csv", sku=CODES, title=TITLES, Preis=prices)])

    (line,) = [line for line in sentences(found) if line.startswith("CHECK price = Preis: values")]
    text = proposal(found, name="S", paths={"p.csv": "p.csv"})

    assert repr(price) in line and says in line and "--accept price_not_a_number" in line
    assert '# accept = ["price_not_a_number"]' in text


def test_a_column_of_nothing_but_such_prices_is_left_out_and_said():
    found = guess([table("p.csv", sku=CODES, title=TITLES, Preis=[f"{i + 1} €/m²" for i in range(N)])])

    assert "price" not in found.item_roles
    assert [line for line in sentences(found) if "not one value can be read" in line and "per unit" in line]


def test_a_log_that_does_not_say_what_happened_is_said_to_be_all_of_one_kind():
    log = table("l.csv", user=PEOPLE, sku=BOUGHT, time=TIMES, zz=[("ab", "cd")[i % 2] for i in range(M)])

    lines = sentences(guess([log, table("p.csv", sku=CODES, title=TITLES)]))

    (line,) = [line for line in lines if line.startswith("CHECK kind = purchase for every row of l.csv")]
    assert "zz (ab, cd)" in line


def test_a_column_named_as_the_kind_is_it_whatever_its_words_are():
    log = table("l.csv", user=PEOPLE, sku=BOUGHT, time=TIMES, event=[("ab", "cd")[i % 2] for i in range(M)])

    found = guess([log, table("p.csv", sku=CODES, title=TITLES)])

    assert found.event_roles["kind"].columns == ("event",)
    assert found.unmapped == {"ab": M // 2, "cd": M // 2}


def test_orders_and_their_lines_without_names_are_joined_by_the_key_that_both_have():
    orders = table("o.csv", zz=[f"O{i}" for i in range(M // 2)], yy=PEOPLE[: M // 2], xx=TIMES[: M // 2])
    lines = table("l.csv", zz=[f"O{i // 2}" for i in range(M)], aa=BOUGHT)

    found = guess([orders, lines, table("p.csv", aa=CODES, bb=TITLES)])

    assert found.events.path == "l.csv"
    assert [(one.path, one.on) for one in found.events.joins] == [("o.csv", ("zz",))]
    assert chosen(found.event_roles) == {"time": "xx", "item_id": "aa", "user": "yy"}


def test_dates_without_marks_are_times():
    log = table("l.csv", k1=PEOPLE, k2=BOUGHT, k3=[one[:10].replace("-", "") for one in TIMES])

    found = guess([log, table("p.csv", aa=CODES, bb=TITLES)])

    assert found.event_roles["time"].columns == ("k3",)


def test_ids_that_fit_twice_are_less_sure_and_the_other_is_named():
    log = table("l.csv", k1=[BOUGHT[-1 - i] for i in range(M)], k2=BOUGHT, k3=TIMES)

    item = guess([log, table("p.csv", aa=CODES, bb=TITLES)]).event_roles["item_id"]

    assert (item.columns, item.alternatives) == (("k2",), ("k1",))
    assert item.sureness < 0.5


def test_stars_of_a_log_of_reviews_are_its_ratings():
    log = table("reviews.csv", k1=PEOPLE, k2=BOUGHT, k3=[str(1 + i % 5) for i in range(M)], k4=TIMES)

    found = guess([log, table("p.csv", aa=CODES, bb=TITLES)])

    assert (found.event_kind, found.event_roles["rating"].columns) == ("rating", ("k3",))


def test_people_who_are_only_named_are_found_where_no_id_is():
    log = table("l.csv", **{"Customer Name": [f"Ann {one} Lee" for one in PEOPLE]}, sku=BOUGHT, day=TIMES)

    user = guess([log, table("p.csv", sku=CODES, title=TITLES)]).event_roles["user"]

    assert (user.columns, user.sureness < SURE) == (("Customer Name",), True)


@pytest.mark.parametrize(
    ("names", "price"),
    [
        ("Inkoopprijs, Verkoopprijs excl. btw, Verkoopprijs incl. btw", "Verkoopprijs incl. btw"),
        ("PU HT, PU TTC", "PU TTC"),
        ("Pris ex. moms, Pris inkl. moms", "Pris inkl. moms"),
        ("Cena bez DPH, Cena s DPH", "Cena s DPH"),
        ("Цена опт., Цена розн.", "Цена розн."),
        ("EK, VK, UVP", "VK"),
        ("old price, new price, cost price", "new price"),
        ("COST, RETAIL", "RETAIL"),
        ("vl_custo, vl_venda", "vl_venda"),
    ],
)
def test_of_several_prices_the_one_that_shoppers_pay_is_taken(names, price):
    columns = {name: [f"{1 + i + at}.50" for i in range(N)] for at, name in enumerate(names.split(", "))}

    found = guess([table("p.csv", sku=CODES, title=TITLES, **columns)])

    assert found.item_roles["price"].columns == (price,)


def test_a_weight_is_no_price():
    found = guess([table("p.csv", sku=CODES, title=TITLES, weight=PRICES, discount=PRICES)])

    assert "price" not in found.item_roles


def test_a_log_of_reviews_with_texts_is_no_second_catalogue():
    reviews = table(
        "feedback.csv",
        review_id=[f"r{i}" for i in range(M)],
        sku=BOUGHT,
        author=PEOPLE,
        land=LANDS,
        text=[f"I like it, the {i}th time too" for i in range(M)],
        date=TIMES,
    )

    found = guess([reviews, table("p.csv", sku=CODES, title=TITLES)])

    assert found.events is not None
    assert (found.event_roles["user"].columns, found.event_roles["item_id"].columns) == (("author",), ("sku",))
    assert found.event_roles["user"].sureness < SURE


def test_marked_up_texts_describe_and_addresses_of_mail_sort_nothing():
    html = [f"<p>Long <b>text</b> {i}</p>" for i in range(N)]
    found = guess([table("p.csv", aa=CODES, bb=TITLES, cc=html, dd=[f"v{i % 3}@x.example" for i in range(N)])])

    assert chosen(found.item_roles) == {"item_id": "aa", "title": "bb", "description": "cc"}


def test_two_numbers_of_a_log_are_told_apart_by_the_catalogue():
    log = table("l.csv", Numer=PEOPLE, Symbol=BOUGHT, Data=TIMES)

    found = guess([log, table("p.csv", Symbol=CODES, Nazwa=TITLES)])

    assert chosen(found.event_roles) == {"user": "Numer", "item_id": "Symbol", "time": "Data"}


def test_a_price_in_a_currency_is_a_price():
    columns = {"Price EUR": PRICES, "Price USD": PRICES, "MSRP": PRICES, "Dealer Price": PRICES}
    price = guess([table("p.csv", sku=CODES, title=TITLES, **columns)]).item_roles["price"]

    assert (price.columns, price.alternatives[0], price.sureness < SURE) == (("Price EUR",), "Price USD", True)
