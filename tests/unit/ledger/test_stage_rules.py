"""Rules that choose the stage of a line which states none: read whole or refused with every problem."""

import pytest

from steelyard.domain import Stage
from steelyard.errors import ConfigError
from steelyard.ledger.invoices.centres import parse_stage_rules

GOOD = {"when": {"ServiceCategory": ["Storage"]}, "stage": "storage"}


def refused(document):
    with pytest.raises(ConfigError) as refusal:
        parse_stage_rules(document, where="rules.json")
    return str(refusal.value)


@pytest.mark.parametrize("document", [None, [], {}, {"rules": []}, {"rules": "storage"}, {"rules": {}}])
def test_what_is_no_file_of_rules_is_refused(document):
    assert refused(document) == "rules.json: not a file of rules: it needs rules, each with when and stage"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("storage", "when needs columns, each with a list of values"),
        ({"stage": "storage"}, "when needs columns, each with a list of values"),
        ({**GOOD, "when": {"ServiceCategory": "Storage"}}, "when needs columns, each with a list of values"),
        ({**GOOD, "when": {"Colour": ["red"]}}, "'Colour' is not a column of FOCUS"),
        ({**GOOD, "stage": "storing"}, "stage 'storing' is not one of "),
        ({**GOOD, "pool": "pond"}, "pool 'pond' is not one of "),
    ],
)
def test_a_wrong_rule_is_refused_with_its_number_and_what_is_known(rule, said):
    assert refused({"rules": [GOOD, rule]}).startswith(f"rules.json: rule 2: {said}")


def test_all_wrong_rules_are_told_together():
    said = refused({"rules": [{**GOOD, "stage": "x"}, GOOD, {**GOOD, "pool": "y"}]})

    assert [line.split(": ")[1] for line in said.splitlines()] == ["rule 1", "rule 3"]


def test_rules_keep_their_order_and_a_column_of_the_shops_own_is_allowed():
    own = {"when": {"x_Team": ["search", 7]}, "stage": "serving", "pool": "machines"}

    found = parse_stage_rules({"rules": [GOOD, own]}, where="rules.json")

    assert [(stage, pool) for _, stage, pool in found.rules] == [(Stage.STORAGE, ""), (Stage.SERVING, "machines")]
    assert found.rules[1][0] == {"x_Team": frozenset({"search", "7"})}


def test_the_first_rule_that_fits_in_all_columns_chooses_and_is_told_in_words():
    both = {"when": {"ServiceCategory": ["Compute"], "x_Team": ["search"]}, "stage": "serving"}
    one = {"when": {"ServiceCategory": ["Compute"]}, "stage": "training", "pool": "machines"}
    rules = parse_stage_rules({"rules": [both, one]}, where="rules.json")

    assert rules.chosen({"ServiceCategory": "Compute", "x_Team": "search"}) == (
        Stage.SERVING, "", "ServiceCategory Compute and x_Team search",
    )  # fmt: skip
    assert rules.chosen({"ServiceCategory": "Compute"}) == (Stage.TRAINING, "machines", "ServiceCategory Compute")
    assert rules.chosen({"ServiceCategory": "Networking"}) is None
