"""``labels costs``: what labels of each source cost, by label."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from steelyard.documents.label_costs import LabelCostRow, LabelCosts
from steelyard.documents.label_report import LabelReport, read_label_report
from steelyard.domain import Stage
from steelyard.ledger.entries import View
from steelyard.workflows.bookkeeping.opened_ledger import open_ledger
from steelyard.workflows.labelling.book_labels import CENTRE
from steelyard.workflows.labelling.label_price import label_price
from steelyard.workflows.stored import stored_split

if TYPE_CHECKING:
    from steelyard.workflows.open_shop import AccountsShop

__all__ = ["label_costs"]

_PEOPLE = "judged"
_ORIGINS = (_PEOPLE, "behaviour", "rules", "model")
_PLACES = Decimal("0.000000000001")


def label_costs(shop: AccountsShop) -> LabelCosts:
    """Costs that were booked under labelling, by the origin of the labels.

    Args:
        shop: The shop.

    Returns:
        Every origin that has labels or costs, and what was booked under labelling for something else.
    """
    booked = _booked(shop)
    rows = []
    for origin in (*_ORIGINS, *sorted({name for name, _ in booked} - set(_ORIGINS))):
        report = _report(shop, origin)
        labels = _judged(shop) if origin == _PEOPLE else report.labels if report else None
        costs = {currency: cost for (name, currency), cost in booked.items() if name == origin}
        if labels is None and not costs:
            continue
        for currency, cost in sorted(costs.items()) or [(shop.config.shop.currency, Decimal(0))]:
            of_one = label_price(shop).amount if origin == _PEOPLE else cost / labels if labels else None
            rows.append(
                LabelCostRow(
                    origin=origin,
                    labels=labels,
                    cost=cost,
                    currency=currency,
                    per_label=None if of_one is None else of_one.quantize(_PLACES),
                    agreement=_agreement(report),
                )
            )
    return LabelCosts(rows=tuple(rows))


def _booked(shop: AccountsShop) -> dict[tuple[str, str], Decimal]:
    """By origin and currency; ``other`` is labelling that names no origin."""
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    with open_ledger(shop) as ledger:
        for month in ledger.months():
            for each in ledger.balances(month, view=View.ACCRUAL):
                if each.centre is None or each.centre.stage is not Stage.LABELLING:
                    continue
                if each.account.startswith("expense/"):
                    of_labels, _, origin = each.centre.model.partition("/")
                    name = origin if of_labels == CENTRE and origin else "other"
                    found[name, each.total.currency] += each.total.amount
    return dict(found)


def _report(shop: AccountsShop, origin: str) -> LabelReport | None:
    name = f"labels/{origin}"
    return read_label_report(shop.store.read_document(name, "labels.json")) if shop.store.has(name) else None


def _judged(shop: AccountsShop) -> int | None:
    """Judgements of people among what was prepared."""
    source = shop.config.data.judgements
    if source is None or source.origin != _PEOPLE or not shop.store.has("data"):
        return None
    return stored_split(shop.store).search.gains


def _agreement(report: LabelReport | None) -> float | None:
    """With people: weighted where there is one."""
    rows = [row for row in report.agreement if "people" in row.between] if report else []
    best = [row for row in rows if row.measure == "cohen_weighted"] or rows[-1:]
    return best[0].value if best else None
