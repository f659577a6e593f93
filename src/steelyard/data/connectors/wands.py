"""WANDS: products of a furniture shop and relevance of search results, tab-separated."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Joined, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="wands",
    title="WANDS",
    documented_at="Repository of the data set: Wayfair Annotation Dataset (WANDS)",
    layouts=(
        Layout(
            source="wands",
            table="items",
            what="the WANDS products",
            columns={
                "item_id": ("product_id",),
                "title": ("product_name",),
                "description": ("product_description",),
                "category": ("category hierarchy", "product_class"),
                "attributes": ("product_features",),
            },
            needs=("product_id", "product_name", "product_class", "product_features"),
        ),
        Layout(
            source="wands",
            table="judgements",
            what="the WANDS labels with their queries",
            columns={
                "query": ("query",),
                "item_id": ("product_id",),
                "gain": ("label",),
            },
            needs=("query", "product_id", "label", "query_class"),
            joins=(Joined(files=("query.*", "queries.*"), on=("query_id",), columns=("query", "query_class")),),
            settings={"grades": {"Exact": 2, "Partial": 1, "Irrelevant": 0}},
            note="label.csv has no text of the query: query.csv has it.",
        ),
    ),
)
