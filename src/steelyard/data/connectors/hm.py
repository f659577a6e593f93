"""H&M personalised fashion: articles and transactions."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="hm",
    title="H&M",
    documented_at="Competition page: H&M Personalized Fashion Recommendations (data description)",
    layouts=(
        Layout(
            source="hm",
            table="items",
            what="the H&M articles",
            columns={
                "item_id": ("article_id",),
                "title": ("prod_name",),
                "description": ("detail_desc",),
                "category": (
                    ("index_group_name", "product_group_name", "product_type_name"),
                    ("product_group_name", "product_type_name"),
                    "product_type_name",
                ),
                "attributes": (("colour_group_name", "graphical_appearance_name", "department_name", "section_name"),),
            },
            needs=("article_id", "prod_name", "product_type_name"),
            note="Ids begin with zeros: keep them as text.",
        ),
        Layout(
            source="hm",
            table="events",
            what="the H&M transactions",
            columns={
                "user": ("customer_id",),
                "item_id": ("article_id",),
                "time": ("t_dat",),
                "price": ("price",),
                "platform": ("sales_channel_id",),
            },
            needs=("t_dat", "customer_id", "article_id"),
            settings={"kind": "purchase"},
            note="Prices are scaled by the publisher and are no amounts of money.",
        ),
        Layout(
            source="hm",
            table="users",
            what="the H&M customers",
            columns={
                "user": ("customer_id",),
                "attributes": (("age", "club_member_status", "fashion_news_frequency"),),
            },
            needs=("customer_id", "club_member_status", "fashion_news_frequency"),
            note="Postal codes are left out.",
        ),
    ),
)
