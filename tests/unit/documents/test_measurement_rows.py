"""Measurements as rows: every figure comes back, and what is undefined is null in between."""

import json
import math
from dataclasses import fields

import numpy as np
import pytest

from steelyard.documents.measurements import MeasurementRow, measurement_builtins, read_measurement
from steelyard.domain import Interval, Measurement
from steelyard.errors import ArtefactError

MEASURED = Measurement(
    configuration="lexical",
    metric="ndcg@10",
    quality=Interval(0.5, math.nan, math.nan, n=1),
    per_request=np.array([0.5]),
    cpu_s_per_request=Interval(0.01, 0.009, 0.011, n=20),
    service_s=np.array([0.02]),
    peak_rss_bytes=10**8,
    disk_bytes=7,
    disk_bytes_by_part={"parts/lexical": 7},
    load_s=0.25,
    is_quiet=False,
    is_synthetic=True,
    facts={"k": 10, "machine": {"cpu_model": "x"}},
)


def test_a_measurement_comes_back_from_its_row_with_the_arrays_beside_it():
    row = json.loads(json.dumps(measurement_builtins(MeasurementRow.of(MEASURED)), allow_nan=False))

    again = read_measurement(row).measurement(per_request=MEASURED.per_request, service_s=MEASURED.service_s)

    assert row["quality"] == {"mean": 0.5, "low": None, "high": None, "confidence": 0.95, "n": 1}
    assert list(row) == [each.name for each in fields(Measurement) if each.name not in ("per_request", "service_s")]
    assert math.isnan(again.quality.low)
    plain = [name for name in row if name != "quality"]
    assert [getattr(again, name) for name in plain] == [getattr(MEASURED, name) for name in plain]


def test_a_row_that_is_no_measurement_is_refused_with_what_to_do():
    with pytest.raises(ArtefactError, match=r"stored measurement cannot be read .*: measure again"):
        read_measurement({"configuration": "lexical"})
