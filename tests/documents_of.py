"""Whole documents from the few figures that a test is about, as a version without format numbers wrote them."""

from steelyard.documents.choice import Promise
from steelyard.documents.decision import decision_builtins, read_decision
from steelyard.documents.promises import read_promises
from steelyard.workflows.decide import decide


def line_of(stage, item, cost="0", **more):
    """A line of a stored bill."""
    return {
        "stage": stage, "item": item, "quantity": "1", "unit": "hour", "unit_price": cost, "cost": cost,
        "kind": "quoted", "quantity_kind": "derived", "quantity_source": "worked by hand", "source": "x: a price list",
        "as_of": "2026-09-06", "is_one_off": False, "line_kind": "derived", "explained": "", **more,
    }  # fmt: skip


def entry_of(name, monthly, *lines, **more):
    """The stored bill of a configuration."""
    return {
        "name": name, "instance": "cloud/box", "replicas": 1, "monthly": monthly, "unpriced": [],
        "per_1000": {"marginal": "1", "at_capacity": "1", "fully_loaded": "1"}, "lines": list(lines), **more,
    }  # fmt: skip


def bills_of(surfaces, **more):
    """The document of bills, in dollars."""
    book = {"name": "a book", "as_of": "2026-09-06", "currency": "USD"}
    return {"book": book, "surfaces": surfaces, **more}


def candidate_of(name, **more):
    """A candidate of a decision."""
    return {
        "name": name, "kind": "lexical", "parts": {}, "quality": {"mean": 0.5, "low": 0.48, "high": 0.52, "n": 100},
        "versus_reference": None, "share_of_reference": 1.0, "cpu_ms": {"mean": 1.0, "low": 0.9, "high": 1.1},
        "rss_mb": 50.0, "disk_mb": 0.1, "is_quiet": True, "p99_ms": 3.2, "p99_basis": "predicted",
        "instance": "cloud/box", "replicas": 1, "utilisation": 0.5, "rate_per_replica_rps": 50.0, "monthly": "10.00",
        "unpriced": [], "per_1000": {"marginal": None, "at_capacity": None, "fully_loaded": None},
        "is_on_frontier": True, "verdict": "feasible", "violations": [], "bill": [], "reasons": [], "reasons_zh": [],
        **more,
    }  # fmt: skip


def surface_of(surface, chosen, *candidates, **more):
    """A surface of a decision."""
    floor = {"text": "none", "text_zh": "无", "min_quality": None, "min_quality_share": None}
    return {
        "surface": surface, "metric": "ndcg@10", "is_synthetic": False, "n_requests": 100, "reference": chosen,
        "floor": floor, "max_p99_ms": 50.0, "peak_rps": 20.0, "requests_per_month": 20_000_000, "chosen": chosen,
        "is_feasible": True, "candidates": list(candidates), "promise": None, "baseline": None, "why": "it is",
        "why_zh": "是", **more,
    }  # fmt: skip


def decision_of(*surfaces, **more):
    """A decision."""
    return {"made_at": "2026-11-21T10:00:00+00:00", "surfaces": list(surfaces), **more}


def decided_json(*given, **more):
    """What ``decide`` finds, as it is stored."""
    return decision_builtins(decide(*given, **more))


def surface_value(row):
    """A surface of a stored decision as a value."""
    return read_decision({"surfaces": [row]}).surfaces[0]


def candidate_value(row):
    """A candidate of a stored decision as a value."""
    return surface_value(surface_of("search", None, row)).candidates[0]


def promise_of(measured_p99_ms, **more):
    """What came of a run over HTTP at ten requests a second."""
    figures = {"rate_rps": 10.0, "promised_p99_ms": 10.0, "requests": 100, "errors": 0, "note": ""}
    return Promise(measured_p99_ms=measured_p99_ms, **{**figures, "is_valid": True, "is_kept": True, **more})


def promise_row_of(**more):
    """A row of the record of promises."""
    row = {
        "at": "2026-11-28T12:00:00+00:00", "surface": "search", "configuration": "lexical", "rate_rps": 50.0,
        "requests": 500, "errors": 0, "is_valid": True, "busy_share": 0.01, "p99_promised_ms": 10.0,
        "p99_measured_ms": 11.0, "p99_error": 0.1, "cpu_promised_ms": 2.0, "cpu_measured_ms": 2.05, "cpu_error": 0.025,
        "machines_promised": "50.00", "machines_metered": "50.00", "machines_error": 0.0, **more,
    }  # fmt: skip
    return read_promises({"rows": [row]}).rows[0]
