"""Shopify: the CSV exports of products and of orders, as the admin writes them."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Joined, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="shopify",
    title="Shopify",
    documented_at="Shopify Help Center: Using CSV files to import and export products; Exporting orders",
    layouts=(
        Layout(
            source="shopify",
            table="items",
            what="a Shopify product export",
            columns={
                "item_id": ("Variant SKU",),
                "title": ("Title",),
                "description": ("Body (HTML)",),
                "category": ("Product Category", "Type", "Custom Product Type", "Standard Product Type"),
                "brand": ("Vendor",),
                "price": ("Variant Price", "Price"),
                "stock": ("Variant Inventory Qty",),
                "image": ("Image Src", "Variant Image"),
                "attributes": (("Option1 Value", "Option2 Value", "Option3 Value", "Tags"),),
                "parent": ("Handle",),
                "published": (("Published", "Status"), "Published", "Status"),
            },
            needs=("Handle", "Title", "Variant SKU", "Variant Price"),
            note="Rows that share a handle are one product: what a variant leaves empty comes from the first row.",
        ),
        Layout(
            source="shopify",
            table="items",
            what="a Shopify product export of the newer form",
            columns={
                "item_id": ("SKU",),
                "title": ("Title",),
                "description": ("Description",),
                "category": ("Product category", "Type"),
                "brand": ("Vendor",),
                "price": ("Price",),
                "stock": ("Inventory quantity",),
                "image": ("Product image URL",),
                "attributes": (("Option1 value", "Option2 value", "Option3 value", "Tags"),),
                "parent": ("URL handle",),
                "published": (("Published on online store", "Status"), "Status"),
            },
            needs=("URL handle", "SKU", "Title"),
        ),
        Layout(
            source="shopify",
            table="events",
            what="a Shopify order export",
            columns={
                "user": ("Email", "Id"),
                "item_id": ("Lineitem sku",),
                "time": ("Created at",),
                "session": ("Name",),
                "quantity": ("Lineitem quantity",),
                "price": ("Lineitem price",),
                "status": (("Financial Status", "Cancelled at"), "Financial Status", "Cancelled at"),
                "currency": ("Currency",),
            },
            needs=("Name", "Lineitem sku", "Created at"),
            settings={"kind": "purchase"},
            note="One row a line of an order; people are known by their e-mail address, kept only as a pseudonym.",
        ),
        Layout(
            source="shopify",
            table="events",
            what="Shopify order lines and their orders, as an export of the database has them",
            columns={
                "user": ("customer_id", "email", "user_id"),
                "item_id": ("sku", "variant_id"),
                "time": ("created_at", "processed_at"),
                "session": ("order_id",),
                "quantity": ("quantity",),
                "price": ("price",),
                "status": (("financial_status", "cancelled_at"), "financial_status", "cancelled_at"),
                "currency": ("currency",),
            },
            needs=("order_id", "variant_id", "sku", "quantity", "created_at"),
            settings={"kind": "purchase"},
            joins=(
                Joined(
                    files=("orders.*", "order.*", "shopify_orders.*"),
                    on=("order_id",),
                    key=("id",),
                    columns=(
                        *("created_at", "processed_at", "customer_id", "email"),
                        *("financial_status", "cancelled_at", "currency"),
                    ),
                ),
            ),
        ),
    ),
)
