"""Rules of other names: the forms they take, and what is refused."""

import pytest

from steelyard.config import parse
from steelyard.config.synonyms import OtherNames, read_synonyms, with_synonyms
from steelyard.errors import ConfigError

SHOP = """
[shop]
name = "s"
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "t"
[models]
"""


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("couch, sofa", (OtherNames("couch", ("sofa",)), OtherNames("sofa", ("couch",)))),
        ("ac => ac, air  con", (OtherNames("ac", ("air con",)),)),
        ("ac => air con", (OtherNames("ac", ("air con",), is_replaced=True),)),
        ("a, b => c", (OtherNames("a", ("c",), is_replaced=True), OtherNames("b", ("c",), is_replaced=True))),
        ("沙发，长椅", (OtherNames("沙发", ("长椅",)), OtherNames("长椅", ("沙发",)))),
        (r"1\,5 m, 150 cm", (OtherNames("1,5 m", ("150 cm",)), OtherNames("150 cm", ("1,5 m",)))),
        ("# a, b", ()),
        ("   ", ()),
    ],
)
def test_a_line_says_what_else_is_looked_for(line: str, rules: tuple[OtherNames, ...]) -> None:
    assert read_synonyms([line], name="here") == rules


def test_lines_of_one_word_add_up_and_what_one_keeps_is_kept() -> None:
    rules = read_synonyms(["stove => stove, range", "stove => oven"], name="here")

    assert rules == (OtherNames("stove", ("range", "oven")),)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("couch", "names one thing only"),
        ("couch, couch", "names one thing only"),
        ("couch =>", "one side of the arrow is empty"),
        ("a => b => c", "two arrows"),
        (f"a, {'b' * 101}", "more than 100 letters"),
    ],
)
def test_a_line_that_says_nothing_is_refused_with_its_place(line: str, why: str) -> None:
    with pytest.raises(ConfigError, match=rf"names\.txt: line 2 .*{why}"):
        read_synonyms(["a, b", line], name="names.txt")


def test_the_rules_of_a_file_join_those_of_the_configuration() -> None:
    config = parse(SHOP + 'synonyms = ["a, b"]\nsynonyms_file = "names.txt"\n')

    found = with_synonyms(config, {"names.txt": "\ufeff# ours\nc, d\n\n"}.__getitem__)

    assert found.models.synonyms[0] == "a, b"
    assert "c, d" in found.models.synonyms


def test_a_wrong_rule_of_the_configuration_is_refused_before_work_begins() -> None:
    with pytest.raises(ConfigError, match=r"models\.synonyms: line 1"):
        with_synonyms(parse(SHOP + 'synonyms = ["a"]\n'), str)
