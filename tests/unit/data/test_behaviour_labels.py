"""From a log to graded labels: weights of event kinds, places, and what is told of them (R1.4)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest
from small_shop import reasons

from steelyard.assembly import Tools
from steelyard.config import Config
from steelyard.data.tables import search_cases
from steelyard.errors import ConfigError, DataError, StageError
from steelyard.workflows.labelling.behaviour_labels import label_behaviour
from steelyard.workflows.labelling.shop_labels import further_queries

START = datetime(2024, 3, 1, tzinfo=UTC)
COLUMNS = {"user": "user", "item_id": "sku", "time": "time"}
FULL = {**COLUMNS, "kind": "kind", "session": "visit", "query": "query", "position": "rank"}
N_ITEMS = 8
ATTRACTIVE = np.linspace(0.6, 0.05, N_ITEMS)
LOOKED = np.array([1.0, 0.6, 0.35, 0.2])


def items(shop):
    shop.write("items.csv", "sku,title,price\n" + "".join(f"s{i},thing {i},{i + 1}\n" for i in range(N_ITEMS)))


def log(seed=0, *, n_visits=600, with_shows=True):
    """Visits of two queries; a third of the clicks goes into the cart, half of the carts are bought."""
    generator = np.random.default_rng(seed)
    lines = ["user,sku,time,kind,visit,query,rank"]
    for visit in range(n_visits):
        at = START + timedelta(minutes=30 * visit)
        query = ("red lamp", "Green Lamp")[visit % 2]
        worth = ATTRACTIVE if visit % 2 == 0 else ATTRACTIVE[::-1]
        order = np.argsort(-(worth + generator.normal(0, 0.3, N_ITEMS)))[:4]
        for rank, item in enumerate(order):
            head = f"u{visit % 97},s{item}"
            tail = f"v{visit},{query}"
            if with_shows:
                lines.append(f"{head},{at.isoformat()},impression,{tail},{rank + 1}")
            if generator.random() < LOOKED[rank] * worth[item]:
                lines.append(f"{head},{(at + timedelta(seconds=20)).isoformat()},click,{tail},")
                if generator.random() < 1 / 3:
                    lines.append(f"{head},{(at + timedelta(seconds=60)).isoformat()},add_to_cart,v{visit},,")
                    if generator.random() < 1 / 2:
                        lines.append(f"{head},{(at + timedelta(minutes=9)).isoformat()},purchase,v{visit},,")
    return "\n".join(lines) + "\n"


@dataclass
class Labelled:
    """What a workflow of labels is handed."""

    shop: object
    settings: dict

    def __post_init__(self):
        self.base = self.work = self.shop.folder
        events = {"path": "events.csv", "columns": FULL}
        data = {"items": {"path": "items.csv", "columns": {"item_id": "sku", "title": "title"}}, "events": events}
        self.config = Config.model_validate({"data": data, **self.settings})
        self.store, self.tools = self.shop.store, Tools()


def prepared(shop, text, **settings):
    items(shop)
    shop.write("events.csv", text).prepare(events={"columns": FULL})
    return Labelled(shop, settings)


def test_labels_order_the_items_as_people_find_them_and_say_what_they_rest_on(shop, tmp_path):
    of = prepared(shop, log(n_visits=1200))

    report = label_behaviour(of, out=tmp_path / "labels.parquet")

    rows = pq.read_table(tmp_path / "labels.parquet").to_pylist()
    red = {row["item_id"]: row for row in rows if row["query"] == "red lamp"}
    green = {row["item_id"]: row for row in rows if row["query"] == "green lamp"}
    assert red["s0"]["gain"] == 3 and green["s7"]["gain"] == 3
    assert red["s0"]["rate"] > red["s3"]["rate"] and red["s3"]["gain"] < 3
    assert {row["origin"] for row in rows} == {"behaviour"}
    assert (report.labels, report.queries) == (len(rows), 2)
    assert sum(report.by_gain.values()) == len(rows)
    assert [place.propensity for place in report.places] == pytest.approx(LOOKED, abs=0.12)
    assert {note.key for note in report.notes} == {"effective_clicks"}
    assert shop.store.read_document("labels/behaviour", "labels.json")["labels"] == len(rows)


def test_what_an_event_says_is_learnt_from_what_was_bought_later(shop):
    report = label_behaviour(prepared(shop, log(n_visits=1200)))

    weights = {row.kind: row for row in report.weights}
    assert weights["click"].low < 1 / 6 < weights["click"].high
    assert weights["add_to_cart"].low < 1 / 2 < weights["add_to_cart"].high
    assert weights["click"].bought <= weights["click"].pairs


def test_a_log_without_impressions_gives_popularity_and_a_warning(shop):
    report = label_behaviour(prepared(shop, log(with_shows=False)))

    assert [note.key for note in report.notes if note.is_warning] == ["no_impressions"]
    assert report.places == ()


def test_pairs_that_were_looked_at_seldom_are_counted_and_left_out(shop):
    few = label_behaviour(prepared(shop, log(), labels={"min_impressions": 60}))

    assert few.left_out > 0
    assert few.labels + few.left_out == 16
    with pytest.raises(DataError, match=r"lower \[labels\] min_impressions"):
        label_behaviour(Labelled(shop, {"labels": {"min_impressions": 99_999}}))


def test_a_log_without_queries_is_refused_with_the_setting(shop):
    items(shop)
    shop.write("events.csv", "user,sku,time,quantity\nu1,s1,2024-01-01,1\nu2,s2,2024-01-02,1\n").prepare(events={})

    with pytest.raises(DataError, match=r"\[data.events.columns\] query"):
        label_behaviour(Labelled(shop, {}))


def test_nothing_prepared_is_said(shop):
    with pytest.raises(StageError, match="steelyard prepare"):
        label_behaviour(Labelled(shop, {}))


def test_labels_are_written_as_parquet_only(shop, tmp_path):
    with pytest.raises(ConfigError, match=r"call it labels\.parquet"):
        label_behaviour(prepared(shop, log()), out=tmp_path / "labels.csv")


def test_learnt_weights_are_used_and_told_in_the_report(shop):
    items(shop)
    shop.write("events.csv", log(n_visits=1200))

    quality = shop.prepare(events={"columns": FULL}, more={"event_weights": "learnt"})

    (told,) = [f for f in quality["findings"] if f["reason"] == "event_weights_learnt"]
    assert "click" in told["says"] and "a purchase 5" in told["says"]
    weights = {row["kind"]: row["weight"] for row in shop.rows("events")}
    assert weights["purchase"] == 5.0
    assert 0 < weights["click"] < weights["add_to_cart"] < 5.0
    assert weights["impression"] == 0.0


def test_no_weight_is_learnt_from_the_judging_period(shop):
    """Every purchase of the last tenth moved to another item: the weights stay as they are."""
    rows = [line.split(",") for line in log(n_visits=1200).splitlines()]
    late = datetime.fromisoformat(rows[-1][2]) - timedelta(days=2)
    items(shop)
    found = []
    for moved in (False, True):
        text = "\n".join(",".join(_elsewhere(row, late) if moved else row) for row in rows) + "\n"
        shop.write("events.csv", text).prepare(events={"columns": FULL}, more={"event_weights": "learnt"})
        found.append({row["kind"]: row["weight"] for row in shop.rows("events")})

    assert shop.split()["cut_test_s"] < late.timestamp()
    assert found[0] == found[1]


def _elsewhere(row, late):
    is_moved = row[3] == "purchase" and datetime.fromisoformat(row[2]) > late
    return [row[0], f"s{(int(row[1][1:]) + 3) % N_ITEMS}", *row[2:]] if is_moved else row


def test_too_few_purchases_leave_the_fixed_weights_and_say_so(shop):
    items(shop)
    shop.write("events.csv", log(n_visits=40))

    quality = shop.prepare(events={"columns": FULL}, more={"event_weights": "learnt"})

    assert reasons(quality)["event_weights_not_learnt"] == 0
    assert {row["weight"] for row in shop.rows("events") if row["kind"] == "click"} == {1.0}


def test_labels_of_behaviour_serve_as_judgements_marked_by_their_origin(shop):
    of = prepared(shop, log(n_visits=1200))
    label_behaviour(of, out=shop.folder / "labels.parquet")

    judgements = {"path": "labels.parquet", "columns": {"query": "query", "item_id": "item_id", "gain": "gain"}}
    shop.prepare(events={"columns": FULL}, judgements={**judgements, "origin": "behaviour"})

    assert {row["origin"] for row in shop.rows("queries") if row["part"] != "example"} == {"behaviour"}
    assert json.loads((shop.data / "split.json").read_text("utf-8"))["search"]["gains"] > 0


def test_queries_of_the_log_that_nobody_judged_are_named_and_formulas_are_not(shop):
    typed = [("u1", "Red Lamp"), ("u2", "red lamp "), ("u1", "chair"), ("u3", "=HYPERLINK(1)"), ("", "rug")]
    rows = "".join(
        f"{user},s1,2024-03-0{i + 1}T10:00:00Z,click,v{i},{query},\n" for i, (user, query) in enumerate(typed)
    )
    of = prepared(shop, "user,sku,time,kind,visit,query,rank\n" + rows)
    judged = search_cases([("q", "Chair")], {}, is_synthetic=False)

    found = further_queries(of, judged)

    assert [(row.query, row.people) for row in found] == [("red lamp", 2)]


def test_without_sessions_what_a_user_did_on_another_day_is_of_another_visit(shop):
    shows = "".join(f"u{i},s1,2024-03-01T10:00:00Z,impression,,lamp,1\n" for i in range(30))
    clicks = "".join(f"u{i},s1,2024-03-0{1 if i < 10 else 5}T10:01:00Z,click,,,\n" for i in range(20))
    of = prepared(shop, "user,sku,time,kind,visit,query,rank\n" + shows + clicks, labels={"min_impressions": 1})

    label_behaviour(of, out=shop.folder / "labels.parquet")

    (row,) = pq.read_table(shop.folder / "labels.parquet").to_pylist()
    assert (row["shown"], row["clicked"]) == (30.0, 10.0)
