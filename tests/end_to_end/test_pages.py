"""R7.1, R8.2: the pages in a real browser, against the real application: what is shown, what hostile data cannot do."""

import asyncio
import json
import re
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import uvicorn

from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.api.app import create_app
from steelyard.api.deadline import Protection
from steelyard.data.privacy import Pseudonyms
from steelyard.documents.promises import PromiseRecord, promises_json
from steelyard.serving.admission import Limits
from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.engine import Beside, Engine
from steelyard.serving.service import About, Service, Shop
from steelyard.serving.suggest import Suggestions
from steelyard.serving.suggest_state import suggest_state
from steelyard.testing.shelf import Shelf
from steelyard.workflows.promises.promises import summary
from tests.documents_of import promise_row_of

BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no chromium here: apt-get install chromium to test the pages"),
    pytest.mark.slow,
]
DECISION = Path(__file__).parents[1] / "golden/decision.json"
PAGES = Path(__file__).parents[2] / "src/steelyard/api/pages"
N_ITEMS = 40
EVIL = '<img src=x onerror="document.title=\'broken in\'"><script>document.title="broken in"</script>'
EVIL_PICTURE = "javascript:document.title='broken in'"


def cards():
    rows = [
        {
            "item_id": f"item-{n}",
            "title": f"Thing {n}" if n != 13 else EVIL,
            "description": EVIL if n == 13 else "A thing.",
            "category": ["Things", "Small" if n % 2 else "Large"],
            "brand": "ACME",
            "price": None if n == 0 else f"{n}.50",
            "stock": n,
            "image": EVIL_PICTURE if n == 13 else "",
            "attributes": {"colour": EVIL if n == 13 else "红"},
        }
        for n in range(N_ITEMS)
    ]
    lines = [json.dumps(row).encode() + b"\n" for row in rows]
    return Cards(b"".join(lines), np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int64))


DRIVEN = {"/driven": "index.html", "/driven-decision": "decision.html", "/driven-promises": "promises.html"}


BUSY = {"is_valid": False, "busy_share": 0.4, "p99_measured_ms": None, "p99_error": None, "cpu_error": None}
ROWS = [
    promise_row_of(),
    promise_row_of(configuration="ials", surface="recommend", p99_measured_ms=13.0, p99_error=0.3),
    promise_row_of(configuration="hybrid-3l-int8", **BUSY, machines_metered=None, machines_error=None),
]
PROMISES = promises_json(PromiseRecord(rows=tuple(ROWS), summary=summary(ROWS), currency="CNY"))


class Driven:
    """The application, and beside it the store front with a module of the test that uses it as a shopper would."""

    def __init__(self, app):
        self.app = app
        self.script = b""

    async def __call__(self, scope, receive, send):
        path = scope.get("path")
        if path == "/pause":
            await asyncio.sleep(0.03)
            await answer(send, b"", b"text/plain")
        elif path == "/static/driver.js":
            await answer(send, self.script, b"text/javascript")
        elif path in DRIVEN:
            page = (PAGES / DRIVEN[path]).read_bytes()
            driver = b'<script type="module" src="/static/driver.js"></script></head>'
            await answer(send, page.replace(b"</head>", driver), b"text/html; charset=utf-8")
        else:
            await self.app(scope, receive, send)


async def answer(send, body, kind):
    policy = dict(Protection().headers)[b"content-security-policy"]
    headers = [(b"content-type", kind), (b"content-security-policy", policy)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Site:
    """A running server, and a browser that looks at it."""

    def __init__(self, driven, port, folder):
        self.driven, self.address, self.folder = driven, f"http://127.0.0.1:{port}", folder
        self.n_visits = 0

    def look(self, path, *options):
        """The page's elements after its scripts have run, in a browser without a past."""
        self.n_visits += 1
        argv = [
            BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={self.folder / f'browser-{self.n_visits}'}", "--virtual-time-budget=8000", "--lang=en",
            "--enable-logging=stderr", *options, "--dump-dom", f"{self.address}{path}",
        ]  # fmt: skip
        done = subprocess.run(argv, capture_output=True, text=True, timeout=90, check=True)
        complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line and "favicon" not in line]
        assert complaints == []
        return done.stdout

    def shown(self, path, once, *options):
        """The page's elements, texts unescaped, once what is waited for is there."""
        script = f"await wait(() => {once}); tell(document.documentElement.outerHTML);"
        return unescape(self.drive(script, path, *options))

    def drive(self, script, path="/driven", *options):
        """What the script, run inside the page, put into ``told``."""
        self.driven.script = (DRIVER + script).encode()
        dom = self.look(path, *options)
        found = re.search(r'<pre id="told">(.*?)</pre>', dom, re.DOTALL)
        assert found, "the script did not come to its end"
        return json.loads(unescape(found[1]))


# The browser's clock runs ahead whenever the page has nothing to do but draw; it stands still while an answer is
# awaited, so that waiting by questions gives slow machines the time they need.
DRIVER = """
const pause = window.fetch.bind(window, "/pause");
const wait = async (what) => {
  for (let i = 0; i < 300; i++) {
    const found = what();
    if (found) return found;
    await pause();
  }
  throw new Error(`waited in vain for ${what}`);
};
const all = (selector) => [...document.querySelectorAll(selector)];
const texts = (selector) => all(selector).map((node) => node.textContent.trim());
const tell = (value) => {
  const node = document.createElement("pre");
  node.id = "told";
  node.textContent = JSON.stringify(value);
  document.body.append(node);
};
const titles = () => texts("#personal-items .title");
"""


class Never:
    """A search that is never done in time."""

    def answer(self, requests, *, k):
        time.sleep(1.5)
        return Shelf(N_ITEMS).answer(requests, k=k)

    def explain(self, request, items):
        return [[] for _ in items]

    def offers(self, item):
        return True


@contextmanager
def opened(folder, *, search, words=None, has_log=True, within_s=5.0):
    """A site of the toy shop; without a log it answers neither recommendations nor what is bought together."""
    shelf, found = Shelf(N_ITEMS), cards()
    behaviour = shelf if has_log else None
    engine = Engine(
        search=search, recommend=behaviour, similar=shelf, cards=found, ids=ItemIds(index_ids(found), found),
        beside=Beside(
            words=words, bought_with=behaviour,
            suggestions=Suggestions(suggest_state(found, queries={}, sold=None), found),
        ),
    )  # fmt: skip
    service = Service(
        engine,
        About(
            "d" * 64,
            shop=Shop("Toy shop", "EUR", "en"),
            query_examples=("3 4 5",),
            decision=DECISION.read_bytes(),
            promises=PROMISES,
            pictures="https://pictures.example/toys",
            picture_sources=("https://pictures.example",),
        ),
        events=SqliteEvents(folder / "state", retry_s=0.05),
        pseudonym=Pseudonyms(b"k" * 32),
        now=lambda: datetime.now(UTC),
        limits=Limits(answer_within_s=within_s),
    )
    driven = Driven(create_app(service))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(driven, log_level="error", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Site(driven, listener.getsockname()[1], folder)
    server.should_exit = True
    thread.join(10)
    listener.close()
    service.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("pages"), search=Shelf(N_ITEMS)) as found:
        yield found


@pytest.fixture(scope="module")
def new_shop(tmp_path_factory):
    """A catalogue and nothing else, and no time for a whole search."""
    folder = tmp_path_factory.mktemp("new-shop")
    with opened(folder, search=Never(), words=Shelf(N_ITEMS), has_log=False, within_s=1.0) as found:
        yield found


@pytest.fixture(scope="module")
def busy_shop(tmp_path_factory):
    """No time for a search, and no search by words."""
    with opened(tmp_path_factory.mktemp("busy-shop"), search=Never(), within_s=0.5) as found:
        yield found


def test_a_shop_without_a_log_opens_on_its_products_and_nothing_is_red(new_shop):
    told = new_shop.drive("""
      await wait(() => texts("#browse-items .title").length);
      const first = texts("#browse-items .title")[0];
      document.querySelector("#order").value = "price_up";
      document.querySelector("#order").dispatchEvent(new Event("change"));
      await wait(() => texts("#browse-items .title")[0] !== first);
      const isSeen = (node) => node.checkVisibility();
      const [head, red] = [texts("#browse-title")[0], all(".trouble").filter(isSeen).length];
      const [cheapest, picker] = [texts("#browse-items .price")[0], isSeen(document.getElementById("who"))];
      tell({ first, cheapest, head, red, picker });
    """)

    assert told == {"first": "Thing 39", "cheapest": "€1.50", "head": "All products", "red": 0, "picker": False}


def test_a_product_of_a_shop_without_a_log_has_no_shelf_of_what_is_bought_with_it(new_shop):
    told = new_shop.drive("""
      await wait(() => texts("#browse-items .title").length);
      location.hash = "item=item-7";
      await wait(() => document.querySelector("#product[open] .grid"));
      tell({ heads: texts("#product h3"), red: all("#product .trouble").length });
    """)

    assert told == {"heads": ["Similar items"], "red": 0}


def test_without_time_the_words_are_answered_and_a_banner_on_top_says_so(new_shop):
    told = new_shop.drive("""
      location.hash = "q=0 3 4";
      await wait(() => texts("#found-items .title").length);
      tell({ head: texts("#found-title")[0], banner: texts("#banner")[0], titles: texts("#found-items .title") });
    """)

    assert told["head"] == "Results for “0 3 4”"
    assert told["banner"].startswith("Busy just now: only the words of your search were matched")
    assert told["titles"] == ["Thing 0", "Thing 3", "Thing 4"]


def test_popular_items_are_never_headed_as_results(busy_shop):
    told = busy_shop.drive("""
      location.hash = "q=3 4";
      await wait(() => texts("#found-items .title").length);
      const [head, count, banner] = ["#found-title", "#found-count", "#banner"].map((each) => texts(each)[0]);
      tell({ head, count, banner, facets: all("#facets .chip").length });
    """)

    assert (told["head"], told["count"], told["facets"]) == ("Popular now", "", 0)
    assert told["banner"].startswith("Busy just now: popular items are shown instead")


def test_opening_a_product_is_the_view_and_the_basket_counts_undoes_and_buys(site):
    told = site.drive("""
      const sent = [];
      const ask = window.fetch;
      window.fetch = (path, options) => {
        if (String(path) === "/v1/events") sent.push(JSON.parse(options.body));
        return ask(path, options);
      };
      await wait(() => titles().length);
      location.hash = "item=item-7";
      await wait(() => document.querySelector("#product[open] .grid") && sent.length === 1);
      const buttons = texts("#product .buttons button");
      document.querySelector("#product .buttons button").click();
      await wait(() => texts("#basket-count")[0] === "1" && document.querySelector("#said .undo"));
      document.querySelector("#said .undo").click();
      const undone = texts("#basket-count")[0];
      document.querySelector("#product .buttons button").click();
      await wait(() => texts("#basket-count")[0] === "1");
      document.getElementById("product").close();
      document.getElementById("open-basket").click();
      document.querySelectorAll("#basket .step")[1].click();
      const [line, total] = [texts("#basket .quantity")[0], texts("#basket .basket-total strong")[0]];
      await wait(() => sent.length === 3);
      document.querySelector("#basket .primary").click();
      await wait(() => sent.length === 4 && texts("#basket-count")[0] === "");
      const kinds = sent.flat().map((event) => event.kind);
      tell({ kinds, quantity: sent.at(-1)[0].quantity, buttons, undone, line, total });
    """)

    assert told["kinds"] == ["view", "add_to_cart", "add_to_cart", "purchase"]
    assert (told["buttons"], told["undone"]) == (["Add to basket"], "")
    assert (told["line"], told["total"], told["quantity"]) == ("2", "€15.00", 2)


def test_what_is_unknown_is_a_dash_and_capitals_are_written_as_a_sentence(site):
    told = site.drive("""
      const { money, nice } = await import("/static/format.js");
      const given = ["FLUID MILK WHITE ONLY 1 GA", "BBQ SAUCE", "iPhone 15", "Tea ACME", "TV", "牛奶 250ML"];
      tell({ titles: given.map(nice), plain: money("12.5", ""), small: money("0.0024", "EUR") });
    """)

    assert told["titles"] == ["Fluid milk white only 1 ga", "BBQ sauce", "iPhone 15", "Tea ACME", "TV", "牛奶 250ML"]
    assert (told["plain"], told["small"]) == ("12.50", "€0.0024")


def test_every_category_has_a_drawing_that_is_always_the_same(site):
    told = site.drive("""
      const { glyph, shapeOf } = await import("/static/glyphs.js");
      const paths = [["Food", "Eggs"], ["食品", "牛奶"], ["Shoes", "Trail running shoes"], ["Zzz"], []];
      const [names, again] = [paths.map((path) => shapeOf(path)), paths.map((path) => shapeOf(path))];
      tell({ names, again, drawn: glyph(["Zzz"]).querySelector("path").getAttribute("d").length > 9 });
    """)

    assert told["names"][:3] == ["egg", "carton", "shoe"]
    assert told["names"] == told["again"]
    assert told["drawn"]


def test_a_search_shows_priced_items_examples_and_what_the_answer_cost(site):
    dom = site.shown("/driven#q=0%203%204", "document.body.textContent.includes('per million searches')")

    assert "Results for “0 3 4”" in dom
    assert "€3.50" in dom and 'title="price on request"' in dom
    assert "<mark>3</mark>" in dom
    assert 'href="#q=3%204%205"' in dom
    assert "configuration hybrid-int8-1bit" in dom
    assert "per million searches, machine cost at full load" in dom


def test_a_search_without_results_says_what_to_do(site):
    dom = site.shown("/driven#q=nothing", "document.body.textContent.includes('Nothing found')")

    assert "Nothing found for “nothing”" in dom
    assert "Try fewer or more general words" in dom


def test_what_a_shopper_does_changes_the_list_at_once(site):
    told = site.drive("""
      await wait(() => titles().length);
      const before = titles();
      all("#personal-items .card button")[2].click();
      const said = await wait(() => document.querySelector("#said.is-shown")?.textContent);
      const [reasons, badges] = [texts("#personal-items .reason"), texts("#personal-items .badge")];
      tell({ before, after: titles(), said, reasons, badges });
    """)

    assert told["before"][:3] == ["Thing 0", "Thing 1", "Thing 2"]
    assert told["after"][:2] == ["Thing 3", "Thing 4"]
    assert told["said"] == "In the basket: Thing 2. 3 of 10 recommendations changed.Undo"
    assert told["reasons"][0] == "Because you chose Thing 2"
    assert told["badges"] == ["updated", "updated", "updated"]


def test_without_personalisation_no_history_is_read_and_no_name_is_sent(site):
    told = site.drive("""
      const sent = [];
      const ask = window.fetch;
      window.fetch = (path, options) => { sent.push([String(path), options.body || ""]); return ask(path, options); };
      await wait(() => titles().length);
      document.getElementById("impersonal").click();
      await wait(() => sent.some(([path]) => path.includes("personalise=false")) && titles().length);
      all("#personal-items .card button")[1].click();
      await wait(() => document.querySelector("#said.is-shown"));
      const event = JSON.parse(sent.find(([path]) => path === "/v1/events")[1]);
      tell({ list: sent.find(([path]) => path.includes("personalise=false"))[0], event });
    """)

    assert "user=&" in told["list"]
    assert told["event"]["personalise"] is False
    assert "user" not in told["event"]


def test_a_product_shows_its_card_and_similar_items_and_closes_by_keyboard(site):
    told = site.drive("""
      await wait(() => titles().length);
      location.hash = "item=item-7";
      await wait(() => document.querySelector("#product[open] .grid"));
      const [title, price] = [texts("#product-title")[0], texts("#product .product-price .price")[0]];
      const similar = texts("#product .grid .title");
      document.getElementById("product").close();
      await wait(() => location.hash === "");
      tell({ title, price, similar, isOpen: document.getElementById("product").open });
    """)

    assert told["title"] == "Thing 7"
    assert told["price"] == "€7.50"
    assert told["similar"][:2] == ["Thing 8", "Thing 9"]
    assert told["isOpen"] is False


def test_hostile_texts_and_addresses_stay_text(site):
    told = site.drive("""
      await wait(() => titles().length);
      location.hash = "q=13";
      await wait(() => texts("#found-items .title").length);
      location.hash = "item=item-13";
      await wait(() => document.querySelector("#product[open] .description"));
      const [found, product] = [texts("#found-items .title")[0], texts("#product-title")[0]];
      const [pictures, scripts] = ["img", "script"].map((name) => all(`main ${name}, dialog ${name}`).length);
      tell({ title: document.title, found, product, colour: texts("#product dd")[0], pictures, scripts });
    """)

    assert told["title"] == "Toy shop · shop"
    assert told["found"] == told["product"] == told["colour"] == EVIL
    assert told["pictures"] == told["scripts"] == 0


def test_only_web_addresses_and_own_paths_become_pictures(site):
    told = site.drive("""
      const { pictureAddress } = await import("/static/dom.js");
      const given = ["https://shop.example/a.jpg", "http://shop.example/a.jpg", "/static/favicon.svg",
        "javascript:alert(1)", "data:text/html,x", "//elsewhere.example/a.jpg",
        "/\\\\\\\\elsewhere.example", "file:///etc/passwd", "a.jpg", "", null, "https://"];
      const base = { base: "https://pictures.example/toys", sources: ["https://pictures.example"] };
      const known = given.map((each) => pictureAddress(each) !== null);
      const names = ["a b.jpg", "/a.jpg", "../a.jpg", "https://pictures.example/x.png", "https://elsewhere.example/x.png"];
      const own = new URL(pictureAddress("a.jpg", { base: "/pictures/" })).pathname;
      tell({ known, named: names.map((each) => pictureAddress(each, base)), own });
    """)

    host = "https://pictures.example"
    assert told["known"] == [False, False, True, *[False] * 9]
    assert told["named"] == [
        f"{host}/toys/a%20b.jpg",
        f"{host}/toys/a.jpg",
        f"{host}/toys/a.jpg",
        f"{host}/x.png",
        None,
    ]
    assert told["own"] == "/pictures/a.jpg"


def test_the_language_is_switched_and_remembered(site):
    told = site.drive("""
      await wait(() => titles().length);
      document.querySelector("[data-language=zh]").click();
      await wait(() => document.documentElement.lang === "zh-CN");
      const kept = localStorage.getItem("steelyard.language");
      tell({ button: texts("#search button")[0], title: texts("#personal-title")[0], kept });
    """)

    assert told == {"button": "搜索", "title": "大家都在买", "kept": "zh"}


def test_the_decision_page_says_what_to_run_what_it_costs_and_why_the_others_lost(site):
    decision = json.loads(DECISION.read_text("utf-8"))

    dom = site.shown("/driven-decision", "all('.point').length", "--window-size=1280,1000")

    plain = re.sub(r"<[^>]+>", "", dom)
    for surface in decision["surfaces"]:
        n = sum(row["verdict"] in ("chosen", "feasible") for row in surface["candidates"])
        assert f"Run {surface['chosen']}: the cheapest of {n} that keep" in plain
        for candidate in surface["candidates"]:
            assert candidate["name"] in plain
    assert "$358.05 a month, $4,296.60 a year; $17.90 per million searches, fully loaded." in plain
    assert "98.6 %" in plain
    assert "Not 5 times" not in plain
    assert "synthetic queries" in plain
    assert dom.count('class="point') == sum(
        row["monthly"] is not None for s in decision["surfaces"] for row in s["candidates"]
    )
    assert "Not on the chart, no price: ials." in plain
    shown = plain[plain.index("What to know") :].partition("more")[0]
    assert decision["warnings"][0][1:] in shown and decision["warnings"][2][1:] in shown
    assert all(text[1:] in plain for text in decision["warnings"])


def test_a_promise_that_a_busy_machine_could_not_check_says_what_to_do_and_shows_no_figure_as_the_models(site):
    told = site.drive(
        """
      const ask = window.fetch;
      await wait(() => document.querySelector("#search .stamp"));
      const before = texts("#search .stamp")[0];
      const decision = await (await ask("/v1/decision")).json();
      const busy = { is_valid: false, measured_p99_ms: 5000, note: "67% of the processor was busy" };
      Object.assign(decision.surfaces[0].promise, busy);
      const changed = () => Promise.resolve(new Response(JSON.stringify(decision)));
      window.fetch = (path, options) => (String(path) === "/v1/decision" ? changed() : ask(path, options));
      await import("/static/decision.js?again");
      await wait(() => texts("#search .stamp")[0] !== before);
      tell({ stamp: texts("#search .stamp")[0], box: texts("#search .side .box")[0] });
    """,
        "/driven-decision",
    )

    assert told["stamp"] == "Not checked: machine was busy"
    assert "steelyard verify" in told["box"]
    assert "5,000" not in told["box"]


@pytest.mark.parametrize(
    ("language", "wanted"),
    [("en", ["1 of 2", "machine 40 % busy", "unknown", "¥50.00"]), ("zh", ["2 次中 1 次", "机器占用 40%", "未知"])],
)
def test_the_record_shows_what_was_promised_and_found_newest_first_and_marks_what_is_far(site, language, wanted):
    told = site.drive(
        """
      await wait(() => document.querySelector(".record"));
      document.querySelector("[data-language=LANGUAGE]").click();
      const box = document.querySelector(".record").getBoundingClientRect();
      tell({ names: texts(".record tbody th").map((each) => each.split(/[^a-z0-9-]/)[0]), far: texts(".far"),
             all: document.body.innerText, fits: box.right <= innerWidth });
    """.replace("LANGUAGE", language),
        "/driven-promises",
        "--window-size=390,800",
    )

    assert [name.removesuffix("S") for name in told["names"]] == ["hybrid-3l-int8", "ials", "lexical"]
    assert [far.replace(" ", "") for far in told["far"]] == ["+30%"]
    assert all(text in told["all"] for text in wanted)
    assert told["fits"]


def test_figures_have_as_many_digits_as_tell_them_apart_and_amounts_are_cents(site):
    told = site.drive("""
      const { apart, cents, percent } = await import("/static/format.js");
      const near = apart(0.98974, 0.99, percent);
      const [small, none, zero, some] = ["0.0002", null, "0", "2.5"].map((amount) => cents(amount, "USD"));
      tell({ near, small, none, zero, some });
    """)

    assert told.pop("near") == ["98.97 %", "99 %"]
    assert told == {"small": "< $0.01", "none": "no price", "zero": "$0.00", "some": "$2.50"}


def test_a_row_of_the_table_opens_the_account_of_its_configuration(site):
    told = site.drive(
        """
      await wait(() => document.querySelector("#recommend .candidates"));
      document.querySelector('#recommend tr[data-name="ials"] .name').click();
      const detail = document.querySelector("#recommend .detail");
      const [name, total, notice] = ["h3", "tfoot td", ".notice"].map((each) => detail.querySelector(each).textContent);
      const reasons = texts("#recommend .reasons li");
      tell({ name, reasons, total, notice, focused: document.activeElement === detail });
    """,
        "/driven-decision",
    )

    assert told["name"] == "ials"
    assert told["reasons"][0] == "Set aside: no price for making parts that were not measured apart"
    assert told["total"] == "no price"
    assert told["notice"] == "No total: no price for making parts that were not measured apart."
    assert told["focused"]


def test_the_table_sorts_and_keeps_unknown_prices_last_both_ways(site):
    told = site.drive(
        """
      await wait(() => document.querySelector("#recommend .candidates"));
      const names = () => all("#recommend tbody tr[data-name]").map((row) => row.dataset.name);
      const press = () => all("#recommend .sort").find((node) => node.textContent === "A month").click();
      press(); const up = names(); press();
      const marked = document.querySelector("#recommend th[aria-sort]").getAttribute("aria-sort");
      tell({ up, down: names(), marked });
    """,
        "/driven-decision",
    )

    assert told["up"][-1] == told["down"][-1] == "ials"
    assert told["up"][:-1] == ["item-knn-20x8bit", "popularity", "item-knn-50x8bit", "item-knn-full", "content"]
    assert told["down"][0] == "content"
    assert told["marked"] == "descending"


def test_no_two_names_on_the_chart_cover_each_other(site):
    told = site.drive(
        """
      await wait(() => all("#search .plot .label").length > 4);
      const boxes = all("#search .plot .label").map((node) => [node.textContent, node.getBoundingClientRect()]);
      const across = (p, q) => p.left < q.right - 1 && q.left < p.right - 1;
      const isOver = (p, q) => across(p, q) && p.top < q.bottom - 4 && q.top < p.bottom - 4;
      const over = boxes.flatMap(([a, p], i) => boxes.slice(i + 1).filter(([b, q]) => isOver(p, q)));
      tell({ n: boxes.length, over });
    """,
        "/driven-decision",
        "--window-size=1280,1000",
    )

    assert told["n"] >= 5
    assert told["over"] == []


def test_no_page_is_wider_than_the_narrowest_window(site):
    script = """
      await wait(() => document.querySelector("#personal-items .title, .candidates"));
      tell({ page: document.documentElement.scrollWidth, screen: window.innerWidth });
    """
    for path in ("/driven", "/driven-decision"):
        told = site.drive(script, path, "--window-size=500,900")
        assert told["page"] <= told["screen"]


def test_pages_load_nothing_from_elsewhere_and_keep_to_the_policy():
    for file in PAGES.iterdir():
        text = file.read_text("utf-8")
        addresses = set(re.findall(r"""https?://[^\s"'`)<]+""", text)) - {"http://www.w3.org/2000/svg"}
        assert addresses == set(), file.name
        assert "innerHTML" not in text and "insertAdjacentHTML" not in text and "eval(" not in text, file.name
        if file.suffix == ".html":
            assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)", text), file.name


def test_filters_narrow_the_list_are_shown_as_chips_and_come_off_again(site):
    told = site.drive("""
      const many = [...Array(30).keys()].join(" ");
      location.hash = `q=${encodeURIComponent(many)}`;
      await wait(() => texts("#facets .choice").length);
      const before = [texts("#found-count")[0], texts("#found-items .title").length];
      const small = all("#facets .choice").find((node) => node.textContent.startsWith("Small"));
      small.querySelector("input").click();
      await wait(() => texts("#active .chip").length && texts("#found-count")[0] !== before[0]);
      const narrowed = [texts("#found-count")[0], texts("#active .chip")[0], location.hash.includes("category")];
      document.querySelector("#active .chip").click();
      await wait(() => texts("#found-count")[0] === before[0]);
      document.querySelector("#more").click();
      await wait(() => texts("#found-items .title").length > before[1]);
      tell({ before, narrowed, all: texts("#found-items .title"), more: document.querySelector("#more").hidden });
    """)

    assert told["before"] == ["30 results", 24]
    assert told["narrowed"] == ["15 results", "Small✕", True]
    assert told["all"] == [f"Thing {n}" if n != 13 else EVIL for n in range(30)]
    assert told["more"]


def test_a_search_by_address_keeps_filters_and_order(site):
    asked = "q=3%204%205&s=price_down&f=%7B%22price%22%3A%5B%7B%22max%22%3A4.5%7D%5D%7D"
    told = site.drive("""
      await wait(() => texts("#found-items .title").length);
      tell({ titles: texts("#found-items .title"), sort: document.querySelector("#sort").value });
    """, f"/driven#{asked}")  # fmt: skip

    assert told == {"titles": ["Thing 4", "Thing 3"], "sort": "price_down"}


def test_proposals_are_moved_through_by_arrows_and_taken_by_enter(site):
    told = site.drive("""
      await wait(() => titles().length);
      const box = document.querySelector("#q");
      const how = (key) => ({ key, cancelable: true, bubbles: true });
      const key = (name) => box.dispatchEvent(new KeyboardEvent("keydown", how(name)));
      box.focus();
      box.value = "thi";
      box.dispatchEvent(new Event("input"));
      await wait(() => texts("#suggestions li").length);
      const seen = texts("#suggestions .suggestion-text").slice(0, 2);
      key("ArrowDown");
      key("ArrowDown");
      const active = box.getAttribute("aria-activedescendant");
      const marked = texts("#suggestions mark").slice(0, 2);
      key("Enter");
      await wait(() => document.querySelector("#product[open] h2.quiet, #product[open] .product-text"));
      tell({ seen, marked, active, hash: location.hash, hidden: document.querySelector("#suggestions").hidden });
    """)

    assert told["seen"] == ["Things", "Thing 0"]
    assert told["marked"] == ["Thi", "Thi"]
    assert told["active"] == "suggestion-1"
    assert told["hash"].startswith("#item=")
    assert told["hidden"]


def test_sizes_come_in_their_order_and_what_narrows_nothing_is_no_choice(site):
    told = site.drive("""
      const { drawFacets } = await import("/static/facets.js");
      const node = document.createElement("div");
      node.id = "tried";
      document.body.append(node);
      const field = (name, counts) => ({
        field: name, ranges: [], values: Object.entries(counts).map(([value, n]) => ({ value, n, is_chosen: false })),
      });
      const sizes = field("attributes.Size", { XL: 9, S: 8, "3XL": 1, M: 5, XS: 2 });
      const found = [sizes, field("brand", { ACME: 9 }), field("attributes.Shoe", { 42.5: 4, 9: 3, 41: 2 })];
      drawFacets(node, { facets: found, all: 9 }, {}, () => {});
      tell({ fields: texts("#tried summary"), values: texts("#tried .choice-text") });
    """)

    assert told == {"fields": ["Size", "Shoe"], "values": ["XS", "S", "M", "XL", "3XL", "9", "41", "42.5"]}


def test_where_nothing_is_found_there_is_nothing_to_sort_or_to_choose(site):
    told = site.drive("""
      location.hash = "q=nobody";
      await wait(() => texts("#found-items .notice, #found-items .empty").length);
      const facets = document.querySelector("#facets").childElementCount;
      tell({ facets, sort: document.querySelector("#sort").getBoundingClientRect().width });
    """)

    assert told == {"facets": 0, "sort": 0}
