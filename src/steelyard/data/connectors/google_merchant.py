"""Google Merchant Center: a product data feed, as tab-separated text or XML."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]


def _both(*names: str) -> tuple[str, ...]:
    """A feed's attribute in its plain form, and with the prefix that XML feeds have."""
    return (*names, *(f"g:{name}" for name in names), *(name.replace("_", " ") for name in names if "_" in name))


CONNECTOR = Connector(
    name="google-merchant",
    title="Google Merchant Center",
    documented_at="Google Merchant Center Help: Product data specification",
    layouts=(
        Layout(
            source="google-merchant",
            table="items",
            what="a Google Merchant Center feed",
            columns={
                "item_id": _both("id"),
                "title": _both("title"),
                "description": _both("description"),
                "category": _both("product_type", "google_product_category"),
                "brand": _both("brand"),
                "price": (("sale_price", "price"), ("g:sale_price", "g:price"), ("sale price", "price"),
                          *_both("price")),
                "stock": _both("availability"),
                "image": _both("image_link"),
                "attributes": (("color", "size", "material", "pattern", "gender"),
                               ("g:color", "g:size", "g:material", "g:pattern", "g:gender")),
                "parent": _both("item_group_id"),
            },
            needs=("id", "title", "link", "availability", "price"),
            note="Prices with a currency (19.99 EUR) and availability in words are read as they are.",
        ),
    ),
)  # fmt: skip
