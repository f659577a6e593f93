"""Traffic forecast from daily counts, and what a configuration costs over its whole life; both worked by hand."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.documents_of import bills_of, decision_of, entry_of, line_of, surface_of
from tests.unit.workflows.accounts_shop import Accounts

from steelyard.errors import ConfigError, DataError, PriceError, StageError
from steelyard.workflows.accounts.bill_source import NOTATIONS, BillForm, bill_source
from steelyard.workflows.budgeting.forecast_traffic import (
    ForecastAsked,
    fit_of,
    forecast_traffic,
    months_ahead,
)
from steelyard.workflows.pricing.life_cost import LifeAsked, life_cost

D = Decimal
FIRST = date(2026, 9, 3)
"""Before it seven times eight days: the history ends on the 28th of October."""


@pytest.fixture
def shop(tmp_path):
    return Accounts(tmp_path)


def counted(shop, of_day, n=56):
    days = [FIRST + timedelta(days=at) for at in range(n)]
    lines = [f"{day},{of_day(day)}" for day in days]
    (shop.base / "counts.csv").write_text("\n".join(["date,count", *lines]) + "\n", "utf-8")
    return shop.base / "counts.csv"


def forecast(shop, of_day, *, days=34, n=56, promotions=None, notes=None):
    shop.config = shop.config.model_copy(
        update={"cost": shop.config.cost.model_copy(update={"calendars": ()})}
    )  # no holidays: every day is like the others of its name
    asked = ForecastAsked(days=days, promotions=promotions, history=counted(shop, of_day, n), zone="UTC", engine="own")
    return forecast_traffic(shop, asked, note=(notes if notes is not None else []).append)


def weekly(day):
    return 200 if day.weekday() >= 5 else 100


def test_a_history_that_repeats_every_week_goes_on_so(shop):
    outlook = forecast(shop, weekly)

    days = outlook.forecast.days
    assert (days[0], days[-1]) == (date(2026, 10, 29), date(2026, 12, 1))
    assert [round(float(each), 6) for each in outlook.forecast.mean] == [weekly(day) for day in days]
    assert shop.store.has("forecast")


def test_the_months_ahead_are_sums_of_their_days_and_one_that_is_not_whole_says_so(shop):
    found = months_ahead(shop, forecast(shop, weekly))

    assert found.currency == ""
    assert [row.month for row in found.rows] == ["2026-10", "2026-11", "2026-12 (1 of 31 days)"]
    october, november, december = found.rows
    assert october.events == 22 * 100 + 9 * 200  # the 28 days that were, and three to come
    assert november.events == 21 * 100 + 9 * 200
    assert december.events == 100
    assert november.busiest_day == 200
    assert (november.surface, november.requests, november.replicas) == (None, None, None)


def test_a_promotion_of_the_shops_own_lifts_its_day_by_what_is_said(shop):
    (shop.base / "own.csv").write_text("date,name,expected_lift\n2026-11-11,singles,1.5\n", "utf-8")

    outlook = forecast(shop, weekly, promotions=shop.base / "own.csv")

    mean = dict(zip(outlook.forecast.days, outlook.forecast.mean, strict=True))
    assert float(mean[date(2026, 11, 11)]) == pytest.approx(100 * (1 + 1.5))
    assert float(mean[date(2026, 11, 12)]) == pytest.approx(100)
    assert fit_of(outlook).without_effect == ()


def test_a_promotion_without_an_effect_is_named_and_changes_nothing(shop):
    (shop.base / "own.csv").write_text("date,name,expected_lift\n2026-11-11,singles,\n", "utf-8")

    outlook = forecast(shop, weekly, promotions=shop.base / "own.csv")

    mean = dict(zip(outlook.forecast.days, outlook.forecast.mean, strict=True))
    assert float(mean[date(2026, 11, 11)]) == pytest.approx(100)
    assert fit_of(outlook).without_effect == ("singles",)


def test_a_forecast_that_is_always_right_has_no_error_and_nothing_to_be_held_against(shop):
    found = fit_of(forecast(shop, weekly))

    assert found.mae == pytest.approx(0, abs=1e-9)
    assert found.peak_share is None  # counts of days say nothing of hours
    assert found.tested_days > 0 and found.n_origins > 0
    assert found.to_naive is None or found.to_naive >= 0


def test_too_short_or_empty_a_history_is_refused(shop):
    with pytest.raises(DataError, match="27 days of history are too few"):
        forecast(shop, weekly, n=27)
    with pytest.raises(DataError, match="all 56 days of the history are zero"):
        forecast(shop, lambda day: 0)
    assert not shop.store.has("forecast")


def test_without_a_log_and_without_counts_there_is_nothing_to_grow_from(shop):
    asked = ForecastAsked(days=7, promotions=None, history=None, zone="UTC", engine="own")

    with pytest.raises(StageError, match=r"run `steelyard prepare`, or give daily counts with --history FILE\.csv"):
        forecast_traffic(shop, asked, note=print)


def life(shop, **fields):
    given = {"name": None, "months": 10, "rate": D(0), "residual": D(0), "wanted": None, "rates": None, "on": None}
    return life_cost(shop, LifeAsked(**{**given, **fields}))


def decided(shop, *lines, horizon=12):
    entries = [entry_of("small", "100", *lines), entry_of("nowhere", None)]
    shop.store.write_json("bills", bills_of({"search": entries}, horizon_months=horizon))
    shop.store.write_json("decision", decision_of(surface_of("search", "small")))


ONCE = line_of("training", "making it", "5", is_one_off=True)
MONTHLY = line_of("serving", "machines", "30")


def by_stage(found):
    return {row.stage: (row.once, row.monthly, row.whole_life, row.present_value) for row in found.rows}


def test_what_falls_once_is_the_months_share_times_the_months_it_was_spread_over(shop):
    decided(shop, ONCE, MONTHLY)

    found = life(shop)

    assert (found.currency, found.months) == ("USD", 10)
    assert by_stage(found) == {
        "training": ("60.00", "0.00", "60.00", "60.00"),  # 5 x 12
        "serving": ("0.00", "30.00", "300.00", "300.00"),  # 30 x 10
        "total": ("60.00", "30.00", "360.00", "360.00"),
    }


def test_what_is_left_at_the_end_is_taken_off_the_total(shop):
    decided(shop, ONCE, MONTHLY)

    assert by_stage(life(shop, residual=D(40)))["total"] == ("60.00", "30.00", "320.00", "320.00")
    plain, left = (life(shop, months=12, rate=D("0.1"), residual=D(each)) for each in (0, 44))
    assert D(by_stage(plain)["total"][3]) - D(by_stage(left)["total"][3]) == 40  # 44 in a year at a tenth


def test_money_that_earns_elsewhere_makes_later_months_cheaper_today(shop):
    decided(shop, ONCE, MONTHLY)

    *_, whole, today = by_stage(life(shop, months=12, rate=D("0.1")))["total"]

    assert D(whole) == 60 + 12 * 30
    later = sum(30 / 1.1 ** (month / 12) for month in range(12))  # the first is paid at once
    assert float(today) == pytest.approx(60 + later, abs=0.01)
    assert D(today) < D(whole)


def test_as_long_as_the_settings_say_where_nobody_says_otherwise(shop):
    decided(shop, MONTHLY)

    assert life(shop, months=None).months == shop.config.cost.horizon_months


def test_each_month_is_told_at_its_own_rate(shop):
    decided(shop, MONTHLY)
    rows = [{"from": "USD", "to": "CNY", "rate": rate, "as_of": day, "source": "bank"}
            for rate, day in (("7", "2026-11-28"), ("8", "2026-12-01"))]  # fmt: skip
    (shop.base / "rates.json").write_text(json.dumps({"rows": rows}), "utf-8")

    found = life(shop, months=3, wanted="CNY", rates=shop.base / "rates.json")

    assert found.currency == "CNY"
    assert by_stage(found)["serving"][2] == "690.00"  # 30 x (7 + 8 + 8)


@pytest.mark.parametrize("fields", [{"wanted": "CNY"}, {"rates": "rates.json", "wanted": None}])
def test_another_currency_needs_both_its_name_and_rates(shop, fields):
    decided(shop, MONTHLY)
    given = {**fields, "rates": shop.base / fields["rates"] if fields.get("rates") else None}

    with pytest.raises(ConfigError, match="the bill is in USD: give --in and --rates together"):
        life(shop, **given)


def test_lives_that_cannot_be_told_say_why(shop):
    with pytest.raises(StageError, match="nothing was priced yet: run `steelyard decide`"):
        life(shop)
    decided(shop, line_of("serving", "machines", None, source="no such row"))
    with pytest.raises(PriceError, match="machines has no price, so its life has none"):
        life(shop)
    with pytest.raises(PriceError, match="nowhere has no bill, since no machine carries its load"):
        life(shop, name="nowhere")
    with pytest.raises(ConfigError, match="small"):
        life(shop, name="smal")


def form(shop, **fields):
    return bill_source(shop.tools.accounting.bill_files(), BillForm(**{"kind": "auto", **fields}))


def test_a_form_of_bills_is_what_was_said_of_them(shop):
    found = form(shop, encoding="gb18030", currency="CNY", decimal=NOTATIONS[0], any_period=True)

    assert (found.encoding, found.currency, found.is_any_period) == ("gb18030", "CNY", True)
    assert str(found.decimal) == NOTATIONS[0]
    assert form(shop).decimal is None  # each column decides


@pytest.mark.parametrize(
    ("fields", "says"),
    [({"currency": "Yuan"}, "--currency: "), ({"rates": "rates.json"}, "--rates needs --currency: what to convert to")],
)
def test_a_form_that_is_half_said_is_refused(shop, fields, says):
    (shop.base / "rates.json").write_text('{"rows": []}', "utf-8")
    given = {**fields, "rates": shop.base / "rates.json"} if "rates" in fields else fields

    with pytest.raises(ConfigError, match=says):
        form(shop, **given)
