"""Magento and Adobe Commerce: the product CSV of System > Export, and order items."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Joined, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="magento",
    title="Magento / Adobe Commerce",
    documented_at="Adobe Commerce Admin Systems Guide: Product attributes data reference; Export",
    layouts=(
        Layout(
            source="magento",
            table="items",
            what="a Magento product export",
            columns={
                "item_id": ("sku",),
                "title": ("name",),
                "description": (("short_description", "description"), "description"),
                "category": ("categories",),
                "brand": ("manufacturer", "brand"),
                "price": (("special_price", "price"), "price"),
                "stock": ("is_in_stock", "qty"),
                "image": ("base_image", "image"),
                "attributes": (("color", "size", "material", "additional_attributes"),),
                "published": (("product_online", "visibility"), "product_online", "visibility"),
            },
            needs=("sku", "attribute_set_code", "product_type", "name"),
            settings={"published_words": {"2": False}},
            note="Several paths of categories stand in one cell, separated by commas.",
        ),
        Layout(
            source="magento",
            table="events",
            what="Magento order items",
            columns={
                "user": ("customer_id", "customer_email"),
                "item_id": ("sku", "product_id"),
                "time": ("created_at",),
                "session": ("order_id", "increment_id"),
                "quantity": ("qty_ordered",),
                "price": ("price",),
                "status": ("status", "order_status", "state"),
                "currency": ("order_currency_code", "base_currency_code"),
            },
            needs=("sku", "created_at", "qty_ordered"),
            settings={"kind": "purchase"},
            joins=(
                Joined(
                    files=("sales_order.*", "sales_orders.*", "orders.*"),
                    on=("order_id",),
                    key=("entity_id",),
                    columns=("customer_id", "customer_email", "status", "state", "order_currency_code"),
                    is_needed=False,
                ),
            ),
        ),
    ),
)
