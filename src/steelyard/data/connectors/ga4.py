"""Google Analytics 4: events of the BigQuery export, their items nested or unfolded."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

KINDS = {
    "view_item": "view",
    "view_item_list": "impression",
    "select_item": "click",
    "add_to_cart": "add_to_cart",
    "add_to_wishlist": "click",
    "purchase": "purchase",
    "refund": "return",
    "search": "search",
    "view_search_results": "search",
    **dict.fromkeys(
        (
            *("begin_checkout", "add_shipping_info", "add_payment_info", "view_cart", "remove_from_cart"),
            *("view_promotion", "select_promotion", "page_view", "session_start", "first_visit", "user_engagement"),
            *("scroll", "click", "form_start", "form_submit", "file_download", "video_start", "video_progress"),
            *("video_complete", "login", "sign_up", "share", "generate_lead"),
        ),
        "ignore",
    ),
}
"""Names of the recommended e-commerce events; a ``click`` is one on a link that leaves the site."""

CONNECTOR = Connector(
    name="ga4",
    title="Google Analytics 4",
    documented_at="Google Analytics Help: BigQuery Export schema; developers' guide: Measure ecommerce",
    layouts=(
        Layout(
            source="ga4",
            table="events",
            what="a GA4 BigQuery export with nested items",
            columns={
                "user": ("user_pseudo_id", "user_id"),
                "item_id": ("items.item_id",),
                "time": ("event_timestamp",),
                "kind": ("event_name",),
                "session": ("ga_session_id",),
                "quantity": ("items.quantity",),
                "price": ("items.price",),
                "position": ("items.item_list_index",),
                "platform": ("platform", "device.category"),
            },
            needs=("event_name", "event_timestamp", "items.item_id"),
            settings={"kinds": KINDS},
            note="One event for each of its items.",
        ),
        Layout(
            source="ga4",
            table="events",
            what="GA4 events, one row an item",
            columns={
                "user": ("user_pseudo_id", "user_id"),
                "item_id": ("item_id", "item_item_id"),
                "time": ("event_timestamp",),
                "kind": ("event_name",),
                "session": ("ga_session_id", "session_id"),
                "query": ("search_term",),
                "quantity": ("quantity", "item_quantity"),
                "price": ("price", "item_price"),
                "platform": ("platform", "device_category"),
            },
            needs=("event_name", "event_timestamp", "item_id"),
            settings={"kinds": KINDS},
        ),
    ),
)
