"""Daily counts of a stored log, calendars on disk, and the optional engine."""

import sys
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from steelyard.adapters.calendars import Calendars
from steelyard.adapters.shop.traffic import load_traffic
from steelyard.assembly import Tools
from steelyard.errors import ConfigError, DataError, MissingExtra, SourceError


def write_log(folder, *times):
    seconds = [datetime.fromisoformat(each).replace(tzinfo=UTC).timestamp() for each in times]
    pq.write_table(pa.table({"time": pa.array(seconds, pa.float64())}), folder / "events.parquet")
    return folder


def test_whole_days_are_counted_and_days_without_an_event_are_zero(tmp_path):
    write_log(
        tmp_path, "2026-11-01T20:00", "2026-11-02T01:00", "2026-11-02T01:20", "2026-11-04T09:00", "2026-11-05T01:00"
    )

    found = load_traffic(tmp_path)

    assert found.history.first == date(2026, 11, 2)
    assert found.history.counts.tolist() == [2, 0, 1]
    assert found.left_out == (date(2026, 11, 1), date(2026, 11, 5))
    assert found.of_hour[1] == 3


def test_the_day_begins_where_the_shop_is(tmp_path):
    write_log(
        tmp_path, "2026-11-01T00:00", "2026-11-01T15:59", "2026-11-01T16:00", "2026-11-02T10:00", "2026-11-03T16:00"
    )

    found = load_traffic(tmp_path, zone="Asia/Shanghai")  # eight hours ahead: 16:00 is midnight

    assert found.history.first == date(2026, 11, 2)
    assert found.history.counts.tolist() == [2, 0]
    assert found.of_hour[23] == 1


def test_a_day_of_23_hours_loses_no_event(tmp_path):
    hours = [f"2026-03-{day:02}T{hour:02}:30" for day in (27, 28, 29, 30, 31) for hour in range(24)]

    found = load_traffic(write_log(tmp_path, *hours), zone="Europe/London")  # summer time begins on 29 March

    assert found.history.counts.tolist() == [24, 23, 24, 24]


def test_a_log_of_two_days_has_no_whole_day(tmp_path):
    with pytest.raises(DataError, match="no whole day"):
        load_traffic(write_log(tmp_path, "2026-11-01T20:00", "2026-11-02T01:00"))


def test_an_empty_log_and_an_unknown_zone_are_refused(tmp_path):
    write_log(tmp_path)

    with pytest.raises(DataError, match="--history"):
        load_traffic(tmp_path)
    with pytest.raises(ConfigError, match="Asia/Shanghai"):
        load_traffic(tmp_path, zone="Middle/Earth")


def test_shipped_calendars_are_found_by_name():
    calendars = Calendars()

    assert calendars.names() == ["america", "britain", "china"]
    assert all(calendars.load(name).rules for name in calendars.names())
    with pytest.raises(DataError, match="shipped: america"):
        calendars.load("atlantis")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"day,name\n2026-11-11,x\n", "lacks date"),
        (b"date,name\n2026-11-11,x,1\n", "line 2"),
        (b"date,name\n\xff\xfe,x\n", "UTF-8"),
        (b"", "lacks date, name"),
    ],
)
def test_a_file_that_is_no_list_of_days_is_refused(tmp_path, content, said):
    path = tmp_path / "own.csv"
    path.write_bytes(content)

    with pytest.raises(SourceError, match=said):
        Calendars().own(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SourceError, match="No such file"):
        Calendars().counts(tmp_path / "none.csv")


def test_without_the_optional_engine_the_command_that_brings_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsforecast", None)
    monkeypatch.delitem(sys.modules, "steelyard.adapters.statsforecast_methods", raising=False)

    with pytest.raises(MissingExtra, match=r"pip install 'steelyard\[forecast\]'"):
        Tools().accounting.forecasting_methods()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # the package's own
def test_the_optional_engine_carries_a_weekly_rhythm_on():
    pytest.importorskip("statsforecast", reason="the extra forecast is not installed")
    week = np.array([100, 90, 95, 105, 120, 160, 150], dtype=float)
    values = np.tile(week, 12) + np.random.default_rng(0).normal(0, 1, 84)
    values[20] = np.nan

    for method in Tools().accounting.forecasting_methods():
        assert method.forecast(values, 7, learnt=method.fit(values)) == pytest.approx(week, rel=0.05)
