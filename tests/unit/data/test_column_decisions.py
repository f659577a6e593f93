"""What a column's numbers and times mean is told from all of its values; a tie is refused with both readings."""

from datetime import UTC, datetime

import pytest

from steelyard.adapters.shop.sources import Sources
from steelyard.data.remarks import Habits
from steelyard.data.schema import Role, Wanted
from steelyard.errors import DataError


def scanned(folder, values, kind, **habits):
    (folder / "f.csv").write_text("v;x\n" + "".join(f'"{value}";1\n' for value in values), "utf-8")
    role = Role("time" if kind == "time" else "price", ("v",), kind)
    with Sources(folder, threads=1) as sources:
        frame = sources.scan(Wanted("events", "f.csv", (role,), habits=Habits(**habits)), pseudonym=str).collect()
        return frame[role.name].to_list(), {remark.reason: remark.says for remark in sources.remarks("events")}


def numbers(folder, values, **habits):
    return scanned(folder, values, "number", **habits)[0]


def moments(folder, values, **habits):
    read, _ = scanned(folder, values, "time", **habits)
    return [None if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}" for at in read]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["2.499,00", "17,90", "2.499", "640", "4.000"], [2499, 17.9, 2499, 640, 4000]),
        (["0,875", "1,375", "7,50"], [0.875, 1.375, 7.5]),  # thousands never follow a nought
        (["2,34,567.50", "1,299", "640"], [234567.5, 1299, 640]),
        (["CHF 2’499.–", "3'250.500", "1.250"], [2499, 3250.5, 1.25]),
        (["2 499,00 €", "2\u00a0499,5", "2\u202f499,-", "1,250"], [2499, 2499.5, 2499, 1.25]),
        (["(7,50)", "7,50-", "−7,50", "€ (7,50)", "-€ 7,50"], [-7.5] * 5),
        (["٢٬٤٩٩٫٥٠", "１２．５", "٧"], [2499.5, 12.5, 7]),
        (["1499", "2.5E3", "12.5"], [1499, 2500, 12.5]),
        (["12.5 %", "1_000", "inf", "0x10", "12-15", "n/a", "#REF!", "??"], [None] * 8),
        (["1,499円", "12,800円", "640円"], [1499, 12800, 640]),  # the yen has no smaller unit
        ([f"{n},499" for n in range(1, 41)] + ["640"] * 9, [n * 1000 + 499 for n in range(1, 41)] + [640] * 9),
    ],
)
def test_a_column_of_numbers_is_read_by_one_decision(tmp_path, written, meant):
    assert numbers(tmp_path, written) == meant


@pytest.mark.parametrize("written", [["1.499", "3.000"], ["1,250", "640"], ["12,50", "12.50", "1.499"]])
def test_a_tie_shows_both_readings_and_the_setting(tmp_path, written):
    with pytest.raises(DataError, match=r'decimal = "comma"\) or .*decimal = "point"\)'):
        numbers(tmp_path, written)


def test_the_setting_decides_what_the_column_leaves_open(tmp_path):
    assert numbers(tmp_path, ["1.499", "3.000"], decimal="comma") == [1499, 3000]
    assert numbers(tmp_path, ["1.499", "3.000"], decimal="point") == [1.499, 3]


def test_two_marks_and_two_currencies_in_one_column_are_said(tmp_path):
    read, said = scanned(tmp_path, ["7,50 €", "7.50 €", "8 $"], "number", currency="EUR")

    assert read == [7.5, 7.5, 8]
    assert "decimal comma (as '7,50 €')" in said["decimal_marks_mixed"]
    assert "'€' on 2, '$' on 1" in said["currencies_mixed"]
    assert "may be in another" in scanned(tmp_path, ["7.50 €", "8", "9"], "number")[1]["currencies_mixed"]
    assert not scanned(tmp_path, ["7.50 €", "8", "9"], "number", currency="EUR")[1]
    assert not scanned(tmp_path, ["7.50 €", "8 €", "9"], "number")[1]
    assert "[shop] currency is GBP" in scanned(tmp_path, ["7,50 €"], "number", currency="GBP")[1]["currency_differs"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["03/04/2024 10:20", "21/04/2024 10:20"], ["2024-04-03 10:20:00", "2024-04-21 10:20:00"]),
        (["3/4/24 9:05 PM", "4/21/24 12:05 AM"], ["2024-03-04 21:05:00", "2024-04-21 00:05:00"]),
        (["2024-05-02 08:10:00 -0330", "2024-05-02T08:10Z"], ["2024-05-02 11:40:00", "2024-05-02 08:10:00"]),
        (["2024-05-02 08:10 PDT", "2024-05-02 08:10 Asia/Tokyo"], ["2024-05-02 15:10:00", "2024-05-01 23:10:00"]),
        (["2. Mai 2024 um 8:10 Uhr", "12 févr. 2024"], ["2024-05-02 08:10:00", "2024-02-12 00:00:00"]),
        (["3 de enero de 2024", "12-sep-24"], ["2024-01-03 00:00:00", "2024-09-12 00:00:00"]),
        (["Thu, 02 May 2024 08:10:11 +0200", "May 3rd, 2024"], ["2024-05-02 06:10:11", "2024-05-03 00:00:00"]),
        (["2024年5月2日 下午8时10分", "2024.05.02 08:10"], ["2024-05-02 20:10:00", "2024-05-02 08:10:00"]),
        (["45414.5", "45415"], ["2024-05-02 12:00:00", "2024-05-03 00:00:00"]),
        (["1714637400", "1714637400000", "1714637400000000"], ["2024-05-02 08:10:00"] * 3),
        (["20240502", "202405020810", "20240502081000"], ["2024-05-02 00:00:00"] + ["2024-05-02 08:10:00"] * 2),
        (["2016-12-31 23:59:60", "2016-12-31T23:59:60Z"], ["2017-01-01 00:00:00"] * 2),  # a leap second
        (["30/06/2015 23:59:60", "30/06/2015 23:59:59"], ["2015-07-01 00:00:00", "2015-06-30 23:59:59"]),
        (["6/6/2024", "7/7/2024"], ["2024-06-06 00:00:00", "2024-07-07 00:00:00"]),  # the same whatever comes first
        (["2024-02-31", "soon", "3"], [None] * 3),
    ],
)  # fmt: skip
def test_a_column_of_times_is_read_by_one_decision(tmp_path, written, meant):
    assert moments(tmp_path, written) == meant


def test_days_up_to_twelve_are_a_tie_that_shows_both_dates(tmp_path):
    with pytest.raises(DataError, match=r'2024-05-02 \(dates = "day-first"\) or 2024-02-05 \(dates = "month-first"\)'):
        moments(tmp_path, ["02/05/2024", "03/05/2024"])

    assert moments(tmp_path, ["02/05/2024"], dates="month-first") == ["2024-02-05 00:00:00"]


def test_rows_in_order_of_time_are_evidence_that_is_marked_as_such(tmp_path):
    rows = [f"{day:02}/{month:02}/2024" for month in (3, 4, 5) for day in range(1, 13)]

    read, said = scanned(tmp_path, rows, "time")

    assert read == sorted(read)
    assert "CHECK" in said["dates_guessed"]
    assert "2024-03-01 (day-first), not 2024-01-03 (month-first)" in said["dates_guessed"]


def test_two_orders_in_one_column_are_refused(tmp_path):
    with pytest.raises(DataError, match="mixes the orders of day and month"):
        moments(tmp_path, ["21/05/2024", "05/21/2024", "01/02/2024"])


def test_the_years_of_two_digits_that_change_least_are_the_years(tmp_path):
    rows = [f"{day:02}/{month:02}/23" for month in range(1, 13) for day in range(1, 29)]

    assert moments(tmp_path, rows)[14] == "2023-01-15 00:00:00"


def test_times_without_a_zone_are_the_shops(tmp_path):
    written = ["2024-07-01 12:00:00", "2024-01-01 12:00:00", "2024-01-01T12:00:00Z"]
    written += ["2024-03-31 02:30:00", "2024-10-27 02:30"]

    read = moments(tmp_path, written, timezone="Europe/Berlin")
    _, said = scanned(tmp_path, written, "time", timezone="Europe/Berlin")

    assert read[:3] == ["2024-07-01 10:00:00", "2024-01-01 11:00:00", "2024-01-01 12:00:00"]
    assert {"times_left_out_by_clock", "times_twice_on_clock", "zones_mixed"} <= set(said)
    assert "times_without_zone" in scanned(tmp_path, written, "time")[1]


def test_counts_since_1970_in_two_units_are_read_by_their_size_and_told(tmp_path):
    written = ["1709251200", "1709251201", "1709251202000"]

    assert moments(tmp_path, written)[1:] == ["2024-03-01 00:00:01", "2024-03-01 00:00:02"]
    assert "time_units_mixed" in scanned(tmp_path, written, "time")[1]
    assert "time_units_mixed" not in scanned(tmp_path, [*written[:2], "20240301120000"], "time")[1]


def test_a_zone_of_several_meanings_needs_the_shops(tmp_path):
    with pytest.raises(DataError, match=r"UTC-6 .* or UTC\+8"):
        moments(tmp_path, ["2024-05-02 08:10 CST"])

    assert moments(tmp_path, ["2024-05-02 08:10 CST"], timezone="Asia/Shanghai") == ["2024-05-02 00:10:00"]
    with pytest.raises(DataError, match="'Moon/Base' is not known"):
        moments(tmp_path, ["2024-05-02 08:10"], timezone="Moon/Base")
