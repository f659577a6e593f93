"""Instacart online grocery shopping: products, and the products of orders with the orders, which have no dates."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Joined, Layout

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
            joins=(
                Joined(files=("departments.*",), on=("department_id",), columns=("department",), is_needed=False),
                Joined(files=("aisles.*",), on=("aisle_id",), columns=("aisle",), is_needed=False),
            ),
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
            note="The set has no dates: times are added up from the days between orders.",
            joins=(
                Joined(
                    files=("orders.*",),
                    on=("order_id",),
                    columns=("user_id",),
                    relative_time={
                        "column": "order_time",
                        "person": "user_id",
                        "order": "order_number",
                        "days": "days_since_prior_order",
                        "weekday": "order_dow",
                        "hour": "order_hour_of_day",
                        "begins": "2017-01-01",
                    },
                ),
            ),
            parts="order_products__*",
        ),
    ),
)
