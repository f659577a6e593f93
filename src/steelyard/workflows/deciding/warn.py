"""What a reader of a decision must know of the figures it rests on, in English and Chinese."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal

from steelyard.config.schema import Config
from steelyard.cost.lifecycle import SYSTEM_DISK_GB
from steelyard.cost.prices.prices import Instance
from steelyard.cost.surroundings import PARTS, is_on, used_rows
from steelyard.decision.space import MEMORY_MARGIN, SYSTEM_GB
from steelyard.domain import Bilingual, CostLine, Fact, Price, Stage, Surface
from steelyard.workflows.deciding.asked_said import endpoint_said
from steelyard.workflows.pricing.price import Priced, Pricing

__all__ = ["SURFACES_ZH", "warnings"]

SURFACES_ZH = {Surface.SEARCH: "搜索", Surface.RECOMMEND: "推荐"}


def warnings(config: Config, pricing: Pricing, chosen: Mapping[Surface, Priced]) -> list[Bilingual]:
    """Sentences on old prices, assumptions and what was not measured; those that move most money first.

    Args:
        config: The shop's.
        pricing: What was priced, and on what terms.
        chosen: The chosen configuration of each surface.

    Returns:
        In order of the part of the chosen bills that rests on what a sentence says.
    """
    lines = [line for each in chosen.values() if each.candidate.bill for line in each.candidate.bill.lines]
    on, days = pricing.terms.on, config.cost.stale_after_days
    extras = used_rows(config.cost.include)
    serving = _moved(lines, lambda line: line.stage is Stage.SERVING)
    machine_time = _moved(lines, lambda line: line.quantity.unit == "hour" and line.stage is not Stage.SERVING)
    old = _moved(lines, lambda line: isinstance(line.price, Price) and (on - line.price.as_of).days > days)
    of_machines = (*_machines(pricing, chosen), *_measurements(pricing), *_corrections(pricing, chosen))
    weighed = [
        *((said, serving) for said in of_machines),
        *((said, serving) for said in pricing.terms.book.doubts),
        *((said, old) for said in pricing.terms.book.stale(on, after_days=days, extras=extras)),
        *((said, _moved(lines, lambda _: True)) for said in _loads(config, pricing)),
        *((said, serving) for said in _beside(config)),
        *((said, _priced_on(name, lines)) for name, said in pricing.terms.book.assumptions(extras).items()),
        *((said, serving) for said in _machine_sizes()),
        *((said, machine_time) for said in _training(pricing)),
        *((said, Decimal(0)) for said in _not_considered(pricing)),
    ]
    return [said for said, _ in sorted(weighed, key=lambda pair: -pair[1])]


def _moved(lines: Iterable[CostLine], is_concerned: Callable[[CostLine], bool]) -> Decimal:
    """What the lines that are concerned cost in a month."""
    costs = (line.cost for line in lines if is_concerned(line))
    return sum((cost.amount for cost in costs if cost is not None), Decimal(0))


def _priced_on(name: str, lines: Iterable[CostLine]) -> Decimal:
    """What rests on a price."""
    return _moved(lines, lambda line: isinstance(line.price, Price) and line.price.name == name)


def _machines(pricing: Pricing, chosen: Mapping[Surface, Priced]) -> Iterator[Bilingual]:
    here = pricing.evidence.machine.cpu_model or "this machine"
    machines = {machine.name: machine for machine in pricing.machines}
    hired = {each.candidate.capacity.instance for each in chosen.values() if each.candidate.capacity}
    unknown = [name for name in hired if machines[name].time_ratio is None]
    yield from (_calibrated(name, ratio, here) for name in hired if (ratio := machines[name].time_ratio) is not None)
    if unknown or not hired:
        yield _not_calibrated(here)
    for surface, each in chosen.items():
        capacity = each.candidate.capacity
        machine = machines.get(capacity.instance) if capacity else None
        if machine is not None and machine.baseline_share < 1:
            yield _burstable(surface, machine)
    yield from _affinity(pricing, chosen)


def _calibrated(name: str, ratio: Fact, here: str) -> Bilingual:
    low, high = (value if value is not None else ratio.value for value in (ratio.low, ratio.high))
    between = f"{float(low):.2f}–{float(high):.2f}"
    return Bilingual(
        f"one core of {name} takes {float(ratio.value):.2f} times as long as one of {here}, where times were measured "
        f"({between}, by calibration): measure there before relying on the number of machines",
        f"按校准结果，{name} 一个核心所需时间为测量所用 {here} 的 {float(ratio.value):.2f} 倍（{between}）："
        "依据机器数量做决定之前，请在该机器上测量",
    )


def _not_calibrated(here: str) -> Bilingual:
    return Bilingual(
        f"times were measured on {here}; one core of it is taken for one core of the instances: "
        "calibrate there ([cost.calibration]) before relying on the number of machines",
        f"时间在 {here} 上测得，并以其一个核心等同于云实例的一个核心：依据机器数量做决定之前，"
        "请在目标机器上校准（[cost.calibration]）",
    )


def _affinity(pricing: Pricing, chosen: Mapping[Surface, Priced]) -> Iterator[Bilingual]:
    """Several machines: each keeps the events it was sent, so a user's requests must come to the same one."""
    capacities = [each.candidate.capacity for each in chosen.values()]
    n = max((capacity.replicas for capacity in capacities if capacity is not None), default=1)
    if n < 2:
        return
    balancer = PARTS[0]
    is_priced = is_on(balancer, pricing.terms.book, pricing.terms.cost.include, n_replicas=n)
    where = "it is on the bill" if is_priced else "it is not on the bill: [cost.include] load_balancer = true"
    where_zh = "已计入账单" if is_priced else "未计入账单：[cost.include] load_balancer = true"
    yield Bilingual(
        "each server keeps the events it was sent, so several machines need a balancer that keeps each user at one of "
        f"them (sticky sessions); {where}; users are taken to spread evenly",
        f"每台服务器只保存自己收到的事件，因此多台机器须由按用户保持会话的负载均衡器分发；{where_zh}；假定用户均匀分布",
    )


def _not_considered(pricing: Pricing) -> Iterator[Bilingual]:
    without = ", ".join(machine.name.rsplit("/", 1)[-1] for machine in pricing.machines if machine.gpu)
    if without:
        yield Bilingual(
            f"{without}: not considered: no GPU measurement on this machine",
            f"{without}：未予考虑，本机没有 GPU 测量结果",
        )
    yield from pricing.set_aside


def _burstable(surface: Surface, machine: Instance) -> Bilingual:
    cores = f"{machine.cores.normalize():f}"
    return Bilingual(
        f"{surface}: {machine.name} is burstable; it was sized by the {cores} cores it can use without end, "
        f"not by its {machine.vcpus} vCPUs",
        f"{SURFACES_ZH[surface]}：{machine.name} 是突发型实例，按可持续使用的 {cores} 个核心估算容量，"
        f"而非 {machine.vcpus} 个 vCPU",
    )


def _measurements(pricing: Pricing) -> Iterator[Bilingual]:
    if pricing.evidence.http_overhead_cpu_s is None:
        yield Bilingual(
            "the processor time of HTTP itself was not measured: latencies and unit costs leave it out",
            "未测量 HTTP 本身的处理器时间：延迟与单位成本均不含这一部分",
        )
    for surface, priced in pricing.surfaces.items():
        name = SURFACES_ZH[surface]
        n_busy = sum(not each.candidate.measured.is_quiet for each in priced)
        if n_busy:
            yield Bilingual(
                f"{surface}: the machine was too busy for wall times ({n_busy} of {len(priced)} configurations): "
                "machines are sized by processor times there, and latencies are rough",
                f"{name}：测量时机器过忙（{len(priced)} 个配置中有 {n_busy} 个），墙钟时间不可靠："
                "机器数量按处理器时间估算，延迟仅供参考",
            )
        yield from (said for each in priced for said in endpoint_said(each.candidate.measured, priced))
        if any(each.candidate.measured.is_synthetic for each in priced):
            yield Bilingual(
                f"{surface}: quality was measured on requests made from the catalogue, not on observed ones",
                f"{name}：质量是用由商品库生成的模拟请求测得的，不是真实请求",
            )


def _corrections(pricing: Pricing, chosen: Mapping[Surface, Priced]) -> Iterator[Bilingual]:
    """What the check corrected of the chosen ones, and of how many others."""
    said = pricing.evidence.corrections_said
    for surface, each in chosen.items():
        if each.candidate.name in said:
            yield said[each.candidate.name]
        others = [p.candidate.name for p in pricing.surfaces[surface] if p.candidate.name in said]
        others = [name for name in others if name != each.candidate.name]
        if others:
            yield Bilingual(
                f"{surface}: latencies of {len(others)} other configurations were corrected by what was read over "
                f"HTTP ({', '.join(sorted(others))})",
                f"{SURFACES_ZH[surface]}：另有 {len(others)} 个配置的延迟已按 HTTP 实测修正"
                f"（{'、'.join(sorted(others))}）",
            )


def _loads(config: Config, pricing: Pricing) -> Iterator[Bilingual]:
    for surface in pricing.surfaces:
        if "load" not in config.model_fields_set or str(surface) not in config.load.model_fields_set:
            yield Bilingual(
                f"{surface}: the load is a default, not the shop's: set [load.{surface}]",
                f"{SURFACES_ZH[surface]}：负载为默认值，不是本店的数字：请设置 [load.{surface}]",
            )


def _beside(config: Config) -> Iterator[Bilingual]:
    beside = config.load.beside
    events, similar = f"{beside.events_per_request:g}", f"{beside.similar_per_request:g}"
    yield Bilingual(
        f"each search or recommendation is taken to bring {events} posts of events and {similar} lists of similar "
        "products, which take the same processors: assumptions, [load.beside]",
        f"假定每次搜索或推荐带来 {events} 次事件上报和 {similar} 次相似商品请求，占用同样的处理器：见 [load.beside]",
    )


def _machine_sizes() -> Iterator[Bilingual]:
    yield Bilingual(
        f"each machine is given memory for {MEMORY_MARGIN} times the peak measured and {SYSTEM_GB} GB for the system, "
        f"and a disk of {SYSTEM_DISK_GB} GB beside the models: assumptions",
        f"每台机器的内存按实测峰值的 {MEMORY_MARGIN} 倍外加系统 {SYSTEM_GB} GB 计，"
        f"磁盘按模型之外 {SYSTEM_DISK_GB} GB 计：均为假设",
    )


def _training(pricing: Pricing) -> Iterator[Bilingual]:
    training = pricing.terms.training_on
    cores = f"{training.cores.normalize():f}"
    yield Bilingual(
        f"core-seconds of preparing, training and measuring are priced on {training.name} with all its "
        f"{cores} cores busy",
        f"准备、训练与测量所用的核心秒，按 {training.name} 的 {cores} 个核心全部占满计价",
    )
