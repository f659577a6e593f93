import json

import pytest
from click.testing import CliRunner
from cost_shop import cost_shop

from steelyard.cli.cost.carbon import command
from steelyard.errors import ConfigError


@pytest.fixture
def shop(tmp_path):
    return cost_shop(tmp_path)


def run(shop, *options):
    return CliRunner().invoke(command, ["-c", str(shop), *options], catch_exceptions=False)


def rows(shop, *options):
    return json.loads(run(shop, "--as", "json", *options).stdout)


def test_a_month_of_a_configuration_worked_by_hand(shop):
    serving, making, both = rows(shop, "--of", "small")

    # 60,000 core-seconds on 2 threads for 2920 h: a share of .0028539; see tests/unit/cost/test_carbon.py
    watts = 0.6446 + 60_000 / (2920 * 3600 * 2) * (4.1934 - 0.6446)
    kwh = 2920 * (2 * watts / 1000 + 0.000392)
    assert float(serving["kwh"]) == pytest.approx(kwh, rel=1e-3)
    assert float(serving["use_gco2e"]) == pytest.approx(kwh * 1.135 * 415.755, rel=1e-3)
    assert float(serving["embodied_gco2e"]) == pytest.approx(2796.5, rel=1e-3)
    assert float(making["kwh"]) == pytest.approx(0.5 * (2 * 4.1934 / 1000 + 4 * 0.000392), rel=1e-3)
    assert float(both["use_gco2e"]) == pytest.approx(float(serving["use_gco2e"]) + float(making["use_gco2e"]), rel=1e-3)
    assert (both["way"], both["region"], both["g_per_kwh"], both["missing"]) == (
        "estimated", "aws/us-east-1", "415.755", None,
    )  # fmt: skip


def test_a_processor_nobody_knows_leaves_the_total_unknown(shop):
    serving, making, both = rows(shop, "--of", "large")

    assert serving["kwh"] is None and both["kwh"] is None and both["use_gco2e"] is None
    assert making["kwh"] is not None
    assert "no watts and no embodied carbon are known of aws/us-east-1/g6.xlarge" in both["missing"]
    assert "unknown" in run(shop, "--of", "large").stdout


def test_another_grid_and_hall_change_the_carbon_and_not_the_energy(shop):
    here, there = rows(shop, "--of", "small")[0], rows(shop, "--of", "small", "--region", "CN-ZJ", "--pue", "1.5")[0]

    assert here["kwh"] == there["kwh"]
    assert float(there["use_gco2e"]) == pytest.approx(float(there["kwh"]) * 1.5 * 497.4, rel=1e-3)
    assert "Ministry of Ecology" in there["grid"]


def test_a_meter_stands_beside_the_estimate_and_is_not_added_to_it(shop, tmp_path):
    (tmp_path / "meters.csv").write_text("configuration,kwh,source,as_of\nsmall,6.1,rack,2026-10-31\n", "utf-8")

    found = rows(shop, "--of", "small", "--metered", str(tmp_path / "meters.csv"))

    assert [(row["part"], row["way"]) for row in found] == [
        ("serving", "estimated"), ("making", "estimated"), ("both", "estimated"), ("serving", "metered"),
    ]  # fmt: skip
    assert (found[3]["kwh"], found[3]["kind"], found[3]["embodied_gco2e"]) == ("6.1", "measured", None)
    assert found[:3] == rows(shop, "--of", "small")


def test_every_figure_is_explained(shop):
    told = run(shop, "--of", "small", "--explain").stdout

    assert "20000000 request [assumed; [load] requests_per_month" in told
    assert "0.003 core_second/request [measured" in told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--of", "none"], "no machine runs a configuration 'none'"),
        (["--of", "nowhere"], "no machine runs a configuration 'nowhere'"),
        (["--pue", "much"], "--pue: .much. is not a number"),
    ],
)
def test_what_cannot_be_told_is_said(shop, options, said):
    with pytest.raises(ConfigError, match=said):
        run(shop, *options)


def test_a_meter_of_an_unknown_configuration_is_refused(shop, tmp_path):
    (tmp_path / "meters.csv").write_text("configuration,kwh,source,as_of\nsmal,6.1,rack,2026-10-31\n", "utf-8")

    with pytest.raises(ConfigError, match="metered, but no configuration: smal; known: large, nowhere, small"):
        run(shop, "--metered", str(tmp_path / "meters.csv"))


def test_hours_on_a_machine_that_left_the_price_book_are_not_lost(shop):
    (shop / "own.json").write_text(json.dumps(BOOK), "utf-8")
    with (shop / "steelyard.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[cost]\nbook = "own.json"\n')

    serving, making, both = rows(shop, "--of", "small")

    assert serving["kwh"] is None and both["kwh"] is None
    assert "is on no machine of the price book; run `steelyard decide` again" in serving["missing"]
    assert making["kwh"] is not None


BOOK = {
    "format": 1, "name": "own", "currency": "USD",
    "rows": [
        {
            "service": "instance", "name": "aws/us-east-1/c5.large", "unit": "hour", "price": "0.1", "kind": "quoted",
            "vcpus": 2, "memory_gb": 4, "source": "a test", "as_of": "2026-11-01",
        }
    ],
}  # fmt: skip
