"""What the pages say of a bill in Chinese is what the report says."""

import re
from importlib.resources import files

from steelyard.cost.surroundings import PARTS
from steelyard.reporting.words import bill_item

WORDS = (files("steelyard.api") / "pages" / "words.js").read_text("utf-8")


def test_every_part_around_the_machines_has_its_chinese_name():
    for part in PARTS:
        (zh,) = re.findall(rf'\[/\^{re.escape(part.said.en)}, .*?/, "(.+?)，\$1"\]'.replace(r"\ ", " "), WORDS)
        assert zh == part.said.zh
        assert bill_item(f"{part.said.en}, x", "zh").startswith(zh)


def test_no_sentence_has_two_entries():
    names = re.findall(r"^  (\w+): \[", WORDS, re.MULTILINE)

    assert sorted({name for name in names if names.count(name) > 1}) == []
