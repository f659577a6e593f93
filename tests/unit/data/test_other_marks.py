"""Files cut by marks of several letters are read as those of the usual marks, line by line."""

import io

import pytest
from small_shop import reasons

from steelyard.adapters.shop.cutting.other_marks import OtherMarks, other_marks, with_usual_marks

COLUMNS = {"item_id": "sku", "title": "title"}


def told(tmp_path, text):
    file = tmp_path / "rows.txt"
    file.write_text(text, encoding="utf-8")
    return file, other_marks(file)


@pytest.mark.parametrize(
    "text",
    [
        "sku,title\n1,Oak board\n2,Oak bench\n",
        "sku,path\n1,A::B::C\n2,A::B\n",
        'sku,title\n1,"Oak “big” board"\n2,“Bench”\n3,“Box”\n',
        "sku,title\n1,the “big” board\n2,a “small” one\n",
        "sku::title::price\n",
        "",
    ],
)
def test_usual_marks_are_left_as_they_are(tmp_path, text):
    assert told(tmp_path, text)[1] is None


def test_double_colons_divide_cells_where_every_line_has_as_many(tmp_path):
    file, marks = told(tmp_path, "4::71::5::978300760\n9::72::4::978300761\n")
    out = io.BytesIO()

    with_usual_marks(file, marks, out)

    assert marks == OtherMarks(has_colons=True)
    assert out.getvalue() == b"4\x0171\x015\x01978300760\n9\x0172\x014\x01978300761\n"


@pytest.mark.parametrize(("first", "last"), ["“”", "„“", "«»"])
def test_typographic_quotes_around_cells_are_quotes(shop, first, last):
    rows = [f"{i},{first}Oak board, no {i}{last}" for i in range(4)]
    shop.write("items.csv", "sku,title\n" + "\n".join([*rows, "9,Bench"]) + "\n")

    quality = shop.prepare(items={"columns": COLUMNS})

    assert [row["title"] for row in shop.rows("items")] == [*(f"Oak board, no {i}" for i in range(4)), "Bench"]
    assert reasons(quality)["dialect_told"] == 1
