"""ESCI shopping queries: products and graded query-product pairs."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="esci",
    title="ESCI",
    documented_at="Repository of the data set: Shopping Queries Data Set (ESCI)",
    layouts=(
        Layout(
            source="esci",
            table="items",
            what="the ESCI products",
            columns={
                "item_id": ("product_id",),
                "title": ("product_title",),
                "description": (("product_description", "product_bullet_point"), "product_description"),
                "brand": ("product_brand",),
                "attributes": (("product_color",),),
            },
            needs=("product_id", "product_title", "product_locale"),
            note="Keep the products of one product_locale.",
        ),
        Layout(
            source="esci",
            table="judgements",
            what="the ESCI judgements",
            columns={
                "query": ("query",),
                "item_id": ("product_id",),
                "gain": ("esci_label",),
            },
            needs=("query", "product_id", "esci_label"),
            settings={"grades": {"E": 3, "S": 2, "C": 1, "I": 0}},
        ),
    ),
)
