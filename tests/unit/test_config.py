import json
import tomllib
from typing import Annotated

import pytest
from pydantic import Field

from steelyard.config import Config, check_names, json_schema, moved_keys, parse
from steelyard.config.section import Section
from steelyard.errors import ConfigError

_Positive = Annotated[int, Field(gt=0)]

GOOD = """
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = ["name", "size"]
"""


def test_the_smallest_file_is_enough():
    config = parse(GOOD)

    assert config.data.items.columns.title == ["name", "size"]
    assert config.decide.search.min_quality_share == 0.97


def test_an_unknown_key_is_refused_with_line_and_nearest_name():
    with pytest.raises(ConfigError, match=r"line 7: unknown key 'decide.serach'; did you mean 'search'\?"):
        parse(GOOD + "[decide.serach]\nmin_quality = 0.3\n")


def test_all_problems_are_reported_at_once():
    text = GOOD + '[serve]\nport = "x"\nhots = "a"\n[load.search]\npeak_rps = -1\n'

    with pytest.raises(ConfigError) as error:
        parse(text)

    message = str(error.value)
    assert "3 problems" in message
    assert "line 8: 'serve.port' = 'x'" in message
    assert "line 9: unknown key 'serve.hots'; did you mean 'host'?" in message
    assert "line 11: 'load.search.peak_rps' = -1" in message


def test_a_missing_section_is_named():
    with pytest.raises(ConfigError, match="'data' is missing"):
        parse('[shop]\nname = "x"\n')


def test_broken_toml_says_where():
    with pytest.raises(ConfigError, match=r"is not TOML: .*line 2"):
        parse("a = 1\nb = = 2\n")


def test_keys_inside_a_long_string_are_not_taken_for_keys():
    text = '[shop]\nname = """\nserve = 1\n"""\nbad = 1\n' + GOOD

    with pytest.raises(ConfigError, match=r"line 5: unknown key 'shop.bad'"):
        parse(text)


KNOWN = {
    "search": ["lexical", "dense"],
    "recommend": ["item-knn"],
    "books": ["aws-us-east-1"],
    "sources": ["files", "warehouse"],
    "ledgers": ["postgres", "postgresql", "sqlite", "books-db"],
}


def test_references_are_checked_before_work_starts():
    text = GOOD + '[models]\nsearch = ["lexicall"]\nrecommend = ["item-knn"]\n[cost]\nbook = "aws-us-east"\n'

    with pytest.raises(ConfigError) as error:
        check_names(parse(text), KNOWN)

    assert "'lexicall' is not known; did you mean 'lexical'?" in str(error.value)
    assert "'aws-us-east' is not known; did you mean 'aws-us-east-1'?" in str(error.value)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ('[data]\nreader = "warehous"\n', "data.reader = 'warehous' is not known; did you mean 'warehouse'?"),
        ('[cost]\nledger = "book-db://here"\n', "cost.ledger = 'book-db://…' is not known; did you mean 'books-db'?"),
    ],
)
def test_a_reader_or_ledger_that_is_not_installed_is_refused_before_work_starts(written, says):
    with pytest.raises(ConfigError) as error:
        check_names(parse(written + GOOD.replace("[data]\n", "")), KNOWN)

    assert says in str(error.value)


@pytest.mark.parametrize(
    "ledger", ["postgresql://me@host/books", "postgres://host/books", "books-db://here", "env:BOOKS"]
)
def test_the_ledger_of_another_package_is_named_by_its_address(ledger):
    check_names(parse(GOOD + f'[models]\nsearch = ["lexical"]\nrecommend = []\n[cost]\nledger = "{ledger}"\n'), KNOWN)


def test_two_floors_for_one_surface_are_refused():
    text = (
        GOOD
        + '[models]\nsearch=["dense"]\nrecommend=["item-knn"]\n'
        + "[decide.search]\nmin_quality = 0.3\nmin_quality_share = 0.9\n"
    )

    with pytest.raises(ConfigError, match="exclude each other"):
        check_names(parse(text), KNOWN)


def test_every_setting_is_documented():
    schema = json.loads(json_schema())

    undocumented = [
        f"{section}.{key}"
        for section, model in schema["$defs"].items()
        for key, value in model["properties"].items()
        if not section.endswith("Columns") and "description" not in value and "$ref" not in value
    ]

    assert undocumented == []


def test_the_configuration_cannot_be_changed_after_reading():
    config = parse(GOOD)

    with pytest.raises(ValueError, match="frozen"):
        config.seed = 3

    assert isinstance(config, Config)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me@db.example/shop",
        "postgres://h1:5432,h2:5433/shop?user=me",
        "env:LEDGER_URL",
        "postgresql:///shop",
    ],
)
def test_the_ledger_may_be_in_a_database(address):
    assert parse(GOOD + f'[cost]\nledger = "{address}"\n').cost.ledger == address


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://me:hunter2@db.example/shop", "holds a password"),
        ("postgresql://me:hun:ter2@h1,h2/shop", "holds a password"),
        ("postgresql://db.example/shop?user=me&password=hunter2", "holds a password"),
        ("books-db://db.example/shop?token=hunter2", "holds a password"),
        ("postgresql://db.example/shop?user=me;PWD=hunter2", "holds a password"),
        ("mysql://me:hunter2@db.example/shop", "holds a password"),
        ("env:", "must begin like postgresql://"),
    ],
)
def test_a_ledger_address_with_a_password_is_refused_and_not_repeated(address, said):
    with pytest.raises(ConfigError, match=rf"line 8: 'cost.ledger': it {said}") as error:
        parse(GOOD + f'[cost]\nledger = "{address}"\n')

    assert "ter2" not in str(error.value)


@pytest.mark.parametrize(
    ("models", "says"),
    [
        (
            'search = ["item-knn"]',
            "models.search = 'item-knn' recommends from behaviour; it belongs in models.recommend",
        ),
        ('recommend = ["lexical"]', "models.recommend = 'lexical' answers queries; it belongs in models.search"),
    ],
)
def test_a_model_of_the_other_surface_is_refused_with_the_names_that_fit(models, says):
    other = '\nrecommend = ["item-knn"]' if "search" in models else '\nsearch = ["lexical"]'

    with pytest.raises(ConfigError) as error:
        check_names(parse(GOOD + "[models]\n" + models + other), KNOWN)

    assert says in str(error.value)
    assert "takes: " in str(error.value)


class _Mine(Section):
    """Options of a model of another package."""

    half_life_days: float = 30.0
    """How long an event counts."""


class _Installed:
    def names(self):
        return ["item-knn", "mine"]

    def options(self, name):
        return {"mine": _Mine}[name]


def test_the_table_of_a_model_is_checked_by_its_own_class():
    config = parse(GOOD + "[models.mine]\nhalf_life_days = 7\n", models=_Installed())

    assert config.models.tables == {"mine": _Mine(half_life_days=7)}
    assert parse(GOOD, models=_Installed()).models.tables == {}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (
            "[models.mine]\nhalf_live_days = 7",
            r"line 8: unknown key 'models.mine.half_live_days'; did you mean 'half_life_days'",
        ),
        ("[models.mine]\nhalf_life_days = 'x'", r"line 8: 'models.mine.half_life_days' = 'x'"),
        ("[models.mien]\nhalf_life_days = 7", r"line 7: unknown key 'models.mien'; did you mean 'mine'"),
        ("[models.tables]\nmine = 7", r"line 7: unknown key 'models.tables'"),
    ],
)
def test_a_wrong_table_of_a_model_is_refused_with_line_and_nearest_name(table, says):
    with pytest.raises(ConfigError, match=says):
        parse(GOOD + table + "\n", models=_Installed())


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("[data]\nevent_weights = { purchase = -1 }", "'data.event_weights.purchase' = -1: input should be"),
        ('[data]\nrating_weights = { "5" = nan }', "'data.rating_weights.5' = nan: input should be"),
        ("[models.sized]\nfactors = [8, 0]", "line 8: 'models.sized.factors.1' = 0: input should be greater than 0"),
        ("[models.sized]\nfactors = 0", "line 8: 'models.sized.factors' = 0: input should be greater than 0"),
    ],
)
def test_a_value_that_may_take_several_forms_is_one_problem_told_by_its_key(table, says):
    with pytest.raises(ConfigError) as error:
        parse(GOOD + table + "\n", models=_WithSized())

    assert "has 1 problem;" in str(error.value)
    assert says in str(error.value)
    assert "constrained" not in str(error.value)


class _Sized(Section):
    factors: _Positive | Annotated[tuple[_Positive, ...], Field(min_length=1)] = 64


class _WithSized:
    def names(self):
        return ["sized"]

    def options(self, name):
        return _Sized


class _Ials(Section):
    factors: int = 64
    iterations: int = 15


class _WithIals:
    def names(self):
        return ["ials"]

    def options(self, name):
        return _Ials


def test_keys_of_older_files_are_read_where_they_are_now():
    text = GOOD + "[models]\nials_factors = 32\n"

    assert parse(text, models=_WithIals()).models.tables["ials"].factors == 32
    assert moved_keys(tomllib.loads(text)) == [
        "models.ials_factors is now models.ials.factors; the old key is still read"
    ]


def test_the_price_of_a_line_is_read_by_its_older_key():
    log = '[data.events]\npath = "log.csv"\n{} = true\n[data.events.columns]\nitem_id = "i"\nuser = "u"\ntime = "t"\n'
    text = GOOD + log

    old, new = parse(text.format("is_price_of_line")), parse(text.format("price_is_line_total"))

    assert old == new
    assert old.data.events.price_is_line_total
    assert moved_keys(tomllib.loads(text.format("is_price_of_line"))) == [
        "data.events.is_price_of_line is now data.events.price_is_line_total; the old key is still read"
    ]


def test_an_old_key_beside_the_new_one_is_refused():
    text = GOOD + "[models]\nials_factors = 32\n[models.ials]\nfactors = 16\n"

    with pytest.raises(ConfigError, match=r"models.ials_factors is now models.ials.factors, and both are given"):
        parse(text, models=_WithIals())
