"""The division of the data as a document, also of versions that told less."""

import json
from pathlib import Path

import pytest

from steelyard.documents.split import RatingRow, read_split
from steelyard.errors import ArtefactError

STORED = json.loads((Path(__file__).parents[2] / "golden" / "documents" / "split-0.json").read_text("utf-8"))


def test_a_division_before_ratings_were_told_is_read_with_five_stars():
    found = read_split({key: value for key, value in STORED.items() if key != "rating"})

    assert found.rating == RatingRow(top=5.0, like_above=3.0)


def test_targets_in_stock_are_unknown_where_they_were_not_counted():
    counts = {key: value for key, value in STORED["recommend"]["test"].items() if key != "targets_in_stock"}

    found = read_split({**STORED, "recommend": {"tuning": counts, "test": counts}})

    assert found.recommend.test.targets_in_stock is None
    assert found.recommend.test.targets == 1


def test_what_is_no_division_is_refused_with_what_to_do():
    with pytest.raises(ArtefactError, match=r"division of the data cannot be read.*make it again"):
        read_split({"n_items": 3})
