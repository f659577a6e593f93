"""What the shop's table of users says reaches the model when somebody asks; people stay erasable."""

import pytest

from steelyard.data.privacy import Pseudonyms
from steelyard.domain import State
from steelyard.errors import ArtefactError
from steelyard.serving.basics import Basics, basics_state
from steelyard.serving.history import histories_changed
from steelyard.serving.served import About, Served

NOW, NEXT = Pseudonyms(b"k" * 32), Pseudonyms(b"n" * 32)
ANN, BOB = NOW("Ann"), NOW("Bob")
STATE = basics_state([BOB, ANN], [("region=north",), ("age=old", "region=north")])


def about(state=STATE):
    return About("d" * 64, basics=Basics(state))


def test_who_never_did_anything_is_asked_for_with_what_is_known(engine):
    served = Served(engine, about(), events=None)

    asked = [served.request(name, "", now_s=0.0) for name in (ANN, BOB, NOW("Zoe"), "")]

    assert [request.basics for request in asked] == [("age=old", "region=north"), ("region=north",), (), ()]
    assert not any(request.history for request in asked)


def test_who_is_known_under_the_key_before_is_found(engine):
    served = Served(engine, about(), events=None)

    assert served.request(NEXT("Ann"), ANN, now_s=0.0).basics == ("age=old", "region=north")


def test_a_bundle_whose_model_does_not_read_it_tells_nothing(engine):
    assert Served(engine, About("d" * 64), events=None).request(ANN, "", now_s=0.0).basics == ()


def test_who_is_erased_is_not_known_any_more():
    left = about().without(frozenset([ANN]))

    assert left.basics.of(ANN) == ()
    assert left.basics.of(BOB) == ("region=north",)
    assert about().without(frozenset([NOW("Zoe")])).basics.of(ANN)


def test_a_new_key_renames_people():
    renamed, n = histories_changed(STATE, erased=(), renamed={ANN: NEXT("Ann"), BOB: NEXT("Bob")})

    assert n == 2
    assert Basics(renamed).of(NEXT("Ann")) == ("age=old", "region=north")
    assert Basics(renamed).of(ANN) == ()


def test_a_shop_that_tells_nothing_knows_nobody():
    assert Basics(basics_state([], [])).of(ANN) == ()


def test_a_damaged_part_is_refused():
    with pytest.raises(ArtefactError, match="'names': package the bundle again"):
        Basics(State(STATE.arrays, {}))
    with pytest.raises(ArtefactError, match="package the bundle again"):
        Basics(State({}, {"names": []}))
