"""A day more of a log that was read before: only that day is read, and what comes of it is what a whole load gives."""

import gzip
import random
import shutil
import stat
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from steelyard.cli.opening import open_shop
from steelyard.errors import DataError
from steelyard.workflows.privacy.erase import erase
from steelyard.workflows.run import Run, prepare_stage

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TOML = """
[shop]
timezone = "Europe/Berlin"
[data]
items = { path = "items.csv", columns = { item_id = "sku", title = "title" } }
accept = ["event_item_unknown", "event_kind_unknown", "event_duplicate", "event_time_unreadable"]
[data.events]
path = "log/*"
[data.events.columns]
user = "who"
item_id = "sku"
time = "at"
kind = "what"
price = "paid"
query = "typed"
[split]
synthetic_queries = 20
"""
ITEMS = "sku,title\n" + "".join(f"{n:03d},Kettle of {n} litres\n" for n in range(30))


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "steelyard.toml").write_text(TOML)
    (tmp_path / "items.csv").write_text(ITEMS)
    return tmp_path


def rows(seed, n=40):
    """Events of a few days, with all that a log has to be mended for; some are there twice."""
    draw = random.Random(seed)
    found = []
    for at in range(n):
        sku = draw.choice(["003", "7", "011", "12.0", "999", f"{draw.randrange(30):03d}"])
        who = draw.choice(["anna-lena-17", "bo-svensson", "guest", "", f"user-{draw.randrange(9)}"])
        day = draw.choice(["2026-05-%02d %02d:30:00", "%02d.05.2026 %02d:15"]) % (at % 28 + 1, draw.randrange(24))
        kind = draw.choice(["view", "purchase", "purchase", "odd"])
        typed = draw.choice(["", "kettle", "write to me: bo@example.org", "bo-svensson"])
        found.append(f"{who},{sku},{day},{kind},{draw.choice(['9.50', '12', '1200', ''])},{typed}")
        found += found[-1:] if draw.random() < 0.1 else []
    return found


def write_day(shop, name, lines):
    (shop / "log" / name).write_text("who,sku,at,what,paid,typed\n" + "".join(f"{line}\n" for line in lines))


def prepared(shop):
    """Digest of the artefact, and what was said meanwhile."""
    run = Run.of(open_shop(shop), now=NOW)
    said = []
    prepare_stage(run, lambda done, of, text: said.append(text))
    return run.store.digest("data"), [text for text in said if text.startswith("events:")]


def prepared_whole(shop, tmp):
    """Digest of the artefact of a load that knows nothing of earlier ones."""
    shutil.copytree(shop, tmp, ignore=shutil.ignore_patterns(".steelyard"))
    (tmp / ".steelyard").mkdir()
    shutil.copy(shop / ".steelyard" / "secret.key", tmp / ".steelyard" / "secret.key")
    text = (tmp / "steelyard.toml").read_text()
    (tmp / "steelyard.toml").write_text(text.replace("[data]\n", "[data]\nincremental = false\n"))
    found, _ = prepared(tmp)
    assert not (tmp / ".steelyard" / "kept-rows").exists()
    return found


def kept_files(shop):
    """When each kept file was written, by name."""
    return {path.name: path.stat().st_mtime_ns for path in (shop / ".steelyard" / "kept-rows").glob("*.*s")}


def test_only_the_new_day_is_read_and_nothing_is_lost(shop, tmp_path_factory):
    for day in range(4):
        write_day(
            shop, f"d{day}.csv", [f"user-{n % 7},{n:03d},2026-05-0{day + 1} 10:{n:02d}:00,view,5.5," for n in range(30)]
        )
    prepared(shop)
    write_day(shop, "d4.csv", [f"user-{n % 7},{n:03d},2026-05-05 10:{n:02d}:00,purchase,5.5," for n in range(30)])
    before = kept_files(shop)

    digest, said = prepared(shop)

    after = kept_files(shop)
    assert before.items() <= after.items()
    assert sorted(name.rpartition(".")[2] for name in after.keys() - before.keys()) == ["forms", "rows"]
    assert said == ["events: 4 of 5 files are as they were read before; new: 1"]
    assert digest == prepared_whole(shop, tmp_path_factory.mktemp("whole") / "shop")


@given(seed=st.integers(0, 10**6), cuts=st.lists(st.integers(0, 44), min_size=1, max_size=4))
@settings(max_examples=3, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_any_split_into_days_gives_the_artefact_of_a_whole_load(tmp_path_factory, seed, cuts):
    shop = tmp_path_factory.mktemp("shop")
    (shop / "log").mkdir()
    (shop / "steelyard.toml").write_text(TOML)
    (shop / "items.csv").write_text(ITEMS)
    lines = rows(seed)
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < len(lines)}), len(lines)]

    for day, (low, high) in enumerate(pairwise(edges)):
        write_day(shop, f"{day}.csv", lines[low:high])
        with suppress(DataError) if high < len(lines) else nullcontext():  # one line alone may be of no use
            digest, _ = prepared(shop)

    assert digest == prepared_whole(shop, tmp_path_factory.mktemp("whole") / "shop")


def test_a_day_that_changes_what_the_dates_mean_is_told_and_all_is_read_again(shop, tmp_path_factory):
    plain = [f"user-{n % 7},{n:03d},{n % 12 + 1:02d}/05/2025 10:{n:02d}:00,view,5," for n in range(30)]
    write_day(shop, "a.csv", [line.replace("/05/", "/13/") if n == 0 else line for n, line in enumerate(plain)])
    write_day(shop, "b.csv", plain)
    prepared(shop)
    write_day(shop, "c.csv", [f'user-{n % 7},{n:03d},10/05/2025 10:{n:02d}:00,view,"5,25",' for n in range(30)])

    digest, said = prepared(shop)

    assert said == ["events: the new files change how price is read: all 3 are read again"]
    assert digest == prepared_whole(shop, tmp_path_factory.mktemp("whole") / "shop")


def test_other_forms_of_files_and_a_changed_one_are_read_as_in_a_whole_load(shop, tmp_path_factory):
    plain = [f"user-{n % 7},{n:03d},2026-05-01 10:{n:02d}:00,view,5," for n in range(30)]
    write_day(shop, "a.csv", plain)
    text = "who,sku,at,what,paid,typed\n" + "\n".join(plain) + "\n"
    (shop / "log" / "b.csv.gz").write_bytes(gzip.compress(text.encode()))
    (shop / "log" / "c.csv").write_text(text.replace("view", 'vi"ew\nx') + "short\n\n")
    prepared(shop)
    write_day(shop, "a.csv", plain[5:])

    digest, said = prepared(shop)

    assert said == ["events: 2 of 3 files are as they were read before; new: 1"]
    assert digest == prepared_whole(shop, tmp_path_factory.mktemp("whole") / "shop")


def test_a_changed_catalogue_is_heard_though_no_day_is_read_again(shop, tmp_path_factory):
    for day in range(2):
        write_day(shop, f"{day}.csv", [f"user-{n % 7},{n:03d},2026-05-01 1{day}:{n:02d}:00,view,5," for n in range(30)])
    prepared(shop)
    (shop / "items.csv").write_text("".join(line for line in ITEMS.splitlines(True) if not line.startswith("007")))

    digest, said = prepared(shop)

    assert said == ["events: 2 of 2 files are as they were read before; new: 0"]
    assert digest == prepared_whole(shop, tmp_path_factory.mktemp("whole") / "shop")


def test_what_is_kept_names_nobody_and_is_for_its_owner_alone(shop):
    for day in range(2):
        write_day(shop, f"{day}.csv", rows(day))
    prepared(shop)

    kept = sorted((shop / ".steelyard" / "kept-rows").iterdir())

    assert {path.suffix for path in kept} >= {".rows", ".forms"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    assert stat.S_IMODE(kept[0].parent.stat().st_mode) == 0o700
    for path in kept:
        content = path.read_bytes()
        assert not [raw for raw in (b"anna-lena", b"bo-svensson", b"example.org", b"kettle") if raw in content]


def test_damaged_and_stale_files_are_not_believed(shop, tmp_path_factory):
    for day in range(3):
        write_day(shop, f"{day}.csv", rows(day))
    first, _ = prepared(shop)
    kept = shop / ".steelyard" / "kept-rows"
    for path in kept.glob("*.rows"):
        path.write_bytes(path.read_bytes()[:-40] + b"x" * 40)
    (kept / "last-readings.json").write_text("{", "utf-8")
    (shop / "log" / "2.csv").unlink()

    digest, _ = prepared(shop)

    assert first != digest == prepared_whole(shop, tmp_path_factory.mktemp("whole") / "shop")
    assert len(list(kept.glob("*.forms"))) == 2


def test_erasing_somebody_forgets_what_was_kept(shop):
    for day in range(2):
        write_day(shop, f"{day}.csv", rows(day))
    prepared(shop)

    receipt, _ = erase(open_shop(shop), ["anna-lena-17"])

    assert not (shop / ".steelyard" / "kept-rows").exists()
    assert "kept rows of daily files, as files" in {place.place for place in receipt.places}


def test_nothing_is_kept_where_events_have_an_age(shop):
    with (shop / "steelyard.toml").open("a") as file:
        file.write("[privacy]\nkeep_days = 3000\n")
    for day in range(2):
        write_day(shop, f"{day}.csv", rows(day))

    prepared(shop)

    assert not (shop / ".steelyard" / "kept-rows").exists()


def test_a_day_that_makes_a_column_undecidable_is_refused_as_in_a_whole_load(shop):
    write_day(shop, "a.csv", [f"user-{n % 7},{n:03d},2026-05-01 10:{n:02d}:00,view,5," for n in range(30)])
    write_day(shop, "b.csv", [f"user-{n % 7},{n:03d},2026-05-02 10:{n:02d}:00,view,5," for n in range(30)])
    prepared(shop)
    write_day(shop, "c.csv", [f"user-{n % 7},{n:03d},2026-05-03 10:{n:02d}:00,view,1.234," for n in range(30)])
    write_day(shop, "d.csv", [f'user-{n % 7},{n:03d},2026-05-03 10:{n:02d}:00,view,"1,234",' for n in range(30)])

    with pytest.raises(DataError, match=r"paid|price"):
        prepared(shop)
