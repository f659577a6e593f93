"""The one total of a shop: what it holds, how it is shared, and why there is none."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from tests.unit.workflows.test_decide import GOOD, NOW, TOP, config, evidence

from steelyard.adapters.prices.books import PriceBooks
from steelyard.domain import Surface
from steelyard.workflows.deciding.pairing import cheapest_shop
from steelyard.workflows.deciding.together import joint_total
from steelyard.workflows.pricing.price import price


@pytest.fixture(scope="module")
def pricing():
    book = PriceBooks().load("aws-us-east-1")
    return price(config(), evidence(GOOD, TOP), book=book, now=NOW)


def shop_of(pricing, *surfaces):
    return cheapest_shop(config(), pricing, {surface: pricing.surfaces[surface][:1] for surface in surfaces})


@pytest.fixture(scope="module")
def total(pricing):
    return joint_total(pricing, shop_of(pricing, Surface.SEARCH, Surface.RECOMMEND))


def test_the_total_is_the_sum_of_its_lines_and_of_its_stages(total):
    costs = [line.cost for line in total.lines]

    assert total.monthly == pytest.approx(sum(costs, Decimal(0)), abs=Decimal("0.01"))
    assert total.monthly == pytest.approx(sum((each.cost for each in total.stages), Decimal(0)), abs=Decimal("0.05"))
    assert sum(each.share for each in total.stages) == pytest.approx(1.0, abs=1e-4)
    assert [each.cost for each in total.stages] == sorted((each.cost for each in total.stages), reverse=True)


def test_shares_by_kind_sum_to_the_whole_and_the_assumed_one_is_said(total):
    assert sum(total.shares_by_kind.values()) == pytest.approx(1.0, abs=1e-4)
    assert total.assumed_share == total.shares_by_kind["assumed"]
    assert total.assumed_says.endswith("of it rests on assumptions")
    assert total.assumed_says_zh.endswith("来自假设")


def test_machines_that_are_shared_say_what_is_saved(pricing):
    shop = shop_of(pricing, Surface.SEARCH, Surface.RECOMMEND)

    total = joint_total(pricing, shop)

    assert shop.shared is not None
    saved = shop.apart - shop.together
    assert total.note == (
        f"search and recommendation share {shop.shared.replicas} x {shop.shared.instance}: {saved} a month less than "
        "on machines of their own"
    )
    assert (total.instance, total.replicas) == (shop.shared.instance, shop.shared.replicas)


def test_machines_that_would_be_dearer_together_say_by_how_much(pricing):
    shop = shop_of(pricing, Surface.SEARCH, Surface.RECOMMEND)
    dearer = replace(shop, shared=None, instead=shop.shared, apart=shop.together, together=shop.apart)

    total = joint_total(pricing, dearer)

    assert f"would cost {shop.apart - shop.together} a month more" in total.note
    assert (total.instance, total.replicas) == (None, None)


def test_where_no_machine_carries_all_it_is_said(pricing):
    shop = replace(shop_of(pricing, Surface.SEARCH, Surface.RECOMMEND), shared=None, together=None)

    assert joint_total(pricing, shop).note.endswith("no machine type carries all of them within the limits")


def test_one_surface_alone_shares_nothing_and_says_nothing(pricing):
    total = joint_total(pricing, shop_of(pricing, Surface.SEARCH))

    assert (total.note, total.note_zh) == ("", "")
    assert total.monthly is not None


@pytest.mark.parametrize("has_shop", [True, False])
def test_a_surface_without_a_priced_choice_leaves_no_total_and_is_named(pricing, has_shop):
    shop = shop_of(pricing, Surface.SEARCH) if has_shop else None

    total = joint_total(pricing, shop, lacking=[Surface.RECOMMEND])

    assert total.monthly is None  # a part would read as a cheaper shop
    assert total.note == "no total: recommend has no priced choice"
    assert total.note_zh == "无法合计：推荐没有已定价的选择"
    assert (total.stages, total.lines, total.left_out, total.assumed_share) == ((), (), (), None)


def test_without_any_pair_all_surfaces_are_named(pricing):
    assert joint_total(pricing, None).note == "no total: search and recommend have no priced choice"


def test_a_total_is_stored_as_it_is(total):
    assert msgspec.json.decode(msgspec.json.encode(total), type=type(total)) == total
