"""Every quantity of the configuration has two ends, and figures that contradict each other are refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.config import Config, parse
from steelyard.config.load import contradiction
from steelyard.errors import ConfigError

SMALLEST = """
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "name"
"""


def numbers(schema: dict[str, Any], definitions: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every place of a JSON schema where a number may stand, with what is said of it."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[-1]]
    if schema.get("type") in ("number", "integer"):
        yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from numbers(part, definitions, f"{path}.{name}")
    inner = [*schema.get("anyOf", ()), *schema.get("allOf", ()), *schema.get("prefixItems", ())]
    inner += [part for key in ("items", "additionalProperties") if isinstance(part := schema.get(key), dict)]
    for part in inner:
        yield from numbers(part, definitions, path)


def test_every_number_of_the_schema_has_two_finite_ends():
    schema = Config.model_json_schema()
    found = list(numbers(schema, schema["$defs"], "config"))

    endless = [
        path
        for path, said in found
        if not {"minimum", "exclusiveMinimum"} & set(said) or not {"maximum", "exclusiveMaximum"} & set(said)
    ]

    assert len(found) > 40
    assert endless == []


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e308", "-1"])
@pytest.mark.parametrize(
    "key",
    [
        "load.search.peak_rps",
        "load.recommend.response_kb",
        "decide.search.max_p99_ms",
        "cost.people.maintenance_hours_per_month",
        "cost.people.encoder_hours_per_month",
        "cost.people.tuning_hours",
        "cost.people.labelling_hours",
        "cost.retrainings_per_month",
        "cost.alerts.jump_percent",
        "serve.deadline_s",
        "data.max_memory_gb",
    ],
)
def test_a_quantity_without_sense_is_refused_by_name(key: str, value: str):
    with pytest.raises(ConfigError, match=rf"'{key}' = "):
        parse(f"{key} = {value}\n" + SMALLEST)


def test_a_peak_below_the_mean_of_the_month_is_refused_with_the_arithmetic():
    text = SMALLEST + "[load.search]\npeak_rps = 1\nrequests_per_month = 20_000_000\n"

    with pytest.raises(ConfigError) as error:
        parse(text)

    message = str(error.value)
    assert "line 7: 'load.search': a peak of 1 requests/s is below the mean of the month" in message
    assert "20,000,000 requests / (730 h x 3,600 s) = 7.61 requests/s" in message


def test_a_volume_edited_without_the_peak_is_measured_against_the_peak_that_holds():
    with pytest.raises(ConfigError, match=r"a peak of 20 requests/s is below .* = 380.5 requests/s"):
        parse(SMALLEST + "[load.recommend]\nrequests_per_month = 1_000_000_000\n")


@settings(deadline=None)
@given(peak=st.floats(0.001, 1_000_000), month=st.integers(1, 10**12))
def test_exactly_the_peaks_below_the_mean_contradict(peak: float, month: int):
    assert bool(contradiction(peak, month)) == (peak < month / 2_628_000)
