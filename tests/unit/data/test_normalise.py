import pytest

from steelyard.data.values.normalise import attributes_text, category_path, clean, fold, unfold, words


def test_html_goes_and_the_text_stays():
    assert clean("<p>Fish &amp; chips</p>\n <b>5 < 6</b>") == "Fish & chips 5 < 6"


def test_full_width_and_case_are_folded():
    assert fold(" ＩＰｈｏｎｅ　１５ Pro ") == "iphone 15 pro"


def test_words_are_letters_numbers_and_runs_of_chinese():
    assert words("T-Shirt 7.5oz 红色连衣裙XL") == ["t", "shirt", "7.5", "oz", "红色连衣裙", "xl"]


@pytest.mark.parametrize(
    ("values", "path"),
    [
        (["Home > Kitchen > Mugs"], ("Home", "Kitchen", "Mugs")),
        (["Home|Kitchen"], ("Home", "Kitchen")),
        (["Home/Kitchen"], ("Home", "Kitchen")),
        (["Ice > Crushed/Cubed"], ("Ice", "Crushed/Cubed")),
        (["GROCERY", "FRZN/ICE"], ("GROCERY", "FRZN/ICE")),
        (["GROCERY", "GROCERY", None], ("GROCERY",)),
        (['["Home", "Mugs"]'], ("Home", "Mugs")),
        ([None], ()),
    ],
)
def test_a_category_is_a_path_from_wide_to_narrow(values, path):
    assert category_path(values) == path


def test_attributes_are_unfolded_into_readable_text():
    found = unfold(
        {"attributes_json": '{"Colour": ["Black", "Red"], "size": {"w": 3, "h": null}, "new": true}', "style": "A"}
    )

    assert found == {"Colour": "Black, Red", "size w": "3", "new": "yes", "style": "A"}
    assert attributes_text(found) == "Colour: Black, Red; size w: 3; new: yes; style: A"


def test_attributes_are_cut_between_two_of_them():
    text = attributes_text({f"name {i}": "x" * 300 for i in range(10)})

    assert len(text) <= 2000
    assert text.endswith("x" * 300)


def test_json_nested_beyond_reason_is_taken_as_text():
    assert unfold({"a": '{"a":' * 100_000})["a"].startswith('{"a":')


def test_hidden_elements_go_where_they_are_closed_and_an_open_one_is_a_tag():
    text = "a <style>p{x}</style>b <SCRIPT>1<2</script >c <svg><style>q</style></svg>d <script>e"
    text += " <![CDATA[f & g]]> <![CDATA[h"

    assert clean(text) == "a b c d e f & g <![CDATA[h"
    assert clean("<script>" * 10_000 + "tea</style>") == "tea"
