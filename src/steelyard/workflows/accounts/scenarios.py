"""Scenarios of a decided shop: made from what was measured, kept by name, laid side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from functools import partial

from steelyard.config.schema import Config
from steelyard.cost import Hosting
from steelyard.cost.facts import EXACT
from steelyard.decision.breakeven import DAY, HOURS
from steelyard.decision.capacity import rate_within
from steelyard.decision.space import memory_gb
from steelyard.documents.scenario import Scenario, ScenarioPlan, UncertainEnds, read_scenario, scenario_builtins
from steelyard.domain import Candidate, Surface
from steelyard.errors import ArtefactError, ConfigError, DataError, MissingExtra, StageError
from steelyard.workflows.accounts.procurement import Plan, ScenarioBasis
from steelyard.workflows.accounts.scenario import Uncertain, compare, document, sourcing_options
from steelyard.workflows.open_shop import AccountsShop
from steelyard.workflows.ports import Store
from steelyard.workflows.pricing.price import Priced, Pricing, operation_of, price, surface_floor, surface_load
from steelyard.workflows.pricing.replicas import replicas_fact
from steelyard.workflows.session import Run
from steelyard.workflows.settle import Settled
from steelyard.workflows.stored import stored_decision, stored_quality

__all__ = ["Asked", "ComparedRow", "basis_of", "hours_of_day", "keep", "kept", "make", "side_by_side"]

_PREFIX = "scenarios/"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a scenario is asked with; what is ``None`` is taken from the shop's configuration."""

    surface: Surface
    configuration: str | None = None
    requests_per_month: int | None = None
    peak_rps: float | None = None
    peak_hours: int = 4
    day: tuple[float, ...] | None = None
    """Traffic of the hours of a day, from the shop's log; an assumed curve where there is none."""
    spot_share: Decimal = Decimal("0.3")
    own_people_hours: Decimal = Decimal(2)
    managed_people_share: Decimal = Decimal("0.5")
    requests: tuple[float, float] = (0.5, 2.0)
    n_users: int | None = None
    n_items: int | None = None
    reacts_s: float = 30.0
    boots_s: float = 90.0


def hours_of_day(shop: AccountsShop, *, note: Callable[[str], None]) -> tuple[float, ...] | None:
    """How the log's traffic spreads over the hours of a day.

    Args:
        shop: The shop.
        note: Takes why the log could not be read.

    Returns:
        The share of each hour in the busiest one; ``None`` where there is no log, or nothing to read it.
    """
    try:
        hours = shop.tools.shop.traffic(shop.store.path("data")).of_hour
    except MissingExtra as error:
        note(f"the hours of the day are assumed, since the log cannot be read: {error}")
        return None
    except (DataError, ArtefactError):
        return None
    return tuple(round(float(each) / float(hours.max()), 6) for each in hours)


def make(run: Run, asked: Asked) -> Scenario:
    """One configuration, with every sourcing option that the price book knows.

    Args:
        run: A shop that was measured and decided.
        asked: Which configuration, how much traffic, what is assumed.

    Returns:
        All options, compared.

    Raises:
        StageError: Nothing was measured or decided, or no machine carries the configuration.
        ConfigError: No configuration has that name on the surface, or the traffic makes no month.
    """
    settled = Settled.of(run)
    pricing = price(run.config, settled.evidence, book=settled.book, now=run.now)
    chosen = _candidate(run, pricing, asked)
    basis = basis_of(run.config, pricing, chosen, asked, n_items=_n_items(run))
    found = sourcing_options(basis, surface=str(asked.surface))
    uncertain = Uncertain(requests=asked.requests, request_time=_request_time(chosen.candidate), seed=run.config.seed)
    people = _people(basis)
    compared = compare(found, uncertain, requests_per_month=basis.plan.requests_per_month, people=people)
    plan = ScenarioPlan(
        surface=str(asked.surface),
        configuration=chosen.candidate.name,
        quality=round(chosen.candidate.measured.quality.mean, 6),
        metric=chosen.candidate.measured.metric,
        made_at=run.now.isoformat(timespec="seconds"),
        day_from="the log" if asked.day else "assumption",
        book=settled.book.name,
        book_as_of=settled.book.as_of.isoformat(),
        **asdict(basis.plan),
        uncertain=UncertainEnds(**asdict(uncertain), people_price=people),
    )
    return document(compared, found, plan=plan)


def keep(store: Store, name: str, scenario: Scenario) -> None:
    """Keep a scenario under a name; one of that name is replaced."""
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise ConfigError(f"{name!r} cannot name a scenario: use letters, digits, - and _")
    store.write_json(f"{_PREFIX}{name}", scenario_builtins(scenario))


def kept(store: Store, name: str) -> Scenario:
    """The scenario of that name.

    Args:
        store: The shop's artefacts.
        name: As it was kept.

    Returns:
        The scenario, also of an earlier version.

    Raises:
        ConfigError: There is none.
    """
    if not store.has(f"{_PREFIX}{name}"):
        known = [each.removeprefix(_PREFIX) for each in store.names(_PREFIX)]
        raise ConfigError(f"no scenario {name!r}; kept: {', '.join(known) or 'none yet, see --save'}")
    return read_scenario(store.read_json(f"{_PREFIX}{name}"))


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One option, or one figure, over several scenarios."""

    option: str
    by_scenario: Mapping[str, Decimal | int | str | None]
    """Its monthly cost by the scenario's name; ``None`` where there is none."""


def side_by_side(scenarios: Mapping[str, Scenario]) -> list[ComparedRow]:
    """Rows of several scenarios: each option's monthly cost in each, and which is the cheapest.

    Args:
        scenarios: By name.

    Returns:
        One row an option; ``None`` where a scenario lacks it or its price. Last rows: requests a month, and the
        cheapest.

    Raises:
        ConfigError: They are in different currencies.
    """
    currencies = {row.currency for each in scenarios.values() for row in each.options}
    if len(currencies) > 1:
        raise ConfigError(f"scenarios in {', '.join(sorted(currencies))} cannot be laid side by side: use one book")
    monthly = {name: {row.name: row.monthly for row in each.options} for name, each in scenarios.items()}
    names = list(dict.fromkeys(option for found in monthly.values() for option in found))
    rows = [ComparedRow(option, {name: found.get(option) for name, found in monthly.items()}) for option in names]
    best = {
        name: min(((cost, option) for option, cost in found.items() if cost is not None), default=(None, None))[1]
        for name, found in monthly.items()
    }
    volumes = {name: each.plan.requests_per_month for name, each in scenarios.items()}
    return [*rows, ComparedRow("requests a month", volumes), ComparedRow("cheapest", best)]


def _candidate(run: Run, pricing: Pricing, asked: Asked) -> Priced:
    found = {each.candidate.name: each for each in pricing.surfaces.get(asked.surface, ())}
    name = asked.configuration
    if name is None:
        run.steps.require({"decision": "decide"})
        decided = stored_decision(run.store).of(asked.surface)
        name = decided.chosen if decided is not None else None
    if not found:
        measured = ", ".join(str(each) for each in pricing.surfaces)
        raise ConfigError(f"nothing was measured on {asked.surface}; measured: {measured}: give --surface")
    if name not in found:
        raise ConfigError(f"no configuration {name!r} on {asked.surface}; known: {', '.join(found) or 'none'}")
    if found[name].candidate.capacity is None:
        raise StageError(f"{name} fits on no machine of the price book: there is nothing to compare")
    return found[name]


def basis_of(
    config: Config, pricing: Pricing, chosen: Priced, asked: Asked, *, n_items: int | None = None
) -> ScenarioBasis:
    """What the sourcing options of one configuration have in common.

    Args:
        config: Load, floors, demand, seed.
        pricing: Terms of the bills, and machines to consider.
        chosen: A configuration that was placed on some machine.
        asked: Traffic, and what is assumed.
        n_items: Products of the catalogue, where it is known.

    Returns:
        With the rate of each kind of machine, simulated on the measured times.

    Raises:
        ConfigError: The peak is below the mean rate.
    """
    candidate = chosen.candidate
    traffic, floor = surface_load(config, asked.surface), surface_floor(config, asked.surface)
    assert candidate.capacity is not None
    machines, own = (
        tuple(each for each in those if not each.gpu and float(each.memory_gb) >= memory_gb(chosen.load.peak_rss_bytes))
        for those in (pricing.machines, pricing.terms.book.own_machines())
    )
    machine = next(each for each in pricing.machines if each.name == candidate.capacity.instance)
    replicas = replicas_fact(
        candidate.capacity, [chosen.load], config, machine, overhead_s=chosen.overhead_s, on=pricing.terms.on
    )
    hosting = Hosting(machine, replicas, candidate.measured.disk_bytes)
    operation = replace(operation_of(candidate.configuration, traffic, hosting), answer=chosen.answer)
    stretch = chosen.load.latency_stretch
    rate = partial(
        rate_within,
        max_p99_ms=floor.max_p99_ms,
        max_utilisation=min(1.0, config.decide.max_utilisation * stretch),
        seed=config.seed,
    )
    service_s = chosen.load.service_s * stretch
    powers = sorted({each.power for each in (*machines, *own)})
    rates = {(cores, time): rate(service_s * time, cores=float(cores)) for cores, time in powers}
    plan = Plan(
        asked.requests_per_month or traffic.requests_per_month,
        asked.peak_rps or traffic.peak_rps,
        config.decide.spare_replicas,
        asked.peak_hours,
        asked.day or DAY,
        asked.spot_share,
        asked.own_people_hours,
        asked.managed_people_share,
        asked.n_users,
        asked.n_items if asked.n_items is not None else n_items,
        asked.reacts_s,
        asked.boots_s,
    )
    _check_peak(plan)
    return ScenarioBasis(
        operation,
        pricing.terms,
        plan,
        {each: found for each, found in rates.items() if found > 0},
        machines,
        own,
        chosen.load.service_s,
        floor.max_p99_ms,
        config.seed,
    )


def _check_peak(plan: Plan) -> None:
    mean = plan.requests_per_month / (HOURS * 3600)
    if mean > plan.peak_rps:
        raise ConfigError(
            f"{plan.requests_per_month:,} requests a month are {mean:.3g} a second on average, more than a peak of "
            f"{plan.peak_rps:g}: give --peak-rps with --requests, or correct peak_rps and requests_per_month of [load]"
        )


def _n_items(run: Run) -> int | None:
    """Products that were kept of the catalogue."""
    if not run.store.has("data"):
        return None
    return stored_quality(run.store).rows["items"].n_kept


def _request_time(candidate: Candidate) -> tuple[float, float]:
    """Ends of the measured processor time of a request as multiples of its middle."""
    found = candidate.measured.cpu_s_per_request
    return min(1.0, found.low / found.mean), max(1.0, found.high / found.mean)


def _people(basis: ScenarioBasis) -> tuple[float, float]:
    """Low and high of the price of people's time, as multiples of the book's; no range where the book has none."""
    row = basis.book.rows.get(f"person/{basis.terms.cost.people.role}")
    if row is None or row.low is None or row.high is None or not row.price.per_unit.amount:
        return 1.0, 1.0
    price_ = row.price.per_unit.amount
    return float(EXACT.divide(row.low, price_)), float(EXACT.divide(row.high, price_))
