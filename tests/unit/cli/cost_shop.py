"""A small shop that was decided: two configurations of search, with bills worked by hand."""

from pathlib import Path

from steelyard.adapters.artefacts import Artefacts

SETTINGS = """
[shop]
name = "Small"
currency = "USD"

[data.items]
path = "items.csv"

[data.items.columns]
item_id = "id"
title = "title"
"""


def bill_line(stage, item, quantity, unit, source, cost, **more):
    return {
        "stage": stage, "item": item, "quantity": quantity, "unit": unit, "unit_price": "0.01", "cost": cost,
        "kind": "quoted", "quantity_kind": "derived", "quantity_source": "worked by hand", "source": source,
        "as_of": "2026-09-06", "is_one_off": False, "explained": "", **more,
    }  # fmt: skip


def entry(name, instance, hours, monthly, *, one_off=None):
    serving = bill_line("serving", instance, hours, "hour", f"{instance}: a price list", monthly)
    training = bill_line("training", "making it", "0.5", "hour", "aws/us-east-1/c5.large: a price list", "0.04")
    people = bill_line("tuning", "setting up, people", "1", "person_hour", "person/engineer: assumed", "0")
    return {
        "name": name, "instance": instance, "replicas": 4, "monthly": monthly, "unpriced": [],
        "per_1000": {"marginal": "1", "at_capacity": "1", "fully_loaded": "1"},
        "lines": [serving, training, people, *([one_off] if one_off else [])],
    }  # fmt: skip


def candidate(name, mean, cpu_ms):
    quality = {"mean": mean, "low": mean - 0.02, "high": mean + 0.02}
    return {"name": name, "cpu_ms": {"mean": cpu_ms}, "quality": quality}


def cost_shop(folder: Path) -> Path:
    """The folder of a shop whose search was priced and decided: ``small`` chosen, ``large`` better and dearer."""
    (folder / "steelyard.toml").write_text(SETTINGS, "utf-8")
    (folder / "items.csv").write_text("id,title\n1,kettle\n", "utf-8")
    store = Artefacts(folder / ".steelyard")
    small = entry("small", "aws/us-east-1/t3.micro", "2920", "237.15")
    large = entry("large", "aws/us-east-1/g6.xlarge", "1460", "1237.15")
    nowhere = {**entry("nowhere", None, "1", None), "instance": None, "lines": [], "unpriced": []}
    store.write_json("bills", {"book": {"currency": "USD"}, "surfaces": {"search": [small, large, nowhere]}})
    surface = {
        "surface": "search", "metric": "ndcg@10", "chosen": "small", "requests_per_month": 20_000_000,
        "candidates": [candidate("small", 0.40, 3.0), candidate("large", 0.44, 30.0)],
    }  # fmt: skip
    store.write_json("decision", {"made_at": "2026-11-21T10:00:00+00:00", "surfaces": [surface]})
    return folder
