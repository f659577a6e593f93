"""Catalogues in languages whose words are not known, and texts with whole files inside."""

import pytest

from steelyard.data.guessing.guess import TableProfile, guess
from steelyard.data.guessing.profiles import profile
from steelyard.data.values.normalise import clean


def guessed(titles):
    columns = {"id": [f"A{i}" for i in range(len(titles))], "title": titles}
    table = TableProfile("p.csv", len(titles), tuple(profile(name, values) for name, values in columns.items()))
    return guess([table])


@pytest.mark.parametrize(
    ("titles", "name"),
    [
        (["면 셔츠", "양모 모자", "가죽 지갑", "유리 컵"], "Korean"),
        (["コットンシャツ", "革の財布", "ガラスのコップ", "木の椅子"], "Japanese"),
    ],
)
def test_a_language_that_is_not_known_is_told_and_never_taken_for_chinese(titles, name):
    found = guessed(titles)

    assert found.language == "mixed"
    assert any(f"CHECK language: the titles are {name}, for example {titles[0]!r}" in note for note in found.notes)


def test_chinese_is_chinese():
    found = guessed(["棉衬衫", "羊毛帽", "皮钱包", "玻璃杯"])

    assert found.language == "zh"
    assert not any("CHECK language" in note for note in found.notes)


def test_a_picture_inside_a_text_goes_with_its_tag_however_large():
    picture = "data:image/png;base64," + "iVBORw0KGgo" * 30_000

    assert clean(f'before <img src="{picture}" alt="x"> after') == "before after"
    assert clean("a" * 200_000) == "a" * 10_000
