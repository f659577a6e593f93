"""Time of 10,000 draws over 200 configurations: shared prices, their own quantities, and who is the cheapest.

    python benchmarks/monte_carlo.py [--draws 10000] [--configurations 200] [--lines 15]

Prints one JSON line. Goal: <= 5 s.
"""

import argparse
import json
import time

import numpy as np

from steelyard.decision.sensitivity import Driver, Line, cheapest_shares, costs, draw


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--configurations", type=int, default=200)
    parser.add_argument("--lines", type=int, default=15)
    parser.add_argument("--prices", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    rng = np.random.default_rng(chosen.seed)
    prices = [Driver(f"price {n}", 1.0, 0.6, 2.0, "lognormal") for n in range(chosen.prices)]
    drivers, lines = list(prices), []
    for n in range(chosen.configurations):
        for line in range(chosen.lines):
            name = f"quantity {n}.{line}"
            drivers.append(Driver(name, 10.0, 8.0, 14.0))
            lines.append(Line(f"c{n}", float(rng.uniform(0.9, 1.1)), (name, prices[rng.integers(chosen.prices)].name)))
    pairs = {(prices[n].name, prices[n + 1].name): 0.4 for n in range(chosen.prices - 1)}
    began = time.perf_counter()
    draws = draw(drivers, n=chosen.draws, seed=chosen.seed, correlations=pairs)
    drawn_s = time.perf_counter() - began
    _, found = costs(lines, drivers, draws)
    shares = cheapest_shares(found)
    row = {
        "draws": chosen.draws,
        "configurations": chosen.configurations,
        "drivers": len(drivers),
        "draw_s": round(drawn_s, 2),
        "total_s": round(time.perf_counter() - began, 2),
        "highest_share": round(float(shares.max()), 4),
    }
    print(json.dumps(row))


if __name__ == "__main__":
    main()
