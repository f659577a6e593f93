"""P3 to P7: models after an erasure, retention, opting out, small groups, and noise."""

from __future__ import annotations

import importlib.util
import json
import math
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from fault_loads import SETTINGS, day, write
from fault_server import ask, post
from fault_shop import KEY, PreparedShop, Row
from steelyard.adapters.privacy.counts import draw_noise
from steelyard.adapters.privacy.register import Register
from steelyard.assembly import Tools
from steelyard.config import Config
from steelyard.data.privacy import Pseudonyms
from steelyard.domain import Interactions, Request
from steelyard.errors import DataError
from steelyard.models.retrieval.factorization import Factorization
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.workflows.privacy.erase import erase
from steelyard.workflows.privacy.publish import publish
from steelyard.workflows.privacy.retain import retain

NOW = datetime(2024, 6, 2, tzinfo=UTC)


class _Clock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def monotonic_s(self) -> float:
        """Seconds that go on by themselves."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Nobody waits."""


class _Tools:
    """The real tools, and a clock that can be set."""

    def __init__(self) -> None:
        tools, self.clock = Tools(), _Clock()
        self.shop, self.privacy, self.files = tools.shop, tools.privacy, tools.files


@dataclass
class OpenShop:
    """A prepared shop as the privacy verbs take it."""

    config: Config
    base: Path
    work: Path
    store: Any
    tools: Any


def opened(prepared: PreparedShop, **policy: object) -> OpenShop:
    work = prepared.folder / "work"
    (work / "secret.key").write_bytes(KEY)
    config = prepared.config
    config = config.model_copy(update={"privacy": config.privacy.model_copy(update=policy)})
    return OpenShop(config, prepared.folder, work, prepared.store, _Tools())


def people_rows(*, quick: bool) -> list[Row]:
    """P3, P4, P6 and P7; P5 is asked of a server, see ``opted_out``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [
            *_unlearning(folder / "unlearn", quick=quick),
            _retention(folder / "retain"),
            *_small_groups(folder / "groups", quick=quick),
            *_noise(folder / "noise"),
        ]


def _unlearning(folder: Path, *, quick: bool) -> list[Row]:
    """Erase people from a prepared shop; the models fitted again are those of a shop that never knew them."""
    items, events = day(3, n_events=2500)
    gone = [f"u{n}" for n in range(20)]
    with_all = PreparedShop(folder / "all", SETTINGS)
    write(with_all.folder, items, events)
    with_all.prepare(NOW)
    shop = opened(with_all)
    erase(shop, gone)
    never = PreparedShop(folder / "never", SETTINGS)
    write(never.folder, items, [row for row in events if row["user"] not in gone])
    never.prepare(NOW)
    learnt = [_whole(one.store.path("data")) for one in (with_all, never)]
    draw = np.random.default_rng(2)
    asked = [Request(history=tuple(draw.choice(400, 4, replace=False).tolist())) for _ in range(200)]
    worst, differ = {}, {}
    for what, make in (("neighbours", ItemNeighbours), ("factors", lambda: Factorization(iterations=5))):
        found = [make().fit(one, seed=0).retrieve(asked, k=400) for one in learnt]
        scores = [np.zeros((200, 500)) for _ in found]
        for one, table in zip(found, scores, strict=True):
            rows = np.repeat(np.arange(200), one.items.shape[1])
            is_found = np.isfinite(one.scores.ravel())
            table[rows[is_found], one.items.ravel()[is_found]] = one.scores.ravel()[is_found]
        worst[what] = float(np.abs(scores[0] - scores[1]).max())
        differ[what] = int((found[0].items != found[1].items).sum())
    auc_before, auc_after = _membership(150 if quick else 400)
    is_same = max(worst.values()) <= 1e-6
    return [
        Row(
            "P3",
            f"{len(gone)} people erased from a prepared shop; neighbours and factors fitted again, and on a shop that "
            "never knew them",
            "equal, or scores ≤ 1e-6 apart",
            ", ".join(f"{what} {value:.1e} apart, {differ[what]} places differ" for what, value in worst.items()),
            is_same,
        ),
        Row(
            "P3",
            "membership of random baskets told from neighbours' scores (the attack is checked on the model before)",
            "AUC ≤ .55 after erasure",
            ", ".join(
                f"{what} {a:.3f} before, {b:.3f} after"
                for what, (a, b) in {"neighbours": auc_before, "factors": auc_after}.items()
            ),
            max(auc_before[1], auc_after[1]) <= 0.55 and auc_before[0] > 0.8,
        ),
    ]


def _whole(folder: Path) -> Interactions:
    """All positive events of a prepared log, people numbered in the order of their pseudonyms."""
    import pyarrow.parquet as pq

    rows = [row for row in pq.read_table(folder / "events.parquet").to_pylist() if row["weight"] > 0 and row["user"]]
    rows.sort(key=lambda row: (row["user"], row["time"], row["item"], row["weight"]))
    number = {user: n for n, user in enumerate(dict.fromkeys(row["user"] for row in rows))}
    columns = ([number[row["user"]] for row in rows], [row["item"] for row in rows])
    times, weights = ([row[name] for row in rows] for name in ("time", "weight"))
    n_items = int(pq.read_metadata(folder / "items.parquet").num_rows)
    users, items = (np.array(column, np.int64) for column in columns)
    return Interactions(users, items, np.array(times, float), np.array(weights, float), len(number), n_items)


def _membership(n_each: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """AUC of the attack before and after, on neighbours and on factors."""
    n_items, length = 400, 6

    def baskets(seed: int, n: int) -> Any:
        draws = np.random.default_rng(seed)
        return np.stack([draws.choice(n_items, length, replace=False) for _ in range(n)])

    def fitted(make: Any, people: Any) -> Any:
        users = np.repeat(np.arange(len(people)), length)
        times = np.tile(np.arange(float(length)), len(people))
        return make().fit(Interactions(users, people.ravel(), times, np.ones(users.size), len(people), n_items), seed=0)

    def recognised(model: Any, people: Any) -> Any:
        found = model.retrieve([Request(history=tuple(row[:-1].tolist())) for row in people], k=n_items)
        return np.array([
            scores[items == row[-1]].max(initial=-1e9)
            for items, scores, row in zip(found.items, found.scores, people, strict=True)
        ])  # fmt: skip

    def auc(members: Any, strangers: Any) -> float:
        both = np.concatenate([members, strangers])
        ranks = np.searchsorted(np.sort(both), both, side="left") + np.searchsorted(np.sort(both), both, side="right")
        n = len(members)
        return float((ranks[:n].sum() / 2 - n**2 / 2) / (n * len(strangers)))

    gone, strangers, others = baskets(1, n_each), baskets(2, n_each), baskets(3, 2 * n_each)
    found = []
    for make in (lambda: ItemNeighbours(max_neighbours=None), lambda: Factorization(factors=64, iterations=8)):
        before, after = fitted(make, np.concatenate([others, gone])), fitted(make, others)
        found.append(tuple(auc(recognised(one, gone), recognised(one, strangers)) for one in (before, after)))
    return found[0], found[1]


def _retention(folder: Path) -> Row:
    """The clock goes on by 5, 10 and 15 days; each purge is done twice."""
    shop = PreparedShop(folder, SETTINGS)
    write(shop.folder, *day(4))
    shop.prepare(NOW)
    policy = opened(shop, keep_days=15)
    older, again, left = 0, 0, [shop.n_rows()]
    for days in (0, 5, 10):
        now = NOW + timedelta(days=days)
        retain(policy, now=now)
        again += len(retain(policy, now=now).touched)
        before = (now - timedelta(days=15)).timestamp()
        older += sum(at < before for at in _times(shop))
        left.append(shop.n_rows())
    return Row(
        "P4",
        "events kept 15 days; the clock at 0, 5 and 10 days, each purge done twice",
        "rows older than the policy 0, a second purge changes nothing",
        f"{older} older, {again} changed again; rows {' → '.join(map(str, left))}",
        not older and not again and left[-1] < left[0],
    )


def _times(shop: PreparedShop) -> list[float]:
    import pyarrow.parquet as pq

    return pq.read_table(shop.store.path("data") / "events.parquet", columns=["time"])["time"].to_pylist()


def opted_out(address: str, *, quick: bool) -> Row:
    """P5: lists of people with long and different histories who all opted out, byte by byte."""
    n = 12 if quick else 40
    for person in range(n):
        clicks = [{"kind": "click", "item_id": f"{100000 + (person * 7 + k) % 400}", "user": f"u{person}",
                   "event_id": f"o{person}-{k}"} for k in range(12)]  # fmt: skip
        post(address, clicks)
    ways = [{"k": 20}, {"k": 100}, {"k": 20, "explain": "true"}]
    lists: dict[str, list[bytes]] = {}
    personal = set()
    for person in range(n):
        for way in ways:
            answer = json.loads(ask(address, "/v1/recommend", user=f"u{person}", personalise="false", **way))
            lists.setdefault(str(way), []).append(json.dumps(answer["items"]).encode())
        personal.add(json.dumps(json.loads(ask(address, "/v1/recommend", user=f"u{person}", k=20))["items"]))
    pairs = sum(a != b for found in lists.values() for a, b in combinations(found, 2))
    n_pairs = len(ways) * n * (n - 1) // 2
    return Row(
        "P5",
        f"{n} people with different histories, all opted out: recommendations of each two, short, long and explained "
        f"({n_pairs:,} pairs)",
        "byte-equal lists for any two",
        f"{pairs} pairs differ ({len(personal)} different lists with personalisation)",
        not pairs and len(personal) > 1,
    )


def _small_groups(folder: Path, *, quick: bool) -> list[Row]:
    """P6: reports before and after one person is gone, of every kind of group."""
    items, events = day(5, n_events=3000)
    settings = json.loads(json.dumps(SETTINGS))
    settings["data"]["items"]["columns"]["category"] = "brand"
    del settings["data"]["items"]["columns"]["brand"]
    settings["data"]["events"]["columns"] |= {"query": "query", "platform": "platform"}
    draw = np.random.default_rng(9)
    for row in events:
        row["platform"] = str(draw.choice(["web", "app", "kiosk", "fax"], p=[0.7, 0.27, 0.025, 0.005]))
        row["query"] = f"query {int(draw.zipf(1.5)) % 60}" if row["kind"] == "view" else ""
        if row["query"]:
            row["kind"], row["sku"] = "search", ""
    shop = PreparedShop(folder, settings)
    write(shop.folder, items, events)
    shop.prepare(NOW)
    least = 20
    small, told, shown, hidden = 0, 0, 0, 0
    people = [f"u{n}" for n in range(3 if quick else 15)]
    reports = [_reports(opened(shop, least_people=least))]
    for n in range(len(people)):
        shop.prepare(NOW, erased=frozenset(Pseudonyms(KEY)(one) for one in people[: n + 1]))
        reports.append(_reports(opened(shop, least_people=least)))
    for report in reports:
        for found in report.values():
            shown, hidden = shown + len(found.counts), hidden + found.n_hidden
            small += sum(count < least for count in found.counts.values()) + (0 < found.other < least)
    for one, other in combinations(reports, 2):
        for by in one:
            told += _tells(one[by], other[by], least)
    return [
        Row(
            "P6",
            f"{len(reports)} reports, each with one person fewer, by query, item, category, kind and platform "
            f"({shown:,} groups shown, {hidden:,} hidden)",
            f"groups under {least} people shown 0; differences of two reports that tell of fewer 0",
            f"{small} small groups, {told} differences that tell of fewer",
            not small and not told and shown > 0 and hidden > 0,
        )
    ]


def _reports(shop: OpenShop) -> dict[str, Any]:
    return {by: publish(shop, by) for by in ("query", "item", "category", "kind", "platform")}


def _tells(one: Any, other: Any, least: int) -> int:
    """Differences of what is shown in both, in totals and of the rest, that are no multiple of the least group."""
    both = one.counts.keys() & other.counts.keys()
    found = [one.counts[name] - other.counts[name] for name in both]
    found += [one.other - other.other, sum(one.counts.values()) - sum(other.counts.values())]
    return sum(value % least != 0 for value in found)


def _noise(folder: Path) -> list[Row]:
    n, found = 100_000, []
    if not importlib.util.find_spec("opendp"):
        goal = "Pearson's test passes, the ledger is never exceeded"
        return [Row("P7", "noise", goal, "not measured: needs OpenDP, pip install 'steelyard[privacy]'", is_kept=None)]
    for scale in (0.7, 5.0):
        counts = Counter(draw_noise(n, scale=scale))
        a = math.exp(-1 / scale)
        expected = {x: n * (1 - a) / (1 + a) * a ** abs(x) for x in range(-300, 301)}
        cells = [x for x, each in expected.items() if each >= 50]
        rest, rest_expected = n - sum(counts[x] for x in cells), n - sum(expected[x] for x in cells)
        chi2 = sum((counts[x] - expected[x]) ** 2 / expected[x] for x in cells)
        chi2 += (rest - rest_expected) ** 2 / rest_expected
        df = len(cells)
        z = ((chi2 / df) ** (1 / 3) - (1 - 2 / (9 * df))) / math.sqrt(2 / (9 * df))
        found.append((scale, chi2, df, z))
    return [
        Row(
            "P7",
            f"{n:,} draws of noise of scale .7 and of 5 against the discrete Laplace distribution",
            "Pearson's test passes (z < 4)",
            "; ".join(f"scale {scale}: χ² {chi2:.0f} of {df} cells, z {z:+.1f}" for scale, chi2, df, z in found),
            all(z < 4 for *_, z in found),
        ),
        _ledger(folder),
    ]


def _ledger(folder: Path) -> Row:
    """Eight threads ask for counts with noise, far more than a month allows; then the next month."""
    shop = PreparedShop(folder, SETTINGS)
    write(shop.folder, *day(6))
    shop.prepare(NOW)
    policy = opened(shop, epsilon_per_month=1.0)

    def once(epsilon: float, *, now: datetime = NOW) -> float:
        mine = replace(policy, tools=_Tools())
        mine.tools.clock.time = now
        try:
            publish(mine, "item", epsilon=epsilon)
        except DataError:
            return 0.0
        return epsilon

    with ThreadPoolExecutor(8) as pool:
        given = sum(pool.map(once, [0.07, 0.1, 0.13] * 12))
    register = Register(policy.base / policy.config.privacy.folder)
    lines = (register.folder / "epsilon.jsonl") if (register.folder / "epsilon.jsonl").is_file() else None
    booked = sum(float(json.loads(line)["epsilon"]) for line in lines.read_text().splitlines()) if lines else given
    later = once(0.5, now=NOW + timedelta(days=31))
    return Row(
        "P7",
        "36 counts with noise asked for by 8 threads (3.6 in all) where a month allows 1, and one a month later",
        "what is booked never exceeds the limit, and nothing is shown that is not booked",
        f"{given:.2f} shown, {booked:.2f} booked of 1; the next month {'allows' if later else 'REFUSES'} .5",
        given <= 1 + 1e-9 and abs(given - booked) < 1e-9 and later > 0 and given > 0.8,
    )
