"""The bill of all surfaces together: on machines of their own or on shared ones, whichever costs less."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from steelyard.config.schema import Config
from steelyard.cost import Hosting, hosting_lines, joint_bill, shares_by_kind
from steelyard.cost.facts import EXACT
from steelyard.decision.space import place_together
from steelyard.domain import Bill, Capacity, FactKind, Money, Said, Surface
from steelyard.workflows.price import Priced, Pricing, amount, demand, replicas_fact, sizing
from steelyard.workflows.warn import SURFACES_ZH

__all__ = ["joint_total"]

_NOTHING = Said("", "")
_APART = Said(
    "each surface on its own machines: no machine type carries all of them within the limits",
    "各场景使用各自的机器：没有一种机器能在限制之内承载全部场景",
)
_KINDS = (FactKind.MEASURED, FactKind.QUOTED, FactKind.ASSUMED, FactKind.DERIVED, FactKind.INVOICED)


def joint_total(config: Config, pricing: Pricing, chosen: Mapping[Surface, Priced]) -> dict[str, Any]:
    """What all chosen configurations cost in a month.

    Args:
        config: Load, demand, seed.
        pricing: Terms of the bills and machines to consider.
        chosen: The chosen configuration of each surface; a surface without one is absent.

    Returns:
        JSON: ``monthly`` (null where a price is missing or a surface has no choice), ``currency``, ``stages``,
        ``shares_by_kind``, ``note``, ``note_zh``.
    """
    bills = [each.candidate.bill for each in chosen.values() if each.candidate.bill is not None]
    if not bills or len(bills) < len(pricing.surfaces):
        return _row(Bill("none", (), pricing.terms.book.currency), _no_choice(pricing, chosen))
    apart = joint_bill("all surfaces, apart", bills)
    if len(bills) == 1 or apart.total is None:
        return _row(apart, _NOTHING if apart.total else _no_price(apart))
    shared = _shared(config, pricing, chosen, bills)
    if shared is None:
        return _row(apart, _APART)
    capacity, together = shared
    saved = _total(apart) - _total(together)
    return _row(together if saved.amount > 0 else apart, _sharing(capacity, saved))


def _shared(
    config: Config, pricing: Pricing, chosen: Mapping[Surface, Priced], bills: list[Bill]
) -> tuple[Capacity, Bill] | None:
    loads = [each.load for each in chosen.values()]
    capacity = place_together(loads, pricing.machines, demand(config), size=sizing(config), seed=config.seed)
    if capacity is None:
        return None
    machine = next(each for each in pricing.machines if each.name == capacity.instance)
    overhead_s = pricing.evidence.http_overhead_cpu_s
    replicas = replicas_fact(capacity, loads, config, overhead_s=overhead_s, on=pricing.terms.on)
    hosting = Hosting(machine, replicas, _disk_bytes(chosen))
    return capacity, joint_bill("all surfaces, together", bills, hosting_lines(hosting, pricing.terms))


def _disk_bytes(chosen: Mapping[Surface, Priced]) -> int:
    """Bytes of all parts; one that several surfaces use lies there once."""
    by_part: dict[str, int] = {}
    apart = 0
    for each in chosen.values():
        measured = each.candidate.measured
        by_part |= measured.disk_bytes_by_part
        apart += 0 if measured.disk_bytes_by_part else measured.disk_bytes
    return sum(by_part.values()) + apart


def _no_choice(pricing: Pricing, chosen: Mapping[Surface, Priced]) -> Said:
    lacking = [surface for surface in pricing.surfaces if surface not in chosen]
    return Said(
        f"no total: {', '.join(map(str, lacking)) or 'a surface'} has no priced choice",
        f"无法合计：{'、'.join(SURFACES_ZH[surface] for surface in lacking) or '某一场景'}没有已定价的选择",
    )


def _no_price(made: Bill) -> Said:
    missing = sorted({line.item for line in made.unpriced})
    return Said(f"no total: no price for {', '.join(missing)}", f"无法合计：缺少价格（{'、'.join(missing)}）")


def _sharing(capacity: Capacity, saved: Money) -> Said:
    on = f"{capacity.replicas} x {capacity.instance}"
    if saved.amount > 0:
        return Said(
            f"the surfaces share {on}: {saved} a month less than on machines of their own",
            f"各场景共用 {on}：每月比各用各的机器少 {saved}",
        )
    extra = Money(-saved.amount, saved.currency)
    return Said(
        f"each surface on its own machines: sharing {on} would cost {extra} a month more",
        f"各场景使用各自的机器：若共用 {on}，每月多花 {extra}",
    )


def _row(made: Bill, note: Said) -> dict[str, Any]:
    total = made.total if made.lines else None
    row: dict[str, Any] = {
        "monthly": amount(total.amount) if total else None,
        "currency": made.currency,
        "stages": [],
        "shares_by_kind": {},
        "note": note.en,
        "note_zh": note.zh,
    }
    if total is None:
        return row
    sums: dict[str, Decimal] = {}
    for line in made.lines:
        if line.cost is not None:
            sums[str(line.stage)] = sums.get(str(line.stage), Decimal(0)) + line.cost.amount
    row["stages"] = [
        {"stage": stage, "cost": amount(cost), "share": _share(cost, total)}
        for stage, cost in sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    shares = shares_by_kind(made)
    row["shares_by_kind"] = {str(kind): round(float(shares[kind]), 6) for kind in _KINDS}
    return row


def _share(cost: Decimal, total: Money) -> float:
    return round(float(EXACT.divide(cost, total.amount)), 6) if total.amount else 0.0


def _total(made: Bill) -> Money:
    return made.total or Money(Decimal(0), made.currency)
