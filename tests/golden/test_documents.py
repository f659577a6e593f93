"""What finished shops hold of earlier versions is read, and written again with nothing but keys that came later."""

import json
from pathlib import Path

import pytest

from steelyard.documents.bills import bills_builtins, read_bills
from steelyard.documents.budgets import budgets_builtins, read_budgets
from steelyard.documents.decision import decision_builtins, decision_json, read_decision
from steelyard.documents.promises import promises_builtins, read_promises
from steelyard.documents.quality import quality_builtins, read_quality
from steelyard.documents.readings import read_readings, readings_builtins
from steelyard.documents.split import read_split, split_builtins

HERE = Path(__file__).parent / "documents"
LINES = {"key", "detail", "item_zh", "unpriced_zh"}
ADDED = {
    "decision-0": LINES | {"is_of_best", "not_built", "beside", "judged_by", "slices", "lists"},
    "bills-0": LINES,
    "promises-0": {"summary", "currency"},
    "readings-0": set(),
    "quality-0": {"effect", "remedy", "stops", "is_accepted", "expectations", "made_at", "weights"},
    "split-0": {"known_pairs", "repeated_pairs", "repeat_categories"},
    "budgets-0": {".rows[].quantity: '' became None"},
}


def stored(name):
    return json.loads((HERE / f"{name}.json").read_text("utf-8"))


def changes(before, after, path=""):
    """Every place where a document differs, keys that were added by their name alone."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() | after.keys():
            if key not in before:
                yield key
            elif key not in after:
                yield f"{path}.{key} is gone"
            else:
                yield from changes(before[key], after[key], f"{path}.{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for one, other in zip(before, after, strict=True):
            yield from changes(one, other, f"{path}[]")
    elif before != after:
        yield f"{path}: {before!r} became {after!r}"


@pytest.mark.parametrize(
    ("name", "read", "builtins"),
    [
        ("decision-0", read_decision, decision_builtins),
        ("bills-0", read_bills, bills_builtins),
        ("promises-0", read_promises, promises_builtins),
        ("readings-0", read_readings, readings_builtins),
        ("quality-0", read_quality, quality_builtins),
        ("split-0", read_split, split_builtins),
        ("budgets-0", read_budgets, budgets_builtins),
    ],
)
def test_a_document_of_an_earlier_version_is_written_again_with_nothing_changed(name, read, builtins):
    before = stored(name)

    after = json.loads(json.dumps(builtins(read(before)), allow_nan=False))

    assert set(changes(before, after)) == ADDED[name] | {"format"}
    assert read(after) == read(before)


def test_every_line_of_a_finished_shop_is_known_by_what_it_pays_for():
    decision, bills = read_decision(stored("decision-0")), read_bills(stored("bills-0"))

    lines = [line for entries in bills.surfaces.values() for entry in entries for line in entry.lines]
    lines += [*decision.total.lines, *(line for row in decision.candidates for line in row.bill)]
    assert len(lines) > 80
    assert {line.key for line in lines if line.key == "other"} == set()
    assert all(line.item_zh for line in lines)


def test_a_decision_is_the_same_from_bytes_and_from_what_was_parsed():
    found = read_decision(stored("decision-0"))

    assert read_decision(decision_json(found)) == found
    assert {row.surface: row.winner.name for row in found.surfaces} == {
        "search": "hybrid-static-1bit",
        "recommend": "item-knn-50x8bit",
    }
