"""Olist Brazilian e-commerce: order items with their orders and customers; its products have no names."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Joined, Layout

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
                "title": (("product_category_name_english", "product_category_name"), "product_category_name"),
                "category": ("product_category_name_english", "product_category_name"),
            },
            needs=("product_id", "product_category_name", "product_weight_g"),
            note="The set has no names of products: the category, in both languages, stands for the title.",
            joins=(
                Joined(
                    files=("product_category_name_translation.*",),
                    on=("product_category_name",),
                    columns=("product_category_name_english",),
                    is_needed=False,
                ),
            ),
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
                "status": ("order_status",),
            },
            needs=("order_id", "product_id", "order_purchase_timestamp"),
            settings={"kind": "purchase", "repeats": "pieces"},
            note="customer_id is another one in every order: customer_unique_id is the person.",
            joins=(
                Joined(
                    files=("olist_orders_dataset.*", "olist_orders.*", "orders.*"),
                    on=("order_id",),
                    columns=("order_purchase_timestamp", "customer_id", "order_status"),
                ),
                Joined(
                    files=("olist_customers_dataset.*", "olist_customers.*", "customers.*"),
                    on=("customer_id",),
                    columns=("customer_unique_id",),
                ),
            ),
        ),
    ),
)
