"""All bills as the document that is stored: by surface, one entry a configuration, with unit costs and explanations."""

from __future__ import annotations

from steelyard.cost import PriceBook, explain_fact
from steelyard.documents.bills import BillDocument, BillEntry, Book, PerThousand, bills_builtins
from steelyard.documents.line_words import line_said
from steelyard.domain import Bilingual, Bill, Candidate
from steelyard.workflows.ports import Store
from steelyard.workflows.pricing.bill_rows import amount_shown, explained_rows, plain_shown
from steelyard.workflows.pricing.price import Priced, Pricing
from steelyard.workflows.pricing.unit_facts import unit_facts

__all__ = ["bills", "book_row", "per_1000", "store_bills", "unpriced"]


def bills(pricing: Pricing) -> BillDocument:
    """The bills of every configuration that was priced."""
    return BillDocument(
        book=book_row(pricing.terms.book),
        horizon_months=pricing.terms.cost.horizon_months,
        surfaces={
            str(surface): tuple(_entry(each, pricing) for each in priced)
            for surface, priced in pricing.surfaces.items()
        },
    )


def store_bills(store: Store, pricing: Pricing) -> None:
    """Store all bills as the artefact ``bills``."""
    store.write_json("bills", bills_builtins(bills(pricing)))


def book_row(book: PriceBook) -> Book:
    """The price book's name, day of its oldest price, and currency."""
    return Book(book.name, book.as_of.isoformat(), book.currency)


def per_1000(candidate: Candidate) -> PerThousand:
    """Cost of 1,000 requests, marginal, at capacity and fully loaded; none where it is not known."""
    cost = candidate.unit_cost
    if cost is None:
        return PerThousand()
    marginal, at_capacity, fully_loaded = (
        plain_shown(money.amount, digits=4) if money else None
        for money in (cost.marginal, cost.at_capacity, cost.fully_loaded)
    )
    return PerThousand(marginal, at_capacity, fully_loaded)


def unpriced(made: Bill | None) -> list[Bilingual]:
    """What has no price on a bill."""
    return [line_said(line) for line in made.unpriced] if made else []


def _entry(priced: Priced, pricing: Pricing) -> BillEntry:
    candidate = priced.candidate
    made, capacity, missing = candidate.bill, candidate.capacity, unpriced(candidate.bill)
    total = made.total if made else None
    facts = unit_facts(
        candidate,
        pricing.terms,
        machines=pricing.machines,
        http_s=priced.overhead_s,
        requests_per_month=priced.requests_per_month,
        answer=priced.answer,
    )
    return BillEntry(
        name=candidate.name,
        instance=capacity.instance if capacity else None,
        replicas=capacity.replicas if capacity else None,
        monthly=amount_shown(total.amount) if total else None,
        unpriced=tuple(said.en for said in missing),
        unpriced_zh=tuple(said.zh for said in missing),
        per_1000=per_1000(candidate),
        per_1000_explained={way: explain_fact(way.replace("_", " "), fact) for way, fact in facts.items()},
        lines=explained_rows(made.lines) if made else (),
    )
