"""The monthly bill of a configuration, stage by stage, from the data it learns from to the people who keep it.

Pure: prices come from a book, quantities from measurements and settings. Anything without a price stays on the bill
as a line without a cost, and the bill then has no total. Open-source software has no line: nothing is bought.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from steelyard.config.schema import Cost
from steelyard.cost.endpoints import ENDPOINT_KEYS, EndpointUse, endpoint_lines
from steelyard.cost.facts import EXACT, assumed, billing_month, derived, exact
from steelyard.cost.prices.prices import Instance, PriceBook
from steelyard.cost.prices.rows import Service
from steelyard.cost.surroundings import ONCE_KEYS, SURROUNDING_KEYS, Served, included_lines
from steelyard.cost.usage import Usage
from steelyard.documents.line_words import words_of
from steelyard.domain import Bill, CostLine, Fact, FactKind, LineKey, Price, Stage, Unpriced
from steelyard.errors import PriceError

__all__ = [
    "Hosting",
    "Operation",
    "Terms",
    "bill",
    "egress_of_more",
    "hosting_cost",
    "hosting_lines",
    "joint_bill",
    "training_instance",
]

_GB = Decimal(10**9)
_HOUR_S = Decimal(3600)
SYSTEM_DISK_GB = Decimal(8)
"""Operating system and Python on each machine: an assumption."""
_Paid = tuple[LineKey, str]
"""What a line pays for, and which of several."""
_AGAIN = {
    LineKey.PART_TRAINING: LineKey.PART_RETRAINING,
    LineKey.OTHER_PARTS_TRAINING: LineKey.OTHER_PARTS_RETRAINING,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What the bills of all configurations have in common."""

    book: PriceBook
    cost: Cost
    """Settings: horizon, retraining, people."""
    usage: Usage
    training_on: Instance
    """Where data preparation, training and measuring are priced."""
    on: date
    n_surfaces: int = 1
    """Surfaces that share the cost of the data and of measuring, in equal parts."""
    account_gb: Decimal = Decimal(0)
    """Traffic of all surfaces in a month: the tiers of its price are the whole shop's."""
    data_bytes: int = 0
    """Stored data and event log."""


@dataclass(frozen=True, slots=True)
class Hosting:
    """Machines that serve."""

    instance: Instance
    replicas: Fact
    bundle_bytes: int
    """What each of them keeps on disk."""
    requests_per_month: int = 0
    """Of all surfaces that they serve."""
    traffic_gb: Decimal = Decimal(0)
    """Answers of all surfaces that they serve, in a month."""


_RECIPE = "stated by the model's recipe"


@dataclass(frozen=True, slots=True)
class Operation:
    """One configuration at work."""

    configuration: str
    parts: tuple[str, ...]
    has_transformer: bool
    """Whether a transformer encodes queries while shoppers wait."""
    hosting: Hosting
    requests_per_month: int
    response_kb: float
    answer: Fact | None = None
    """Kilobytes of one answer, where they were counted; else ``response_kb`` is assumed."""
    upkeep_hours: Decimal = Decimal(0)
    """Of people a month, which the model asks for beyond what every one takes."""
    label_hours: Decimal = Decimal(0)
    """Of people once, for labels that the model asks for beyond those of the shop."""
    asks: EndpointUse | None = None
    """What it asks of a model behind an address."""


def bill(operation: Operation, terms: Terms) -> Bill:
    """A month of one configuration, line by line; one-off costs are spread over the horizon."""
    lines = [*_making(operation, terms), *_people(operation, terms)]
    lines += hosting_lines(_hosting_of(operation), terms)
    lines += endpoint_lines(operation.asks, terms.book, terms.on) if operation.asks is not None else ()
    lines += [*_data_storage(terms), *_bandwidth(operation, terms)]
    return Bill(operation.configuration, tuple(lines), terms.book.currency)


def _hosting_of(operation: Operation) -> Hosting:
    """The operation's machines, with what they serve."""
    kb = exact(operation.response_kb) if operation.answer is None else operation.answer.value
    traffic = EXACT.divide(kb * operation.requests_per_month, Decimal(10**6))
    return replace(operation.hosting, requests_per_month=operation.requests_per_month, traffic_gb=traffic)


def joint_bill(
    name: str,
    bills: Sequence[Bill],
    hosting: Sequence[CostLine] | None = None,
    *,
    is_shared: bool = False,
) -> Bill:
    """Several surfaces on one bill.

    Args:
        name: Name of the bill.
        bills: One for each surface, made with the same terms.
        hosting: Lines of shared machines, in place of each surface's own; ``None`` leaves each on its own.
        is_shared: True where ``hosting`` also has what stands around the machines, so that each surface's own balancer
            and addresses go with its own machines.

    Returns:
        All lines; a part that several surfaces use is trained, and retrained, once, and there is one balancer.

    Raises:
        PriceError: The bills are in different currencies.
    """
    currencies = {each.currency for each in bills}
    if len(currencies) != 1:
        raise PriceError(f"bills in {', '.join(sorted(currencies))} cannot be joined: convert them first")
    seen: set[tuple[Stage, LineKey, str]] = set()
    lines: list[CostLine] = []
    for line in (line for each in bills for line in each.lines):
        key = (line.stage, line.key, line.detail)
        is_once = line.stage in (Stage.TRAINING, Stage.RETRAINING) or line.key in ONCE_KEYS
        if is_once and key in seen:
            continue
        is_machine = line.stage is Stage.SERVING and line.key not in ENDPOINT_KEYS
        if hosting is not None and (is_machine or line.key is LineKey.SERVING_DISKS):
            continue
        if is_shared and line.key in SURROUNDING_KEYS:
            continue
        seen.add(key)
        lines.append(line)
    return Bill(name, (*lines, *(hosting or ())), currencies.pop())


def training_instance(
    book: PriceBook, *, peak_rss_bytes: int, names: Sequence[str] = (), architecture: str = ""
) -> Instance:
    """The machine on which core-seconds are priced: least per core of those that neither burst nor lack memory.

    Args:
        book: What may be rented.
        peak_rss_bytes: Largest resident set of any stage; the machine must have at least this much memory.
        names: Preferred instance types; where none of them will do, the whole book is looked at.
        architecture: That of the machine the core-seconds were measured on; a machine known to be of another is passed
            over. Empty for any.

    Returns:
        The cheapest per core without an accelerator; of equal ones that with the lower price, then the first by name.

    Raises:
        PriceError: The book has none.
    """
    need_gb = EXACT.divide(Decimal(peak_rss_bytes), _GB)
    for considered in (names, ()):
        fit = [
            each
            for each in book.instances(considered)
            if not each.gpu
            and each.baseline_share == 1
            and each.memory_gb >= need_gb
            and (not architecture or each.arch in ("", architecture))
        ]
        if fit:
            return min(fit, key=lambda each: (EXACT.divide(each.hourly, each.cores), each.hourly, each.name))
    raise PriceError(
        f"price book {book.name} has no instance type with {need_gb:.1f} GB that sustains all its cores: "
        "training cannot be priced; add one"
    )


def hosting_lines(hosting: Hosting, terms: Terms) -> list[CostLine]:
    """Machine hours and disks of the machines that serve."""
    month = billing_month(terms.on)
    replicas = hosting.replicas
    hours = derived(replicas.value * month.value, "replicas x hours of a month", (replicas, month), unit="hour")
    name = hosting.instance.name
    bundle = _measured_gb(hosting.bundle_bytes, "bytes of the parts on disk", terms)
    system = assumed(SYSTEM_DISK_GB, "GB", source="system disk of a small Linux server", as_of=terms.on)
    disk = derived(
        replicas.value * (system.value + bundle.value),
        "replicas x (system disk + bundle)",
        (replicas, system, bundle),
        unit="GB_month",
    )
    return [
        CostLine(
            Stage.SERVING,
            LineKey.SERVING_MACHINES,
            hours,
            terms.book.price(name, "hour"),
            detail=f"{replicas.value} x {name}",
        ),
        CostLine(Stage.STORAGE, LineKey.SERVING_DISKS, disk, terms.book.storage(Service.BLOCK_STORAGE)),
        *included_lines(
            terms.book,
            terms.cost.include,
            Served(replicas, disk, hosting.requests_per_month, hosting.traffic_gb, terms.on),
        ),
    ]


def hosting_cost(hosting: Hosting, terms: Terms) -> Decimal:
    """What the machines add to the bill, all that hangs on them included; lines without a price are left out.

    Args:
        hosting: The machines.
        terms: Of the bill.

    Returns:
        In the book's currency, for comparing machines only: a bill with such a line has no total.
    """
    costs = (line.cost for line in hosting_lines(hosting, terms))
    return sum((cost.amount for cost in costs if cost is not None), Decimal(0))


def _making(operation: Operation, terms: Terms) -> Iterator[CostLine]:
    """Machine time of data, training and measuring, and of doing the training again."""
    stages, share = terms.usage.stages, _equal_share(terms)
    for stage, recorded, key in (
        (Stage.DATA, "prepare", LineKey.DATA_PREPARATION),
        (Stage.TUNING, "measure", LineKey.MEASURING),
    ):
        if recorded in stages:
            yield _machine(stage, (key, ""), (stages[recorded], share), terms)
        else:
            yield _unknown(stage, (key, ""), terms)
    if operation.configuration in terms.usage.others:
        others = (terms.usage.others[operation.configuration],)
        yield _machine(Stage.OVERHEAD, (LineKey.OTHER_CONFIGURATIONS, ""), others, terms)
    repeats = assumed(terms.cost.retrainings_per_month, "1", source="[cost] retrainings_per_month", as_of=terms.on)
    for (key, part), used in _training(operation, terms):
        if used is None:
            yield _unknown(Stage.TRAINING, (key, part), terms)
            continue
        yield _machine(Stage.TRAINING, (key, part), (used,), terms)
        if repeats.value and part not in terms.usage.lasting:
            yield _machine(Stage.RETRAINING, (_AGAIN[key], part), (used, repeats), terms, is_one_off=False)


def _training(operation: Operation, terms: Terms) -> Iterator[tuple[_Paid, Fact | None]]:
    known = terms.usage.parts
    own = sorted(set(terms.usage.needs.get(operation.configuration, operation.parts)))
    yield from (((LineKey.PART_TRAINING, part), known[part]) for part in own if part in known)
    if any(part not in known for part in own):
        rest = terms.usage.unattributed()
        if rest is None or rest.value:
            yield (LineKey.OTHER_PARTS_TRAINING, ""), rest


def _machine(stage: Stage, paid: _Paid, facts: tuple[Fact, ...], terms: Terms, *, is_one_off: bool = True) -> CostLine:
    """Core-seconds as hours of the training machine with all its cores busy; ``facts`` are multiplied."""
    instance = terms.training_on
    cores = Fact(instance.cores, "core", FactKind.QUOTED, f"cores of {instance.name}", instance.price.as_of)
    total, rule = Decimal(1), " x ".join(fact.unit if fact.unit != "1" else "times" for fact in facts)
    for fact in facts:
        total *= fact.value
    inputs, divisor, rule = (*facts, cores), _HOUR_S * cores.value, f"{rule} / 3600 / cores"
    if is_one_off:
        months = _horizon(terms)
        inputs, divisor, rule = (*inputs, months), divisor * months.value, f"{rule} / months"
    quantity = derived(EXACT.divide(total, divisor), rule, inputs, unit="hour")
    return CostLine(stage, paid[0], quantity, instance.price, is_one_off, paid[1])


def _unknown(stage: Stage, paid: _Paid, terms: Terms) -> CostLine:
    why = "its machine time was not recorded: run the stage again"
    nothing = Fact(Decimal(0), "hour", FactKind.ASSUMED, why, terms.on)
    missing = Unpriced(words_of(*paid).en, "hour", why)
    return CostLine(stage, paid[0], nothing, missing, is_one_off=True, detail=paid[1])


def _people(operation: Operation, terms: Terms) -> Iterator[CostLine]:
    people, role = terms.cost.people, terms.book.person(terms.cost.people.role)
    labeller = terms.book.person("labeller")
    for stage, key, hours, source, rate in (
        (Stage.LABELLING, LineKey.LABELS, people.labelling_hours, "[cost.people] labelling_hours", labeller),
        (Stage.LABELLING, LineKey.MODEL_LABELS, operation.label_hours, _RECIPE, labeller),
        (Stage.TUNING, LineKey.PEOPLE_TUNING, people.tuning_hours, "[cost.people] tuning_hours", role),
    ):
        if hours:
            once = assumed(hours, "person_hour", source=source, as_of=terms.on)
            months = _horizon(terms)
            monthly = EXACT.divide(once.value, months.value)
            quantity = derived(monthly, "hours / months", (once, months), unit="person_hour")
            yield CostLine(stage, key, quantity, rate, is_one_off=True)
    on_call = terms.cost.include.on_call_hours_per_month
    if on_call:
        whole, share = (
            assumed(on_call, "person_hour", source="[cost.include] on_call_hours_per_month", as_of=terms.on),
            _equal_share(terms),
        )
        quantity = derived(whole.value * share.value, "hours x share", (whole, share), unit="person_hour")
        yield CostLine(Stage.MAINTENANCE, LineKey.PEOPLE_ON_CALL, quantity, role)
    encoder = people.encoder_hours_per_month if operation.has_transformer else Decimal(0)
    for key, hours, source in (
        (LineKey.PEOPLE_OPERATIONS, people.maintenance_hours_per_month, "[cost.people] maintenance_hours_per_month"),
        (LineKey.ENCODER_UPKEEP, encoder, "[cost.people] encoder_hours_per_month"),
        (LineKey.MODEL_UPKEEP, operation.upkeep_hours, _RECIPE),
    ):
        if hours:
            quantity = assumed(hours, "person_hour", source=source, as_of=terms.on)
            yield CostLine(Stage.MAINTENANCE, key, quantity, role)


def _data_storage(terms: Terms) -> Iterator[CostLine]:
    if terms.data_bytes:
        stored, share = _measured_gb(terms.data_bytes, "bytes of the stored data", terms), _equal_share(terms)
        quantity = derived(stored.value * share.value, "GB x share", (stored, share), unit="GB_month")
        price = terms.book.storage(Service.OBJECT_STORAGE)
        yield CostLine(Stage.STORAGE, LineKey.STORED_DATA, quantity, price)


def _bandwidth(operation: Operation, terms: Terms) -> Iterator[CostLine]:
    """The surface's share of each tier: tiers fill with the whole shop's traffic."""
    kb = _answer(operation, terms)
    n = assumed(operation.requests_per_month, "request", source="[load] requests_per_month", as_of=terms.on)
    own = derived(EXACT.divide(kb.value * n.value, Decimal(10**6)), "kB x requests / 10^6", (kb, n), unit="GB")
    account = max(terms.account_gb, own.value)
    if not own.value:
        return
    tiers = terms.book.egress()
    if not tiers:
        yield CostLine(Stage.BANDWIDTH, LineKey.TRAFFIC, own, terms.book.price("egress", "GB"))
    start = Decimal(0)
    for tier in tiers:
        end = account if tier.up_to_gb is None else min(account, tier.up_to_gb)
        if end > start:
            part = EXACT.divide((end - start) * own.value, account)
            rule = f"share of the shop's {account.normalize():f} GB that falls between {start:f} and {end:f} GB"
            quantity = derived(part, rule, (own,), unit="GB")
            yield CostLine(Stage.BANDWIDTH, LineKey.TRAFFIC_TIER, quantity, tier.price, detail=_last(tier.price))
        start = max(start, end)


def _answer(operation: Operation, terms: Terms) -> Fact:
    if operation.answer is not None:
        return operation.answer
    return assumed(operation.response_kb, "kB", source="[load] response_kb", as_of=terms.on)


def egress_of_more(terms: Terms, answer_kb: Decimal) -> tuple[Price, Decimal] | None:
    """Traffic of 1,000 more requests, at the price of the tier that the shop's traffic has come to.

    Args:
        terms: Of the bill, with the shop's traffic of the month.
        answer_kb: Of one answer.

    Returns:
        Price and GB; ``None`` where the book has no price of traffic.
    """
    tiers = terms.book.egress()
    reached = [tier for tier in tiers if tier.up_to_gb is None or terms.account_gb < tier.up_to_gb]
    return (reached[0].price, EXACT.divide(answer_kb, Decimal(1000))) if reached else None


def _last(price: Price) -> str:
    return price.name.rsplit("/", 1)[-1]


def _horizon(terms: Terms) -> Fact:
    return assumed(terms.cost.horizon_months, "month", source="[cost] horizon_months", as_of=terms.on)


def _equal_share(terms: Terms) -> Fact:
    share = EXACT.divide(Decimal(1), Decimal(terms.n_surfaces))
    return Fact(share, "1", FactKind.QUOTED, f"shared by {terms.n_surfaces} surfaces in equal parts", terms.on)


def _measured_gb(n_bytes: int, source: str, terms: Terms) -> Fact:
    return Fact(EXACT.divide(exact(n_bytes), _GB), "GB", FactKind.MEASURED, source, terms.on)
