"""Exports known by name: every connector reads a small file of the layout that it describes, written by us."""

import dataclasses

import pytest
from small_shop import Shop

from steelyard import registry
from steelyard.adapters.shop.exports import InstalledExports
from steelyard.adapters.shop.sources import Sources
from steelyard.config import parse
from steelyard.config.connectors import Connector, Layout, NoExports, fill_in
from steelyard.config.reading import check_names
from steelyard.data.guessing.guess import guess
from steelyard.data.guessing.profiles import FilesOfFolder
from steelyard.data.schema import wanted_events, wanted_items, wanted_judgements, wanted_users
from steelyard.errors import ConfigError
from steelyard.workflows.proposing import look_at

ITEMS = "sku,title,price\nP1,Oak tray,9\nP2,Pine box,12\n"
FILES = {
    ("shopify", "items"): "Handle,Title,Vendor,Type,Published,Option1 Value,Variant SKU,Variant Inventory Qty,"
    "Variant Price,Image Src,Status\nmug,Mug,Kiln,Mugs,TRUE,Red,MUG-R,3,12.00,https://i.example/m.jpg,active\n"
    "mug,,,,,Blue,MUG-B,1,12.00,,\n",
    ("shopify", "events"): "Name,Email,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku\n"
    "#1,a@example.org,2024-01-02 10:00:00 +0000,1,Oak tray,9.00,P1\n",
    ("woocommerce", "items"): "ID,Type,SKU,Name,Published,Visibility in catalog,Description,In stock?,Sale price,"
    "Regular price,Categories,Images,Parent,Attribute 1 value(s)\n7,simple,MUG,Mug,1,visible,Big,1,,12,Kitchen > Mugs,"
    "https://i.example/m.jpg,,\n8,simple,JUG,Jug,1,visible,Tall,1,15,20,Kitchen > Jugs,,,\n",
    ("woocommerce", "events"): "Order Number,Order Date,Customer ID,Product ID,Quantity,Item Cost\n"
    "55,2024-01-02 10:00:00,c1,P1,1,9.00\n",
    ("magento", "items"): "sku,attribute_set_code,product_type,categories,name,description,price,special_price,"
    "product_online,visibility,is_in_stock,base_image\nB1,Bag,simple,Root/Bags,City bag,Good bag,59,,1,"
    '"Catalog, Search",1,/b.jpg\nB2,Bag,simple,Root/Bags,Old bag,Past,49,,2,"Catalog, Search",1,/c.jpg\n',
    ("magento", "events"): "order_id,sku,created_at,qty_ordered,price,customer_id\n1,P1,2024-01-02 10:00:00,1,9,c1\n",
    ("google-merchant", "items"): "id\ttitle\tdescription\tlink\timage_link\tavailability\tprice\tbrand\tproduct_type\n"
    "K1\tCopper pot\tHeavy pot\thttps://s.example/k\thttps://s.example/k.jpg\tin_stock\t39.90\tRhein\tKitchen > Pots\n",
    ("ga4", "events"): "event_timestamp,event_name,user_pseudo_id,ga_session_id,item_id,price,quantity\n"
    "1700000000000000,view_item,1.2,77,P1,9,\n1700000060000000,purchase,1.2,77,P1,9,1\n"
    "1700000090000000,begin_checkout,1.2,77,P2,9,1\n",
    ("matomo", "events"): "idVisit,visitorId,serverTimestamp,type,productSku\n"
    "9,ab,1704189600,action,P1\n9,ab,1704189700,ecommerceOrder,P1\n",
    ("snowplow", "events"): "collector_tstamp,event_name,domain_userid,domain_sessionid,product_id\n"
    "2024-01-02 10:00:00.100,list_view,d1,s1,P1\n2024-01-02 10:00:05.100,transaction,d1,s1,P1\n",
    ("ubi", "events"): "timestamp,action_name,client_id,session_id,user_query,object_id,position_ordinal\n"
    "2024-01-02T10:00:00Z,impression,c1,s1,tray,P1,1\n2024-01-02T10:00:02Z,item_click,c1,s1,tray,P1,1\n",
    ("retailrocket", "events"): "timestamp,visitorid,event,itemid,transactionid\n1433221332117,2,view,P1,\n"
    "1433221999827,2,transaction,P1,5\n",
    ("hm", "items"): "article_id,prod_name,product_type_name,product_group_name,colour_group_name,detail_desc\n"
    "0100,Rib sock,Socks,Legs,Grey,Ribbed sock\n0200,Long coat,Coat,Upper,Black,Lined coat\n",
    ("hm", "events"): "t_dat,customer_id,article_id,price,sales_channel_id\n2020-01-02,00af,P1,0.02,1\n",
    ("hm", "users"): "customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code\n"
    "00af,1,1,ACTIVE,Regularly,34,52043\n",
    ("olist", "items"): "product_id,product_category_name,product_weight_g\na1,perfumes,200\na2,toys,400\n",
    ("olist", "events"): "order_id,product_id,customer_unique_id,order_purchase_timestamp,price\n"
    "o1,P1,c1,2018-01-02 10:00:00,9.00\n",
    ("instacart", "items"): "product_id,product_name,aisle_id,department_id\n1,Rye bread,12,3\n2,Goat cheese,21,4\n",
    (
        "instacart",
        "events",
    ): "order_id,user_id,product_id,add_to_cart_order,order_time\n1,u1,P1,1,2017-01-02 10:00:00\n",
    ("amazon-reviews-2023", "items"): "main_category,title,description,price,store,categories,parent_asin,details\n"
    'Home,Clay jug,Hand made,12.0,Kiln,"[""Home"", ""Jugs""]",B0,"{""Colour"": ""Red""}"\n',
    ("amazon-reviews-2023", "events"): "rating,title,text,asin,parent_asin,user_id,timestamp\n"
    "5.0,Good,Very good,P1a,P1,AE1,1588687728923\n",
    ("wands", "items"): "product_id\tproduct_name\tproduct_class\tcategory hierarchy\tproduct_description\t"
    "product_features\n0\toak bed\tBeds\tFurniture / Beds\tA bed\twood:oak\n",
    ("wands", "judgements"): "query_id\tquery\tquery_class\tproduct_id\tlabel\n0\ttray\tTrays\tP1\tExact\n",
    ("esci", "items"): "product_id,product_title,product_description,product_brand,product_color,product_locale\n"
    "B1,Red mug,A mug,Kiln,red,us\n",
    ("esci", "judgements"): "query,query_id,product_id,product_locale,esci_label\ntray,1,P1,us,E\nbox,2,P2,us,S\n",
    ("online-retail", "events"): "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    "5,P1,OAK TRAY,6,12/13/2010 8:26,2.55,17850,France\n",
    ("online-retail", "items"): "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
    "5,P1,OAK TRAY,6,12/13/2010 8:26,2.55,17850,France\n",
    ("complete-journey", "items"): "product_id,manufacturer_id,department,brand,product_category,product_type,"
    "package_size\n25,2,GROCERY,National,BREAD,RYE BREAD,1 LB\n",
    ("complete-journey", "events"): "household_id,basket_id,product_id,quantity,sales_value,transaction_timestamp\n"
    "900,31,P1,1,0.50,2017-01-01 11:53:26\n",
    ("movielens", "items"): "movieId,title,genres\n1,Harbour (1995),Drama|Sea\n",
    ("movielens", "events"): "userId,movieId,rating,timestamp\n1,P1,4.5,1260759144\n",
}
WITHOUT_A_HEADER = {("taobao", "events"), ("taobao", "items"), ("retailrocket", "items")}
OTHERS = {"items": "items.csv", "events": "log.csv", "judgements": "judged.csv"}


def configured(folder, source, table):
    """A configuration that says only where the table is and which connector knows it."""
    suffix = "tsv" if "\t" in FILES[source, table] else "csv"
    (folder / f"export.{suffix}").write_text(FILES[source, table], "utf-8")
    text = f'[data.{table}]\npath = "export.{suffix}"\nsource = "{source}"\n'
    if table != "items":
        (folder / "items.csv").write_text(ITEMS, "utf-8")
        text += '[data.items]\npath = "items.csv"\n[data.items.columns]\nitem_id = "sku"\ntitle = "title"\n'
    return parse(text, exports=InstalledExports(folder))


@pytest.mark.parametrize(("source", "table"), sorted(FILES))
def test_two_lines_read_an_export(tmp_path, source, table):
    data = configured(tmp_path, source, table).data

    section = getattr(data, table)
    readers = {"items": wanted_items, "events": wanted_events, "judgements": wanted_judgements, "users": wanted_users}
    wanted = readers[table](section)
    with Sources(tmp_path, threads=1) as sources:
        sources.check([wanted])  # every column that the connector names is there
        rows = sources.scan(wanted, pseudonym=str).sort("row").collect()
    first = rows.row(0)
    assert None not in first[:3]  # row, and the first roles


def test_every_layout_of_every_connector_has_a_file_here():
    described = {
        (name, layout.table)
        for name in registry.names("connectors")
        for layout in registry.load("connectors", name).layouts
    }

    assert described == FILES.keys() | WITHOUT_A_HEADER


@pytest.mark.parametrize("source", sorted({source for source, _ in FILES}))
def test_a_connector_says_where_its_layout_is_documented(source):
    connector = registry.load("connectors", source)

    assert isinstance(connector, Connector)
    assert connector.name == source
    assert connector.title
    assert len(connector.documented_at) > 20
    assert all(layout.source == source for layout in connector.layouts)
    with pytest.raises(dataclasses.FrozenInstanceError):
        connector.name = "another"


@pytest.mark.parametrize(("source", "table"), [("shopify", "items"), ("woocommerce", "items"), ("magento", "items")])
def test_an_export_is_prepared_from_two_lines(tmp_path, source, table):
    config = configured(tmp_path, source, table)
    items = config.data.items.model_dump(exclude_none=True)

    Shop(tmp_path).prepare(items=items)

    shop = Shop(tmp_path)
    rows = shop.rows("items")
    assert all(row["title"] for row in rows)
    assert all(row["price"] for row in rows)
    assert [row["in_stock"] for row in rows] == ([1, 0] if source == "magento" else [1, 1])


@pytest.mark.parametrize(("source", "kinds"), [("ga4", ["purchase", "view"]), ("snowplow", ["impression", "purchase"])])
def test_kinds_of_a_tracker_are_known_by_its_name(tmp_path, source, kinds):
    events = configured(tmp_path, source, "events").data.events.model_dump(exclude_none=True)

    shop = Shop(tmp_path)
    shop.prepare(events=events)

    assert sorted(row["kind"] for row in shop.rows("events")) == kinds


def test_what_the_file_says_itself_wins(tmp_path):
    (tmp_path / "export.csv").write_text(FILES["shopify", "items"], "utf-8")
    text = (
        '[data.items]\npath = "export.csv"\nsource = "shopify"\nnot_offered = ["gift"]\n'
        '[data.items.columns]\ncategory = "Vendor"\nprice_divisor = 100\n'
    )

    items = parse(text, exports=InstalledExports(tmp_path)).data.items

    assert (items.columns.category, items.columns.price_divisor, items.not_offered) == ("Vendor", 100, ("gift",))
    assert (items.columns.item_id, items.columns.parent) == ("Variant SKU", "Handle")


@pytest.mark.parametrize(
    ("name", "table", "says"),
    [
        ("shopfy", "items", "did you mean 'shopify'"),
        ("erp", "items", "'erp' is no connector; known: amazon-reviews-2023"),
        ("ga4", "items", "'ga4' has no items; it describes events"),
    ],
)
def test_an_unknown_connector_is_named_with_its_line(tmp_path, name, table, says):
    text = f'[data.{table}]\npath = "x.csv"\nsource = "{name}"\n[data.{table}.columns]\nitem_id = "a"\ntitle = "b"\n'

    with pytest.raises(ConfigError, match="line 3") as caught:
        parse(text, exports=InstalledExports(tmp_path))

    assert says in str(caught.value)


def test_a_file_that_is_not_there_yet_leaves_the_usual_columns(tmp_path):
    config = parse('[data.items]\npath = "later.csv"\nsource = "hm"\n', exports=InstalledExports(tmp_path))

    assert config.data.items.columns.title == "prod_name"


def test_columns_of_a_file_without_a_header_line_are_named(tmp_path):
    (tmp_path / "items.csv").write_text(ITEMS, "utf-8")
    (tmp_path / "log.csv").write_text("1,P1,9,pv,1511544070\n1,P2,9,buy,1511544170\n", "utf-8")
    text = '[data.items]\npath = "items.csv"\n[data.items.columns]\nitem_id = "sku"\ntitle = "title"\n'
    text += '[data.events]\npath = "log.csv"\nsource = "taobao"\n'

    events = parse(text, exports=InstalledExports(tmp_path)).data.events

    assert (events.header, events.names[3]) == (False, "behavior_type")
    assert (events.columns.user, events.columns.time, events.kinds["fav"]) == ("user_id", "timestamp", "click")


def test_an_export_is_told_by_its_columns_without_a_name(tmp_path):
    names = [name for name in registry.names("connectors")]
    layouts = [layout for name in names for layout in registry.load("connectors", name).layouts]
    open_ones = [layout for layout in layouts if layout.is_told_apart]
    for (source, table), text in FILES.items():
        suffix = "tsv" if "\t" in text else "csv"
        file = tmp_path / f"{source}-{table}.{suffix}"
        file.write_text(text, "utf-8")
        with Sources(tmp_path, threads=1) as sources:
            looked = look_at(FilesOfFolder((file.name,)), sources)
        found = guess(looked.tables, open_ones)
        if any(layout.source == source and layout.table == table and layout.is_told_apart for layout in layouts):
            known = found.further.layout if table == "users" else found.layouts.get(table)
            assert (known or ("none",))[0] in (source, "magento"), (source, table, found.layouts)


class OwnExports:
    """A connector of another package."""

    def names(self):
        return ("own",)

    def connector(self, name):
        layout = Layout("own", "items", "an export of our own", {"item_id": ("no",), "title": ("label",)}, ("no",))
        return Connector(name, "Own", "nowhere", (layout,))

    def columns(self, path):
        return ("no", "label")


def test_a_connector_of_another_package_is_used_the_same_way():
    config = parse('[data.items]\npath = "x.csv"\nsource = "own"\n', exports=OwnExports())

    assert (config.data.items.columns.item_id, config.data.items.columns.title) == ("no", "label")


def test_a_document_without_data_is_left_as_it_is():
    assert fill_in({"shop": {}}, NoExports()) == ({"shop": {}}, [])


def test_a_kind_may_be_ignored_and_no_other_word_is_taken():
    text = ITEMS_AND_EVENTS.format('{ scroll = "ignore" }')
    known = {"books": ["demo"], "sources": ["files"], "ledgers": [], "search": [], "recommend": []}

    assert parse(text).data.events.kinds == {"scroll": "ignore"}
    with pytest.raises(ConfigError, match=r"data\.events\.kinds = 'ignored' is not known; did you mean 'ignore'"):
        check_names(parse(ITEMS_AND_EVENTS.format('{ scroll = "ignored" }')), known)


ITEMS_AND_EVENTS = """
[data.items]
path = "i.csv"
[data.items.columns]
item_id = "a"
title = "b"
[data.events]
path = "e.csv"
kinds = {}
[data.events.columns]
user = "u"
item_id = "a"
time = "t"
"""
