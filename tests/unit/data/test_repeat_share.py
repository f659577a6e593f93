"""Whether the rules suit a shop is read from how much of its validation period repeats."""

import numpy as np
import pytest

from steelyard.config.schema import Rules
from steelyard.data.detectors.leaks import category_findings, repeat_findings
from steelyard.data.dividing.periods import HeldOut
from steelyard.documents.split import HeldOutCounts


def held(known, repeated):
    counts = HeldOutCounts(
        users=9, cold_users=0, users_with_nothing_new=0, eligible_users=9, drawn_users=9, targets=9, cold_targets=0,
        targets_seen_before=0, known_pairs=known, repeated_pairs=repeated,
    )  # fmt: skip
    return HeldOut(np.arange(9), (), counts)


@pytest.mark.parametrize(
    ("rules", "repeated", "reasons"),
    [
        (Rules(), 20, ["repeats_not_offered"]),
        (Rules(), 19, []),
        (Rules(exclude_seen=True), 100, []),
        (Rules(exclude_seen=False), 20, []),
        (Rules(exclude_seen=False), 3, ["repeats_rare"]),
        (Rules(exclude_seen=False), 4, []),
    ],
)
def test_the_default_is_questioned_where_many_buy_again_and_repeats_where_hardly_anybody_does(rules, repeated, reasons):
    found = repeat_findings(held(200, repeated), rules)

    assert [one.reason for one in found] == reasons
    assert all(one.share == repeated / 200 for one in found)


def test_few_or_uncounted_purchases_say_nothing():
    assert repeat_findings(held(49, 49), Rules()) == []
    assert repeat_findings(held(None, None), Rules()) == []
    assert repeat_findings(HeldOut(np.arange(0), ()), Rules()) == []


def test_a_category_that_no_item_has_is_named_with_the_nearest():
    rules = Rules(repeat_categories=("Grocery > Milk", "grocery", "Grocery > Mlik"))

    (found,) = category_findings(("Grocery > Milk", "Wear"), rules)

    assert (found.reason, found.count, found.share) == ("repeat_category_unknown", 1, 1 / 3)
    assert found.samples == ({"named": "Grocery > Mlik", "nearest": "Grocery > Milk"},)
    assert category_findings(("Grocery > Milk",), Rules(repeat_categories=("grocery",))) == []
    assert category_findings((), Rules()) == []
