"""User Behavior Insights: events of the OpenSearch and Elasticsearch plug-ins."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="ubi",
    title="User Behavior Insights",
    documented_at="User Behavior Insights specification: event schema (ubi_events)",
    layouts=(
        Layout(
            source="ubi",
            table="events",
            what="UBI events",
            columns={
                "user": ("client_id", "user_id"),
                "item_id": ("event_attributes.object.object_id", "object_id", "event_attributes.object_id"),
                "time": ("timestamp",),
                "kind": ("action_name",),
                "session": ("session_id", "event_attributes.session_id", "query_id"),
                "query": ("user_query",),
                "position": ("event_attributes.position.ordinal", "position_ordinal", "ordinal"),
            },
            needs=("action_name", "client_id", "timestamp"),
            settings={
                "kinds": {
                    "item_click": "click",
                    "click_through": "click",
                    "product_purchase": "purchase",
                    "watch": "view",
                    "on_search": "search",
                    **dict.fromkeys(
                        (
                            *("item_hover", "product_hover", "login", "logout", "new_user_entry", "type_filter"),
                            *(
                                "brand_filter",
                                "button_click",
                                "remove_from_cart",
                                "page_exit",
                                "user_feedback",
                                "error",
                            ),
                        ),
                        "ignore",
                    ),
                },
            },
        ),
    ),
)
