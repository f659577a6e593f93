"""Snowplow: enriched events with the e-commerce entities unfolded."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="snowplow",
    title="Snowplow",
    documented_at="Snowplow documentation: Canonical event model; Ecommerce tracking",
    layouts=(
        Layout(
            source="snowplow",
            table="events",
            what="Snowplow events",
            columns={
                "user": ("domain_userid", "user_id", "network_userid"),
                "item_id": ("product_id", "ti_sku", "product_sku", "ecommerce_product.id"),
                "time": ("derived_tstamp", "collector_tstamp", "dvce_created_tstamp"),
                "kind": ("ecommerce_action_type", "event_name", "event"),
                "session": ("domain_sessionid",),
                "quantity": ("ti_quantity", "product_quantity", "quantity"),
                "price": ("ti_price", "product_price", "price"),
                "event_id": ("event_fingerprint",),
                "platform": ("platform",),
            },
            needs=("domain_userid", "collector_tstamp"),
            settings={
                "kinds": {
                    "product_view": "view",
                    "list_view": "impression",
                    "list_click": "click",
                    "transaction": "purchase",
                    "transaction_item": "purchase",
                    "refund": "return",
                    "internal_search": "search",
                    **dict.fromkeys(
                        (
                            *(
                                "page_view",
                                "page_ping",
                                "link_click",
                                "remove_from_cart",
                                "checkout_step",
                                "promo_view",
                            ),
                            *("promo_click", "trns_error", "struct", "unstruct", "submit_form", "change_form"),
                            *("focus_form", "application_error", "site_search"),
                        ),
                        "ignore",
                    ),
                },
            },
        ),
    ),
)
