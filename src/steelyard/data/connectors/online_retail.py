"""Online Retail and Online Retail II: invoices of a gift wholesaler, one log that is the catalogue too."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="online-retail",
    title="Online Retail",
    documented_at="Machine learning repository: Online Retail; Online Retail II",
    layouts=(
        Layout(
            source="online-retail",
            table="items",
            what="the products of the Online Retail invoices",
            columns={
                "item_id": ("StockCode",),
                "title": ("Description",),
                "price": ("UnitPrice", "Price"),
            },
            needs=("StockCode", "Description", "InvoiceDate"),
            settings={"is_log": True},
        ),
        Layout(
            source="online-retail",
            table="events",
            what="the Online Retail invoices",
            columns={
                "user": ("CustomerID", "Customer ID"),
                "item_id": ("StockCode",),
                "time": ("InvoiceDate",),
                "session": ("InvoiceNo", "Invoice"),
                "quantity": ("Quantity",),
                "price": ("UnitPrice", "Price"),
            },
            needs=("StockCode", "InvoiceDate", "Quantity"),
            settings={"kind": "purchase"},
            note="Cancellations are rows of a negative quantity.",
        ),
    ),
)
