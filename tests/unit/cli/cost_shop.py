"""A small shop that was decided: two configurations of search, with bills worked by hand."""

from pathlib import Path

from tests.documents_of import bills_of, candidate_of, decision_of, entry_of, line_of, surface_of

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
    figures = {"quantity": quantity, "unit": unit, "unit_price": "0.01", "source": source}
    return line_of(stage, item, cost, **{**figures, **more})


def entry(name, instance, hours, monthly, *, one_off=None):
    serving = bill_line("serving", instance, hours, "hour", f"{instance}: a price list", monthly)
    training = bill_line("training", "making it", "0.5", "hour", "aws/us-east-1/c5.large: a price list", "0.04")
    people = bill_line("tuning", "setting up, people", "1", "person_hour", "person/engineer: assumed", "0")
    lines = (serving, training, people, *([one_off] if one_off else []))
    return entry_of(name, monthly, *lines, instance=instance, replicas=4)


def candidate(name, mean, cpu_ms):
    quality = {"mean": mean, "low": mean - 0.02, "high": mean + 0.02}
    return candidate_of(name, cpu_ms={"mean": cpu_ms, "low": cpu_ms, "high": cpu_ms}, quality=quality)


def cost_shop(folder: Path) -> Path:
    """The folder of a shop whose search was priced and decided: ``small`` chosen, ``large`` better and dearer."""
    (folder / "steelyard.toml").write_text(SETTINGS, "utf-8")
    (folder / "items.csv").write_text("id,title\n1,kettle\n", "utf-8")
    store = Artefacts(folder / ".steelyard")
    small = entry("small", "aws/us-east-1/t3.micro", "2920", "237.15")
    large = entry("large", "aws/us-east-1/g6.xlarge", "1460", "1237.15")
    nowhere = {**entry("nowhere", None, "1", None), "instance": None, "lines": [], "unpriced": []}
    store.write_json("bills", bills_of({"search": [small, large, nowhere]}))
    surface = surface_of("search", "small", candidate("small", 0.40, 3.0), candidate("large", 0.44, 30.0))
    store.write_json("decision", decision_of(surface))
    return folder
