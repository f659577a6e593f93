"""Bad input through the command line: a clear error or a quarantine with a reason, nothing lost, and it carries on."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest

from tests.end_to_end.conftest import QUICK, steelyard, within, write_shop

ITEMS = """
[data.items]
path = "products.csv"
[data.items.columns]
item_id = "product_id"
title = "title"
category = "category"
price = "price"
"""
EVENTS = """
[data.events]
path = "orders.csv"
[data.events.columns]
user = "customer_id"
item_id = "product_id"
time = "order_date"
"""
SMALL = QUICK.replace("http_best = 1", "http_best = 0").replace('"popularity", "item-knn"', '"popularity"')
"""The quick settings with the fewest processes: one recommender, and no race over HTTP before the choice."""


def make_shop(folder, *, n_users=12, text=ITEMS + EVENTS):
    write_shop(folder, n_users=n_users)
    (folder / "steelyard.toml").write_text(text, "utf-8")
    return folder


def do(verb, folder, *more):
    return steelyard(verb, "-c", folder / "steelyard.toml", *more)


def do_within(verb, folder, *more):
    """The same in this process, for what needs none of its own."""
    return within(verb, "-c", folder / "steelyard.toml", *more)


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def write_rows(path, rows, *, encoding="utf-8"):
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file).writerows(rows)


def set_column(path, at, value):
    header, *rows = rows_of(path)
    write_rows(path, [header, *([*row[:at], value, *row[at + 1 :]] for row in rows)])


def refs(folder):
    found = (folder / ".steelyard" / "refs").rglob("*.ref")
    return {path.name: (path.read_text(), path.stat().st_mtime_ns) for path in found}


def stored(folder, name):
    digest = (folder / ".steelyard" / "refs" / f"{name}.ref").read_text().strip()
    return folder / ".steelyard" / "objects" / digest


def assert_refused(done, *words):
    """Ended with 1 and a message that holds the words: what was found, where, and what to do."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert [word for word in words if word not in done.stderr] == [], done.stderr


def assert_done(done):
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


# Each of these stops before anything is stored.


def no_file(shop):
    (shop / "orders.csv").rename(shop / "order.csv")


def no_column(shop):
    header, *rows = rows_of(shop / "orders.csv")
    write_rows(shop / "orders.csv", [(*header[:2], "ordered_on"), *rows])


def price_in_words(shop):
    set_column(shop / "products.csv", 3, "dear")


def no_bytes(shop):
    (shop / "products.csv").write_bytes(b"")


def no_rows(shop):
    write_rows(shop / "orders.csv", rows_of(shop / "orders.csv")[:1])


def all_in_future(shop):
    set_column(shop / "orders.csv", 2, "2999-01-01")


def open_quote(shop):
    header, *rows = (shop / "orders.csv").read_text().splitlines(keepends=True)
    (shop / "orders.csv").write_text("".join([header, '"never closed,SKU-0-0,2024-01-01\n', *rows]))


def mixed_line_ends(shop):
    with (shop / "orders.csv").open("a", newline="") as file:
        file.write("person1,SKU-0-0,2024-01-01\n")


def too_wide(shop):
    names = ",".join(f"c{i}" for i in range(299_998))
    (shop / "products.csv").write_text(f"product_id,title,{names}\nSKU-0-0,steel pan{',1' * 299_998}\n")


def unknown_key(shop):
    path = shop / "steelyard.toml"
    path.write_text("sede = 3\n" + path.read_text() + '[split]\ntest_share = "much"\n')


@pytest.mark.parametrize(
    ("spoil", "found", "where", "to_do"),
    [
        (no_file, "no file", "orders.csv", "Did you mean order.csv"),
        (no_column, "no column 'order_date'", "[data.events] orders.csv", "Did you mean 'ordered_on'?"),
        (price_in_words, "not one value of column 'price' can be read", "[data.items]", "give the right column"),
        (no_bytes, "is empty (0 bytes)", "products.csv", "export it again"),
        (no_rows, "has a header but no rows", "[data.events] orders.csv", "export it again"),
        (all_in_future, "event_time_in_future", "[data.events]", "Mend the file"),
        (too_wide, "columns, at most 2,000 are allowed", "products.csv", "Keep the columns that matter"),
        (unknown_key, "unknown key 'sede'", "has 2 problems; no work was begun:\n  line 1", "did you mean 'seed'?"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_place_and_a_remedy(tmp_path, spoil, found, where, to_do):
    shop = make_shop(tmp_path / "shop")
    spoil(shop)

    done = do_within("prepare", shop, "--json")

    assert_refused(done, found, where, to_do)
    assert refs(shop) == {}


# What has one reading is read, and every line is accounted for.


@pytest.mark.parametrize("spoil", [open_quote, mixed_line_ends])
def test_a_line_cut_otherwise_than_the_others_is_no_reason_to_lose_one(tmp_path, spoil):
    shop = make_shop(tmp_path / "shop")
    n_before = len(rows_of(shop / "orders.csv")) - 1
    spoil(shop)

    done = do_within("prepare", shop, "--json")

    assert_done(done)
    rows = json.loads(done.stdout)["rows"]["events"]
    assert (rows["in"], rows["kept"], rows["is_balanced"]) == (n_before + 1, n_before + 1, True)


# Single rows go to quarantine.

BAD_ITEMS = [
    ("SKU-0-0", "second pan of that number", "kitchen", "1.00"),
    ("", "pan without a number", "kitchen", "1.00"),
    ("SKU-dear", "pan without a price", "kitchen", "dear"),
]
BAD_EVENTS = [
    ("p1", "SKU-0-0", "soon"),
    ("p1", "SKU-0-0", "2999-01-01"),
    ("p1", "SKU-0-0", "1970-01-01"),
    ("p1", "SKU-unknown", "2024-01-01"),
    ("p1", "", "2024-01-01"),
    ("p2", "SKU-0-0", "2024-01-01"),
    ("p2", "SKU-0-0", "2024-01-01"),
    ("p2", "SKU-0-0", "2024-01-01", "one cell too many"),
]


@pytest.fixture(scope="module")
def dirty(tmp_path_factory):
    """A shop with one row of each kind of trouble, prepared; and how many rows its files have."""
    folder = make_shop(tmp_path_factory.mktemp("dirty") / "shop")
    n_rows = {}
    for table, name, bad in (("items", "products.csv", BAD_ITEMS), ("events", "orders.csv", BAD_EVENTS)):
        rows = [*rows_of(folder / name), *bad]
        write_rows(folder / name, rows)
        n_rows[table] = len(rows) - 1
    done = do_within("prepare", folder, "--json")
    assert_done(done)
    return SimpleNamespace(folder=folder, quality=json.loads(done.stdout), n_rows=n_rows)


@pytest.mark.parametrize(
    ("table", "reason", "stored_in"),
    [
        ("items", "item_id_duplicate", "items"),
        ("items", "item_id_missing", "items"),
        ("items", "price_not_a_number", "items_values"),
        ("events", "event_time_unreadable", "events"),
        ("events", "event_time_in_future", "events"),
        ("events", "event_time_implausible", "events"),
        ("events", "event_item_unknown", "events"),
        ("events", "event_item_missing", "events"),
        ("events", "row_malformed", "events_malformed"),
    ],
)
def test_a_bad_row_is_kept_in_quarantine_with_its_reason(dirty, table, reason, stored_in):
    finding = next(f for f in dirty.quality["findings"] if f["reason"] == reason)

    kept = pq.read_table(stored(dirty.folder, "data") / "quarantine" / f"{stored_in}.parquet")

    assert (finding["table"], finding["count"]) == (table, 1)
    assert finding["says"] and finding["samples"]
    if reason == "row_malformed":
        assert kept.num_rows == 1  # its line number: the text of it may name people
    else:
        assert Counter(kept["reason"].to_pylist())[reason] == 1


@pytest.mark.parametrize(("table", "n_quarantined"), [("items", 2), ("events", 6)])
def test_every_row_of_a_dirty_file_is_accounted_for(dirty, table, n_quarantined):
    rows = dirty.quality["rows"][table]

    assert rows["is_balanced"]
    assert (rows["in"], rows["quarantined"]) == (dirty.n_rows[table], n_quarantined)
    assert rows["kept"] == dirty.n_rows[table] - n_quarantined
    assert rows["merged"] == 0


def test_chinese_in_gb18030_is_read_as_it_was_written(tmp_path):
    shop = make_shop(tmp_path / "shop")
    header, *rows = rows_of(shop / "products.csv")
    titles = [f"不锈钢厨房用品 {row[1]}" for row in rows]
    changed = [(row[0], title, *row[2:]) for row, title in zip(rows, titles, strict=True)]
    write_rows(shop / "products.csv", [header, *changed], encoding="gb18030")

    done = do_within("prepare", shop, "--json")

    assert_done(done)
    quality = json.loads(done.stdout)
    assert quality["rows"]["items"] == {"in": 80, "kept": 80, "quarantined": 0, "merged": 0, "is_balanced": True}
    reasons = {finding["reason"] for finding in quality["findings"]}
    assert "encoding_guessed" in reasons and not any(reason.startswith("text_") for reason in reasons)
    assert pq.read_table(stored(shop, "data") / "items.parquet")["title"].to_pylist() == titles


# The store.


def test_a_corrupt_artefact_is_refused_and_made_again(dirty, tmp_path):
    shop = tmp_path / "shop"
    shutil.copytree(dirty.folder, shop)
    victim = stored(shop, "data") / "items.parquet"
    sound = victim.read_bytes()
    victim.write_bytes(bytes([*sound[:-9], sound[-9] ^ 4, *sound[-8:]]))

    refused = do("build", shop)
    again = do_within("prepare", shop, "--json")

    assert_refused(
        refused, "ArtefactError", "is damaged", "items.parquet: content changed", str(victim.parent), "again"
    )
    assert_done(again)
    assert json.loads(again.stdout) == dirty.quality
    assert victim.read_bytes() == sound


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own for a shop's work folder, and how to change its size."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options):
        argv = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        return subprocess.run(argv, capture_output=True, text=True, check=False)

    made = mount("size=2m") if shutil.which("mount") else SimpleNamespace(returncode=1, stderr="no mount command")
    if made.returncode:
        pytest.skip(f"NOT TESTED: a full disk needs the right to mount a tmpfs (run as root): {made.stderr.strip()}")
    try:
        yield SimpleNamespace(folder=folder, resize=lambda size: mount(f"remount,size={size}"))
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder):
    """Take all the space that is left, but for a page or two."""
    with (folder / "ballast").open("wb", buffering=0) as file:
        free = os.statvfs(folder)
        file.write(bytes(max(0, free.f_bavail * free.f_frsize - 3 * 4096)))


def test_a_full_disk_is_told_and_the_same_command_carries_on(small_disk, tmp_path):
    shop = make_shop(tmp_path / "shop", text=f'work = "{small_disk.folder}"\n{ITEMS}{EVENTS}{SMALL}')
    told = ("StorageError", "No space left on device", str(small_disk.folder), "free some space")

    fill(small_disk.folder)
    full = do("prepare", shop, "--json")
    assert_refused(full, "StorageError", "no space is left", str(small_disk.folder), "free some there")
    assert not (small_disk.folder / "refs" / "data.ref").exists()

    small_disk.resize("64m")
    roomy = do("prepare", shop, "--json")
    assert_done(roomy)
    assert all(rows["is_balanced"] for rows in json.loads(roomy.stdout)["rows"].values())

    before = (small_disk.folder / "refs" / "data.ref").read_text()
    (small_disk.folder / "ballast").unlink()
    fill(small_disk.folder)
    full = do("build", shop)
    assert_refused(full, *told)
    assert (small_disk.folder / "refs" / "data.ref").read_text() == before

    (small_disk.folder / "ballast").unlink()
    assert_done(do("build", shop))
    assert (small_disk.folder / "refs" / "parts" / "lexical.ref").is_file()


# Shops with next to nothing in them.


def surfaces_of(shop):
    decision = json.loads((stored(shop, "decision") / "value.json").read_text("utf-8"))
    return {row["surface"]: row for row in decision["surfaces"]}


def bundled(shop):
    path = shop / ".steelyard" / json.loads((stored(shop, "bundle") / "value.json").read_text("utf-8"))["path"]
    with open(f"{path}/bundle.json", encoding="utf-8") as file:  # noqa: PTH123
        return json.load(file)


def test_a_shop_with_only_a_catalogue_gets_search_and_similar_items(tmp_path):
    shop = make_shop(tmp_path / "shop", text=ITEMS + SMALL)

    done = do("run", shop)

    assert_done(done)
    assert {name: row["is_feasible"] for name, row in surfaces_of(shop).items()} == {"search": True}
    surfaces = bundled(shop)["surfaces"]
    assert set(surfaces) == {"search", "similar"}
    assert [one["kind"] for one in surfaces["similar"]] == ["substitutes"]


def test_a_shop_with_one_item_is_decided_on_search(tmp_path):
    shop = make_shop(tmp_path / "shop", text=ITEMS + EVENTS + SMALL)
    write_rows(shop / "products.csv", rows_of(shop / "products.csv")[:2])
    set_column(shop / "orders.csv", 1, "SKU-0-0")

    done = do("run", shop)

    assert_done(done)
    assert "open   steelyard serve" in done.stdout
    assert {name: row["is_feasible"] for name, row in surfaces_of(shop).items()} == {"search": True}


def interrupt(shop, *, when):
    """The exit code and the words of a ``run`` that got Ctrl-C once ``when(line)`` was true of a line it printed."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # an ignored signal would stay so in the child
    try:
        argv = [sys.executable, "-m", "steelyard", "run", "-c", str(shop / "steelyard.toml")]
        child = subprocess.Popen(
            argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True
        )
    finally:
        signal.signal(signal.SIGINT, before)
    with child:
        said = ""
        while not when(said) and (line := child.stderr.readline()):
            said += line
        os.killpg(child.pid, signal.SIGINT)
        said += child.stderr.read()
    return child.returncode, said


def test_ctrl_c_keeps_what_was_done_and_one_user_gets_a_decision(tmp_path):
    shop = make_shop(tmp_path / "shop", n_users=1, text=ITEMS + EVENTS + SMALL)
    held = []

    for stage in ("build", "measure"):
        code, said = interrupt(shop, when=lambda said, stage=stage: f"{stage} …" in said)

        assert code in (130, -signal.SIGINT), said  # a shell reports both as 130
        assert "Traceback" not in said
        assert "the same command carries on" in said
        held.append(refs(shop))
    done = do("run", shop)

    assert_done(done)
    after = refs(shop)
    assert {"prepare.ref", "catalogue.ref", "lexical.ref"} <= set(held[-1])
    assert all(after[name] == ref for earlier in held for name, ref in earlier.items())  # nothing was done twice
    assert not list((shop / ".steelyard" / "tmp").iterdir())
    recommend = surfaces_of(shop)["recommend"]
    assert recommend["n_requests"] == 1
    assert recommend["candidates"][0]["quality"]["low"] is None  # one request has no interval
