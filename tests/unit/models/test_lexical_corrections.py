"""Unknown words: what they may have been meant to be."""

import numpy as np
import pytest

from steelyard.models.retrieval.corrections import Corrections

COUNTS = {
    "air": 9,
    "bathroom": 40,
    "bathtub": 30,
    "conditioner": 8,
    "lamp": 50,
    "lamb": 1,
    "refrigerator": 20,
    "sony": 5,
}


def corrections(neighbours: dict[tuple[str, str], int] | None = None) -> Corrections:
    surfaces = sorted(COUNTS)
    pairs = neighbours or {}
    counts = np.array([COUNTS[surface] for surface in surfaces], np.int32)
    return Corrections(surfaces, counts, lambda left, right: pairs.get((left, right), 0))


def test_a_slip_of_one_letter_is_corrected() -> None:
    assert corrections().of("bathrom")[0].words == ("bathroom",)


def test_two_letters_swapped_are_one_slip() -> None:
    assert corrections().of("lmap")[0].words == ("lamp",)


def test_of_two_words_as_near_the_more_frequent_comes_first() -> None:
    found = corrections().of("lamx")

    assert [reading.words for reading in found] == [("lamp",), ("lamb",)]
    assert found[0].weight == 1.0
    assert found[1].weight == pytest.approx(np.exp(-np.log(50) / 4))


def test_the_beginning_of_a_word_is_completed() -> None:
    assert corrections().of("refrig")[0].words == ("refrigerator",)


@pytest.mark.parametrize("word", ["dv7", "12oz", "bathr00m", "sny", ""])
def test_digits_and_short_words_are_left_alone(word: str) -> None:
    assert corrections().of(word) == ()


def test_a_word_with_nothing_near_has_no_reading() -> None:
    assert corrections().of("xylophone") == ()


def test_words_written_together_are_parted_where_titles_hold_them_side_by_side() -> None:
    assert corrections({("air", "conditioner"): 3}).of("airconditioner")[0].words == ("air", "conditioner")
    assert corrections().of("airconditioner") == ()


def test_a_slip_in_the_first_letter_is_found_too() -> None:
    assert corrections().of("vathroom")[0].words == ("bathroom",)
