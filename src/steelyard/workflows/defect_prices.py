"""``check --price``: what each defect that was found costs in quality, and in money where quality has a value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
import numpy as np

from steelyard.cost.facts import exact
from steelyard.cost.returns import Per, lift_from_offline, orders, profit_of, value_of_lifts
from steelyard.documents.defect_prices import DefectPrice, DefectPrices, Unpriced, defect_prices_builtins
from steelyard.documents.quality import FindingRow, read_quality
from steelyard.domain import Fact, FactKind, FloatArray, Money, Surface
from steelyard.errors import ConfigError, StageError
from steelyard.evaluation.compare import bootstrap_interval
from steelyard.workflows.accounts.returns_report import Given, Origin, SaidTraffic
from steelyard.workflows.defects.cheap_models import Bench, cheap_bench
from steelyard.workflows.defects.spoiling import MENDED, SPOILT_EVENTS, SPOILT_TEXTS
from steelyard.workflows.open_shop import AccountsShop
from steelyard.workflows.ports import Progress

__all__ = ["DEFECT_PRICES", "PricesAsked", "ValueOfQuality", "defect_prices", "value_of_quality"]

DEFECT_PRICES = "quality/defect_prices"
"""The artefact that holds them."""
_LEAST_SEEDS = 2


@dataclass(frozen=True, slots=True)
class ValueOfQuality:
    """What quality is worth: never guessed, and marked as assumed where it was not measured."""

    profit: Fact
    """Gross profit of a month; its unit is the currency."""
    elasticity: Fact
    """Relative lift of clicks for each unit of relative change of the metric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricesAsked:
    """How the prices are to be found."""

    minutes: float = 5.0
    """No further model is trained after so many minutes."""
    n_seeds: int = 4
    """How often each defect is drawn anew, at least 2."""
    value: ValueOfQuality | None = None
    """Without it there is no money in the answer."""


def value_of_quality(
    traffic: SaidTraffic, elasticity: Given, origin: Origin, *, currency: str, today: date
) -> ValueOfQuality:
    """What was said of traffic and of the elasticity.

    Args:
        traffic: A month's, and what an order leaves.
        elasticity: Relative lift of clicks for each unit of relative change of the metric.
        origin: Whether an experiment measured the elasticity, or somebody assumed it.
        currency: ISO code.
        today: Day that the figures are of.

    Returns:
        Both as facts.

    Raises:
        ConfigError: There is no elasticity: an offline metric is not money by itself.
        PriceError: A rate is not a share.
    """
    if elasticity.value is None:
        raise ConfigError("an offline metric is not money: give --elasticity, and whether it is measured or assumed")
    n = orders(
        impressions=traffic.sessions * traffic.impressions, ctr=traffic.ctr, cvr=traffic.cvr, per=Per(traffic.cvr_per)
    )
    profit = profit_of(n, Money(traffic.order_value, currency), margin=traffic.margin)
    said = traffic.origin
    return ValueOfQuality(
        Fact(profit.amount, currency, said.kind, said.source or "as given", today),
        Fact(
            elasticity.value, "ratio/offline_ratio", origin.kind, origin.source or "as given", today,
            elasticity.low, elasticity.high,
        ),
    )  # fmt: skip


def defect_prices(shop: AccountsShop, asked: PricesAsked, progress: Progress) -> DefectPrices:
    """Spoil the clean data as it was found to be, train the cheap models on both, and tell the difference.

    Args:
        shop: A shop that was prepared.
        asked: How many minutes and seeds, and what quality is worth.
        progress: Told of each defect.

    Returns:
        Stored as the artefact ``quality/defect_prices`` too: what costs most first. The same data and seed give the
        same figures for whatever the time allowed.

    Raises:
        StageError: Nothing was prepared yet.
    """
    store, config, clock = shop.store, shop.config, shop.tools.clock
    if not store.has("data"):
        raise StageError("nothing was prepared yet, so there is no clean data to spoil: run `steelyard prepare` first")
    ends = clock.monotonic_s() + 60.0 * asked.minutes
    report = read_quality(store.read_document("data", "quality.json"))
    tables = shop.tools.shop.tables(store.path("data"), max_history=config.models.max_history)
    bench = cheap_bench(tables, is_seen_excluded=config.rules.exclude_seen, k=config.measure.k, seed=config.seed)
    measure = _Measure(bench, config.seed, max(asked.n_seeds, _LEAST_SEEDS), lambda: clock.monotonic_s() < ends)
    rows: list[DefectPrice] = []
    unpriced: list[Unpriced] = []
    ordered = sorted(report.findings, key=lambda f: -f.share)
    for done, finding in enumerate(ordered):
        progress(done, len(ordered), f"price {finding.reason}")
        found = measure.price(finding)
        if isinstance(found, DefectPrice):
            rows.append(found)
        else:
            unpriced.append(found)
    progress(len(ordered), len(ordered), "done")
    prices = _with_money(tuple(rows), tuple(unpriced), asked.value, seed=config.seed, today=clock.now().date())
    store.write_json(DEFECT_PRICES, defect_prices_builtins(prices))
    return prices


@dataclass(slots=True)
class _Measure:
    """Quality without a defect and with it."""

    bench: Bench
    seed: int
    n_seeds: int
    has_time: Callable[[], bool]
    _searched: FloatArray | None = None
    _recommended: FloatArray | None = None

    def price(self, finding: FindingRow) -> DefectPrice | Unpriced:
        """The defect's price, or why it has none."""
        if finding.reason in MENDED:
            return _unpriced(finding, "mended")
        if finding.reason in SPOILT_TEXTS:
            return self._price(finding, Surface.SEARCH, "lexical", self._spoilt_texts(finding))
        if finding.reason in SPOILT_EVENTS:
            name = self.bench.recommender
            return self._price(finding, Surface.RECOMMEND, name, self._spoilt_events(finding))
        return _unpriced(finding, "no_model")

    def _price(
        self, finding: FindingRow, surface: Surface, model: str, spoilt: Iterator[FloatArray]
    ) -> DefectPrice | Unpriced:
        clean = self._clean(surface)
        mean = float(np.nanmean(clean)) if clean is not None and not np.isnan(clean).all() else 0.0
        if clean is None or not mean:
            return _unpriced(finding, "no_cases")
        found: list[FloatArray] = []
        for values in spoilt:
            found.append(values - clean)
            if not self.has_time():
                break
        if len(found) < _LEAST_SEEDS:
            return _unpriced(finding, "no_time")
        change, low, high = _interval(found, seed=self.seed)
        return DefectPrice(
            table=finding.table,
            reason=finding.reason,
            count=finding.count,
            share=finding.share,
            surface=str(surface),
            model=model,
            metric=self.bench.metric,
            clean=mean,
            change=change / mean,
            low=low / mean,
            high=high / mean,
            n_seeds=len(found),
        )

    def _clean(self, surface: Surface) -> FloatArray | None:
        if surface is Surface.SEARCH:
            if self._searched is None and self.bench.search.requests:
                self._searched = self.bench.search_ndcg(self.bench.texts)
            return self._searched
        if self._recommended is None and self.bench.recommend.requests and len(self.bench.learnt.users):
            self._recommended = self.bench.recommend_ndcg(self.bench.learnt, seed=self.seed)
        return self._recommended

    def _spoilt_texts(self, finding: FindingRow) -> Iterator[FloatArray]:
        spoil = SPOILT_TEXTS[finding.reason]
        for random in self._draws(finding.reason):
            yield self.bench.search_ndcg(spoil(self.bench.texts, finding.share, random))

    def _spoilt_events(self, finding: FindingRow) -> Iterator[FloatArray]:
        spoil = SPOILT_EVENTS[finding.reason]
        for random in self._draws(finding.reason):
            yield self.bench.recommend_ndcg(spoil(self.bench.learnt, finding.share, random), seed=self.seed)

    def _draws(self, reason: str) -> Iterator[np.random.Generator]:
        for number in range(self.n_seeds):
            yield np.random.default_rng([self.seed, number, *reason.encode()])


def _interval(differences: Sequence[FloatArray], *, seed: int) -> tuple[float, float, float]:
    """Mean difference with its 95 % interval: resampled requests, and the spread over the draws of the defect."""
    over_requests = bootstrap_interval(np.mean(differences, axis=0), seed=seed)
    means = [float(np.nanmean(each)) for each in differences]
    of_draws = 1.96 * float(np.std(means, ddof=1)) / math.sqrt(len(means))
    mean = over_requests.mean
    low, high = (math.hypot(end - mean, of_draws) for end in (over_requests.low, over_requests.high))
    return mean, mean - low, mean + high


def _unpriced(finding: FindingRow, why: str) -> Unpriced:
    return Unpriced(table=finding.table, reason=finding.reason, count=finding.count, why=why)


def _with_money(
    rows: tuple[DefectPrice, ...],
    unpriced: tuple[Unpriced, ...],
    value: ValueOfQuality | None,
    *,
    seed: int,
    today: date,
) -> DefectPrices:
    """What costs most first; without a value in order of the change."""
    ordered = sorted(rows, key=lambda row: (row.change, row.reason))
    if value is None:
        return DefectPrices(seed=seed, rows=tuple(ordered), unpriced=unpriced)
    is_assumed = FactKind.ASSUMED in (value.profit.kind, value.elasticity.kind)
    return DefectPrices(
        seed=seed,
        currency=value.profit.unit,
        value_kind=str(FactKind.ASSUMED if is_assumed else FactKind.MEASURED),
        value_source=f"profit: {value.profit.source}; elasticity: {value.elasticity.source}",
        rows=tuple(_priced(row, value, today) for row in ordered),
        unpriced=unpriced,
    )


def _priced(row: DefectPrice, value: ValueOfQuality, today: date) -> DefectPrice:
    source = f"{row.metric} of {row.model} with {row.reason}"
    ends = (exact(row.change), exact(row.low), exact(row.high))
    change = Fact(ends[0], "offline_ratio", FactKind.MEASURED, source, today, ends[1], ends[2])
    lift = lift_from_offline(change, value.elasticity)
    profit = Money(value.profit.value, value.profit.unit)
    expected, low, high = (-each.rounded().amount for each in value_of_lifts(profit, {"clicks": lift}))
    return msgspec.structs.replace(row, loss_per_month=expected, loss_low=min(low, high), loss_high=max(low, high))
