"""Olist Brazilian e-commerce: order items joined with orders; its products have no names."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="olist",
    title="Olist",
    documented_at="Data set page: Brazilian E-Commerce Public Dataset by Olist",
    layouts=(
        Layout(
            source="olist",
            table="items",
            what="the Olist products",
            columns={
                "item_id": ("product_id",),
                "title": ("product_category_name",),
                "category": ("product_category_name",),
            },
            needs=("product_id", "product_category_name", "product_weight_g"),
            note="The set has no names of products: the category stands for the title.",
        ),
        Layout(
            source="olist",
            table="events",
            what="the Olist order items with their orders",
            columns={
                "user": ("customer_unique_id", "customer_id"),
                "item_id": ("product_id",),
                "time": ("order_purchase_timestamp",),
                "session": ("order_id",),
                "price": ("price",),
            },
            needs=("order_id", "product_id", "order_purchase_timestamp"),
            settings={"kind": "purchase"},
            note=(
                "Join olist_order_items, olist_orders and olist_customers on order_id and customer_id "
                "into one file first: one table is read from one file."
            ),
        ),
    ),
)
