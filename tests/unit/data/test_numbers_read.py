"""Numbers as shops write them, read by the one rule that ``init`` and ``prepare`` share."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.adapters.shop.sources import Sources


def read(folder, texts):
    (folder / "n.csv").write_text("a;b\n" + "".join(f'"{text}";x\n' for text in texts), "utf-8")
    with Sources(folder, threads=1) as sources:
        return sources.sample("n.csv", len(texts))[2]["a"]


def test_signs_codes_and_words_around_a_number_do_not_count(tmp_path):
    written = {
        **{"199.00元": 199, "￥1,299.00": 1299, "¥58起": 58, "EUR 3.99": 3.99, "3.99 EUR": 3.99, "-$5.00": -5},
        **{
            "１２．５０": 12.5,
            "199,-": 199,
            "Rs. 499": 499,
            "from $12": 12,
            "12 zł": 12,
            "1'299.50": 1299.5,
            "1e3": 1000,
        },
        **{"面议": None, "12-15": None, "12 apples": None, "$": None, "0,125": 0.125, "1,234,567": 1234567},
    }

    assert dict(zip(written, read(tmp_path, list(written)), strict=True)) == written


def test_the_column_decides_what_one_mark_before_three_digits_means(tmp_path):
    assert read(tmp_path, ["3,99", "1.299,00", "1.299"]) == [3.99, 1299, 1299]
    assert read(tmp_path, ["3.99", "1,299.00", "1,299", "1.299"]) == [3.99, 1299, 1299, 1.299]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.decimals(1000, 9_999_999, places=2), min_size=3, max_size=8), st.sampled_from(["{} €", "EUR {}", "{}"])
)
def test_a_column_of_decimal_commas_means_what_it_says(tmp_path, amounts, form):
    texts = [form.format(f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))) for amount in amounts]

    assert [Decimal(f"{value:.2f}") for value in read(tmp_path, texts)] == amounts


@pytest.mark.parametrize("mark", [">", "》", "＞", "→", "｜", "／", ">>", "->", "|", "/"])
def test_the_levels_of_a_category_are_cut_at_the_usual_marks(mark):
    from steelyard.data.values.normalise import category_path

    assert category_path([f"家电 {mark} 大家电{mark}空调"]) == ("家电", "大家电", "空调")
    assert category_path(["《红楼梦》研究"]) == ("《红楼梦》研究",)
