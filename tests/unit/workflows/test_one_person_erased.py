"""Erasing one identifier of a person erases all of them, from the tables, the bundle and the server's log."""

import json
from datetime import UTC, datetime

import pytest
from tests.unit.workflows.test_erasure import PrivacyTools, Shop
from tests.unit.workflows.toy_run import live_of, open_run, shown

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.bundle import Bundle
from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.config.data_tables import SameUserColumns, SameUsersSource
from steelyard.data.privacy import Pseudonyms
from steelyard.domain import Event, EventKind
from steelyard.workflows.privacy import erase as erasing
from steelyard.workflows.run import run_all

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def shop(done):
    """A shop that says that persons 3 and 8 and a cookie are one, after a run that knew it."""
    (done / "same.csv").write_text("id,of\nperson 8,person 3\ncookie,person 3\n", "utf-8")
    run = open_run(done)
    same = SameUsersSource(path="same.csv", columns=SameUserColumns(user="id", same_as="of"))
    data = run.config.data.model_copy(update={"same_users": same})
    run.config = run.config.model_copy(update={"data": data})
    (run.work / "secret.key").write_bytes(run.key)
    run_all(run, shown, live=live_of(run))
    log = SqliteEvents(run.work / "bundles" / "state")
    log.append([Event("e", EventKind.CLICK, NOON, user=Pseudonyms(run.key)("cookie"), item_id="i")]).result(timeout=9)
    log.close()
    return Shop(run.config, run.base, run.work, run.store, PrivacyTools())


def test_one_identifier_erases_the_whole_person(shop):
    known = Pseudonyms((shop.work / "secret.key").read_bytes())
    about = Bundle.open(shop.work / "bundles").about()
    assert about.person_of == {known("person 8"): known("person 3"), known("cookie"): known("person 3")}
    assert about.logged.of(known("person 3")) and not about.logged.of(known("person 8"))

    receipt, _ = erasing.erase(shop, ["cookie"])

    everybody = ["person 3", "person 8", "cookie"]
    assert receipt.n_traces == 0
    assert sum(erasing.look_for(shop, everybody).found.values()) == 0
    assert erasing.register_of(shop).erased() >= {known(one) for one in everybody}
    stored = json.loads((Artefacts(shop.work).path("data") / "people.json").read_text())
    assert stored["ids"] == []
    after = Bundle.open(shop.work / "bundles").about()
    assert (dict(after.person_of), after.logged.of(known("person 3"))) == ({}, ())
    log = SqliteEvents(shop.work / "bundles" / "state")
    assert log.count() == 0
    log.close()
