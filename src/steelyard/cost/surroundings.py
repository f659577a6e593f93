"""What stands around the machines: balancer, addresses, zones, NAT, logs, backups, on-call, TLS. Priced, or named.

Each part has a switch in ``[cost.include]``. A part that is switched on is a line of the bill; one that is not is said
to be left out, never silently taken for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from steelyard.config.costs import Include
from steelyard.cost.facts import EXACT, assumed, billing_month, derived
from steelyard.cost.prices.prices import PriceBook
from steelyard.documents.total import LeftOut
from steelyard.domain import Bilingual, CostLine, Fact, LineKey, Price, Stage, Unpriced

__all__ = [
    "ONCE_KEYS",
    "PARTS",
    "SURROUNDING_KEYS",
    "WITH_MACHINES_KEYS",
    "Part",
    "Served",
    "included_lines",
    "is_on",
    "left_out",
    "used_rows",
]

LOG_KB = Decimal("0.5")
"""Written to a log for each request: an assumption."""
ON_CALL_ROW = "person/engineer"


@dataclass(frozen=True, slots=True)
class Part:
    """Something a shop needs beside its machines."""

    key: str
    """Its switch in ``[cost.include]``."""
    said: Bilingual
    rows: tuple[tuple[str, str, LineKey], ...]
    """What it is priced by: row of the book, what is counted, and the line that it makes."""


PARTS = (
    Part("load_balancer", Bilingual("load balancer with sessions kept by user", "按用户保持会话的负载均衡器"),
         (("surroundings/load-balancer", "hours", LineKey.BALANCER),
          ("surroundings/balancer-traffic", "traffic", LineKey.BALANCER_TRAFFIC))),
    Part("public_addresses", Bilingual("public addresses of the machines", "各机器的公网地址"),
         (("surroundings/public-address", "machine_hours", LineKey.PUBLIC_ADDRESSES),)),
    Part("zone_traffic", Bilingual("traffic between availability zones", "可用区之间的流量"),
         (("surroundings/zone-traffic", "traffic", LineKey.ZONE_TRAFFIC),)),
    Part("nat", Bilingual("NAT gateway", "NAT 网关"),
         (("surroundings/nat-gateway", "hours", LineKey.NAT_GATEWAY),)),
    Part("logs", Bilingual("logs and monitoring", "日志与监控"),
         (("surroundings/logs", "logs", LineKey.LOGS),)),
    Part("backups", Bilingual("backups and snapshots of the disks", "磁盘的备份与快照"),
         (("surroundings/snapshots", "disks", LineKey.BACKUPS),)),
    Part("cdn", Bilingual("content delivery network", "内容分发网络（CDN）"),
         (("surroundings/cdn", "traffic", LineKey.CDN),)),
    Part("domain", Bilingual("domain name, DNS zone and TLS certificate", "域名、DNS 与 TLS 证书"),
         (("surroundings/domain", "months", LineKey.DOMAIN_NAME),)),
)  # fmt: skip
"""Parts that hang on the machines that serve."""
ON_CALL = Part("on_call_hours_per_month", Bilingual("people on call", "值班人员"), ())
TAXES = Part("taxes", Bilingual("taxes", "税费"), ())
SURROUNDING_KEYS = frozenset(key for part in PARTS for _, _, key in part.rows)
"""Of the lines that ``included_lines`` makes."""
ONCE_KEYS = frozenset(key for part in PARTS for _, counted, key in part.rows if counted in ("hours", "months"))
"""Of these, what a shop has once, however many machines stand behind it."""
WITH_MACHINES_KEYS = frozenset({
    LineKey.SERVING_DISKS,
    *(key for part in PARTS for _, counted, key in part.rows if counted in ("machine_hours", "disks")),
})  # fmt: skip
"""Lines that grow with the number of machines, beside the machines themselves."""


@dataclass(frozen=True, slots=True)
class Served:
    """What the machines do, as far as their surroundings are billed by it."""

    replicas: Fact
    disks: Fact
    requests_per_month: int
    traffic_gb: Decimal
    on: date


def included_lines(book: PriceBook, include: Include, served: Served) -> Iterator[CostLine]:
    """Lines of the parts that are switched on.

    Args:
        book: Prices.
        include: The switches.
        served: What is counted.

    Yields:
        One line a row. The balancer is on by itself where there is more than one machine and the book has its price,
        since each server keeps its own events and one user's requests must reach one server.
    """
    for part in PARTS:
        if not is_on(part, book, include, n_replicas=int(served.replicas.value)):
            continue
        for row, counted, key in part.rows:
            quantity = _quantity(counted, served)
            if quantity.value:
                yield CostLine(_stage(part), key, quantity, _price(book, row, quantity.unit), detail=row)


def is_on(part: Part, book: PriceBook, include: Include, *, n_replicas: int) -> bool:
    """Whether a part is on the bill of so many machines."""
    chosen = getattr(include, part.key)
    if part.key == "load_balancer" and chosen is None:
        return n_replicas > 1 and all(row in book.every for row, *_ in part.rows)
    return bool(chosen)


def left_out(book: PriceBook, include: Include, *, n_replicas: int) -> list[LeftOut]:
    """What a bill does not hold, each with the switch that prices it.

    Args:
        book: Prices.
        include: The switches.
        n_replicas: Machines on the bill.

    Returns:
        In the order of ``PARTS``.
    """
    off = [part for part in PARTS if not is_on(part, book, include, n_replicas=n_replicas)]
    rows = [_row(part, f"[cost.include] {part.key} = true", book) for part in off]
    if not include.on_call_hours_per_month:
        rows.append(_row(ON_CALL, "[cost.include] on_call_hours_per_month = 8", book))
    if not include.tax_percent:
        rows.append(_row(TAXES, "[cost.include] tax_percent = 20", book))
    return rows


def used_rows(include: Include) -> tuple[str, ...]:
    """Rows of the book that bills take besides the usual ones."""
    return tuple(row for part in PARTS if getattr(include, part.key) is not False for row, *_ in part.rows)


def _row(part: Part, switch: str, book: PriceBook) -> LeftOut:
    missing = [row for row, *_ in part.rows if row not in book.every]
    lacks = f" (the book has no {', '.join(missing)}: add it to [cost] overrides)" if missing else ""
    lacks_zh = f"（价格表缺少 {'、'.join(missing)}：请写入 [cost] overrides）" if missing else ""
    return LeftOut(part.key, part.said.en + lacks, part.said.zh + lacks_zh, switch)


def _stage(part: Part) -> Stage:
    if part.key in ("zone_traffic", "cdn"):
        return Stage.BANDWIDTH
    return Stage.DEPLOYMENT


def _price(book: PriceBook, row: str, unit: str) -> Price | Unpriced:
    return book.price(row, unit)


def _quantity(counted: str, served: Served) -> Fact:
    month = billing_month(served.on)
    if counted == "hours":
        return month
    if counted == "machine_hours":
        value = served.replicas.value * month.value
        return derived(value, "replicas x hours of a month", (served.replicas, month), unit="hour")
    if counted == "traffic":
        return assumed(served.traffic_gb, "GB", source="answers of the month, [load]", as_of=served.on)
    if counted == "logs":
        n = assumed(served.requests_per_month, "request", source="[load] requests_per_month", as_of=served.on)
        each = assumed(LOG_KB, "kB", source="a line of a log for each request", as_of=served.on)
        value = EXACT.divide(n.value * each.value, Decimal(10**6))
        return derived(value, "requests x kB / 10^6", (n, each), unit="GB")
    if counted == "disks":
        return served.disks
    return assumed(1, "month", source="a month", as_of=served.on)
