"""Erasure, retention, change of the key and the report, over a toy shop that went through a whole run (R1.7, P1-P8)."""

import json
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.unit.workflows.toy_run import Clock, open_run

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.bundle import Bundle
from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.assembly import Tools
from steelyard.config.data_tables import SameUserColumns, SameUsersSource, UserColumns, UsersSource
from steelyard.data.privacy import Pseudonyms
from steelyard.domain import Event, EventKind, State
from steelyard.errors import ConfigError, DataError
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.reporting.protection_page import protection_page
from steelyard.workflows.privacy import erase as erasing
from steelyard.workflows.privacy.publish import publish
from steelyard.workflows.privacy.report import protection_report
from steelyard.workflows.privacy.retain import retain
from steelyard.workflows.privacy.rotate import destroy, rotate
from steelyard.workflows.run import prepare_stage

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
GONE = ["person 3", "person 8"]


class PrivacyTools:
    """The real tools, and a clock that nobody waits for."""

    def __init__(self):
        self.clock = Clock()
        tools = Tools()
        self.shop, self.privacy, self.files = tools.shop, tools.privacy, tools.files


@dataclass
class Shop:
    config: object
    base: object
    work: object
    store: object
    tools: object


@pytest.fixture
def shop(done):
    run = open_run(done)
    (run.work / "secret.key").write_bytes(run.key)
    log = SqliteEvents(run.work / "bundles" / "state")
    known = Pseudonyms(run.key)
    events = [
        Event(
            f"{who}-{n}", EventKind.CLICK, NOON - timedelta(days=400 * (n % 2)), user=known(who),
            session=known(f"visit {who}"), item_id=f"item-{n}",
        )
        for who in (*GONE, "person 5", "a visitor")
        for n in range(4)
    ]  # fmt: skip
    events.append(Event("before", EventKind.VIEW, NOON, session=known(f"visit {GONE[0]}"), item_id="item-9"))
    log.append(events).result(timeout=5)
    log.close()
    return Shop(run.config, run.base, run.work, run.store, PrivacyTools())


def found(shop, people, **more):
    return sum(erasing.look_for(shop, people, **more).found.values())


def log_of(shop):
    return SqliteEvents(shop.work / "bundles" / "state")


def data(shop, name="events"):
    return pq.read_table(Artefacts(shop.work).path("data") / f"{name}.parquet").to_pylist()


def with_policy(shop, **policy):
    return replace(
        shop, config=shop.config.model_copy(update={"privacy": shop.config.privacy.model_copy(update=policy)})
    )


def test_nothing_is_left_of_the_erased_and_the_others_stay(shop):
    before, visits = len(data(shop)), [f"visit {who}" for who in GONE]
    assert found(shop, GONE) > 4
    assert found(shop, visits) > 0

    receipt, file = erasing.erase(shop, GONE)

    assert found(shop, [*GONE, *visits]) == 0
    assert (receipt.n_people, receipt.n_traces) == (2, 0)
    assert {row.place.split()[0] for row in receipt.places} == {"event", "artefact", "bundle"}
    assert 0 < len(data(shop)) < before
    assert {row["user_number"] for row in data(shop, "targets")} <= {row["user_number"] for row in data(shop)}
    log = log_of(shop)
    assert log.count() == 8
    log.close()
    content = file.read_text("utf-8")
    assert not any(word in content for word in (*GONE, Pseudonyms((shop.work / "secret.key").read_bytes())(GONE[0])))


def test_what_is_left_can_be_served(shop):
    erasing.erase(shop, GONE)

    bundle = Bundle.open(shop.work / "bundles")
    assert bundle.folder == shop.work / Artefacts(shop.work).read_json("bundle")["path"]
    known = Pseudonyms((shop.work / "secret.key").read_bytes())
    assert bundle.about().logged.of(known(GONE[0])) == ()
    assert bundle.about().logged.of(known("person 5")) != ()
    assert len(list((shop.work / "bundles").glob("*/manifest.json"))) == 1
    meant = {Artefacts(shop.work).digest(name) for name in Artefacts(shop.work).names()}
    assert meant >= {path.name for path in (shop.work / "objects").iterdir()}


def test_a_load_of_the_shops_own_files_leaves_the_erased_out(shop):
    erasing.erase(shop, GONE)
    run = open_run(shop.base)
    run.erased = erasing.register_of(shop).erased()

    quality = prepare_stage(run, lambda done, total, what: None)

    assert found(shop, GONE) == 0
    reasons = {finding.reason: finding.count for finding in quality.findings}
    assert reasons["person_erased"] > 0
    assert quality.rows["events"].is_balanced


def test_a_model_fitted_to_what_is_left_is_the_one_that_never_knew_them(shop):
    known = Pseudonyms((shop.work / "secret.key").read_bytes())
    numbers = {row["user_number"] for row in data(shop) if row["user"] in {known(who) for who in GONE}}
    before = Tools().shop.tables(Artefacts(shop.work).path("data"), max_history=50).learn_all
    never = np.flatnonzero(~np.isin(before.users, list(numbers)))
    kept = {name: getattr(before, name)[never] for name in ("users", "items", "times_s", "weights")}

    erasing.erase(shop, GONE)

    after = Tools().shop.tables(Artefacts(shop.work).path("data"), max_history=50).learn_all
    own, other = (ItemNeighbours().fit(one, seed=0).state().arrays for one in (after, replace(before, **kept)))
    assert len(after.users) < len(before.users)
    for name, values in own.items():
        np.testing.assert_array_equal(values, other[name])


def test_a_receipt_that_was_changed_is_not_genuine(shop):
    _, file = erasing.erase(shop, GONE)
    said = json.loads(file.read_text("utf-8"))

    assert erasing.verify_receipt(shop, file.read_bytes()).is_genuine
    for changed in ({"n_people": 3}, {"erased_at": "2027-01-01"}, {"not_ours": []}):
        assert not erasing.verify_receipt(shop, json.dumps({**said, **changed}).encode()).is_genuine


def test_a_restored_backup_is_found_and_erased_again(shop, tmp_path):
    shutil.copytree(shop.work, tmp_path / "backup")
    _, file = erasing.erase(shop, GONE)
    shutil.rmtree(shop.work)
    shutil.copytree(tmp_path / "backup", shop.work)
    assert erasing.verify_receipt(shop, file.read_bytes()).n_traces > 0
    assert found(shop, GONE, roots=[tmp_path / "backup"]) > found(shop, GONE) > 0

    erasing.reapply(shop)

    assert found(shop, GONE) == 0
    assert erasing.verify_receipt(shop, file.read_bytes()).n_traces == 0


def test_erasing_twice_and_erasing_strangers_changes_nothing(shop):
    erasing.erase(shop, GONE)
    before = Artefacts(shop.work).digest("data")

    again, _ = erasing.erase(shop, [*GONE, "nobody"])

    assert again.places == ()
    assert Artefacts(shop.work).digest("data") == before
    with pytest.raises(DataError, match="nobody is named"):
        erasing.erase(shop, [""])


def test_an_erasure_that_was_interrupted_is_ended_by_the_next(shop):
    known = Pseudonyms((shop.work / "secret.key").read_bytes())
    erasing.register_of(shop).erase({known(who) for who in GONE})  # the list is written first; then the power went

    erasing.reapply(shop)

    assert found(shop, GONE) == 0


def test_who_is_readmitted_may_be_known_again(shop):
    erasing.erase(shop, GONE)

    assert erasing.readmit(shop, [GONE[0], "nobody"]) == 1
    assert len(erasing.register_of(shop).erased()) == 1


def test_no_event_older_than_the_policy_is_kept_and_a_second_purge_finds_nothing(shop):
    times = sorted(row["time"] for row in data(shop))
    limit = datetime.fromtimestamp(times[len(times) // 2], UTC)
    policy = with_policy(shop, keep_days=10)
    now = limit + timedelta(days=10)

    first = retain(policy, now=now)
    second = retain(policy, now=now)

    assert {row.place.split()[0] for row in first.touched} >= {"artefact", "bundle"}
    assert second.touched == ()
    assert all(row["time"] >= limit.timestamp() for row in data(shop))
    histories = Artefacts(shop.work).read_state("parts/histories").arrays
    logged = Bundle.open(shop.work / "bundles").about().logged
    pairs = {(row["user"], row["item"]) for row in data(shop) if row["weight"] > 0}
    assert len(histories["items"]) == len(pairs)
    assert sum(len(logged.of(user)) for user in {user for user, _ in pairs}) == len(pairs)


def test_old_events_of_the_server_go_by_the_clock(shop):
    policy = with_policy(shop, keep_days=365)

    retain(policy, now=NOON)

    log = log_of(shop)
    assert log.count() == 9
    log.close()
    with pytest.raises(ConfigError, match="keep_days is not set"):
        retain(shop, now=NOON)


def test_after_a_change_of_the_key_people_are_known_and_nobody_under_the_old_one(shop):
    old = Pseudonyms((shop.work / "secret.key").read_bytes())
    every = [f"person {n}" for n in range(60)]
    erasing.erase(shop, [GONE[0]])

    done = rotate(shop)

    new = Pseudonyms((shop.work / "secret.key").read_bytes())
    assert new("x") != old("x")
    assert done.n_waiting > 0  # the visitor, and visits
    known = {old(one) for one in every}
    assert known.isdisjoint({row["user"] for row in data(shop)})
    assert Bundle.open(shop.work / "bundles").about().logged.of(new("person 5"))
    assert erasing.register_of(shop).erased() == {new(GONE[0])}
    log = log_of(shop)
    assert log.history(new("person 5"), kinds=["click"], limit=9)
    assert log.history(old("a visitor"), kinds=["click"], limit=9)
    log.close()

    destroy(shop)

    looked = shop.tools.privacy.traces([shop.work], pseudonyms=[old(one) for one in (*every, "a visitor")])
    assert looked.found == {}
    assert not (shop.work / "secret.key.previous").exists()
    log = log_of(shop)
    assert log.count() == 12  # nothing was lost but the link
    assert log.history(old("a visitor"), kinds=["click"], limit=9) == []
    log.close()
    with pytest.raises(ConfigError, match="no key before"):
        destroy(shop)


def test_published_groups_are_never_small(shop):
    found_ = publish(with_policy(shop, least_people=5), "item")

    assert found_.counts
    assert all(n >= 5 and n % 5 == 0 for n in found_.counts.values())
    with pytest.raises(DataError, match="words of a query come from people"):
        publish(shop, "query", epsilon=0.1)


def test_noise_never_spends_more_than_the_month_has(shop):
    pytest.importorskip("opendp", reason="opendp is not installed: the extra privacy brings it")
    policy = with_policy(shop, epsilon_per_month=1.0, least_people=1)

    publish(policy, "category", epsilon=0.6)
    publish(policy, "category", epsilon=0.4)

    with pytest.raises(DataError, match="would exceed"):
        publish(policy, "category", epsilon=0.001)


def test_the_report_says_what_is_stored_in_both_languages(shop):
    erasing.erase(shop, GONE)
    policy = with_policy(shop, keep_days=30, controller="Toy & Co", contact="privacy@toy.example")

    report = protection_report(policy)

    assert {row.key for row in report.holdings} == {"log", "histories", "events", "erased", "readings", "key"}
    assert report.n_erased == 2
    assert ("command line", "erase") in {(row.who, row.purpose) for row in report.readings}
    assert report.broken_line == 0
    english, chinese = (protection_page(report, language=language) for language in ("en", "zh"))
    assert "Toy &amp; Co" in english
    assert "30 days" in english
    assert "30 天" in chinese
    assert "数据保护报告" in chinese


def test_the_report_says_what_a_private_model_tells_of_a_person_at_most(shop):
    told = {"unit": "person", "epsilon": 3.97, "delta": 1e-6, "noise": 1.2, "people": 4321, "steps": 80}
    shop.store.write_state("parts/recommend/private", State({"bias": np.zeros(2)}, {"factors": 2, "privacy": told}))

    report = protection_report(with_policy(shop, keep_days=30))

    assert [(row.name, row.epsilon, row.people) for row in report.private_models] == [("private", 3.97, 4321)]
    assert "epsilon 3.97, delta 1e-06, over 4,321 people" in protection_page(report)
    assert "差分隐私" in protection_page(report, language="zh")


def test_the_report_lists_the_identifiers_that_are_one_person(shop):
    same = SameUsersSource(path="same.csv", columns=SameUserColumns(user="cookie", same_as="card"))
    policy = with_policy(shop, keep_days=30)
    policy.config = policy.config.model_copy(
        update={"data": policy.config.data.model_copy(update={"same_users": same})}
    )

    report = protection_report(policy)

    (row,) = [row for row in report.holdings if row.key == "people"]
    assert (row.columns, row.is_pseudonymous, row.keep_days) == (("cookie", "card"), True, None)
    assert ("/objects" in row.where) and ("/bundles" in row.where)
    assert "Which identifiers are one person" in protection_page(report)
    assert "哪些标识属于同一人" in protection_page(report, language="zh")


def test_the_report_lists_what_is_known_of_users_besides(shop):
    users = UsersSource(path="users.csv", columns=UserColumns(user="who", attributes=["town", "age"]))
    policy = with_policy(shop, keep_days=30)
    policy.config = policy.config.model_copy(update={"data": policy.config.data.model_copy(update={"users": users})})

    report = protection_report(policy)

    (row,) = [row for row in report.holdings if row.key == "users"]
    assert row.columns == ("who", "town", "age")
    assert "用户的基本信息" in protection_page(report, language="zh")
