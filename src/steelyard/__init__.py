"""Steelyard weighs the quality of a shop's search and recommendation models against what they cost, then runs them."""

import os

__version__ = "0.1.0"

# onnxruntime from 1.31 on writes an identifier of the device when it is imported, and reports its use to its maker.
# It looks here first, so this must be said before anything imports it.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
