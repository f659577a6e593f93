"""What the pages say of a bill in Chinese is what the report says."""

import re
from importlib.resources import files

from steelyard.cost.surroundings import PARTS
from steelyard.documents.line_words import words_of

WORDS = (files("steelyard.api") / "pages" / "words.js").read_text("utf-8")


def test_every_part_around_the_machines_is_named_as_its_line_is():
    for part in PARTS:
        for row, _, key in part.rows:
            said = words_of(key, row)
            assert (said.en, said.zh) == (f"{part.said.en}, {row}", f"{part.said.zh}，{row.rsplit('/', 1)[-1]}")


def test_no_page_knows_a_line_by_its_sentence():
    assert "preparing the data" not in WORDS


def test_no_sentence_has_two_entries():
    names = re.findall(r"^  (\w+): \[", WORDS, re.MULTILINE)

    assert sorted({name for name in names if names.count(name) > 1}) == []
