"""The bill of all surfaces together: on machines of their own or on shared ones, whichever costs less."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from steelyard.cost import shares_by_kind
from steelyard.cost.facts import EXACT
from steelyard.cost.surroundings import left_out
from steelyard.decision.wording import percent
from steelyard.documents.line_words import line_said
from steelyard.documents.total import LeftOut, StageShare, Total
from steelyard.domain import Bilingual, Bill, Capacity, FactKind, Money, Stage, Surface
from steelyard.workflows.deciding.pairing import Shop
from steelyard.workflows.deciding.warn import SURFACES_ZH
from steelyard.workflows.pricing.bill_rows import amount_shown, explained_rows
from steelyard.workflows.pricing.price import Pricing

__all__ = ["joint_total"]

_NOTHING = Bilingual("", "")
_APART = Bilingual(
    "search and recommendation each run on their own machines: no machine type carries all of them within the limits",
    "搜索与推荐使用各自的机器：没有一种机器能在限制之内承载全部场景",
)
_KINDS = (FactKind.MEASURED, FactKind.QUOTED, FactKind.ASSUMED, FactKind.DERIVED, FactKind.INVOICED)


def joint_total(pricing: Pricing, shop: Shop | None, *, lacking: Sequence[Surface] = ()) -> Total:
    """What the whole shop costs in a month: the one total that every page and verb shows.

    Args:
        pricing: Terms of the bills.
        shop: The cheapest pair; ``None`` where a surface has no choice, or no pair has a total.
        lacking: Surfaces without a priced choice.

    Returns:
        Without an amount where a price is missing or a surface has no choice; the note says so.
    """
    if shop is None or lacking:
        said = _no_choice(lacking or tuple(pricing.surfaces))
        return _row(Bill("none", (), pricing.terms.book.currency), said, None, ())
    capacities = [each.candidate.capacity for each in shop.chosen.values()]
    n_replicas = shop.shared.replicas if shop.shared else max(each.replicas for each in capacities if each)
    without = left_out(pricing.terms.book, pricing.terms.cost.include, n_replicas=n_replicas)
    return _row(shop.bill, _note(shop), shop.shared, without)


def _note(shop: Shop) -> Bilingual:
    if len(shop.chosen) == 1:
        return _NOTHING
    if shop.together is None or shop.apart is None:
        return _APART
    capacity = shop.shared or shop.instead
    assert capacity is not None
    return _sharing(capacity, shop.apart - shop.together)


def _no_price(made: Bill) -> Bilingual:
    """Why a bill has no total."""
    missing = sorted({line_said(line) for line in made.unpriced})
    en, zh = ", ".join(said.en for said in missing), "、".join(said.zh for said in missing)
    return Bilingual(f"no total: no price for {en}", f"无法合计：缺少价格（{zh}）")


def _no_choice(lacking: Sequence[Surface]) -> Bilingual:
    return Bilingual(
        f"no total: {' and '.join(map(str, lacking))} {'has' if len(lacking) == 1 else 'have'} no priced choice",
        f"无法合计：{'、'.join(SURFACES_ZH[surface] for surface in lacking)}没有已定价的选择",
    )


def _sharing(capacity: Capacity, saved: Money) -> Bilingual:
    on = f"{capacity.replicas} x {capacity.instance}"
    if saved.amount > 0:
        return Bilingual(
            f"search and recommendation share {on}: {saved} a month less than on machines of their own",
            f"搜索与推荐共用 {on}：每月比各用各的机器少 {saved}",
        )
    extra = Money(-saved.amount, saved.currency)
    return Bilingual(
        f"search and recommendation each run on their own machines: sharing {on} would cost {extra} a month more",
        f"搜索与推荐使用各自的机器：若共用 {on}，每月多花 {extra}",
    )


def _row(made: Bill, note: Bilingual, shared: Capacity | None, without: Sequence[LeftOut]) -> Total:
    total = made.total if made.lines else None
    share: float | None = None
    kinds: dict[FactKind, float] = {}
    if total is not None:
        shares = shares_by_kind(made)
        kinds = {kind: round(float(shares[kind]), 6) for kind in _KINDS}
        share = kinds[FactKind.ASSUMED]
    return Total(
        monthly=amount_shown(total.amount) if total else None,
        currency=made.currency,
        stages=_stages(made, total) if total else (),
        shares_by_kind=kinds,
        note=note.en,
        note_zh=note.zh,
        instance=shared.instance if shared else None,
        replicas=shared.replicas if shared else None,
        rate_per_replica_rps=round(shared.rate_per_replica_rps, 2) if shared else None,
        lines=explained_rows(made.lines) if total else (),
        left_out=tuple(without),
        assumed_share=share,
        assumed_says="" if share is None else f"{percent(share)} of it rests on assumptions",
        assumed_says_zh="" if share is None else f"其中 {percent(share, 'zh')} 来自假设",
    )


def _stages(made: Bill, total: Money) -> tuple[StageShare, ...]:
    """What each stage costs, dearest first."""
    sums: dict[Stage, Decimal] = {}
    for line in made.lines:
        if line.cost is not None:
            sums[line.stage] = sums.get(line.stage, Decimal(0)) + line.cost.amount
    ranked = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(StageShare(stage, amount_shown(cost), _share(cost, total)) for stage, cost in ranked)


def _share(cost: Decimal, total: Money) -> float:
    return round(float(EXACT.divide(cost, total.amount)), 6) if total.amount else 0.0
