"""RetailRocket recommender system data set: events of visitors; its items have no names."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="retailrocket",
    title="RetailRocket",
    documented_at="Data set page: Retailrocket recommender system dataset (events.csv)",
    layouts=(
        Layout(
            source="retailrocket",
            table="events",
            what="the RetailRocket events",
            columns={
                "user": ("visitorid",),
                "item_id": ("itemid",),
                "time": ("timestamp",),
                "kind": ("event",),
                "session": ("transactionid",),
            },
            needs=("timestamp", "visitorid", "event", "itemid"),
            settings={"kinds": {"view": "view", "addtocart": "add_to_cart", "transaction": "purchase"}},
        ),
        Layout(
            source="retailrocket",
            table="items",
            what="the items of the RetailRocket events",
            columns={
                "item_id": ("itemid",),
                "title": ("itemid",),
            },
            needs=("timestamp", "visitorid", "event", "itemid"),
            settings={"is_log": True},
            note="The set has no names of products: the catalogue is gathered from events.csv, its titles are the ids.",
            is_told_apart=False,
        ),
    ),
)
