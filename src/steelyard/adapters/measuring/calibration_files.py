"""Reads the files of ``steelyard cost calibrate``."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from steelyard.cost.calibration import Calibration, parse_calibration
from steelyard.errors import SourceError

__all__ = ["read_calibration"]

_MAX_BYTES = 1 << 20


def read_calibration(path: Path) -> Calibration:
    """The calibration that a file holds.

    Args:
        path: The file.

    Returns:
        With all four kernels.

    Raises:
        SourceError: It is not there, too large or not JSON.
        PriceError: It is something else than a calibration.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise SourceError(f"{path} is far larger than any calibration; give the file of `steelyard cost calibrate`")
        document = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(
            f"{path} cannot be read as a calibration: {error}; make it with `steelyard cost calibrate --out`"
        ) from error
    return parse_calibration(document, where=path.name)
