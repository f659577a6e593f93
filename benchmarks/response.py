"""Click and purchase prediction against a known truth, and on a public log of impressions.

Part ``simulated``: a shop is simulated whose chances are known. Reported for each seed: calibration error against the
true chances (equal-mass bins, and of all rows together), AUC beside the AUC of the true chances, and log loss against
everybody's share. Part ``open-bandit``: the random policy's impressions of the Open Bandit small sample, halved by
time; log loss against everybody's share with an interval over visitors' rows, three seeds.

Usage: ``python benchmarks/response.py [simulated|open-bandit|offpolicy|deep] [--rows N]``.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from steelyard.data.labels.outcomes import Outcomes, outcomes
from steelyard.data.log_events import LogEvents
from steelyard.domain import FloatArray, IntArray
from steelyard.evaluation.calibration import calibration_error, expected_calibration_error
from steelyard.evaluation.classification import auc, log_loss
from steelyard.models.response.chain import ResponseModel
from steelyard.models.response.features import Catalogue
from steelyard.models.response.learning import forest_scorer, learn, taught
from steelyard.models.response.trees import BinaryGrowth

SEEDS = (0, 1, 2)
OPEN_BANDIT = Path(__file__).parents[2] / "shared" / "data" / "open-bandit"
_START_S = 1_735_689_600.0
_STAGES = ("click", "cart", "buy")


@dataclass(frozen=True)
class Simulated:
    """A log whose chances are known."""

    log: LogEvents
    catalogue: Catalogue
    shown: IntArray
    """Places of the impressions in the log."""
    truth: FloatArray
    """Chance of each stage given the one before, of each impression. Shape (impressions, stages)."""


def simulate(seed: int, *, n_impressions: int, n_items: int = 200, n_users: int = 2000) -> Simulated:
    """A shop of which every chance is known: by item, place, category of the last click, and price."""
    random = np.random.default_rng(seed)
    category = random.integers(8, size=n_items)
    price = np.exp(random.normal(3, 0.6, n_items))
    appeal = random.normal(0, 0.6, n_items)
    users = random.integers(n_users, size=n_impressions)
    taste = random.integers(8, size=n_users)
    popular = np.exp(random.normal(0, 0.7, n_items))
    items = random.choice(n_items, size=n_impressions, p=popular / popular.sum())
    places = random.integers(1, 11, size=n_impressions)
    times = _START_S + np.sort(random.random(n_impressions)) * 40 * 86_400
    rows: list[tuple[float, int, int, int, int]] = []
    truth = np.zeros((n_impressions, 3))
    last = {user: int(taste[user]) for user in range(n_users)}
    draws = random.random((n_impressions, 3))
    has_clicked = np.zeros(n_users, bool)
    for n in range(n_impressions):
        user, item = int(users[n]), int(items[n])
        likes = has_clicked[user] and category[item] == last[user]
        score = -2.3 + appeal[item] + 1.2 * likes - 0.5 * np.log(places[n])
        truth[n, 0] = 1 / (1 + np.exp(-score))
        truth[n, 1] = 1 / (1 + np.exp(-(-0.6 - 0.5 * (np.log(price[item]) - 3) + 0.4 * likes)))
        truth[n, 2] = 1 / (1 + np.exp(-(-0.2 + 0.5 * appeal[item])))
        rows.append((times[n], user, item, 0, int(places[n])))
        for stage in range(3):
            if draws[n, stage] >= truth[n, stage]:
                break
            rows.append((times[n] + 60.0 * (stage + 1), user, item, stage + 1, 0))
            if stage == 0:
                last[user], has_clicked[user] = int(category[item]), True
    columns = [np.array(column) for column in zip(*sorted(rows), strict=True)]
    names = ("impression", "click", "add_to_cart", "purchase")
    log = LogEvents(columns[1], columns[2], columns[0].astype(np.float64), columns[3], columns[4], n_items, names)
    brand = np.full(n_items, -1)
    catalogue = Catalogue(category, brand, price, np.zeros((n_items, 0)))
    # sorting by (time, user, item …) keeps impressions of one instant in the order of the rows above
    return Simulated(log, catalogue, np.flatnonzero(columns[3] == 0), truth)


def judged(model: ResponseModel, shop: Simulated, lessons: object, judge: IntArray) -> dict[str, dict[str, float]]:
    """Figures of each stage, reached in the end, on the rows to judge by."""
    chances = model.chances(lessons.part(judge))
    rows: Outcomes = lessons.outcomes
    true = np.cumprod(shop.truth[: len(rows)][judge], axis=1)
    told = {}
    for column, stage in enumerate(rows.stages):
        labels = rows.reached[judge, column]
        own, best = auc(chances[stage], labels), auc(true[:, column], labels)
        share = float(rows.reached[: judge[0], column].mean())
        ece = expected_calibration_error(chances[stage], labels.astype(float), seed=0)
        told[stage] = {
            "error_to_truth": calibration_error(chances[stage], true[:, column]),
            "ece": ece.value,
            "ece_low": ece.low,
            "ece_high": ece.high,
            "ece_by_chance": ece.by_chance,
            "auc": own,
            "auc_truth": best,
            "log_loss": float(log_loss(chances[stage], labels.astype(float)).mean()),
            "base": float(log_loss(np.full(len(labels), share), labels.astype(float)).mean()),
        }
    return told


def simulated(n_rows: int) -> None:
    """The simulated shop, three seeds, and once with half of the negatives left out."""
    for seed, negatives in [*((seed, 1.0) for seed in SEEDS), (0, 0.3)]:
        shop = simulate(seed, n_impressions=n_rows)
        began = time.process_time()
        rows = outcomes(shop.log, window_s=86_400)
        lessons = taught(shop.log, shop.catalogue, rows)
        growth = BinaryGrowth(seed=seed, negatives=negatives, rounds=600)
        scorer, _ = forest_scorer(lessons, growth)
        made = learn(lessons, lambda _, scorer=scorer: scorer, position=1, seed=seed)
        spent = time.process_time() - began
        for stage, told in judged(made.model, shop, lessons, lessons.periods.judge).items():
            figures = "  ".join(f"{name} {value:.4f}" for name, value in told.items())
            print(f"seed {seed} negatives {negatives} {stage:5s} {made.methods} {figures}  fit {spent:.1f} CPU s")


def main() -> None:
    """Run one part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=["simulated"])
    parser.add_argument("--rows", type=int, default=60_000)
    asked = parser.parse_args()
    simulated(asked.rows)


if __name__ == "__main__":
    sys.exit(main())
