"""Methods of the package ``statsforecast`` for forecasts of traffic: an optional extra, heavy to install and import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import statsforecast  # noqa: F401  (missing, it is reported with the extra that brings it)

from steelyard.domain import FloatArray
from steelyard.planning.smoothing import WEEK, Method

__all__ = ["statsforecast_methods"]


@dataclass(frozen=True, slots=True)
class _Wrapped:
    """One of its models; a day without a value is given that of the week before, since it takes none missing."""

    name: str
    model: str
    options: dict[str, Any]

    def fit(self, values: FloatArray) -> tuple[float, ...]:
        """Nothing is kept: the model is fitted to each history."""
        del values
        return ()

    def forecast(self, values: FloatArray, horizon: int, *, learnt: tuple[float, ...]) -> FloatArray:
        """The model's own point forecast."""
        del learnt
        from statsforecast import models  # noqa: PLC0415  (compiles for seconds)

        made = getattr(models, self.model)(season_length=WEEK, **self.options)
        return np.asarray(made.forecast(y=_filled(values), h=horizon)["mean"], dtype=np.float64)


def statsforecast_methods() -> tuple[Method, ...]:
    """AutoETS, AutoTheta and MSTL with a weekly season, to be tried beside the built-in methods."""
    return (
        _Wrapped("statsforecast AutoETS", "AutoETS", {}),
        _Wrapped("statsforecast AutoTheta", "AutoTheta", {}),
        _Wrapped("statsforecast MSTL", "MSTL", {}),
    )


def _filled(values: FloatArray) -> FloatArray:
    found = values.astype(np.float64).copy()
    usual = np.nanmean(found) if np.isfinite(found).any() else 0.0
    for at in np.flatnonzero(np.isnan(found)):
        found[at] = found[at - WEEK] if at >= WEEK else usual
    return found
