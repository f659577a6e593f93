"""Matomo: actions of visits (Live.getLastVisitsDetails), one row an action or an item of an order."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="matomo",
    title="Matomo",
    documented_at="Matomo Reporting API reference: Live.getLastVisitsDetails; Ecommerce analytics",
    layouts=(
        Layout(
            source="matomo",
            table="events",
            what="Matomo actions of visits",
            columns={
                "user": ("visitorId", "idvisitor", "userId"),
                "item_id": ("itemDetails.itemSKU", "itemSKU", "productViewSku", "productSku", "idaction_sku"),
                "time": ("serverTimestamp", "timestamp", "server_time", "serverTimePretty"),
                "kind": ("type", "actionType"),
                "session": ("idVisit", "idvisit"),
                "query": ("siteSearchKeyword",),
                "quantity": ("itemDetails.quantity", "quantity"),
                "price": ("itemDetails.price", "productViewPrice", "price"),
                "platform": ("deviceType",),
            },
            needs=("visitorId", "idVisit", "type"),
            settings={
                "kinds": {
                    "ecommerceOrder": "purchase",
                    "ecommerceAbandonedCart": "add_to_cart",
                    "action": "view",
                    "search": "search",
                    "event": "ignore",
                    "goal": "ignore",
                    "outlink": "ignore",
                    "download": "ignore",
                    "content": "ignore",
                    "form": "ignore",
                    "media": "ignore",
                },
            },
            note="An action is the view of a product where it names one (productViewSku).",
        ),
    ),
)
