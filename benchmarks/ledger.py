"""A month of many postings: time to book, to book again what is known, to close, and to explain a figure of it.

    python benchmarks/ledger.py [--postings 1000000] [--url postgresql://user@host/database]

Prints one JSON line. ``book_s`` holds the time to make the entries, which ``make_s`` tells by itself. A database must
hold no ledger yet. Goals: close <= 10 s, explain <= 100 ms.
"""

import argparse
import json
import random
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

from steelyard.adapters.ledgers.postgres import PostgresLedger
from steelyard.adapters.ledgers.sqlite import SqliteLedger
from steelyard.domain import FactKind, Money, Stage
from steelyard.ledger.entries import CostCentre, Entry, Month, Posting, View, is_balanced, trial_balance

NOVEMBER = Month(2026, 11)


def entries(n: int, seed: int):
    draw = random.Random(seed)
    stages = list(Stage)
    for number in range(n):
        money = Money(Decimal(draw.randrange(1, 10_000_000)).scaleb(-4), draw.choice(("USD", "CNY")))
        stage = draw.choice(stages)
        team, model = f"team-{draw.randrange(5)}", f"model-{draw.randrange(40)}"
        centre = CostCentre(stage, model=model, configuration=f"c{draw.randrange(20)}", team=team)
        lines = (Posting(f"expense/{stage}/machines", money, centre), Posting("payable/cloud", money * -1))
        day = date(2026, 11, 1 + number % 30)
        yield Entry(f"e{number}", day, View.ACCRUAL, "use", FactKind.MEASURED, f"run {number}", lines)


def timed(work):
    began = time.perf_counter()
    value = work()
    return value, round(time.perf_counter() - began, 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postings", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--url", help="book into PostgreSQL instead of a file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        ledger = PostgresLedger(chosen.url) if chosen.url else SqliteLedger(path)
        _, make_s = timed(lambda: sum(1 for _ in entries(chosen.postings // 2, chosen.seed)))
        _, book_s = timed(lambda: ledger.append(entries(chosen.postings // 2, chosen.seed)))
        n_new, again_s = timed(lambda: ledger.append(entries(chosen.postings // 2, chosen.seed)))
        assert n_new == 0
        n, close_s = timed(lambda: ledger.close_month(NOVEMBER))
        found, balances_s = timed(lambda: ledger.balances(NOVEMBER, view=View.ACCRUAL))
        explain_s = {}
        for account in ("expense/serving/machines", "expense", "payable/cloud"):
            _, explain_s[account] = timed(
                lambda a=account: ledger.entries(NOVEMBER, view=View.ACCRUAL, account=a, limit=20)
            )
        row = {
            "postings": n,
            "make_s": make_s,
            "book_s": book_s,
            "book_again_s": again_s,
            "close_s": close_s,
            "balances": len(found),
            "balances_s": balances_s,
            "explain_s": explain_s,
            "is_balanced": is_balanced(trial_balance(found)),
            "mb": None if chosen.url else round(path.stat().st_size / 1e6, 1),
        }
        ledger.close()
    print(json.dumps(row))


if __name__ == "__main__":
    main()
