import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from steelyard.cli.init import command
from steelyard.config import Config
from steelyard.errors import ConfigError, DataError, SourceError

SHARED = Path(__file__).parents[3] / "../shared/data"


def run(*arguments):
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def written(folder):
    return Config.model_validate(tomllib.loads((folder / "steelyard.toml").read_text("utf-8"))).data


def needs(name):
    return pytest.mark.skipif(not (SHARED / name).is_dir(), reason=f"shared data set {name} is not on this machine")


@needs("online-retail")
def test_one_log_is_both_catalogue_and_behaviour(tmp_path):
    output = run(SHARED / "online-retail", "--out", tmp_path)

    data = written(tmp_path)
    assert data.items.is_log
    assert (data.items.columns.item_id, data.items.columns.title) == ("StockCode", "Description")
    assert data.events is not None
    assert (data.events.columns.user, data.events.columns.session) == ("CustomerID", "InvoiceNo")
    assert data.events.kind == "purchase"
    assert "no relevance judgements found" in output


@needs("chorus")
def test_agreed_ratings_win_over_single_raters_and_cents_are_seen(tmp_path):
    run(SHARED / "chorus", "--out", tmp_path)

    data = written(tmp_path)
    assert data.judgements is not None
    assert data.judgements.path.endswith("/ratings.parquet")
    assert (data.items.columns.price, data.items.columns.price_divisor) == ("price_cents", 100)
    assert data.items.columns.attributes == ["attributes_json"]
    assert data.events is None


def test_chinese_columns_are_understood(tmp_path):
    rows = "".join(f"P{i},商品名称第{i}号,家居/厨房,牌{i % 3},{i}.5\n" for i in range(30))
    (tmp_path / "goods.csv").write_bytes(("商品编号,商品名称,类目,品牌,价格\n" + rows).encode("gb18030"))
    bought = "".join(
        f"u{i % 7},P{i % 30},2024-05-{1 + i % 28:02d} 10:00,{'加购' if i % 2 else '购买'}\n" for i in range(60)
    )
    (tmp_path / "log.csv").write_text("用户ID,商品编号,时间,行为\n" + bought, "utf-8-sig")

    run(tmp_path)

    data = written(tmp_path)
    assert data.items.path == "goods.csv"
    assert (data.items.columns.title, data.items.columns.brand) == ("商品名称", "品牌")
    assert data.events is not None
    assert data.events.columns.kind == "行为"
    assert data.events.kinds == {"购买": "purchase", "加购": "add_to_cart"}


def test_ratings_from_one_to_three_get_an_offset(tmp_path):
    (tmp_path / "items.csv").write_text("sku,title\n" + "".join(f"{i},Thing number {i}\n" for i in range(20)), "utf-8")
    judged = "".join(f"thing {i % 4},{i},{1 + i % 3}\n" for i in range(20))
    (tmp_path / "judged.csv").write_text("query,sku,relevance\n" + judged, "utf-8")

    run(tmp_path)

    judgements = written(tmp_path).judgements
    assert judgements is not None
    assert judgements.gain_offset == -1.0


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    (tmp_path / "items.csv").write_text("sku,title\n1,Mug\n2,Bowl\n", "utf-8")
    (tmp_path / "steelyard.toml").write_text("mine", "utf-8")

    with pytest.raises(ConfigError, match="--force"):
        run(tmp_path)
    assert (tmp_path / "steelyard.toml").read_text("utf-8") == "mine"

    run(tmp_path, "--force")
    assert written(tmp_path).items.path == "items.csv"


def test_a_folder_without_a_catalogue_says_what_is_missing(tmp_path):
    with pytest.raises(SourceError, match="no CSV, JSONL or Parquet"):
        run(tmp_path)

    (tmp_path / "a.csv").write_text("x,y\n1,2\n", "utf-8")
    with pytest.raises(DataError, match="no catalogue was found"):
        run(tmp_path)


def chinese_shop(folder, *, prices=("￥1,299.00", "¥58起", "39元", "按件"), stocks=("有货", "缺货", "16件", "299")):
    rows = "".join(
        f"P{i:03d},华为手机第{i}代,家用电器》大家电》空调,{prices[i % len(prices)].replace(',', '')},{stocks[i % 4]}\n"
        for i in range(40)
    )
    (folder / "goods.csv").write_bytes(("商品编号,商品名称,类目,售价,库存\n" + rows).encode("gb18030"))
    events = "".join(
        f"u{i % 7},P{i % 40:03d},2026年5月{1 + i % 28}日,{'瞬移' if i % 3 else '购买'}\n" for i in range(90)
    )
    (folder / "log.csv").write_text("用户ID,商品编号,时间,行为\n" + events, "utf-8-sig")


def test_what_prepare_can_read_init_finds(tmp_path):
    chinese_shop(tmp_path)

    output = run(tmp_path)

    text = (tmp_path / "steelyard.toml").read_text("utf-8")
    columns = written(tmp_path).items.columns
    assert (columns.price, columns.stock, columns.category) == ("售价", "库存", ["类目"])
    assert 'price = "售价"  # CHECK: by its name; values that cannot be read: "按件"' in text
    assert 'currency = "CNY"  # CHECK' in text
    assert "levels separated by 》" in text
    assert "levels are separated by 》" in output
    assert "not mapped, so these rows are left out: 瞬移 (60 rows)" in text
    assert "瞬移 (60)" in output


@pytest.mark.parametrize(
    ("price", "title", "currency"),
    [
        ("£3.99", "Tea pot", "GBP"),
        ("3,99 €", "Teekanne", "EUR"),
        ("$3.99", "Tea pot", "USD"),
        ("￥399", "急須セット", "JPY"),
        ("399円", "Tea pot", "JPY"),
        ("12.50 CHF", "Tea pot", "CHF"),
        ("￥399", "Tea pot", ""),
        ("3.99", "Tea pot", ""),
        ("12 kr", "Tekanna", ""),
    ],
)
def test_the_currency_is_read_from_the_prices_or_not_claimed(tmp_path, price, title, currency):
    rows = "".join(f"{i};{title} {i};{price}\n" for i in range(20))
    (tmp_path / "items.csv").write_text("sku;title;price\n" + rows, "utf-8")

    run(tmp_path)

    config = Config.model_validate(tomllib.loads((tmp_path / "steelyard.toml").read_text("utf-8")))
    assert config.shop.currency == currency
    assert config.data.items.columns.price == "price"


def test_a_price_column_without_one_price_is_named_with_its_values(tmp_path):
    (tmp_path / "items.csv").write_text("sku,title,price\n" + "".join(f"{i},Pot {i},ask\n" for i in range(9)), "utf-8")

    run(tmp_path)

    text = (tmp_path / "steelyard.toml").read_text("utf-8")
    assert '# price = "price"  # CHECK: not one value can be read, for example "ask"' in text


def test_floors_are_in_the_file_and_files_not_used_say_why(tmp_path):
    (tmp_path / "items.csv").write_text("sku,title\n" + "".join(f"{i},Pot {i}\n" for i in range(9)), "utf-8")
    (tmp_path / "suppliers.csv").write_text("name,city\nA,B\n", "utf-8")
    (tmp_path / "prices.ods").write_bytes(b"PK")

    output = run(tmp_path)

    text = (tmp_path / "steelyard.toml").read_text("utf-8")
    assert "# [decide.search]\n# min_quality_share = 0.97" in text
    assert "suppliers.csv was not used: as a catalogue it lacks a column of item ids" in output
    assert (
        "prices.ods was not used: it is a spreadsheet of a form that is not read: save it as .xlsx or as CSV UTF-8"
        in output
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_catalogue_in_utf_16_is_read(tmp_path, encoding):
    rows = "sku,title,price\n" + "".join(f"{i},Tea pot {i},{i}.50\n" for i in range(1, 9))
    (tmp_path / "items.csv").write_bytes(rows.encode(encoding))

    run(tmp_path)

    assert written(tmp_path).items.columns.price == "price"


PRODUCTS = "sku,title,price\n" + "".join(f"P{i},Clay jug number {i},{i + 5}.50\n" for i in range(12))


def log_of(kinds, *, header="user_pseudo_id,event_name,event_timestamp,item_id", n=60):
    rows = "".join(f"{i % 7}.5,{kinds[i % len(kinds)]},{1700000000000000 + 37000000 * i},P{i % 12}\n" for i in range(n))
    return f"{header}\n{rows}"


def test_names_of_events_are_read_whole_and_unknown_ones_are_counted(tmp_path):
    (tmp_path / "items.csv").write_text(PRODUCTS, "utf-8")
    kinds = ["view_item_list", "view_item", "select_item", "begin_checkout", "purchase", "preview_opened"]
    (tmp_path / "log.csv").write_text(log_of(kinds), "utf-8")

    output = run(tmp_path)

    events = written(tmp_path).events
    assert events.kinds == {
        "view_item_list": "impression", "view_item": "view", "select_item": "click", "begin_checkout": "ignore"
    }  # fmt: skip
    assert "not mapped, of the rows looked at: preview_opened (10)" in output


def test_a_log_without_a_header_line_is_named_by_what_it_holds(tmp_path):
    (tmp_path / "items.csv").write_text(PRODUCTS, "utf-8")
    rows = "".join(f"{i % 5},P{i % 12},{40 + i % 3},{('pv', 'buy')[i % 2]},{1511544070 + 60 * i}\n" for i in range(40))
    (tmp_path / "log.csv").write_text(rows, "utf-8")

    output = run(tmp_path)

    events = written(tmp_path).events
    assert (events.header, events.names) == (False, ("user_id", "item_id", "category_id", "event_type", "time"))
    assert (events.columns.user, events.columns.item_id, events.columns.time) == ("user_id", "item_id", "time")
    assert events.kinds == {"pv": "view", "buy": "purchase"}
    assert "CHECK log.csv: its first line looks like data (0, P0, 40, pv, 1511544070)" in output


def test_grades_in_letters_are_proposed_with_their_worth(tmp_path):
    (tmp_path / "items.csv").write_text(PRODUCTS, "utf-8")
    judged = "".join(f"jug {i % 4},P{i % 12},{'ESCI'[i % 4]}\n" for i in range(24))
    (tmp_path / "judged.csv").write_text("query,sku,label\n" + judged, "utf-8")

    output = run(tmp_path)

    assert written(tmp_path).judgements.grades == {"E": 3, "S": 2, "C": 1, "I": 0}
    assert "CHECK grades: E = 3, S = 2, C = 1, I = 0" in output


def test_a_feed_of_text_is_looked_at(tmp_path):
    rows = "".join(
        f"F{i}\tTea pot {i}\thttps://s.example/{i}\t{('in stock', 'out of stock')[i % 2]}\t{i + 9}.99 EUR\tTon\n"
        for i in range(9)
    )
    (tmp_path / "feed.txt").write_text("id\ttitle\tlink\tavailability\tprice\tbrand\n" + rows, "utf-8")

    run(tmp_path)

    items = written(tmp_path).items
    assert (items.source, items.columns.price, items.columns.stock) == ("google-merchant", "price", "availability")


def test_an_id_of_a_basket_is_a_session_and_no_event_id(tmp_path):
    (tmp_path / "items.csv").write_text(PRODUCTS, "utf-8")
    rows = "".join(f"e{i // 3},u{i // 6},P{i % 12},2024-03-{1 + i // 3:02d} 10:00:00\n" for i in range(36))
    (tmp_path / "log.csv").write_text("event_id,user_id,sku,timestamp\n" + rows, "utf-8")

    output = run(tmp_path)

    columns = written(tmp_path).events.columns
    assert (columns.event_id, columns.session) == (None, "event_id")
    assert "several rows share one event_id: 3.0 rows each" in output


def test_files_that_belong_together_are_joined_on_the_key_that_both_have(tmp_path):
    (tmp_path / "items.csv").write_text(PRODUCTS, "utf-8")
    lines = "".join(f"o{i // 2},P{i % 12},1,9.50\n" for i in range(40))
    (tmp_path / "order_items.csv").write_text("order_id,sku,quantity,price\n" + lines, "utf-8")
    heads = "".join(f"o{i},c{i % 6},2024-01-{1 + i:02d} 10:00:00\n" for i in range(20))
    (tmp_path / "orders.csv").write_text("id,customer_id,created_at\n" + heads, "utf-8")

    output = run(tmp_path)

    events = written(tmp_path).events
    assert (events.path, events.columns.user, events.columns.time) == ("order_items.csv", "customer_id", "created_at")
    assert [(one.path, one.on, one.key) for one in events.join] == [("orders.csv", "order_id", "id")]
    assert "orders.csv is joined to order_items.csv on order_id (its id): id, customer_id, created_at" in output


def test_users_and_questions_with_answers_are_proposed_and_names_of_people_are_not(tmp_path):
    (tmp_path / "items.csv").write_text(PRODUCTS, "utf-8")
    log = "".join(f"c{i % 24},P{i % 12},2024-01-{1 + i % 28:02d} 10:00:00\n" for i in range(60))
    (tmp_path / "log.csv").write_text("customer_id,sku,timestamp\n" + log, "utf-8")
    people = "".join(f"c{i},Ann {i},a{i}@example.org,{20 + i % 5},{'NS'[i % 2]}\n" for i in range(24))
    (tmp_path / "customers.csv").write_text("customer_id,full_name,email,age,region\n" + people, "utf-8")
    asked = "".join(f"P{i % 12},Does it fit a shelf of {i} cm?,It needs {i + 2} cm.\n" for i in range(20))
    (tmp_path / "faq.csv").write_text("sku,question,answer\n" + asked, "utf-8")

    output = run(tmp_path)

    data = written(tmp_path)
    assert (data.users.path, data.users.columns.user) == ("customers.csv", "customer_id")
    assert data.users.columns.attributes == ["age", "region"]
    assert (data.answers.columns.question, data.answers.columns.answer) == ("question", "answer")
    assert data.answers.columns.item_id == "sku"
    assert "customers.csv: full_name, email left out, since they name people" in output
    assert "was not used" not in output


def shop_with(folder, **files):
    """A catalogue, a log of cookies and cards, and more files; what ``init`` says, and the configuration's text."""
    items = "".join(f"s{i},thing number {i},{i}.50\n" for i in range(30))
    (folder / "items.csv").write_text("sku,title,price\n" + items, "utf-8")
    people = [*(f"cookie-{n}" for n in range(40)), *(f"card-{n}" for n in range(20))]
    log = "".join(f"{people[i % 60]},s{i % 30},2024-05-{1 + i % 28:02d} 10:00\n" for i in range(300))
    (folder / "events.csv").write_text("user_id,sku,time\n" + log, "utf-8")
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return run(folder), (folder / "steelyard.toml").read_text("utf-8")


MAPPED = "".join(f"cookie-{n},card-{n // 2},2024-05-01\n" for n in range(40))


def test_a_file_of_who_is_one_person_is_proposed_as_a_comment_that_can_be_taken_as_it_is(tmp_path):
    said, text = shop_with(tmp_path, links=f"web,till,since\n{MAPPED}")

    assert "same_users" not in written(tmp_path).model_fields_set
    assert "links.csv looks like identifiers that are one person, since the log has users of both" in said
    assert "links.csv was not used" not in said
    begin = text.index("# [data.same_users]")
    section = text[begin:].split("\n\n")[0]
    taken = tomllib.loads("\n".join(line.removeprefix("# ") for line in section.splitlines() if line != "#"))
    assert taken["data"]["same_users"] == {
        "path": "links.csv",
        "most_ids": 50,
        "columns": {"user": "web", "same_as": "till"},
    }
    assert "erased under all of them" in text[:begin]


@pytest.mark.parametrize(
    ("name", "text", "is_found"),
    [
        ("identity_map", "uuid,main_id\n" + "".join(f"g{n},h{n // 2}\n" for n in range(40)), True),
        ("merged", "anonymous_id,customer_id\n" + "".join(f"g{n},h{n // 2}\n" for n in range(40)), True),
        ("links", "till,web\n" + "".join(f"card-{n // 2},cookie-{n}\n" for n in range(40)), True),
        ("orders", "order_no,user_id\n" + "".join(f"o{n},cookie-{n}\n" for n in range(40)), False),
        ("mails", "user_id,email\n" + "".join(f"cookie-{n},m{n}@mail.example\n" for n in range(40)), False),
        ("id_map", "sku,ean\n" + "".join(f"s{n},40{n:08d}\n" for n in range(30)), False),
        ("grades", "user_id,level\n" + "".join(f"cookie-{n},{n % 3}\n" for n in range(40)), False),
    ],
)
def test_only_two_columns_of_identifiers_of_people_look_like_it(tmp_path, name, text, is_found):
    _, made = shop_with(tmp_path, **{name: text})

    assert ("# [data.same_users]" in made) == is_found
    assert "\n[data.same_users" not in made


def test_chinese_questions_with_answers_are_told(tmp_path):
    (tmp_path / "items.csv").write_text(PRODUCTS, "utf-8")
    asked = "".join(f"P{i % 12},这个能放在{i}层书架上吗,可以的，请量好尺寸再下单\n" for i in range(20))
    (tmp_path / "wenda.csv").write_text("商品编号,买家提问,商家回复\n" + asked, "utf-8")

    run(tmp_path)

    columns = written(tmp_path).answers.columns
    assert (columns.question, columns.answer, columns.item_id) == ("买家提问", "商家回复", "商品编号")


def test_the_id_that_the_log_uses_is_the_catalogue_s(tmp_path):
    rows = "".join(f"{100 + i},SKU-{i},Jug {i} of clay\n" for i in range(20))
    (tmp_path / "items.csv").write_text("product_id,sku,title\n" + rows, "utf-8")
    bought = "".join(f"c{i % 6},SKU-{i % 20},2024-01-{1 + i % 28:02d}\n" for i in range(60))
    (tmp_path / "orders.csv").write_text("customer_id,product_id,order_date\n" + bought, "utf-8")

    output = run(tmp_path)

    assert written(tmp_path).items.columns.item_id == "sku"
    assert "100% of the ids of orders.csv are in it, and none of product_id's" in output


def test_the_connector_can_be_named_and_a_wrong_name_says_which_there_are(tmp_path):
    (tmp_path / "items.csv").write_text(PRODUCTS, "utf-8")

    with pytest.raises(ConfigError, match="--source shop: there is no such connector; known: amazon-reviews-2023"):
        run(tmp_path, "--source", "shop")


def test_every_guess_that_is_not_sure_is_marked_with_the_runner_up(tmp_path):
    rows = "".join(f"{i},X{i},Jug {i} of clay,{i + 9}.50,{'' if i % 3 else f'{i + 4}.50'}\n" for i in range(12))
    (tmp_path / "items.csv").write_text("id,code,title,regular_price,sale_price\n" + rows, "utf-8")

    output = run(tmp_path)

    text = (tmp_path / "steelyard.toml").read_text("utf-8")
    assert 'price = ["sale_price", "regular_price"]  # CHECK' in text
    assert "runner-up regular_price" in output
    unsure = [line for line in text.splitlines() if "%)" in line and "sure (" not in line]
    assert all("CHECK" in line for line in unsure)


def test_a_folder_of_daily_files_is_one_log(tmp_path):
    (tmp_path / "items.csv").write_text(PRODUCTS, "utf-8")
    (tmp_path / "log").mkdir()
    for day in (1, 2):
        (tmp_path / "log" / f"{day}.csv").write_text(log_of(["view_item", "purchase"], n=20), "utf-8")

    output = run(tmp_path)

    assert written(tmp_path).events.path == "log/*.csv"
    assert "behaviour log: log/*.csv, 40 rows" in output


def test_how_a_product_is_stored_is_no_category_and_prices_in_cents_are_to_be_checked(tmp_path):
    offers = [{"amount": 1250 + i, "currency": "EUR", "precision": 2} for i in range(6)]
    words = ["Oak desk", "Red lamp", "Tin cup", "Old jar", "Big rug", "Wool hat"]
    rows = [{"@type": "Product", "sku": f"S{i}", "name": name, "price": offers[i]} for i, name in enumerate(words)]
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")

    run(tmp_path)

    columns = written(tmp_path).items.columns
    assert columns.category is None
    assert (columns.price, columns.price_divisor) == ("price.amount", 100)
    assert "price_divisor = 100  # CHECK" in (tmp_path / "steelyard.toml").read_text("utf-8")
