"""Data contracts: what is written is valid, what is read back expects the same, and nothing is dropped silently."""

import json
import math
from importlib import resources

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.cli import main
from steelyard.config import parse
from steelyard.config.expectations import Expectation
from steelyard.data.contracts.describing import SeenTable, describe
from steelyard.data.contracts.understanding import understand
from steelyard.data.schema import wanted_events, wanted_items, wanted_same_users
from steelyard.documents.contract import contract_builtins, contract_of
from steelyard.errors import DataError
from steelyard.workflows.contracts import import_contract

SHOP = """
[shop]
name = "Lamps"
[data.items]
path = "lamps.csv"
[data.items.columns]
item_id = "code"
title = ["name", "series"]
price = ["reduced", "list"]
[data.events]
path = "sales/*.csv"
dates = "day-first"
kinds = { "gekauft!" = "purchase" }
[data.events.columns]
user = "customer"
item_id = "code"
time = "sold"
kind = "what"
"""
EXPECT = """
[[data.expect]]
table = "items"
column = "price"
min = 0
max = 900.5
[[data.expect]]
table = "items"
column = "code"
unique = true
matches = "L-[0-9]+|X"
except_share = 0.07
[[data.expect]]
table = "items"
column = "colour"
in = ["red", "no", "1", "2024-01-01"]
max_missing_share = 0.3
[[data.expect]]
table = "events"
min_rows = 3
[[data.expect]]
table = "events"
column = "time"
max_age_days = 1.5
"""
COLUMNS = {
    "items": ("code", "name", "series", "list", "reduced", "colour"),
    "events": ("customer", "code", "sold", "what"),
}


def contract(config):
    wanted = [wanted_items(config.data.items), wanted_events(config.data.events)]
    made = describe(config, [SeenTable(one, COLUMNS[one.table]) for one in wanted], name="lamps", path_of=str)
    return contract_builtins(made)


def read_back(document):
    return understand(contract_of(document, name="lamps.yaml"))


def rules(expectations):
    """Each rule by itself: column names stand for the roles that they play."""
    columns = {"price": "reduced", "time": "sold", "item_id": "code"}
    found = []
    for each in expectations:
        for kind, value in each.rules.items():
            share = each.except_share if kind in ("min", "max", "unique", "in", "matches") else 0
            found.append((each.table, columns.get(each.column, each.column), kind, value, share))
    return sorted(found, key=repr)


def foreign(*columns, **rest):
    table = {"name": "products", "properties": [{"name": "sku"}, {"name": "title"}, *columns]} | rest.pop("table", {})
    return {"kind": "DataContract", "apiVersion": "v3.0.2", "id": "x", "version": "1", "schema": [table], **rest}


def asked(document):
    found = read_back(document)
    return rules(one for one, _ in found.expectations), found.left


def test_a_contract_read_back_expects_the_same_and_reads_the_same_columns():
    config = parse(SHOP + EXPECT)

    made = import_contract(contract(config), name="lamps.yaml", path_of=str)

    again = parse(made.text)
    assert rules(again.data.expect) == rules(config.data.expect)
    assert again.data.items == config.data.items
    assert again.data.events == config.data.events
    assert "CHECK" not in made.text.split("\n", 1)[1]
    assert not [line for line in made.lines if line.startswith("note")]


SAME = """
[data.same_users]
path = "same.csv"
most_ids = 7
[data.same_users.columns]
user = "id"
same_as = "of"
[[data.expect]]
table = "same_users"
column = "id"
unique = true
"""


def test_the_table_of_who_is_one_person_is_described_and_comes_back():
    config = parse(SHOP + SAME)
    wanted = [wanted_items(config.data.items), wanted_same_users(config.data.same_users)]
    seen = [SeenTable(wanted[0], COLUMNS["items"]), SeenTable(wanted[1], ("id", "of"))]

    document = contract_builtins(describe(config, seen, name="lamps", path_of=str))

    table = document["schema"][1]
    assert [column["tags"] for column in table["properties"]] == [["personal"], ["personal"]]
    checks = [rule["name"] for column in table["properties"] for rule in column["quality"] if "name" in rule]
    assert checks == ["same_user_missing", "same_user_claimed", "same_user_missing", "same_user_shared"]
    again = parse(import_contract(document, name="lamps.yaml", path_of=str).text)
    assert again.data.same_users == config.data.same_users
    assert rules(again.data.expect) == rules(config.data.expect)


def test_a_table_is_who_is_one_person_only_where_it_is_called_so():
    columns = [{"name": "user_id"}, {"name": "person_id"}]
    called = [{"name": "id_map", "properties": columns}, {"name": "visits", "properties": columns}]

    found = [read_back(foreign() | {"schema": [*foreign()["schema"], table]}) for table in called]

    assert [(one.role, one.columns) for one in found[0].tables[1].roles] == [
        ("user", ("user_id",)),
        ("same_as", ("person_id",)),
    ]
    assert [table.name for table in found[1].tables] == ["items"]


def test_a_contract_is_valid_by_the_schema_of_the_standard():
    jsonschema = pytest.importorskip("jsonschema")
    pytest.importorskip("open_data_contract_standard")
    schema = json.loads(resources.files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8"))
    document = contract(parse(SHOP + EXPECT + "[privacy]\nkeep_days = 400\n"))

    problems = [error.message for error in jsonschema.Draft201909Validator(schema).iter_errors(document)]

    assert problems == []


SHARES = st.sampled_from((0.0, 0.01, 0.07, 0.29, 1 / 3, 1.0))
NUMBERS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda n: n + 0.0) | st.integers(-1000, 1000)  # no -0.0
WORDS = st.lists(
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=5), min_size=1, max_size=4
)


@st.composite
def expectations(draw):
    column = draw(st.sampled_from(("code", "colour", "list")))
    kinds = {
        "min": NUMBERS,
        "max": NUMBERS,
        "unique": st.just(value=True),
        "in": WORDS.map(tuple),
        "matches": st.sampled_from(("[A-Z]+", "a|b", "x$|^y", "(?i)k")),
        "max_missing_share": SHARES,
    }
    names = draw(st.lists(st.sampled_from(sorted(kinds)), min_size=1, max_size=4, unique=True))
    asked = {name: draw(kinds[name]) for name in names}
    return Expectation.model_validate({"table": "items", "column": column, "except_share": draw(SHARES), **asked})


@given(st.lists(expectations(), max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_expectations_come_back(wanted):
    config = parse(SHOP)
    config = config.model_copy(update={"data": config.data.model_copy(update={"expect": tuple(wanted)})})

    found = read_back(yaml.safe_load(yaml.safe_dump(contract(config))))

    assert sorted(set(map(repr, rules(one for one, _ in found.expectations)))) == sorted(set(map(repr, rules(wanted))))
    assert found.left == ()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"rule": "nullCheck", "mustBe": 0}, ("max_missing_share", 0.0, 0)),
        ({"metric": "nullValues", "mustBeLessOrEqualTo": 5, "unit": "percent"}, ("max_missing_share", 0.05, 0)),
        ({"metric": "missingValues", "arguments": {"missingValues": [None, ""]}, "mustBeLessThan": 1},
         ("max_missing_share", 0.0, 0)),
        ({"rule": "duplicateCount", "mustBeLessThan": 1}, ("unique", True, 0.0)),
        ({"metric": "duplicateValues", "mustBeBetween": [0, 2], "unit": "percent"}, ("unique", True, 0.02)),
        ({"rule": "validValues", "validValues": ["a", 1, True], "mustBe": 0}, ("in", ("a", "1", "true"), 0.0)),
        ({"metric": "invalidValues", "arguments": {"pattern": "^[a-z]+$"}, "mustBe": 0}, ("matches", "[a-z]+", 0.0)),
        ({"metric": "duplicateValues", "mustBeLessThan": 2, "unit": "percent"},
         ("unique", True, math.nextafter(0.02, 0))),
    ],
)  # fmt: skip
def test_library_rules_are_expectations(rule, expected):
    found, left = asked(foreign({"name": "size", "quality": [rule]}))

    assert [one[2:] for one in found] == [expected]
    assert left == ()


def test_a_pattern_that_may_stand_anywhere_is_asked_of_the_whole_value():
    found, _ = asked(foreign({"name": "size", "logicalType": "string", "logicalTypeOptions": {"pattern": "^a|b$"}}))

    import re

    is_met = re.compile(found[0][3]).fullmatch
    assert [bool(is_met(value)) for value in ("ax", "xb", "xa", "bx")] == [True, True, False, False]


def test_promises_of_columns_are_expectations():
    columns = (
        {"name": "gtin", "unique": True, "required": True},
        {"name": "size", "logicalType": "integer", "logicalTypeOptions": {"exclusiveMinimum": 2, "maximum": 9}},
        {"name": "code", "logicalType": "string", "logicalTypeOptions": {"minLength": 2, "maxLength": 4}},
        {"name": "state", "enum": [{"value": "on"}, {"value": "off"}]},
        {"name": "box", "logicalType": "object", "properties": [{"name": "mass", "required": True}]},
    )

    found, left = asked(foreign(*columns, table={"quality": [{"metric": "rowCount", "mustBeGreaterThan": 9}]}))

    assert {one[1:4] for one in found} == {
        ("gtin", "unique", True), ("gtin", "max_missing_share", 0.0), ("size", "min", 3), ("size", "max", 9),
        ("code", "matches", "[\\s\\S]{2,4}"), ("state", "in", ("on", "off")), ("box.mass", "max_missing_share", 0.0),
        ("", "min_rows", 10),
    }  # fmt: skip
    assert left == ()


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"type": "text", "description": "nice"}, "a text for people"),
        ({"type": "sql", "query": "select 1", "mustBe": 0}, "files answer none"),
        ({"type": "custom", "engine": "soda", "implementation": "x"}, "another tool (soda)"),
        ({"metric": "nullValues", "mustBeLessThan": 10}, "write except_share"),
        ({"metric": "nullValues", "mustNotBe": 0}, "mustNotBe"),
        ({"metric": "median", "mustBe": 1}, "no metric 'median'"),
        ({"metric": "nullValues", "mustBeAtMost": 1}, "no mustBeAtMost"),
        ({"metric": "invalidValues", "mustBe": 0}, "neither validValues nor a pattern"),
        ({"metric": "invalidValues", "arguments": {"pattern": "(?=x)"}, "mustBe": 0}, "not understood"),
        ({"metric": "missingValues", "arguments": {"missingValues": ["-9"]}, "mustBe": 0}, "count as values"),
        ({"metric": "rowCount", "mustBeLessThan": 5}, "only the least number"),
    ],
)
def test_a_rule_that_cannot_be_said_is_named_with_the_reason(rule, why):
    found = read_back(foreign({"name": "size", "quality": [rule]}))

    assert len(found.left) == 1
    assert why in found.left[0]
    assert found.left[0].startswith("items.size" if rule.get("metric") != "rowCount" else "items")


def test_a_mild_rule_is_marked_since_it_stops_training_here():
    document = foreign({"name": "size", "quality": [{"metric": "nullValues", "mustBe": 0, "severity": "warning"}]})

    made = import_contract(document, name="c.yaml", path_of=str)

    assert "[[data.expect]]  # CHECK: warning in the contract" in made.text


def test_service_levels_are_ages_and_the_others_are_named():
    levels = [
        {"property": "latency", "value": 36, "unit": "h", "element": "products.changed"},
        {"property": "availability", "value": "99.9 %"},
        {"property": "freshness", "value": 1, "unit": "d", "element": "orders.at"},
    ]

    found, left = asked(foreign({"name": "changed", "logicalType": "timestamp"}, slaProperties=levels))

    assert found == [("items", "changed", "max_age_days", 1.5, 0)]
    assert ["availability" in left[0], "orders.at" in left[1]] == [True, True]


def test_roles_are_guessed_by_names_and_types_and_marked():
    orders = {
        "name": "orders",
        "properties": [
            {"name": "customer_id"}, {"name": "product_id"}, {"name": "ordered_at", "logicalType": "timestamp"},
        ],
    }  # fmt: skip
    document = foreign({"name": "unit_price", "logicalType": "number"})
    document["schema"] += [orders, {"name": "stores", "properties": [{"name": "city"}]}]

    made = import_contract(document, name="c.yaml", path_of=str)

    config = parse(made.text)
    assert config.data.items.columns.price == "unit_price"
    assert (config.data.events.columns.user, config.data.events.columns.time) == ("customer_id", "ordered_at")
    assert any("stores was left out" in line for line in made.lines)
    assert "# CHECK" in made.text


def test_a_contract_without_a_catalogue_says_what_it_has():
    document = foreign() | {"schema": [{"name": "stores", "properties": [{"name": "city"}]}]}

    with pytest.raises(DataError, match=r"no catalogue.*stores \(city\)"):
        read_back(document)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: &x [1]\nb: *x\n", "line 2: \\*x repeats"),
        ("[" * 100, "deeper than 40"),
        ("a: !!python/object/apply:os.system [ls]", "tag"),
        ("a: 1\na: 2\n", "twice"),
        ("kind: [", "no YAML"),
        ("--- a\n--- b\n", "second document"),
        ("just words", "str was found"),
        ("kind: DataContract\napiVersion: v2.2.2", "version 3"),
        ("kind: DataContract\napiVersion: v3.0.0\nschema: 7", "not as the standard has it"),
    ],
)
def test_a_bad_file_gets_one_clear_error(tmp_path, text, says):
    (tmp_path / "c.yaml").write_text(text)

    found = CliRunner().invoke(main, ["contract", "import", str(tmp_path / "c.yaml")])

    assert found.exit_code == 1
    assert "DataError" in found.output
    import re

    assert re.search(says, found.output)
    assert not (tmp_path / "steelyard.toml").exists()


def test_the_verbs_write_a_contract_and_start_from_one(tmp_path):
    shop = tmp_path / "shop"
    shop.mkdir()
    toml = '[data.items]\npath = "lamps.csv"\n[data.items.columns]\nitem_id = "code"\ntitle = "name"\n'
    expect = '[[data.expect]]\ntable = "items"\ncolumn = "watt"\nmin = 1\n'
    (shop / "steelyard.toml").write_text(toml + expect)
    (shop / "lamps.csv").write_text("code,name,watt,hall\n" + "".join(f"L{n},Lamp {n},{n},A{n}\n" for n in range(1, 9)))
    runner = CliRunner()

    out = tmp_path / "lamps.yaml"
    written = runner.invoke(main, ["contract", "export", "-c", str(shop / "steelyard.toml"), "--out", str(out)])
    made = runner.invoke(main, ["contract", "import", str(out)])
    checked = runner.invoke(main, ["check", "-c", str(tmp_path / "steelyard.toml")])

    assert written.exit_code == made.exit_code == checked.exit_code == 0, written.output + made.output + checked.output
    types = {c["name"]: c["logicalType"] for c in yaml.safe_load(out.read_text())["schema"][0]["properties"]}
    assert types == {"code": "string", "name": "string", "watt": "number", "hall": "string"}
    assert parse((tmp_path / "steelyard.toml").read_text()).data.expect == parse(toml + expect).data.expect


def test_a_password_of_a_database_is_in_no_contract():
    config = parse(SHOP.replace("lamps.csv", "postgresql://me:secret@host/shop"))

    written = json.dumps(contract(config))

    assert "secret" not in written
    assert "postgresql://host/shop" in written
