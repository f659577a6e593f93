"""The Complete Journey: baskets of households in a supermarket."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="complete-journey",
    title="The Complete Journey",
    documented_at="Source files of the data provider: The Complete Journey user guide",
    layouts=(
        Layout(
            source="complete-journey",
            table="items",
            what="the Complete Journey products",
            columns={
                "item_id": ("product_id", "PRODUCT_ID"),
                "title": ("product_type", "SUB_COMMODITY_DESC"),
                "category": (("department", "product_category"), ("DEPARTMENT", "COMMODITY_DESC")),
                "brand": ("brand", "BRAND"),
                "attributes": (("package_size",), ("CURR_SIZE_OF_PRODUCT",)),
            },
            needs=("product_id", "product_category", "product_type", "package_size"),
        ),
        Layout(
            source="complete-journey",
            table="items",
            what="the Complete Journey products, in capitals",
            columns={
                "item_id": ("PRODUCT_ID",),
                "title": ("SUB_COMMODITY_DESC",),
                "category": (("DEPARTMENT", "COMMODITY_DESC"),),
                "brand": ("BRAND",),
                "attributes": (("CURR_SIZE_OF_PRODUCT",),),
            },
            needs=("PRODUCT_ID", "SUB_COMMODITY_DESC", "COMMODITY_DESC"),
        ),
        Layout(
            source="complete-journey",
            table="events",
            what="the Complete Journey transactions",
            columns={
                "user": ("household_id",),
                "item_id": ("product_id",),
                "time": ("transaction_timestamp",),
                "session": ("basket_id",),
                "quantity": ("quantity",),
                "price": ("sales_value",),
            },
            needs=("household_id", "basket_id", "product_id", "transaction_timestamp"),
            settings={"kind": "purchase", "price_is_line_total": True},
            note="sales_value is for all pieces of the line.",
        ),
    ),
)
