"""Damaged tables of text are cut right, and each line that is no part of a row is told."""

import pytest
from tests.unit.adapters.table_files import Files

from steelyard.adapters.shop.cutting import records
from steelyard.errors import SourceError


@pytest.fixture
def files(tmp_path):
    opened = Files(tmp_path)
    yield opened
    opened.close()


# Quotation marks.


def test_a_feed_without_quoting_keeps_its_inch_marks(files):
    rows = ['1\t"Vintage clock\t9', "2\tshelf\t3", '3\tsteel "pro" pan\t4', '4\t24" screen\t7', '5\tA "B"\t1']
    files.write("feed.tsv", "id\tname\tprice\n" + "\n".join(rows) + "\n")

    assert files.read("feed.tsv", "name") == [(row.split("\t")[1],) for row in rows]
    assert files.notes == {"dialect_told": 1}


def test_a_stray_quote_in_a_quoted_table_swallows_no_row(files):
    body = ['1,"pan, red",5', '2,"12 inch pan,6', '3,"lid, small",2', "4,spoon,1", '5,tray 10",4', '6,"cup, tall",3']
    files.write("a.csv", "id,name,price\n" + "\n".join(body) + "\n")

    rows = files.read("a.csv", "id", "name")

    assert [row[0] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    assert rows[0][1] == "pan, red"
    assert rows[1][1] == '"12 inch pan'
    assert files.bad_lines == []


def test_two_stray_quotes_that_match_each_other_do_not_join_the_rows_between(files):
    body = [f'{i},"plate, no. {i}",{i}' for i in range(20)]
    body[5], body[9] = '5,"bare plate,5', '9,plate 9",9'
    files.write("a.csv", "id,name,price\n" + "\n".join(body) + "\n")

    rows = files.read("a.csv", "id", "price")

    assert [row[0] for row in rows] == [str(i) for i in range(20)]


def test_descriptions_of_several_lines_with_commas_stay_whole(files):
    texts = ["one, two\nthree, four", "a\n\nb", 'said ""well""\nand left', "plain"]
    body = "".join(f'{i},"{text}",{i}\n' for i, text in enumerate(texts))
    files.write("a.csv", "id,text,price\n" + body)

    assert [row[0] for row in files.read("a.csv", "text")] == [text.replace('""', '"') for text in texts]


@pytest.mark.parametrize("quote", ["'", '"'])
def test_the_mark_around_cells_is_told_from_the_file(files, quote):
    lines = [["id", "name"], ["1", "pan, red"], ["2", "lid"], ["3", "box, tin"]]
    text = "\n".join(",".join(f"{quote}{cell}{quote}" for cell in line) for line in lines)
    files.write("a.csv", text)

    assert files.read("a.csv", "id", "name") == [("1", "pan, red"), ("2", "lid"), ("3", "box, tin")]


def test_quotes_after_a_backslash_are_letters_and_its_null_is_nothing(files):
    files.write("a.csv", 'id,name,price\n1,"15\\" laptop, grey",9\n2,"a \\\\ b",\\N\n3,"7\\" disc",5\n4,plain,2\n')

    rows = files.read("a.csv", "name", "price")

    assert rows == [('15" laptop, grey', "9"), ("a \\ b", None), ('7" disc', "5"), ("plain", "2")]


def test_the_configuration_can_say_that_quotes_are_letters(files):
    files.write("a.csv", 'id,name\n1,"pan"\n2,"lid"\n')

    assert files.read("a.csv", "name", quote="") == [('"pan"',), ('"lid"',)]


# Line ends.


@pytest.mark.parametrize("ends", [["\r"], ["\n"], ["\r\n"], ["\r\n", "\n"], ["\r", "\n", "\r\n"], ["\r", "\r", "\n"]])
@pytest.mark.parametrize("is_ended", [True, False])
def test_rows_may_end_in_any_way_and_in_several(files, ends, is_ended):
    lines = ["id,name,price", *(f"A{i},item {i},{i}" for i in range(12))]
    text = "".join(line + ends[i % len(ends)] for i, line in enumerate(lines))
    files.write("a.csv", text if is_ended else text.rstrip("\r\n"))

    assert files.read("a.csv", "id") == [(f"A{i}",) for i in range(12)]


def test_marks_that_are_no_line_ends_stay_in_their_cells(files):
    files.write("a.csv", "id,name,price\n1,one\u2028two,3\n2,a\u0085b,4\n3,x\x0cy,5\n")

    assert files.read("a.csv", "name") == [("one\u2028two",), ("a\u0085b",), ("x\x0cy",)]


def test_a_return_inside_a_cell_makes_no_row(files):
    files.write("a.csv", b"id,name,price\n1,red\rpan,3\n2,lid,4\n")

    assert files.read("a.csv", "id", "price") == [("1", "3"), ("2", "4")]


def test_zero_bytes_are_left_out_and_told(files):
    files.write("a.csv", b"id,name\n1,pa\0n\n2,lid\0\0\n")

    assert files.read("a.csv", "name") == [("pan",), ("lid",)]
    assert files.notes["zero_bytes"] == 3


# What stands before and after the rows.


@pytest.mark.parametrize(
    "before",
    ["sep=;\n", "Products of the autumn\n\n", "\n\n", "Export;;\nof 1.2.2024;;\n;;\n", '"sep=;"\r\n'],
)
def test_lines_before_the_header_are_skipped_and_told(files, before):
    files.write("a.csv", before + "id;name;price\nA1;Topf;3,5\nA2;Deckel;1\n")

    assert files.read("a.csv", "id", "name") == [("A1", "Topf"), ("A2", "Deckel")]
    assert files.notes["lines_before_header"] == before.count("\n")


def test_a_header_may_hold_a_line_break(files):
    files.write("a.csv", 'id,"name\nof item",price\n1,pan,3\n2,lid,4\n')

    assert files.read("a.csv", "id", "name of item") == [("1", "pan"), ("2", "lid")]


def test_columns_of_one_name_are_numbered_and_told(files):
    files.write("a.csv", "id,Price,name,price\n1,2,pan,3\n")

    assert files.read("a.csv", "Price", "price_2") == [("2", "3")]
    assert files.notes == {"columns_renamed": 1}


def test_a_file_without_a_header_keeps_its_first_row_once_its_columns_are_named(files):
    files.write("log.csv", "".join(f"{i % 3},{500 + i},buy,{1511544070 + i}\n" for i in range(9)))

    with pytest.raises(SourceError, match=r"no column 'user'.*(?s:.*)first line looks like data \(0, 500, buy, 15"):
        files.read("log.csv", "user")
    rows = files.read("log.csv", "user", "time", names=("user", "item", "kind", "time"), has_header=False)

    assert rows[0] == ("0", "1511544070")
    assert len(rows) == 9


def test_names_that_are_not_as_many_as_the_columns_are_refused(files):
    files.write("log.csv", "1,2,3\n4,5,6\n")

    with pytest.raises(SourceError, match="rows of 3 cells and names has 2"):
        files.read("log.csv", "a", names=("a", "b"), has_header=False)


@pytest.mark.parametrize("last", ["Total,,7", "Gesamt;".replace(";", ",,7"), "(2 rows)", "合计,,7"])
def test_a_line_of_totals_is_no_row(files, last):
    files.write("a.csv", f"id,name,price\n1,pan,3\n2,lid,4\n{last}\n")

    assert len(files.read("a.csv", "id")) == 2
    assert files.notes == {"row_trailer": 1}
    assert files.bad_lines == [4]


# Cells too few and too many.


def test_rows_short_of_cells_at_their_end_are_kept(files):
    files.write("a.csv", "id,name,brand,note\nX1,pan,K,n\nX2,lid,K\nX3,cup\nX4,box,K,n\n")

    assert files.read("a.csv", "id", "brand") == [("X1", "K"), ("X2", "K"), ("X3", None), ("X4", "K")]
    assert files.notes == {"cells_filled": 2}


def test_empty_cells_too_many_are_left_out_and_others_are_bad_lines(files):
    files.write("a.csv", "id,name\n1,pan,,\n2,lid\n3,cup,blue\n")

    assert files.read("a.csv", "id") == [("1",), ("2",)]
    assert files.notes == {"row_malformed": 1, "cells_trimmed": 1}
    assert files.bad_lines == [4]


def test_a_piece_of_a_broken_row_is_not_filled_up_to_a_row(files):
    body = "".join(f"P{i:03},item,{i}\n" for i in range(50))
    files.write("a.csv", "id,name,price\n" + body + "and more text,\n")

    assert len(files.read("a.csv", "id")) == 50
    assert files.bad_lines == [52]


def test_every_row_ending_in_a_delimiter_is_read(files):
    files.write("a.csv", "id;name\n1;pan;\n2;lid;\n")

    assert files.read("a.csv", "id", "name") == [("1", "pan"), ("2", "lid")]


def test_names_of_rows_without_a_name_do_not_shift_the_columns(files):
    files.write("a.csv", 'id,name\n"1",A1,pan\n"2",A2,lid\n"3",A3,cup\n')

    assert files.read("a.csv", "id", "name") == [("A1", "pan"), ("A2", "lid"), ("A3", "cup")]
    assert files.notes == {"header_shifted": 3}


def test_a_line_of_megabytes_is_kept_and_a_longer_one_costs_one_row(files, monkeypatch):
    picture = "x" * 3_000_000
    files.write("a.csv", f'id,text,price\n1,plain,3\n2,"<img src=""{picture}"">",4\n3,plain,5\n')

    assert [row[0] for row in files.read("a.csv", "id")] == ["1", "2", "3"]

    monkeypatch.setattr(records.LineReader.__init__, "__kwdefaults__", {"fallback": "", "max_line": 1 << 20})
    files.write("b.csv", (files.folder / "a.csv").read_bytes())
    assert [row[0] for row in files.read("b.csv", "id")] == ["1", "3"]
    assert files.notes == {"row_too_long": 1}


def test_text_that_was_saved_in_the_wrong_encoding_is_told(files):
    files.write("a.csv", "id,name\n1,crème\n2,Größe\n".encode().decode("latin-1"))

    files.read("a.csv", "name")

    assert files.notes == {"text_garbled": 3}


def test_lines_in_another_encoding_are_told_and_the_others_are_read(files):
    good = "".join(f"{i},保温杯{i}号\n" for i in range(30)).encode()
    files.write("a.csv", b"id,name\n" + good + "30,不锈钢锅具套装\n31,纯棉毛巾\n32,红色女鞋\n".encode("gb18030"))

    rows = files.read("a.csv", "name")

    assert rows[-1] == ("红色女鞋",)
    assert files.notes == {"encoding_mixed": 3}


def test_a_table_of_one_column_is_read(files):
    files.write("a.csv", "id\nA\n\nB\n")

    assert files.read("a.csv", "id") == [("A",), ("B",)]


# Lines that are no rows.


def test_a_header_that_comes_again_is_no_row_and_loses_nothing(files):
    files.write("a.csv", "id,name\n1,pan\nid,name\n2,lid\n3,id\n")

    assert files.read("a.csv", "id", "name") == [("1", "pan"), ("2", "lid"), ("3", "id")]
    assert files.notes == {"row_header": 1}
    assert files.bad_lines == [3]


def test_lines_of_empty_cells_are_no_rows(files):
    files.write("a.csv", "id,name,price\n1,pan,2\n" + ",,\n" * 40 + "2,,\n, ,\n")

    assert files.read("a.csv", "id") == [("1",), ("2",)]
    assert files.notes == {"row_blank": 41}


def test_a_line_of_units_below_the_names_is_not_a_product(files):
    rows = "".join(f"K{i},pan {i},{i}\n" for i in range(12))
    files.write("a.csv", f"id,name,price\nID,Text,EUR\n{rows},,\nid,name,price\n")

    assert files.read("a.csv", "id") == [(f"K{i}",) for i in range(12)]
    assert files.notes == {"header_second": 1, "row_blank": 1, "row_header": 1}


def test_a_first_product_without_a_price_is_a_product(files):
    files.write("a.csv", "id,name,price\nbig,pan,on request\nred,lid,3\nold,cup,4\nnew,jar,5\n")

    assert [row[0] for row in files.read("a.csv", "id")] == ["big", "red", "old", "new"]


def test_the_mark_for_the_end_of_a_file_is_no_row(files):
    files.write("a.csv", "id,name\n1,pan\n2,lid\n\x1a")

    assert files.read("a.csv", "id") == [("1",), ("2",)]
    assert files.bad_lines == []


# What cuts lines, where rows are short.


def test_the_header_tells_the_delimiter_where_rows_are_short_and_prices_have_commas(files):
    rows = ["1;pan;3,00", "2;lid", "3;cup;5,00;Zwilling", "4;jar;6,00;Weck;;", "5;tin;7,50"]
    files.write("a.csv", "id;name;price;brand\n" + "\n".join(rows) + "\n")

    assert files.read("a.csv", "id", "price") == [
        ("1", "3,00"),
        ("2", None),
        ("3", "5,00"),
        ("4", "6,00"),
        ("5", "7,50"),
    ]


def test_prices_with_a_comma_each_do_not_cut_a_table_of_semicolons(files):
    files.write("a.csv", "id;name;price\n" + "".join(f"{i};pan {i};1,{i},456.00\n" for i in range(10, 20)))

    assert files.read("a.csv", "id", "price")[:2] == [("10", "1,10,456.00"), ("11", "1,11,456.00")]


def test_texts_full_of_commas_do_not_cut_a_table_of_semicolons(files):
    texts = ["a, b, c, d, e", "f, g, h, i, j", "k, l, m, n, o, p", "q"]
    files.write("a.csv", "id;text\n" + "".join(f"{i};{text}\n" for i, text in enumerate(texts)))

    assert [row[0] for row in files.read("a.csv", "text")] == texts


def test_a_quoted_cell_that_ends_in_an_inch_mark_loses_its_quotes_alone(files):
    files.write("a.csv", 'id;name;price\n1;"shelf 24"";3\n2;"lid";4\n3;"cup";5\n')

    assert [row[0] for row in files.read("a.csv", "name")] == ['shelf 24"', "lid", "cup"]


def test_line_ends_and_tabs_after_a_backslash_are_what_they_stand_for(files):
    files.write("a.csv", 'id,text\n1,"oak \\"old\\"\\nwide\\tlow"\n2,"a \\"b\\""\n3,plain\n')

    assert files.read("a.csv", "text")[0] == ('oak "old"\nwide\tlow',)
