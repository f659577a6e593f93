"""Scenarios and forecasts that an earlier version stored, or somebody shared, are read."""

import pytest
from tests.documents_of import line_of

from steelyard.documents.forecast import forecast_builtins, read_forecast
from steelyard.documents.scenario import read_scenario, scenario_builtins
from steelyard.domain import LineKey
from steelyard.errors import ArtefactError


def way(name, *lines):
    return {
        "name": name, "what": "2 x cloud/box", "monthly": "12.50", "currency": "USD", "unpriced": [], "per_1000": "0.1",
        "low": 10.0, "high": None, "p_cheapest": 1.0, "lines": list(lines),
    }  # fmt: skip


EARLIER = {
    "plan": {
        "surface": "search", "configuration": "lexical", "requests_per_month": 1000, "peak_rps": 2.0,
        "spot_share": "0.3", "uncertain": {"requests": [0.5, 2.0], "draws": 100, "people_price": [0.5, 1.6]},
    },
    "ways": [
        way("reserved + spot", line_of("serving", "2 x cloud/box reserved"), line_of("serving", "cloud/box spot")),
    ],
    "cheapest": [{"from": 1, "to": 10, "way": "reserved + spot"}],
    "break_even": [{"way": "own", "against": "autoscaled", "cheaper": [[1, 2]]}],
    "swings": [{"driver": "people's hours", "at_low": 1.0, "at_high": 2.0}],
}  # fmt: skip


def test_a_scenario_of_an_earlier_version_has_its_lines_known_by_what_they_pay_for():
    found = read_scenario(EARLIER)

    assert [line.key for line in found.options[0].lines] == [LineKey.RESERVED_MACHINES, LineKey.SPOT_MACHINES]
    assert (found.cheapest[0].low, found.cheapest[0].high) == (1, 10)
    assert found.plan.uncertain.people_price == (0.5, 1.6)
    assert read_scenario(scenario_builtins(found)) == found
    assert scenario_builtins(found)["cheapest"] == [{"from": 1, "to": 10, "option": "reserved + spot"}]
    assert (found.break_even[0].option, found.cheapest[0].option) == ("own", "reserved + spot")


@pytest.mark.parametrize("given", [{}, {"plan": {}, "ways": []}, {"ways": [{"lines": [{}]}]}])
def test_what_is_no_scenario_is_refused(given):
    with pytest.raises(ArtefactError, match="the scenario cannot be read"):
        read_scenario(given)


def test_a_forecast_of_an_earlier_version_is_written_again_as_it_was():
    earlier = {
        "history": {"first": "2026-10-01", "counts": [10.0, 12.0]}, "level": 0.9, "method": "naive", "coverage": None,
        "origins": 3, "tested_days": 7,
        "methods": [{"method": "naive", "mae": 1.5, "mase": 1.0, "to_seasonal_naive": None}],
        "days": [{"day": "2026-10-03", "mean": 11.0, "low": 9.0, "high": 13.0, "promotion": None, "basis": None}],
        "promotions": [{"day": "2026-11-11", "name": "11.11", "lift": "+20%", "basis": "learnt", "days_learnt_from": 2,
                        "source": "a calendar"}],
    }  # fmt: skip

    assert forecast_builtins(read_forecast(earlier)) == earlier | {"format": 1}
