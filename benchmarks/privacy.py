"""Marks of people in every field: is one of them stored anywhere, and is anything left of people who are erased?

    python benchmarks/privacy.py FOLDER [--people 10000] [--erased 100]

Writes a shop into FOLDER whose log holds, in every column, identifiers, e-mail addresses and telephone numbers of its
people; runs it; serves it and posts events with the same marks; copies the work folder as a backup. Then

P1  looks for every mark in all files: artefacts, models, event log with its write-ahead log, backup, what verbs print;
P2  erases some people while the server answers, and looks for them; restores the backup, erases again, looks;
P5  asks for lists without personalisation under the names of two people;
P8  changes the key of the pseudonyms while events are posted, and looks for pseudonyms of the key before.

Prints one JSON line.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

TOML = """
[shop]
name = "Marks"
[data.items]
path = "products.csv"
columns = { item_id = "sku", title = "title", category = "category", price = "price" }
[data.events]
path = "events.csv"
kinds = { buy = "purchase" }
[data.events.columns]
user = "customer"
item_id = "sku"
time = "at"
kind = "what"
session = "visit"
query = "typed"
position = "place"
quantity = "pieces"
price = "paid"
platform = "where"
event_id = "event"
[models]
search = ["lexical"]
recommend = ["popularity", "item-knn"]
[measure]
timed_requests = 20
http_best = 0
bootstrap = 100
check_seconds = 1
quiet_wait_s = 0
[decide.search]
min_quality_share = 0.5
max_p99_ms = 5000
[decide.recommend]
min_quality_share = 0.1
max_p99_ms = 5000
"""
N_ITEMS = 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--erased", type=int, default=100)
    args = parser.parse_args()
    shop = args.folder
    if shop.exists():
        raise SystemExit(f"{shop} exists: name a new folder")
    write_shop(shop, args.people)
    print(json.dumps(measured(shop, args.people, args.erased)))


def marks(n: int) -> tuple[str, str, str]:
    return f"cust-mk{n:06}", f"mk{n:06}@post.example", f"1389{n:07}"


def write_shop(shop: Path, people: int) -> None:
    draw = random.Random(1)
    shop.mkdir(parents=True)
    (shop / "steelyard.toml").write_text(TOML)
    with (shop / "products.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("sku", "title", "category", "price"))
        for i in range(N_ITEMS):
            rows.writerow((f"SKU-{i:04}", f"thing {i} of kind {i % 20}", f"kind {i % 20}", f"{1 + i % 9}.50"))
    with (shop / "events.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("customer", "sku", "at", "what", "visit", "typed", "place", "pieces", "paid", "where", "event"))
        for n in range(people):
            for k in range(8):
                rows.writerow(event(draw, n, k))
    with (shop / "marks.txt").open("w") as file:
        for n in range(people):
            file.write("\n".join(marks(n)) + "\n")


def event(draw: random.Random, n: int, k: int) -> list[str]:
    """A row; in about a third of them a mark stands where something else belongs."""
    name, mail, phone = marks(n)
    day, clock = 1 + draw.randrange(28), draw.randrange(86_400)
    at = f"2024-{1 + draw.randrange(12):02}-{day:02} {clock // 3600:02}:{clock // 60 % 60:02}:{clock % 60:02}"
    sku = f"SKU-{(n % 20) + 20 * draw.randrange(N_ITEMS // 20):04}"
    row = [name, sku, at, "buy", f"visit-{name}-{k // 3}", "", "1", "1", "2.50", "web", f"{name}-{k}"]
    if k % 4 == 3:
        row[3], row[1], row[5] = "search", "", f"thing of kind {n % 20}"
    if draw.random() < 0.35:
        place = draw.choice([1, 2, 3, 5, 6, 7, 8, 9])
        row[place] = draw.choice([f"my id {name}", mail, f"call {phone}", phone, mail])
    return row


class Shop:
    """A shop, and what its verbs print."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "outputs.log"

    def __call__(self, *arguments: object, expected: tuple[int, ...] = (0,)) -> str:
        """What a verb prints."""
        argv = [sys.executable, "-m", "steelyard", *map(str, arguments)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        with self.log.open("a") as file:
            file.write(done.stdout + done.stderr)
        if done.returncode not in expected:
            raise SystemExit(f"{arguments} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def scan(self, named: Path, *also: Path, options: tuple[str, ...] = ()) -> dict[str, Any]:
        """What a search finds."""
        more = [each for path in also for each in ("--also", path)]
        given = ["-c", self.folder / "steelyard.toml", "--user-file", named, "--json", *more, *options]
        return json.loads(self("privacy", "scan", *given, expected=(0, 1)))


def ask(address: str, path: str, **query: object) -> bytes:
    with urlopen(f"{address}{path}?{urlencode(query)}", timeout=10) as answer:
        return answer.read()


def post(address: str, events: list[dict[str, Any]]) -> dict[str, Any]:
    body = json.dumps(events).encode()
    asked = Request(f"{address}/v1/events", body, {"content-type": "application/json"})
    with urlopen(asked, timeout=10) as answer:
        return json.load(answer)


def posted(draw: random.Random, people: range) -> list[dict[str, Any]]:
    found = []
    for n in people:
        name, mail, phone = marks(n)
        mark = draw.choice([name, mail, phone])
        found += [
            {"kind": "click", "item_id": f"SKU-{n % N_ITEMS:04}", "user": name, "session": f"s-{name}",
             "event_id": f"{mark}-online-1", "platform": draw.choice(["web", mark])},
            {"kind": "search", "query": draw.choice([mark, f"where is {mark}", "thing"]), "user": name,
             "event_id": f"{name}-online-2"},
            {"kind": "click", "item_id": mail, "user": name, "personalise": draw.random() < 0.5,
             "event_id": f"{name}-online-3"},
        ]  # fmt: skip
    return found


def measured(folder: Path, people: int, erased: int) -> dict[str, Any]:
    shop, toml = Shop(folder), folder / "steelyard.toml"
    began = time.monotonic()
    shop("run", "-c", toml)
    found: dict[str, Any] = {"people": people, "events": people * 8, "run_s": round(time.monotonic() - began, 1)}
    with Server(folder) as server:
        draw = random.Random(2)
        for low in range(0, min(people, 3000), 300):
            post(server.address, posted(draw, range(low, min(low + 300, people))))
        shutil.copytree(folder / ".steelyard", folder / "backup")
        places = (folder / "backup", shop.log, folder / "server.log")
        found["P1"] = looked(shop.scan(folder / "marks.txt", *places, options=("--as-written",)))
        found["P5_equal"] = ask_twice(server.address)
        found["P2"] = erase(shop, server.address, erased, people)
    found["P2"]["restored"] = restore(shop)
    with Server(folder) as server:
        found["P8"] = rotate(shop, server.address, people)
    return found


class Server:
    """The shop's server, from ``with`` to the end of the block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = "http://127.0.0.1:8931"

    def __enter__(self) -> Server:
        argv = [sys.executable, "-m", "steelyard", "--verbose", "serve", "--port", "8931"]
        self._log = (self._folder / "server.log").open("a")
        toml = str(self._folder / "steelyard.toml")
        self._process = subprocess.Popen([*argv, "-c", toml], stdout=self._log, stderr=self._log)
        wait(self.address)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._log.close()


def wait(address: str) -> None:
    for _ in range(600):
        try:
            ask(address, "/health")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server does not start")


def looked(scan: dict[str, Any]) -> dict[str, Any]:
    return {
        "found": sum(scan["found"].values()),
        "where": sorted(scan["found"])[:5],
        "files": scan["files"],
        "mb": round(scan["bytes"] / 1e6, 1),
    }


def ask_twice(address: str) -> bool:
    def listed(n: int) -> bytes:
        answer = json.loads(ask(address, "/v1/recommend", user=marks(n)[0], personalise="false", k=20))
        return json.dumps(answer["items"]).encode()

    def answered(query: str) -> bytes:
        return json.dumps(json.loads(ask(address, "/v1/search", q=query, k=20))["items"]).encode()

    return listed(1) == listed(2) and answered("thing") == answered("thing")


def erase(shop: Shop, address: str, erased: int, people: int) -> dict[str, Any]:
    named = shop.folder / "erased.txt"
    named.write_text("".join(f"{marks(n)[0]}\n" for n in range(erased)))
    anybody = json.dumps(json.loads(ask(address, "/v1/recommend", k=10))["items"])
    forgotten: list[float] = []
    stopped = threading.Event()
    answers = [0, 0]

    def load() -> None:
        draw = random.Random(3)
        while not stopped.is_set():
            n = draw.randrange(people)
            try:
                post(address, posted(draw, range(n, n + 1)))
                ask(address, "/v1/recommend", user=marks(n)[0])
                answers[0] += 2
            except OSError:
                answers[1] += 1

    def watch() -> None:
        begins = shop.folder / ".steelyard-privacy" / "erased.txt"
        while not begins.is_file() and not stopped.is_set():
            time.sleep(0.01)
        at = time.monotonic()
        while not stopped.is_set():
            if json.dumps(json.loads(ask(address, "/v1/recommend", user=marks(0)[0], k=10))["items"]) == anybody:
                forgotten.append(time.monotonic() - at)
                return
            time.sleep(0.01)

    threads = [threading.Thread(target=load), threading.Thread(target=watch)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    receipt = json.loads(shop("privacy", "erase", "-c", shop.folder / "steelyard.toml", "--user-file", named, "--json"))
    took_s = time.monotonic() - began
    time.sleep(2)
    stopped.set()
    for thread in threads:
        thread.join()
    scan = shop.scan(named)
    return {
        "erased": erased, "seconds": round(took_s, 1), "places": receipt["places"], "left": sum(scan["found"].values()),
        "server_forgot_s": round(forgotten[0], 2) if forgotten else None, "answers": answers[0], "failed": answers[1],
    }  # fmt: skip


def restore(shop: Shop) -> dict[str, Any]:
    """A backup of before the erasure takes the place of the work folder."""
    shutil.rmtree(shop.folder / ".steelyard")
    shutil.copytree(shop.folder / "backup", shop.folder / ".steelyard")
    named = shop.folder / "erased.txt"
    before = sum(shop.scan(named)["found"].values())
    shop("privacy", "erase", "-c", shop.folder / "steelyard.toml", "--again")
    return {"left_before": before, "left": sum(shop.scan(named)["found"].values())}


def rotate(shop: Shop, address: str, people: int) -> dict[str, Any]:
    key = (shop.folder / ".steelyard" / "secret.key").read_bytes()
    old = {hashlib.blake2b(marks(n)[0].encode(), key=key, digest_size=16).hexdigest() for n in range(people)}
    stopped, refused = threading.Event(), [0, 0]

    def load() -> None:
        draw = random.Random(4)
        while not stopped.is_set():
            n = 200 + draw.randrange(people - 200)
            try:
                post(address, posted(draw, range(n, n + 1)))
                refused[0] += 3
            except OSError:
                refused[1] += 1

    thread = threading.Thread(target=load)
    thread.start()
    began = time.monotonic()
    shop("privacy", "rotate-key", "-c", shop.folder / "steelyard.toml")
    took_s = time.monotonic() - began
    time.sleep(1)
    shop("privacy", "rotate-key", "--destroy", "-c", shop.folder / "steelyard.toml")
    stopped.set()
    thread.join()
    names = shop.folder / "old.txt"
    names.write_text("\n".join(sorted(old)))
    found = shop.scan(names, options=("--as-written",))["found"]
    names.unlink()
    return {"seconds": round(took_s, 1), "old_left": sum(found.values()), "posted": refused[0], "failed": refused[1]}


if __name__ == "__main__":
    main()
