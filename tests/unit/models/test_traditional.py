"""Traditional characters fold to the simplified ones, one to one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.data.values.traditional import SIMPLIFIED_OF

FOLDED = {chr(old): chr(new) if isinstance(new, int) else new for old, new in SIMPLIFIED_OF.items()}


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("手錶", "手表"),
        ("乾淨", "干净"),
        ("臺灣", "台湾"),
        ("後來", "后来"),
        ("電熱水壺", "电热水壶"),
        ("腳踏車", "脚踏车"),
        ("厨房裏的麪板", "厨房里的面板"),
        ("羣衆爲牀邊燈", "群众为床边灯"),
    ],
)
def test_words_of_shops_are_found_in_either_script(traditional, simplified):
    assert traditional.translate(SIMPLIFIED_OF) == simplified
    assert simplified.translate(SIMPLIFIED_OF) == simplified


def test_each_character_is_one_character_and_another():
    assert len(FOLDED) > 2600
    assert all(len(new) == 1 and new != old for old, new in FOLDED.items())


@given(st.text())
def test_a_fold_never_changes_the_length_nor_what_is_not_chinese(text):
    found = text.translate(SIMPLIFIED_OF)

    assert len(found) == len(text)
    assert [new for old, new in zip(text, found, strict=True) if old not in FOLDED] == [
        old for old in text if old not in FOLDED
    ]
