"""Instacart online grocery shopping: products, and the products of orders joined with the orders."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="instacart",
    title="Instacart",
    documented_at="Data dictionary: The Instacart Online Grocery Shopping Dataset 2017",
    layouts=(
        Layout(
            source="instacart",
            table="items",
            what="the Instacart products",
            columns={
                "item_id": ("product_id",),
                "title": ("product_name",),
                "category": (("department", "aisle"), ("department_id", "aisle_id")),
            },
            needs=("product_id", "product_name", "aisle_id", "department_id"),
        ),
        Layout(
            source="instacart",
            table="events",
            what="the Instacart products of orders with their orders",
            columns={
                "user": ("user_id",),
                "item_id": ("product_id",),
                "time": ("order_time", "time"),
                "session": ("order_id",),
                "position": ("add_to_cart_order",),
            },
            needs=("order_id", "user_id", "product_id", "add_to_cart_order"),
            settings={"kind": "purchase"},
            note=(
                "Join order_products with orders on order_id. "
                "The set has no dates: add a column order_time, "
                "any first day plus the running sum of days_since_prior_order."
            ),
        ),
    ),
)
