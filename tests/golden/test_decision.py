"""The golden decision is what the code writes that writes the real ones."""

import json

from tests.golden.world import WORLD
from tests.golden.write import GOLDEN, as_text

from steelyard.documents.decision import decision_builtins, read_decision


def test_the_golden_decision_is_what_is_decided_now():
    found = WORLD.decision

    assert GOLDEN.read_text("utf-8") == as_text(found), "write it anew: python -m tests.golden.write"


def test_the_golden_decision_is_read_and_written_without_a_change():
    text = GOLDEN.read_text("utf-8")

    assert decision_builtins(read_decision(text)) == json.loads(text)
