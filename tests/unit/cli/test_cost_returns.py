import json

import pytest
from click.testing import CliRunner
from cost_shop import cost_shop

from steelyard.cli.cost.returns import command
from steelyard.errors import ConfigError, PriceError

TRAFFIC = (
    "--sessions 1000000 --impressions 10 --ctr 0.03 --cvr 0.02 --cvr-per click --order-value 120 --margin 0.25"
).split()
MEASURED = ["--lift-ctr", "0.02", "--lift-kind", "measured", "--lift-source", "an experiment"]


@pytest.fixture
def shop(tmp_path):
    return cost_shop(tmp_path)


def run(shop, *options):
    return CliRunner().invoke(command, ["-c", str(shop), *options], catch_exceptions=False)


def figures(shop, *options):
    done = run(shop, "--of", "large", "--against", "small", *TRAFFIC, *options, "--as", "json")
    assert done.exit_code == 0, done.output
    return {row["figure"]: row for row in json.loads(done.stdout)}


def test_a_lift_is_worth_what_it_adds_to_gross_profit_less_what_it_costs(shop):
    found = figures(shop, *MEASURED)

    assert found["gross profit a month before"]["expected"] == "180000.00"
    assert found["more gross profit a month"]["expected"] == "3600.00"
    assert found["more cost a month"]["expected"] == "1000.00"  # 1237.15 - 237.15
    assert found["net a month"]["expected"] == "2600.00"
    assert found["net a month"]["unit"] == "USD"
    assert found["payback"]["expected"] is None
    assert found["payback"]["source"].startswith("nothing is put in")


def test_two_lifts_multiply(shop):
    assert figures(shop, *MEASURED, "--lift-cvr", "0.01")["more gross profit a month"]["expected"] == "5436.00"


def test_nine_thousand_a_month_for_a_hundred_thousand(shop):
    # 5.5556 % more of 180,000 are 10,000; 1,000 of them go to the dearer machines.
    lift = str(10_000 / 180_000)
    found = figures(shop, "--lift-ctr", lift, "--investment", "100000", "--months", "24", "--rate", "0.1")

    assert found["net a month"]["expected"] == "9000.00"
    assert found["NPV over 24 months"]["expected"] == "95881.11"
    assert found["payback"]["expected"] == "12"
    assert found["ROI"]["expected"] == "1.16"
    assert found["IRR"]["expected"] is not None


def test_the_ends_of_a_lift_go_through_to_every_figure(shop):
    found = figures(
        shop, *MEASURED, "--lift-ctr-low", "-0.01", "--lift-ctr-high", "0.05", "--investment", "20000", "--months", "24"
    )

    more = found["more gross profit a month"]
    assert (more["low"], more["expected"], more["high"]) == ("-1800.00", "3600.00", "9000.00")
    assert (found["payback"]["low"], found["payback"]["expected"], found["payback"]["high"]) == (None, "8", "3")


def test_what_figures_rest_on_is_shown(shop):
    assumed = figures(shop, "--lift-ctr", "0.02")
    mixed = figures(shop, *MEASURED)
    measured = figures(shop, *MEASURED, "--traffic-kind", "measured", "--traffic-source", "web analytics of October")

    kinds = [found["net a month"]["kind"] for found in (assumed, mixed, measured)]
    assert kinds == ["assumed", "derived", "measured"]
    assert mixed["lift of ctr"]["source"] == "an experiment"


def test_an_offline_metric_brings_no_money_without_an_elasticity(shop):
    with pytest.raises(
        PriceError, match="an offline metric is not money; give an elasticity that an experiment measured"
    ):
        figures(shop, "--from-quality")
    with pytest.raises(ConfigError, match="needs --elasticity-kind measured or assumed, and --elasticity-source"):
        figures(shop, "--from-quality", "--elasticity", "0.3")


def test_with_an_elasticity_it_does_and_says_so(shop):
    said = ["--elasticity", "0.3", "--elasticity-kind", "assumed", "--elasticity-source", "the head of search"]

    found = figures(shop, "--from-quality", *said)

    # .44 against .40 is 10 % better, of which three tenths are more clicks
    assert found["lift of ctr"]["expected"] == "0.03"
    assert found["more gross profit a month"]["expected"] == "5400.00"
    assert found["net a month"]["kind"] == "derived"


def test_without_a_name_the_chosen_one_is_judged(shop):
    done = run(shop, "--against", "large", *TRAFFIC, "--lift-ctr", "-0.02")

    assert done.stdout.startswith("small instead of large, search")


def test_all_that_is_missing_is_named_at_once(shop):
    with pytest.raises(
        ConfigError, match="--sessions, --ctr, --cvr, --cvr-per, --order-value, --margin, --against: missing"
    ):
        run(shop)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        (["--against", "small", *TRAFFIC, "--of", "large"], PriceError, "no lift: give --lift-ctr"),
        (
            ["--against", "huge", *TRAFFIC, *MEASURED],
            ConfigError,
            "no configuration huge; known: large, nowhere, small",
        ),
        (["--against", "small", *TRAFFIC, *MEASURED], ConfigError, "small against itself brings nothing"),
        (["--against", "nowhere", *TRAFFIC, *MEASURED], PriceError, "nowhere has no total"),
        (
            ["--against", "large", *TRAFFIC, "--lift-ctr", "1", "--lift-kind", "measured"],
            ConfigError,
            "says by what it was measured: add --lift-source",
        ),
        (["--against", "large", *TRAFFIC, *MEASURED, "--lift-ctr-low", "0"], ConfigError, "a low and a high end"),
        (["--against", "large", *TRAFFIC, *MEASURED, "--from-quality"], ConfigError, "both lift the clicks"),
    ],
)
def test_what_cannot_be_judged_is_refused(shop, options, error, said):
    with pytest.raises(error, match=said):
        run(shop, *options)


def test_a_figure_that_is_none_is_refused_by_its_option(shop):
    with pytest.raises(ConfigError, match=r"--margin: 'much' is not a number: write it like 0\.02"):
        run(shop, "--margin", "much")


def test_the_interval_at_which_retraining_pays(shop):
    done = CliRunner().invoke(
        command, ["retrain", "--loss-growth", "30", "--cost", "6000", "--as", "json"], catch_exceptions=False
    )

    assert json.loads(done.stdout)[0]["every_days"] == "20.00"
    assert json.loads(done.stdout)[0]["cost_per_day"] == "600.00"


def test_a_loss_that_levels_off_may_never_pay(shop):
    arguments = ["retrain", "--ceiling", "900", "--tau-days", "60", "--as", "json", "--cost"]

    pays, never = (
        json.loads(CliRunner().invoke(command, [*arguments, cost], catch_exceptions=False).stdout)[0]
        for cost in ("6000", "54000")
    )

    assert (pays["every_days"], pays["cost_per_day"]) == ("34.01", "389.42")
    assert (never["every_days"], never["pays"]) == (None, False)


def test_how_the_loss_grows_must_be_said():
    with pytest.raises(ConfigError, match="give --loss-growth, or --ceiling and --tau-days"):
        CliRunner().invoke(command, ["retrain", "--cost", "6000"], catch_exceptions=False)


def test_a_bill_that_trains_nothing_again_needs_a_cost(shop):
    with pytest.raises(PriceError, match="the bill of small has no priced retraining; give --cost"):
        CliRunner().invoke(command, ["retrain", "--loss-growth", "30", "-c", str(shop)], catch_exceptions=False)
