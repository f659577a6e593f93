"""How texts are cut: what a shopper may type must meet what a shop may write."""

import subprocess
import sys

import pytest

from steelyard.models.text.segment import cut, fold, words


def terms(text: str, language: str = "en") -> set[str]:
    return set(words(text, language=language))


def test_full_width_letters_and_digits_fold_to_half_width() -> None:
    assert fold("ＡＢＣ１２３　Ｘ") == "abc123 x"


def test_accents_fold_away_and_kana_marks_stay() -> None:
    assert fold("Café Naïve") == "cafe naive"
    assert fold("ガラス") == "ガラス"


def test_a_vulgar_fraction_after_a_digit_does_not_run_into_it() -> None:
    assert fold("1½") == "1 1/2"


def test_traditional_characters_fold_to_simplified_ones() -> None:
    assert fold("雙筒望遠鏡") == "双筒望远镜"


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Mens T-Shirt", "tshirt"),
        ("Mens T-Shirt", "t shirt"),
        ("Mens tshirt", "t-shirt"),
        ("HP dv7-1211ea laptop", "dv7-1211ea"),
        ("HP dv7-1211ea laptop", "dv71211ea"),
        ("HP dv7-1211ea laptop", "1211ea"),
        ("Soap 12oz", "12 ounces"),
        ("Soap 12 oz.", "12oz"),
        ('Board 24"x36"', "24 in"),
        ("Ladder 6'", "6 feet"),
        ("Ladder 6 ft.", "6ft"),
        ("Lamp 60-Watt", "60w"),
        ("Lumber 2 x 4", "2"),
        ("Lumber 2x4", "4"),
        ("Pipe 1-1/2 in.", "1-1/2"),
        ("Pipe 1½ in.", "1/2 inch"),
        ("iPhone12 case", "iphone 12"),
        ("Cable 2.5mm", "2.5 mm"),
        ("AT&T phone", "att"),
        ("Men's shoes", "men shoe"),
        ("双筒望远镜", "望远镜"),
        ("雙筒望遠鏡", "望远镜"),
        ("高清苹果iPhone手机壳", "手机壳 iphone"),
    ],
)
def test_what_is_typed_meets_what_is_written(written: str, typed: str) -> None:
    found = cut(typed, language="en")

    assert terms(written) & {*found.units, *(term for term, _, _ in found.wholes)}


@pytest.mark.parametrize("term", ["1211ea", "dv7", "802.11", "4k", "1000", "1/2", "0.75"])
def test_what_holds_a_digit_is_never_stemmed(term: str) -> None:
    assert term in terms("dv7-1211ea 802.11ac 4k 1,000 1/2 .75")


def test_english_words_are_stemmed_and_in_a_chinese_shop_they_are_not() -> None:
    assert words("running shoes", language="en") == ["run", "shoe"]
    assert words("running shoes", language="zh") == ["running", "shoes"]


def test_units_come_in_order_and_wholes_say_which_units_they_stand_for() -> None:
    found = cut("Red T-Shirts 12oz", language="en")

    assert found.units == ("red", "t", "shirt", "12", "oz")
    assert found.surfaces == ("red", "t", "shirts", "12", "oz")
    assert found.wholes == (("tshirt", 1, 3), ("12oz", 3, 5))


def test_a_number_and_the_measure_after_it_make_a_whole_across_the_space() -> None:
    assert cut("3/4 inches", language="en").wholes == (("3/4in", 0, 2),)


def test_a_range_is_not_one_long_number() -> None:
    assert "10-12" in terms("ages 10-12")
    assert "1012" not in terms("ages 10-12")


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("Sticker 206,207,307 cars", ("206", "207", "307")),
        ("Drum 3818,3820,3020,4818,161,163", ("3818", "3820", "3020", "4818", "161", "163")),
        ("Fuser 3500.4500.5500 kit", ("3500", "4500", "5500")),
        ("Disk 880-875,118032582,100", ("118032582",)),
        ("片 ab301三层纸", ("ab301", "3")),
    ],
)
def test_numbers_that_are_listed_are_numbers_of_their_own(written: str, numbers: tuple[str, ...]) -> None:
    assert set(numbers) <= set(cut(written, language="en").units)


@pytest.mark.parametrize(
    ("written", "number"),
    [("Bolts 1,300 pcs", "1300"), ("Lamp 12,500.75", "12500.75"), ("120,000 btu", "120000"), ("Tape 0.125", "0.125")],
)
def test_thousands_are_one_number(written: str, number: str) -> None:
    assert number in terms(written)


@pytest.mark.parametrize(
    ("written", "piece"),
    [
        ("bag for 700d750d600d70", "750d"),
        ("earbuds for qoppaa59s", "a59s"),
        ("earbuds for qoppaa59s", "a59"),
        ("plug xcg39t36z1p1", "39t36z1p1"),
    ],
)
def test_a_model_number_is_found_by_its_pieces(written: str, piece: str) -> None:
    assert f"~{piece}" in cut(written, language="en").parts


def test_han_characters_become_pairs_and_the_words_among_them() -> None:
    found = cut("双筒望远镜", language="zh")

    assert found.units == ("双筒", "筒望", "望远", "远镜")
    assert ("望远镜", 2, 4) in found.wholes


def test_a_pair_across_two_words_has_no_surface() -> None:
    assert cut("双筒望远镜", language="zh").surfaces == ("双筒", "", "望远", "远镜")


def test_a_word_of_one_character_stands_for_the_pair_that_ends_with_it() -> None:
    found = cut("手机壳", language="zh")

    assert found.units == ("手机", "机壳")
    assert found.wholes == (("壳", 1, 2),)


@pytest.mark.parametrize("text", ["", "   ", "--- !!", "'", "\u200b", "™"])
def test_a_text_without_letters_and_digits_has_no_terms(text: str) -> None:
    assert words(text, language="en") == []


def test_the_dictionary_of_chinese_words_is_loaded_only_when_it_is_needed() -> None:
    code = (
        "import sys; from steelyard.models.text.segment import words; words('T-shirt ガラス', language='zh');"
        "before = 'rjieba' in sys.modules; words('手机', language='en'); print(before, 'rjieba' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "True"]


def test_without_the_dictionary_han_characters_are_pairs_and_nothing_else() -> None:
    found = cut("望远镜 12oz", language="en", with_dictionary=False)

    assert found.units == ("望远", "远镜", "12", "oz")
    assert [term for term, _, _ in found.wholes] == ["12oz"]


def test_a_chinese_question_to_a_catalogue_without_chinese_does_not_load_the_dictionary() -> None:
    code = (
        "import sys\n"
        "from steelyard.models.text.segment import cut\n"
        "cut('牛奶 望远镜', language='en', with_dictionary=False)\n"
        "sys.exit('rjieba' in sys.modules)\n"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
