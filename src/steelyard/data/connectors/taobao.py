"""Taobao UserBehavior: a log without a header line."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="taobao",
    title="Taobao UserBehavior",
    documented_at="Data set page: User Behavior Data from Taobao for Recommendation",
    layouts=(
        Layout(
            source="taobao",
            table="events",
            what="the Taobao user behaviour log",
            columns={
                "user": ("user_id",),
                "item_id": ("item_id",),
                "time": ("timestamp",),
                "kind": ("behavior_type",),
            },
            needs=("user_id", "item_id", "category_id", "behavior_type", "timestamp"),
            settings={
                "header": False,
                "names": ("user_id", "item_id", "category_id", "behavior_type", "timestamp"),
                "kinds": {"pv": "view", "cart": "add_to_cart", "fav": "click", "buy": "purchase"},
            },
            note="The file has no header line; the connector names its columns.",
        ),
        Layout(
            source="taobao",
            table="items",
            what="the items of the Taobao log",
            columns={
                "item_id": ("item_id",),
                "title": ("item_id",),
                "category": ("category_id",),
            },
            needs=("user_id", "item_id", "category_id", "behavior_type", "timestamp"),
            settings={
                "is_log": True,
                "header": False,
                "names": ("user_id", "item_id", "category_id", "behavior_type", "timestamp"),
            },
            note="The set has no names of products: the catalogue is gathered from the log, its titles are the ids.",
            is_told_apart=False,
        ),
    ),
)
