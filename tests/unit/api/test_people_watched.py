"""The server hears of erasures and of a new key, and keeps count of who read histories (R1.7)."""

import asyncio
from datetime import UTC, datetime

import pytest

from steelyard.adapters.privacy.register import Register
from steelyard.api.app import create_app
from steelyard.api.people import PeopleWatch, Readings, SecretKeys
from steelyard.data.privacy import Pseudonyms
from steelyard.errors import StorageError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD, NEW = b"k" * 32, b"n" * 32
VISITOR = "visitor-0123456789abcdef"


class World:
    """Keys and register as they are on the disk now."""

    def __init__(self, service, register):
        self.keys, self.moved, self.readings = [OLD, None], [], Readings()
        self.register = register
        self.watch = PeopleWatch(
            service,
            register,
            keys=SecretKeys(lambda: self.keys[0], lambda: self.keys[1]),
            carry=lambda moved: self.moved.append(dict(moved)),
            readings=self.readings,
            now=lambda: NOON,
            every_s=0.01,
        )


@pytest.fixture
def world(service, tmp_path):
    return World(service, Register(tmp_path / "register"))


def listed(service, user):
    return [shown.id for shown in asyncio.run(service.recommend(user, k=3)).items]


@pytest.fixture
def click(service, shopper_at):
    """Somebody clicks."""
    return lambda user, item: shopper_at(create_app(service)).post(
        "/v1/events", {"kind": "click", "item_id": item, "user": user}
    )


def test_who_was_erased_before_the_start_is_not_known_for_a_moment(service, world, click):
    assert click(VISITOR, "item-50").status_code == 200
    world.register.erase([Pseudonyms(OLD)(VISITOR)])

    world.watch.look()

    assert listed(service, VISITOR) == listed(service, "")


def test_an_erasure_is_heard_of_while_the_server_runs(service, world, click):
    click(VISITOR, "item-50")
    world.watch.start()
    assert listed(service, VISITOR) != listed(service, "")

    world.register.erase([Pseudonyms(OLD)(VISITOR)])
    for _ in range(500):
        if listed(service, VISITOR) == listed(service, ""):
            break

    world.watch.look()
    assert listed(service, VISITOR) == listed(service, "")
    world.watch.close()


def test_a_new_key_is_taken_up_and_who_comes_is_carried_over(service, world, click):
    click(VISITOR, "item-50")
    before = listed(service, VISITOR)
    world.watch.look()

    world.keys[:] = [NEW, OLD]
    world.watch.look()
    after = listed(service, VISITOR)
    world.watch.look()

    assert after == before
    assert world.moved == [{Pseudonyms(OLD)(VISITOR): Pseudonyms(NEW)(VISITOR)}]


def test_readings_are_counted_by_who_asked_and_not_by_whom_it_was_about(service, world, shopper_at):
    shopper = shopper_at(create_app(service, readings=world.readings))
    for user in (VISITOR, VISITOR, ""):
        shopper.get(f"/v1/recommend?user={user}")
    shopper.get(f"/v1/recommend?user={VISITOR}&personalise=false")

    world.watch.close()

    lines = world.register.notes()
    assert [(line.who, line.purpose, line.what) for line in lines] == [("visitor", "recommend", "2 histories")]
    assert world.register.broken_note() == 0
    assert VISITOR not in str(lines)


def test_lists_without_personalisation_are_byte_equal_for_any_two_users(service, click, shopper_at):
    shopper = shopper_at(create_app(service))
    others = ["visitor-fedcba9876543210", VISITOR]
    click(others[0], "item-50")
    click(others[1], "item-90")

    def items(path):
        return shopper.get(path).content.partition(b'"items":')[2].partition(b'"took_ms"')[0]

    path = "/v1/recommend?k=20&personalise=false&user={}"
    assert items(path.format(others[0])) == items(path.format(others[1])) != b""
    search = "/v1/search?q=7&k=20"
    assert items(search) == items(f"{search}&personalise=false") != b""


class FullDisk:
    """A register whose disk refuses until there is room again."""

    def __init__(self, register):
        self.register, self.is_full = register, True

    def __getattr__(self, name):
        return getattr(self.register, name)

    def note(self, said):
        if self.is_full:
            raise StorageError("no room")
        self.register.note(said)


def test_readings_that_the_disk_refused_are_written_when_there_is_room(service, tmp_path):
    disk = FullDisk(Register(tmp_path / "register"))
    world = World(service, disk)
    for who in ("visitor", "visitor", "example"):
        world.readings.count(who)

    with pytest.raises(StorageError):
        world.watch.close()
    disk.is_full = False
    world.readings.count("visitor")
    world.watch.close()

    lines = [(line.who, line.what) for line in disk.register.notes()]
    assert lines == [("example", "1 histories"), ("visitor", "3 histories")]


def test_who_could_not_be_carried_over_is_carried_by_the_next_look(service, world, click):
    click(VISITOR, "item-50")
    world.watch.look()
    world.keys[:] = [NEW, OLD]
    world.watch.look()
    listed(service, VISITOR)
    carry, world.watch._carry = world.watch._carry, refuse

    with pytest.raises(StorageError):
        world.watch.look()
    world.watch._carry = carry
    world.watch.look()

    assert world.moved == [{Pseudonyms(OLD)(VISITOR): Pseudonyms(NEW)(VISITOR)}]


def refuse(moved):
    raise StorageError("no room")
