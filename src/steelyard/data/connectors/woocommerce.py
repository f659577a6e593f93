"""WooCommerce: the CSV of the built-in product exporter, and order lines as the analytics pages export them."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="woocommerce",
    title="WooCommerce",
    documented_at="WooCommerce documentation: Product CSV Importer and Exporter; Order CSV export",
    layouts=(
        Layout(
            source="woocommerce",
            table="items",
            what="a WooCommerce product export",
            columns={
                "item_id": ("ID",),
                "title": ("Name",),
                "description": (("Short description", "Description"), "Description", "Short description"),
                "category": ("Categories",),
                "brand": ("Brands", "Brand", "Meta: brand"),
                "price": (("Sale price", "Regular price"), "Regular price"),
                "stock": ("In stock?", "Stock"),
                "image": ("Images",),
                "attributes": (("Attribute 1 value(s)", "Attribute 2 value(s)", "Attribute 3 value(s)", "Tags"),),
                "parent": ("Parent",),
                "parent_key": ("SKU",),
                "published": (("Published", "Visibility in catalog"), "Published"),
            },
            needs=("ID", "Type", "SKU", "Name", "Regular price"),
            note="The sale price counts where there is one; take it out of price where sales have ended.",
        ),
        Layout(
            source="woocommerce",
            table="events",
            what="WooCommerce order lines",
            columns={
                "user": ("Customer ID", "customer_id", "Customer User ID", "Email (Billing)", "billing_email"),
                "item_id": ("Product ID", "product_id", "Item ID"),
                "time": ("Order Date", "order_date", "date_created", "Date"),
                "session": ("Order Number", "Order ID", "order_id", "order_number"),
                "quantity": ("Quantity", "product_qty", "quantity"),
                "price": ("Item Cost", "product_price", "price"),
                "status": ("Order Status", "order_status", "Status", "status"),
                "currency": ("Order Currency", "order_currency", "currency"),
            },
            needs=("Order Date", "Product ID"),
            settings={"kind": "purchase"},
            is_told_apart=False,
            note="Order lines come from an export plug-in; name your own columns where they are called otherwise.",
        ),
    ),
)
