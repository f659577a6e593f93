"""What labels cost, in the ledger: under labelling, once a run, with the source of the labels as its model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from steelyard.documents.label_answer import LabelAnswer
from steelyard.domain import FactKind, Money, Stage
from steelyard.workflows.bookkeeping.enter_cost import BOTH, HandCost, enter_cost
from steelyard.workflows.open_shop import AccountsShop

__all__ = ["CENTRE", "book_answers", "book_people"]

CENTRE = "labels"
"""Before the origin in the cost centre's model: ``labels/model``, ``labels/judged``."""


def book_answers(shop: AccountsShop, answers: Sequence[LabelAnswer]) -> int:
    """Book what answers of a language model cost, one entry a run; how many are new.

    Args:
        shop: The shop.
        answers: All that were ever paid for, the runs they are of being over.

    Returns:
        Runs whose entry was not there yet; one that cost nothing has none.

    Raises:
        DataError: A run's month is closed and it was not booked before.
    """
    by_run: dict[str, list[LabelAnswer]] = defaultdict(list)
    for answer in answers:
        by_run[answer.run].append(answer)
    n = 0
    for run, of_run in by_run.items():
        amount = sum((answer.cost for answer in of_run), Decimal(0))
        if not amount:
            continue
        tokens = sum(answer.input_tokens + answer.output_tokens for answer in of_run)
        kind = FactKind.ASSUMED if any(answer.is_estimated for answer in of_run) else FactKind.DERIVED
        cost = HandCost(
            id=f"{CENTRE}/model/{run}",
            text=f"{len(of_run):,} answers of {of_run[0].model}, {tokens:,} tokens",
            amount=Money(amount, of_run[0].currency),
            on=datetime.fromisoformat(of_run[0].at).date(),
            stage=Stage.LABELLING,
            kind=kind,
            source=f"tokens that the endpoint counted, by the price book; label_answers.jsonl, run {run}",
            paid_from="payable/tokens",
            model=f"{CENTRE}/model",
        )
        n += enter_cost(shop, cost, view=BOTH, to_pool=False).n_entries > 0
    return n


def book_people(shop: AccountsShop, *, name: str, labels: int, price: Money, on: date) -> int:
    """Book judgements of people at their price; how many entries are new.

    Args:
        shop: The shop.
        name: What was judged: the same name is booked once.
        labels: How many judgements.
        price: Of one.
        on: Day they were made.

    Returns:
        0 where it was booked before.
    """
    cost = HandCost(
        id=f"{CENTRE}/judged/{name}",
        text=f"{labels:,} judgements of people, {name}",
        amount=price * labels,
        on=on,
        stage=Stage.LABELLING,
        kind=FactKind.ASSUMED,
        source="number of judgements by the price of one, see [labels]",
        paid_from="payable/people",
        model=f"{CENTRE}/judged",
    )
    return enter_cost(shop, cost, view=BOTH, to_pool=False).n_entries
