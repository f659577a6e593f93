"""Click and purchase prediction against a known truth, and on a public log of impressions.

Part ``simulated``: a shop is simulated whose chances are known. Reported for each seed: calibration error against the
true chances (equal-mass bins, and of all rows together), AUC beside the AUC of the true chances, and log loss against
everybody's share. Part ``open-bandit``: the random policy's impressions of the Open Bandit small sample, halved by
time, and both logs in ten folds; log loss against everybody's share with a bootstrap interval over rows, three seeds.
Part ``off-policy``: the Thompson policy's value by the random log beside its own, and an explored place whose truth is
known.

Usage: ``python benchmarks/response.py simulated|open-bandit|off-policy [--rows N]``.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from steelyard.data.labels.outcomes import Outcomes, outcomes
from steelyard.data.log_events import LogEvents
from steelyard.domain import FloatArray, IntArray
from steelyard.evaluation.calibration import calibration_error, expected_calibration_error
from steelyard.evaluation.classification import auc, log_loss
from steelyard.evaluation.offpolicy import Refused, valued
from steelyard.models.exploring.thompson import LinearThompson, drawn, uniform
from steelyard.models.response.chain import ResponseModel
from steelyard.models.response.features import Catalogue
from steelyard.models.response.learning import forest_scorer, learn, taught
from steelyard.models.response.trees import BinaryGrowth, grow_stage, open_stage

SEEDS = (0, 1, 2)
OPEN_BANDIT = Path(__file__).parents[2] / "shared" / "data" / "open-bandit"
FEW_CLICKS = BinaryGrowth(leaves=3, rounds=60, rate=0.03, l2=50, least_rows=200)
"""Small trees and few of them: each fold holds some 70 clicks."""
USER_VALUES = (
    ("81ce123cbb5bd8ce818f60fb3586bba5",),
    ("03a5648a76832f83c859d46bc06cb64a",),
    ("2723d2eb8bba04e0362098011fa3997b", "c2e4f76cdbabecd33b8c762aeef386b3"),
    ("9bde591ffaab8d54c457448e4dca6f53", "c39b0c7dd5d4eb9a18e7db6ba2f258f8"),
)
"""The commonest values of the four user features, which are hashes."""
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


def _bandit(name: str) -> tuple[FloatArray, npt.NDArray[np.bool_], dict[str, npt.NDArray[np.float64]]]:
    """Rows, clicks, and columns of one log: place, the affinities of the user, and the commonest user features."""
    table = pq.read_table(OPEN_BANDIT / f"{name}_all.parquet")
    plain = {column: table[column].to_numpy().astype(float) for column in ("item_id", "position", "propensity_score")}
    affinity = np.column_stack([table[f"user-item_affinity_{n}"].to_numpy() for n in range(80)])
    own = affinity[np.arange(len(table)), plain["item_id"].astype(int)]
    columns = [np.log1p(plain["position"]), np.log1p(affinity.sum(axis=1)), own]
    for number in range(4):
        value = np.array(table[f"user_feature_{number}"].to_pylist())
        columns += [value == each for each in USER_VALUES[number]]
    return np.column_stack(columns).astype(np.float32), table["click"].to_numpy().astype(bool), plain


def open_bandit() -> None:
    """Log loss against everybody's share on impressions with 38 and 42 clicks, by models that had not seen a row."""
    logs = {name: _bandit(name) for name in ("random", "bts")}
    half = len(logs["random"][1]) // 2
    rows = {
        "random, later half by the earlier": (logs["random"][:2], np.arange(len(logs["random"][1])) // half),
        "both logs, ten folds": (tuple(np.concatenate([logs[n][c] for n in logs]) for c in (0, 1)), None),
    }
    for name, ((features, clicks), given) in rows.items():
        for seed in SEEDS:
            fold = np.random.default_rng(seed).integers(10, size=len(clicks)) if given is None else given
            chances, share = np.full(len(clicks), np.nan), np.full(len(clicks), np.nan)
            for held in range(10) if given is None else (1,):
                inside = fold == held
                learning = (features[~inside], clicks[~inside])
                stage = grow_stage(learning, (features[:0], clicks[:0]), replace(FEW_CLICKS, seed=seed))
                chances[inside] = open_stage(stage.graphs(), stage.facts()).probabilities(features[inside])
                share[inside] = clicks[~inside].mean()
            judged_on = ~np.isnan(chances)
            labels = clicks[judged_on].astype(float)
            better = log_loss(share[judged_on], labels) - log_loss(chances[judged_on], labels)
            draws = np.random.default_rng(seed).integers(len(better), size=(2000, len(better)))
            low, high = np.quantile([better[draw].mean() for draw in draws], [0.025, 0.975])
            base = log_loss(share[judged_on], labels).mean()
            print(
                f"{name} seed {seed}: {len(labels)} rows {int(labels.sum())} clicks  base {base:.6f}  "
                f"gain {better.mean():+.6f} [{low:+.6f}, {high:+.6f}]  "
                f"auc {auc(chances[judged_on], labels.astype(bool)):.3f}"
            )


def off_policy() -> None:
    """What the Thompson policy is worth by the random log, beside its own; and an explored place of known truth."""
    random, own = _bandit("random"), _bandit("bts")
    place, item = (own[2][name].astype(int) for name in ("position", "item_id"))
    shown = np.zeros((4, 80))
    np.add.at(shown, (place, item), 1.0)
    policy = shown / np.maximum(shown.sum(axis=1, keepdims=True), 1)
    target = policy[random[2]["position"].astype(int), random[2]["item_id"].astype(int)]
    found = valued(random[1].astype(float), target, random[2]["propensity_score"])
    mean = valued(own[1].astype(float), np.ones(len(own[1])), np.ones(len(own[1])))
    print(f"thompson by the random log: {found}")
    print(f"thompson on its own log:    {mean}")
    print(f"random on its own log:      {random[1].mean():.5f}")
    for seed in SEEDS:
        print(f"explored place, seed {seed}: {_explored(seed)}")


def _explored(seed: int, *, n: int = 20_000) -> str:
    """A place filled by Thompson sampling; from its log, what always the first and what always the best would earn."""
    rates = np.random.default_rng(seed).beta(2, 18, 8)
    rows = np.column_stack([np.ones(8), np.eye(8)])
    model, random = LinearThompson(9, seed=seed), np.random.default_rng([seed, 1])
    reward, shown, logged = np.zeros(n), np.zeros(n, int), np.zeros(n)
    chances = model.chances(rows, floor=0.02)
    for turn in range(n):
        if turn % 50 == 0:
            chances = model.chances(rows, floor=0.02)
        at = drawn(chances, uniform(seed, turn))
        reward[turn], shown[turn], logged[turn] = random.random() < rates[at], at, chances[at]
        model.show(rows[at])
        if reward[turn]:
            model.reward(rows[at])
    told = [f"earned {reward.mean():.4f}, best {rates.max():.4f}, all alike {rates.mean():.4f}"]
    for name, policy in (
        ("first", np.eye(8)[0]),
        ("best", np.eye(8)[rates.argmax()]),
        ("all alike", np.full(8, 0.125)),
    ):
        on = np.random.default_rng([seed, 2]).random(n) < rates[np.random.default_rng([seed, 3]).choice(8, n, p=policy)]
        half = 1.96 * on.std() / np.sqrt(n)
        off = valued(reward, policy[shown], logged)
        value = off.why if isinstance(off, Refused) else f"{off.estimate.value:.4f} [{off.low:.4f}, {off.high:.4f}]"
        told.append(f"{name}: truth {policy @ rates:.4f}, off-policy {value}, on-policy {on.mean():.4f} ± {half:.4f}")
    return "; ".join(told)


def main() -> None:
    """Run one part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=["simulated", "open-bandit", "off-policy"])
    parser.add_argument("--rows", type=int, default=300_000)
    asked = parser.parse_args()
    if asked.part == "simulated":
        simulated(asked.rows)
    elif asked.part == "open-bandit":
        open_bandit()
    else:
        off_policy()


if __name__ == "__main__":
    sys.exit(main())
