"""Public sets and exports of several files, in the columns that they really have: two lines a table read them."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from small_shop import Shop, reasons

from steelyard.adapters.shop.exports import InstalledExports
from steelyard.cli.init import command
from steelyard.config import parse
from steelyard.errors import ConfigError

OLIST = {
    "olist_order_items_dataset.csv": '"order_id","order_item_id","product_id","seller_id","shipping_limit_date",'
    '"price","freight_value"\no1,1,a1,s1,2018-01-05 10:00:00,19.90,3.10\no1,2,a1,s1,2018-01-05 10:00:00,19.90,3.10\n'
    "o2,1,a2,s2,2018-02-06 11:00:00,55.00,9.00\no3,1,a1,s1,2018-03-07 12:00:00,19.90,3.10\n",
    "olist_orders_dataset.csv": "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
    "order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date\n"
    "o1,k1,delivered,2018-01-02 10:00:00,,,,\no2,k2,delivered,2018-02-03 11:00:00,,,,\n"
    "o3,k3,shipped,2018-03-04 12:00:00,,,,\n",
    "olist_customers_dataset.csv": "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,"
    "customer_state\nk1,p1,01409,sao paulo,SP\nk2,p2,09790,campinas,SP\nk3,p1,01409,sao paulo,SP\n",
    "olist_products_dataset.csv": "product_id,product_category_name,product_name_lenght,product_description_lenght,"
    "product_photos_qty,product_weight_g,product_length_cm,product_height_cm,product_width_cm\n"
    "a1,perfumaria,40,287,1,225,16,10,14\na2,pc_gamer,44,276,1,1000,30,18,20\n",
    "product_category_name_translation.csv": "\ufeffproduct_category_name,product_category_name_english\n"
    "perfumaria,perfumery\nartes,art\n",
}
INSTACART = {
    "orders.csv": "order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,days_since_prior_order\n"
    "1,1,prior,1,2,08,\n2,1,prior,2,3,07,15.0\n3,1,train,3,4,12,30.0\n4,2,prior,1,0,00,\n5,2,test,2,1,09,8.0\n",
    "order_products__prior.csv": "order_id,product_id,add_to_cart_order,reordered\n1,11,1,0\n"
    "1,12,2,0\n2,11,1,1\n4,12,1,0\n",
    "order_products__train.csv": "order_id,product_id,add_to_cart_order,reordered\n3,11,1,1\n",
    "products.csv": "product_id,product_name,aisle_id,department_id\n11,Rye bread,61,3\n12,Goat cheese,2,16\n",
    "aisles.csv": "aisle_id,aisle\n61,bread\n2,specialty cheeses\n",
    "departments.csv": "department_id,department\n3,bakery\n16,dairy eggs\n",
}
WANDS = {
    "product.csv": "product_id\tproduct_name\tproduct_class\tcategory hierarchy\tproduct_description\tproduct_features"
    "\trating_count\taverage_rating\treview_count\n0\toak bed\tBeds\tFurniture / Beds\tA bed\twood:oak\t15\t4.5\t15\n"
    "1\tpine desk\tDesks\tFurniture / Desks\tA desk\twood:pine\t2\t4\t2\n",
    "query.csv": "query_id\tquery\tquery_class\n0\tsalon chair\tMassage Chairs\n1\tpine desk\tDesks\n",
    "label.csv": "id\tquery_id\tproduct_id\tlabel\n234\t1\t1\tExact\n235\t1\t0\tIrrelevant\n236\t0\t0\tPartial\n",
}
MAGENTO = {
    "catalogue.csv": "sku,attribute_set_code,product_type,categories,name,price\nB1,Bag,simple,Root/Bags,City bag,59\n"
    "B2,Bag,simple,Root/Bags,Old bag,49\n",
    "sales_order_item.csv": "item_id,order_id,parent_item_id,store_id,created_at,product_id,sku,name,qty_ordered,"
    "price\n"
    "1,7,,1,2024-01-02 10:00:00,1,B1,City bag,1.0000,59.0000\n2,8,,1,2024-01-03 10:00:00,2,B2,Old bag,2.0000,49.0000\n",
    "sales_order.csv": "entity_id,state,increment_id,customer_id,customer_email,grand_total\n"
    "7,complete,100000007,c1,one@example.org,59\n8,complete,100000008,c2,two@example.org,98\n",
}
SHOPIFY = {
    "products.csv": "Handle,Title,Vendor,Variant SKU,Variant Price\ntray,Oak tray,Kiln,P1,9\nbox,Pine box,Kiln,P2,12\n",
    "order_lines.csv": "id,order_id,variant_id,sku,quantity,price\n1,900,71,P1,1,9\n"
    "2,900,72,P2,2,12\n3,901,71,P1,1,9\n",
    "orders.csv": "id,name,email,customer_id,created_at,processed_at\n900,#1,a@example.org,u1,2024-01-02T10:00:00Z,\n"
    "901,#2,b@example.org,u2,2024-01-03T10:00:00Z,\n",
}


def in_folder(folder, files):
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")


def prepared(folder, files, text):
    in_folder(folder, files)
    data = parse(text, exports=InstalledExports(folder)).data
    tables = {name: getattr(data, name) for name in ("items", "events", "judgements") if getattr(data, name)}
    shop = Shop(folder)
    quality = shop.prepare(**{name: table.model_dump(exclude_none=True) for name, table in tables.items()})
    return shop, quality


def two_lines(source, **paths):
    return "".join(f'[data.{table}]\npath = "{path}"\nsource = "{source}"\n' for table, path in paths.items())


def test_olist_has_people_and_times_from_two_more_files(tmp_path):
    paths = {"items": "olist_products_dataset.csv", "events": "olist_order_items_dataset.csv"}

    shop, quality = prepared(tmp_path, OLIST, two_lines("olist", **paths))

    events = shop.rows("events")
    assert (len(events), len({row["user"] for row in events})) == (4, 2)
    assert {row["title"] for row in shop.rows("items")} == {"perfumery perfumaria", "pc_gamer"}
    assert reasons(quality, "items")["join_key_unknown"] == 1  # pc_gamer has no translation
    assert "join_key_unknown" not in reasons(quality, "events")


def test_instacart_is_read_from_all_its_files_and_its_times_are_told_to_be_derived(tmp_path):
    paths = {"items": "products.csv", "events": "order_products__*.csv"}

    shop, quality = prepared(tmp_path, INSTACART, two_lines("instacart", **paths))

    day, epoch = 86_400, 1_483_228_800  # 2017-01-01
    first = epoch + 2 * day + 8 * 3600
    second = epoch + 17 * day + 7 * 3600
    third = epoch + 47 * day + 12 * 3600
    assert sorted(row["time"] for row in shop.rows("events")) == [epoch, first, first, second, third]
    assert [row["category"] for row in shop.rows("items")] == [["bakery", "bread"], ["dairy eggs", "specialty cheeses"]]
    derived = next(one for one in quality["findings"] if one["reason"] == "time_added_up")
    assert (derived["count"], derived["severity"]) == (5, "warning") and "2017-01-01" in str(derived)


def test_wands_has_its_queries_from_another_file(tmp_path):
    shop, quality = prepared(tmp_path, WANDS, two_lines("wands", items="product.csv", judgements="label.csv"))

    judged = {row["query"] for row in shop.rows("queries") if row["origin"] == "judged"}
    assert judged == {"pine desk", "salon chair"} and reasons(quality, "judgements")["file_looked_up"] == 3


@pytest.mark.parametrize(
    ("source", "files", "paths"),
    [
        ("magento", MAGENTO, {"items": "catalogue.csv", "events": "sales_order_item.csv"}),
        ("shopify", SHOPIFY, {"items": "products.csv", "events": "order_lines.csv"}),
    ],
)
def test_lines_of_orders_have_their_buyer_from_the_orders(tmp_path, source, files, paths):
    shop, _ = prepared(tmp_path, files, two_lines(source, **paths))

    assert len({row["user"] for row in shop.rows("events")}) == 2


def test_a_file_of_the_export_that_is_not_there_is_asked_for_with_what_it_has(tmp_path):
    in_folder(tmp_path, {name: text for name, text in OLIST.items() if "customers" not in name})

    with pytest.raises(ConfigError, match=r"no column customer_unique_id: the export has that in olist_customers"):
        parse(two_lines("olist", events="olist_order_items_dataset.csv"), exports=InstalledExports(tmp_path))


def test_files_that_the_configuration_joins_itself_win(tmp_path):
    in_folder(tmp_path, OLIST)
    (tmp_path / "mine.csv").write_text("order_id,customer_id,order_purchase_timestamp\no1,k1,2018-01-02 10:00:00\n")
    text = two_lines("olist", items="olist_products_dataset.csv", events="olist_order_items_dataset.csv")
    text += '[[data.events.join]]\npath = "mine.csv"\non = "order_id"\n'

    events = parse(text, exports=InstalledExports(tmp_path)).data.events

    assert [one.path for one in events.join] == ["mine.csv"] and events.columns.user == "customer_id"


def test_paths_in_another_folder_find_their_neighbours(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    in_folder(folder, WANDS)
    text = two_lines("wands", items="raw/product.csv", judgements="raw/label.csv")

    judgements = parse(text, exports=InstalledExports(tmp_path)).data.judgements

    assert judgements.join[0].path == "raw/query.csv"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (OLIST, "olist_customers_dataset.csv is joined to olist_order_items_dataset.csv on customer_id"),
        (INSTACART, "order_products__train.csv is one of the files of order_products__*.csv, read as one table"),
        (WANDS, "query.csv is joined to label.csv on query_id: query, query_class"),
        (MAGENTO, "sales_order.csv is joined to sales_order_item.csv on order_id (its entity_id)"),
        (SHOPIFY, "orders.csv is joined to order_lines.csv on order_id (its id)"),
    ],
)
def test_init_says_what_every_file_of_a_folder_is_used_for(tmp_path, files, says):
    in_folder(tmp_path, files)

    result = CliRunner().invoke(command, [str(tmp_path)])

    assert result.exit_code == 0 and says in result.output and "was not used" not in result.output
    config = parse((tmp_path / "steelyard.toml").read_text("utf-8"), exports=InstalledExports(tmp_path))
    table = config.data.events or config.data.judgements
    assert table.join and table.source


def amazon(folder):
    """Reviews and metadata as JSON lines, as the set has them."""
    reviews = [
        {"rating": 5.0 - i % 3, "title": "Good", "text": "Works well", "images": [], "asin": f"B{i % 4}x",
         "parent_asin": f"B{i % 4}", "user_id": f"AE{i % 6}", "timestamp": 1588687728923 + 86_400_000 * i,
         "helpful_vote": 0, "verified_purchase": True}
        for i in range(24)
    ]  # fmt: skip
    meta = [
        {"main_category": "All Beauty", "title": f"Howard brush number {i}", "average_rating": 4.8, "rating_number": 10,
         "features": ["soft"], "description": ["A brush"], "price": None, "images": [], "videos": [], "store": "Howard",
         "categories": ["Beauty", "Brushes"], "details": {"Colour": "Red"}, "parent_asin": f"B{i}",
         "bought_together": None}
        for i in range(4)
    ]  # fmt: skip
    for name, rows in (("All_Beauty.jsonl", reviews), ("meta_All_Beauty.jsonl", meta)):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return {"items": "meta_All_Beauty.jsonl", "events": "All_Beauty.jsonl"}


def esci(folder):
    """Examples and products as Parquet, as the set has them."""
    n = 12
    examples = {
        "example_id": list(range(n)), "query": [f"red mug {i // 3}" for i in range(n)],
        "query_id": [i // 3 for i in range(n)], "product_id": [f"B{i}" for i in range(n)],
        "product_locale": ["us"] * n, "esci_label": [("E", "S", "C", "I")[i % 4] for i in range(n)],
        "small_version": [1] * n, "large_version": [1] * n, "split": ["train"] * n,
    }  # fmt: skip
    products = {
        "product_id": [f"B{i}" for i in range(n)], "product_title": [f"Mug of clay number {i}" for i in range(n)],
        "product_description": ["A mug"] * n, "product_bullet_point": ["Big"] * n, "product_brand": ["Kiln"] * n,
        "product_color": ["red"] * n, "product_locale": ["us"] * n,
    }  # fmt: skip
    for name, columns in (("examples", examples), ("products", products)):
        pq.write_table(pa.table(columns), folder / f"shopping_queries_dataset_{name}.parquet")
    paths = {"items": "shopping_queries_dataset_products.parquet"}
    return {**paths, "judgements": "shopping_queries_dataset_examples.parquet"}


def hm(folder):
    """Articles, transactions and customers, as the set has them."""
    articles = "article_id,product_code,prod_name,product_type_no,product_type_name,product_group_name,"
    articles += (
        "graphical_appearance_name,colour_group_name,department_name,index_group_name,section_name,detail_desc\n"
    )
    rows = (f"010877501{i},108775,Strap top {i},253,Vest top,Upper body,Solid,Black,Basics,Ladieswear,Women,A top\n"
            for i in range(6))  # fmt: skip
    bought = "".join(f"2018-09-{20 + i % 8},0{i % 5}f3,010877501{i % 6},0.0508,2\n" for i in range(30))
    people = "".join(f"0{i}f3,1,1,ACTIVE,Regularly,{30 + i},52043ee2{i}\n" for i in range(5))
    (folder / "articles.csv").write_text(articles + "".join(rows))
    (folder / "transactions_train.csv").write_text("t_dat,customer_id,article_id,price,sales_channel_id\n" + bought)
    head = "customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code\n"
    (folder / "customers.csv").write_text(head + people)
    return {"items": "articles.csv", "events": "transactions_train.csv", "users": "customers.csv"}


@pytest.mark.parametrize(
    ("source", "write"), [("amazon-reviews-2023", amazon), ("esci", esci), ("hm", hm)], ids=["amazon", "esci", "hm"]
)
def test_a_set_whose_files_are_tables_of_their_own_is_read_and_told(tmp_path, source, write):
    paths = write(tmp_path)

    shop, _ = prepared(tmp_path, {}, two_lines(source, **paths))
    result = CliRunner().invoke(command, [str(tmp_path)])

    assert result.exit_code == 0 and "was not used" not in result.output
    config = parse((tmp_path / "steelyard.toml").read_text("utf-8"), exports=InstalledExports(tmp_path))
    assert {name: getattr(config.data, name).path for name in paths} == paths
    assert len(shop.rows("items")) >= 4 and not any(getattr(config.data, name).join for name in paths)
