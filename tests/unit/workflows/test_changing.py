"""Changes of the catalogue from a file to the next bundle: taken over by a load, then retired from the journal."""

import csv
import json

import pytest
from tests.unit.workflows.toy_run import open_run

from steelyard.adapters.bundle import Bundle
from steelyard.documents.changes import Op
from steelyard.domain import Request, Surface
from steelyard.errors import DataError
from steelyard.serving.changes.taking import ChangesRefused
from steelyard.workflows.build import build
from steelyard.workflows.bundles.packaging import package_named
from steelyard.workflows.changing import catalogue_changes
from steelyard.workflows.changing_files import Sent, changes_of_file, standings_of, state_of
from steelyard.workflows.run import prepare_stage
from steelyard.workflows.stored import stored_quality

AT = "2026-11-01T12:00:00+00:00"


def nothing(*_):
    """Nobody is told."""


class Shop:
    """A shop after a run, that is changed."""

    def __init__(self, folder):
        self.folder = folder
        self.run = open_run(folder)
        self.bundles = self.run.work / "bundles"

    def standings(self):
        return standings_of(self.run, Bundle.open(self.bundles))

    def send(self, name, rows, **how):
        path = self.folder / name
        if name.endswith(".jsonl"):
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        else:
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(rows)
        return changes_of_file(self.run, self.standings(), Sent(str(path), **how), at=AT)

    def rebuild(self):
        """What `steelyard run` does, without the race: load, build, package the same choice again."""
        self.run = open_run(self.folder)
        prepare_stage(self.run, nothing)
        build(self.run.bench, self.run.steps, progress=nothing)
        package_named(self.run, ["lexical"], nothing)
        return Bundle.open(self.bundles)

    def ids(self, query, bundle):
        engine = bundle.engine()
        return [one.id for one in engine.answer(Surface.SEARCH, Request(query=query), k=50, explain=False)]

    def state(self):
        return state_of(self.run, self.standings())


@pytest.fixture
def shop(words):
    return Shop(words)


def first_items(shop, n):
    with (shop.folder / "items.csv").open(encoding="utf-8") as file:
        return [row["id"] for row in csv.DictReader(file)][:n]


def test_a_file_is_taken_and_the_next_bundle_holds_it(shop):
    gone, renamed, *_ = first_items(shop, 5)

    report = shop.send(
        "changes.csv",
        [
            ("op", "id", "title", "category", "price"),
            ("upsert", "fresh-1", "Zorblax <b>lamp</b>", "Home > Lamps", "12,50"),
            ("patch", renamed, "Quuxery item", "", ""),
            ("delete", gone, "", "", ""),
        ],
    )
    assert (report.added, report.changed, report.deleted, report.beside) == (1, 1, 1, 3)

    bundle = shop.rebuild()

    engine = bundle.engine()
    assert shop.ids("zorblax", bundle) == ["fresh-1"]
    assert shop.ids("quuxery", bundle) == [renamed]
    assert engine.number(gone) == -1
    assert engine.card(engine.number("fresh-1")).price == "12.50"
    assert bundle.changes == report.token
    assert shop.state().beside == 0
    reasons = {finding.reason for finding in stored_quality(shop.run.store).findings}
    assert {"items_added_since", "items_changed_since", "items_deleted_since"} <= reasons


def test_a_second_load_of_the_same_file_still_holds_what_was_changed(shop):
    gone = first_items(shop, 1)[0]
    shop.send("c.jsonl", [{"op": "delete", "id": gone}, {"id": "fresh-1", "title": "Zorblax lamp"}])
    shop.rebuild()
    token = shop.send("d.jsonl", [{"id": "fresh-2", "title": "Zorblax chair"}]).token

    bundle = shop.rebuild()

    assert shop.ids("zorblax", bundle) == ["fresh-1", "fresh-2"]
    assert bundle.engine().number(gone) == -1
    assert bundle.changes == token


def test_a_change_that_comes_while_a_bundle_is_made_is_not_lost(shop):
    shop.send("c.jsonl", [{"id": "fresh-1", "title": "Zorblax lamp"}])
    shop.run = open_run(shop.folder)
    prepare_stage(shop.run, nothing)
    later = shop.send("d.jsonl", [{"id": "fresh-2", "title": "Zorblax chair"}])
    build(shop.run.bench, shop.run.steps, progress=nothing)
    package_named(shop.run, ["lexical"], nothing)

    state = shop.state()

    assert (state.token, state.beside, state.items) == (later.token, 1, 1)
    assert list(shop.standings().standing) == ["fresh-2"]


def test_the_shops_file_is_right_once_it_says_something_else(shop):
    item, other, _ = first_items(shop, 3)
    shop.send(
        "c.jsonl", [{"op": "patch", "id": item, "title": "Zorblax"}, {"op": "patch", "id": other, "title": "Quuxery"}]
    )
    shop.rebuild()
    text = (shop.folder / "items.csv").read_text("utf-8").split("\n")
    at = next(n for n, line in enumerate(text) if line.startswith(f"{item},"))
    text[at] = f"{item},Frobnicator,Home"
    (shop.folder / "items.csv").write_text("\n".join(text), "utf-8")

    bundle = shop.rebuild()

    assert shop.ids("frobnicator", bundle) == [item]
    assert shop.ids("quuxery", bundle) == [other]
    held = catalogue_changes(shop.run)
    assert set(held.standing) == {other}


def test_a_wrong_row_leaves_everything_as_it_was(shop):
    with pytest.raises(ChangesRefused, match="change 2: the catalogue has no item 'nobody'"):
        shop.send("c.jsonl", [{"id": "fresh-1", "title": "Lamp"}, {"op": "delete", "id": "nobody"}])

    assert shop.state().token == ""


def test_a_dry_run_says_what_a_file_would_do(shop):
    report = shop.send("c.jsonl", [{"id": "fresh-1", "title": "Lamp"}], is_trial=True)

    assert (report.added, report.is_trial, report.token) == (1, True, "")


def test_a_column_for_what_is_done_may_be_left_out(shop):
    item = first_items(shop, 1)[0]

    report = shop.send("stock.csv", [("id", "stock", "note"), (item, "sold out", "x")], op=Op.STOCK)

    assert (report.changed, report.unused) == (1, ("note",))
    assert shop.standings().standing[item].change.stock == 0


def test_a_file_without_ids_is_refused(shop):
    with pytest.raises(DataError, match="has no column of item ids"):
        shop.send("c.csv", [("name", "price"), ("x", "1")])
