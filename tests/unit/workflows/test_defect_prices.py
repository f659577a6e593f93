"""The price of a bad row, on the toy shop."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest
from toy_run import WORDS, Clock, write_shop

from steelyard.adapters.artefacts import Artefacts
from steelyard.assembly import Tools
from steelyard.config import parse
from steelyard.documents.defect_prices import read_defect_prices
from steelyard.domain import FactKind
from steelyard.errors import ConfigError
from steelyard.models.recipe import InstalledModels
from steelyard.testing import toy_shop
from steelyard.workflows.accounts.returns_report import Given, Origin, SaidTraffic
from steelyard.workflows.defect_prices import DEFECT_PRICES, PricesAsked, defect_prices, value_of_quality
from steelyard.workflows.defects.spoiling import SPOILT_EVENTS, SPOILT_TEXTS
from steelyard.workflows.prepare import prepare

ASSUMED = Origin(FactKind.ASSUMED, "the owner")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = write_shop(tmp_path_factory.mktemp("toy"), WORDS)
    items = folder / "items.csv"
    lines = items.read_text("utf-8").splitlines()
    lines[5:25] = [f"{line.split(',')[0]},,{line.split(',')[-1]}" for line in lines[5:25]]  # without their titles
    items.write_text("\n".join(lines) + "\n", "utf-8")
    config = parse((folder / "steelyard.toml").read_text("utf-8"), name="toy", models=InstalledModels())
    store, tools = Artefacts(folder / "store"), Tools()
    with tools.shop.sources(folder, scratch=folder / "tmp", threads=1) as sources:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        prepare(config, sources=sources, store=store, key=bytes(32), now=now, progress=lambda *step: None)
    clock = Clock()
    return SimpleNamespace(
        config=config, store=store, base=folder, work=folder, tools=SimpleNamespace(shop=tools.shop, clock=clock)
    )


def value(margin="0.3"):
    traffic = SaidTraffic(
        sessions=Decimal(100_000), impressions=Decimal(10), ctr=Decimal("0.03"), cvr=Decimal("0.05"), cvr_per="click",
        order_value=Decimal(40), margin=Decimal(margin), origin=ASSUMED,
    )  # fmt: skip
    return value_of_quality(traffic, Given(Decimal("0.5")), ASSUMED, currency="USD", today=date(2026, 1, 1))


def test_titles_that_are_missing_cost_search_quality_with_an_interval(shop):
    found = defect_prices(shop, PricesAsked(n_seeds=3), lambda *step: None)

    (row,) = [row for row in found.rows if row.reason == "title_missing"]
    assert (row.surface, row.model, row.count, row.n_seeds) == ("search", "lexical", 20, 3)
    assert row.low <= row.change <= row.high
    assert row.change < 0


def test_without_a_value_there_is_no_money_rather_than_none_lost(shop):
    found = defect_prices(shop, PricesAsked(n_seeds=2), lambda *step: None)

    assert found.currency == found.value_kind == ""
    assert all(row.loss_per_month is None for row in found.rows)


def test_money_is_the_loss_of_profit_through_an_elasticity_that_is_marked_as_assumed(shop):
    found = defect_prices(shop, PricesAsked(n_seeds=2, value=value()), lambda *step: None)

    (row,) = [row for row in found.rows if row.reason == "title_missing"]
    # 100,000 x 10 x 0.03 x 0.05 orders of 40 at 0.3 are 18,000 a month; half of the relative change of it is lost
    assert float(row.loss_per_month) == pytest.approx(-row.change * 0.5 * 18_000, abs=0.01)
    assert row.loss_low <= row.loss_per_month <= row.loss_high
    assert (found.currency, found.value_kind) == ("USD", "assumed")


def test_the_same_seed_gives_the_same_prices_and_they_are_stored(shop):
    asked = PricesAsked(n_seeds=2, value=value())

    first, second = (defect_prices(shop, asked, lambda *step: None) for _ in range(2))

    assert first == second == read_defect_prices(shop.store.read_json(DEFECT_PRICES))


def test_when_the_minutes_are_used_up_the_rest_is_told_without_a_price(shop):
    found = defect_prices(shop, PricesAsked(minutes=0, n_seeds=4), lambda *step: None)

    assert found.rows == ()
    assert ("title_missing", "no_time") in {(each.reason, each.why) for each in found.unpriced}


def test_an_offline_metric_is_not_money_without_an_elasticity():
    with pytest.raises(ConfigError, match="not money"):
        traffic = SaidTraffic(
            sessions=Decimal(1), impressions=Decimal(1), ctr=Decimal(1), cvr=Decimal(1), cvr_per="click",
            order_value=Decimal(1), margin=Decimal(1), origin=ASSUMED,
        )  # fmt: skip
        value_of_quality(traffic, Given(None), ASSUMED, currency="USD", today=date(2026, 1, 1))


@pytest.mark.parametrize("reason", sorted(SPOILT_EVENTS))
def test_spoilt_events_are_in_order_of_time_and_within_their_numbers(reason):
    clean = toy_shop(n_users=30).interactions

    spoilt = SPOILT_EVENTS[reason](clean, 0.1, np.random.default_rng(0))

    assert (np.diff(spoilt.times_s) >= 0).all()
    assert 0 <= spoilt.users.min() <= spoilt.users.max() < spoilt.n_users
    assert 0 <= spoilt.items.min() <= spoilt.items.max() < spoilt.n_items
    assert len(spoilt.users) == len(spoilt.items) == len(spoilt.times_s) == len(spoilt.weights)


@pytest.mark.parametrize("reason", sorted(SPOILT_TEXTS))
def test_spoilt_texts_are_about_as_many_as_asked_for(reason):
    clean = toy_shop().texts

    spoilt = SPOILT_TEXTS[reason](clean, 0.5, np.random.default_rng(0))

    changed = sum(a != b for a, b in zip(clean.title, spoilt.title, strict=True))
    assert 0.2 * len(clean) <= changed <= 0.8 * len(clean)
