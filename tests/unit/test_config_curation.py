"""Rules of merchandisers as a file holds them: every problem is told with the rule and what to do."""

from datetime import date

import pytest

from steelyard.config.curation import read_curation
from steelyard.errors import ConfigError

WHOLE = """
[[rule]]
id = "milk-first"
action = "pin"
query = "milk"
items = ["m1", "m2"]
begins = 2026-11-01
ends = 2026-11-30
owner = "dairy team"
reason = "own brand launch"
"""


def rule(**changes: str) -> str:
    lines = dict(line.split(" = ", 1) for line in WHOLE.strip().splitlines()[1:])
    lines |= changes
    return "[[rule]]\n" + "\n".join(f"{name} = {value}" for name, value in lines.items() if value)


def test_a_rule_is_read_with_who_wants_it_and_why() -> None:
    (read,) = read_curation(WHOLE, name="curation.toml")

    assert (read.action, read.items, read.owner, read.reason) == (
        "pin",
        ("m1", "m2"),
        "dairy team",
        "own brand launch",
    )
    assert (read.begins, read.ends) == (date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("rule", "is not TOML"),
        ("[rules]\nx = 1", "'rules' is no table of it"),
        (rule(owner=""), "rule 'milk-first': 'owner' is missing"),
        (rule(reason='""'), "rule 'milk-first': reason"),
        (rule(query=""), "a pin names its query and its items"),
        (rule(items="[]"), "a pin names its query and its items"),
        (rule(action='"redirect"', items=""), "a redirect names its query, and in to where it leads"),
        (rule(action='"redirect"', to='"javascript:alert(1)"'), "write a path of the shop"),
        (rule(action='"redirect"', to='"//evil.example"'), "write a path of the shop"),
        (rule(action='"hide"', items="[]"), "names items, or where"),
        (rule(begins="2026-11-01T08:00:00"), "needs its offset from UTC"),
        (rule(ends="2026-10-01"), "it ends before it begins"),
        (rule(audiense='"vip"'), "'audiense' is not known; did you mean 'audience'?"),
        (rule(action='"pinn"'), "action: Input should be"),
        (WHOLE + WHOLE, "rule 'milk-first' is there twice"),
    ],
)
def test_a_rule_that_is_wrong_is_told_by_its_name(text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=r"curation\.toml") as caught:
        read_curation(text, name="curation.toml")

    assert why in str(caught.value)
