"""Amazon Reviews 2023: reviews and metadata of items, JSON lines."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="amazon-reviews-2023",
    title="Amazon Reviews 2023",
    documented_at="Data set page: Amazon Reviews 2023 (data fields)",
    layouts=(
        Layout(
            source="amazon-reviews-2023",
            table="items",
            what="the metadata of Amazon Reviews 2023",
            columns={
                "item_id": ("parent_asin",),
                "title": ("title",),
                "description": (("description", "features"), "description"),
                "category": ("categories", "main_category"),
                "brand": ("store",),
                "price": ("price",),
                "attributes": ("details",),
            },
            needs=("parent_asin", "title", "main_category", "store"),
        ),
        Layout(
            source="amazon-reviews-2023",
            table="events",
            what="the reviews of Amazon Reviews 2023",
            columns={
                "user": ("user_id",),
                "item_id": ("parent_asin",),
                "time": ("timestamp", "sort_timestamp"),
                "rating": ("rating",),
            },
            needs=("user_id", "parent_asin", "asin", "rating"),
            settings={"kind": "rating"},
            note="Metadata are by parent_asin, so the reviews are too.",
        ),
    ),
)
