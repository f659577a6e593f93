"""The pages while a run goes on, in a browser: the bar, the frontier that fills, another bundle, the decision."""

import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import uvicorn

from steelyard.api.app import Work, create_app
from steelyard.documents.progress import Action, Point, Progress, Step, StepState
from steelyard.domain import Surface
from steelyard.serving.admission import Limits
from steelyard.serving.service import About, Service, Shop
from steelyard.testing.shelf import shelf_engine
from tests.end_to_end.test_pages import BROWSER, DECISION, Driven, Site, answer

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no chromium here: apt-get install chromium to test the pages"),
    pytest.mark.slow,
]
SHOP = Shop("Toy shop", "EUR", "en")


def under_way():
    now = datetime.now(UTC)
    steps = (
        Step("train", Action.TRAIN, StepState.DONE, "item-knn", seconds=2.0),
        Step("measure item-knn", Action.MEASURE, StepState.DONE, "item-knn", seconds=7.0),
        Step("measure ials", Action.MEASURE, StepState.RUNNING, "ials", done=240, total=1200, rows_per_s=31.0),
        Step("decide", Action.DECIDE),
    )
    points = (
        Point(Surface.RECOMMEND, "popularity", "ndcg@10", 0.1, 0.09, 0.11, cpu_ms=0.2, is_on_frontier=True),
        Point(Surface.RECOMMEND, "item-knn", "ndcg@10", 0.3, 0.28, 0.32, cpu_ms=1.5, is_on_frontier=True),
    )
    return Progress("Toy shop", now - timedelta(seconds=60), now, seconds_left=130.0, steps=steps, points=points)


class Run(Driven):
    """The application of a shop whose run is under way until ``/publish`` is asked for."""

    def __init__(self):
        about = About("a" * 64, shop=SHOP, decision=b'{"surfaces": [], "made_at": ""}',
                      configurations={"search": "lexical", "recommend": "popularity"})  # fmt: skip
        self.service = Service(
            shelf_engine(40), about, events=None, pseudonym=str, now=lambda: datetime.now(UTC),
            limits=Limits(answer_within_s=5),
        )  # fmt: skip
        self.progress = under_way()
        super().__init__(create_app(self.service, work=Work(progress=lambda: self.progress)))

    async def __call__(self, scope, receive, send):
        if scope.get("path") != "/publish":
            await super().__call__(scope, receive, send)
            return
        names = {"search": "lexical", "recommend": "item-knn"}
        better = About("b" * 64, shop=SHOP, decision=DECISION.read_bytes(), configurations=names)
        self.service.swap(shelf_engine(40), better)
        self.progress = msgspec.structs.replace(self.progress, updated_at=datetime.now(UTC), is_done=True)
        await answer(send, b"", b"text/plain")


@contextmanager
def shown(folder):
    run, listener = Run(), socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(run, log_level="error", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Site(run, listener.getsockname()[1], folder)
    server.should_exit = True
    thread.join(10)
    listener.close()
    run.service.close()


@pytest.fixture
def site(tmp_path):
    with shown(tmp_path) as found:
        yield found


def test_the_store_front_says_how_far_the_run_is_and_goes_on_with_a_better_bundle(site):
    told = site.drive("""
      await wait(() => titles().length && !document.getElementById("run").hidden);
      const line = [...document.querySelectorAll(".run-line > *")].map((node) => node.textContent);
      const bar = document.querySelector("#run progress").value;
      const before = texts("#personal-foot")[0];
      await fetch("/publish");
      await wait(() => texts("#said")[0]);
      const said = texts("#said")[0];
      await wait(() => texts(".run-title")[0] === "Your shop is ready");
      const kept = texts("#personal-foot")[0];
      document.getElementById("impersonal").click();
      await wait(() => texts("#personal-foot")[0].includes("item-knn"));
      tell({ line, bar, before, said, kept });
    """)

    assert told["line"] == ["Building your shop", "measuring ials (2 of 2)", "about 2 min left", "Watch live"]
    assert round(told["bar"], 2) == 0.32
    assert "configuration popularity" in told["before"]
    assert told["said"] == "Updated with item-knn"
    assert "item-knn" not in told["kept"]


def test_the_frontier_fills_while_there_is_no_decision_and_the_decision_comes_without_a_reload(site):
    told = site.drive(
        """
      await wait(() => all(".live-box .point").length === 2);
      const [head, rows, steps] = [texts("h1")[0], texts(".live-rows")[0], texts(".live-list .step-head .step-name")];
      const [axis, names] = [texts(".live-box .axis-name"), texts(".live-points .name")];
      await fetch("/publish");
      await wait(() => document.querySelector(".verdict-line"));
      tell({ head, rows, steps, axis, names, after: texts("h1")[0], isFocused: document.activeElement.id });
    """,
        "/driven-decision",
    )

    assert told["head"] == "Weighing configurations for Toy shop"
    assert told["rows"] == "240 of 1,200 requests, 31 a second · about 2 min left"
    assert told["steps"] == ["Train models", "Measure", "Choose"]
    assert "processor ms a request" in told["axis"]
    assert told["names"] == ["item-knn", "popularity"]
    assert told["after"].startswith("Recommendation for")
    assert told["isFocused"] == "main"


def test_the_run_is_told_in_chinese_on_a_phone_and_nothing_is_wider_than_it(site):
    told = site.drive(
        """
      await wait(() => all(".live-box .point").length === 2);
      const wide = document.documentElement.scrollWidth - innerWidth;
      tell({ head: texts("h1")[0], now: texts(".live-now")[0], wide });
    """,
        "/driven-decision?language=zh",
        "--window-size=500,800",
    )

    assert told == {"head": "正在为 Toy shop 评估方案", "now": "测量 ials（2/2）", "wide": told["wide"]}
    assert told["wide"] <= 0
