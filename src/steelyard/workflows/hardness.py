"""``hardness``: how hard the prepared data is, before anything is trained on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from steelyard.data.dividing.repeatable import in_categories
from steelyard.data.tables import ShopTables
from steelyard.documents.hardness import Hardness, hardness_builtins, read_hardness
from steelyard.domain import Interactions
from steelyard.evaluation.hardness.bought_again import with_bought_again
from steelyard.evaluation.hardness.told import hardness_of
from steelyard.models.companions.repeats import pairs_of
from steelyard.workflows.ports import Progress
from steelyard.workflows.session import Run
from steelyard.workflows.stages import key_of

__all__ = ["HARDNESS", "hardness_stage", "stored_hardness"]

HARDNESS = "hardness"
"""Artefact: the document of ``documents.hardness``."""
_FIGURES = 3
"""Counted up when the figures or the rule of the verdict change."""


def hardness_stage(run: Run, progress: Progress) -> Hardness | None:
    """Tell how hard the data is, unless it was told of the same data before.

    Args:
        run: Its data is prepared.
        progress: Told of the one step.

    Returns:
        The figures and the verdict; ``None`` where the shop has no log.

    Raises:
        StageError: The data is not prepared.
    """
    run.steps.require({"data": "prepare"})
    if run.config.data.events is None:
        return None
    data = run.store.digest("data")
    key = [_FIGURES, data, run.config.rules.exclude_seen, run.config.models.max_history, run.config.seed]

    def work() -> None:
        progress(0, 1, "how hard the data is")
        shop = run.bench.shop
        found = hardness_of(
            shop.learn_all,
            shop.learn,
            shop.recommend_tuning,
            words=shop.texts,
            facts=shop.facts,
            exclude_seen=run.config.rules.exclude_seen,
            seed=run.config.seed,
        )
        if run.config.rules.exclude_seen:
            offered = partial(_in_any, run.config.rules.repeat_categories)
            found = with_bought_again(found, pairs_of(_bought(shop)), shop.facts, offered=offered)
        run.store.write_json(HARDNESS, {**hardness_builtins(found), "data": key_of(data)})

    run.steps.once(f"prepare/{HARDNESS}", key, [HARDNESS], work)
    progress(1, 1, "done")
    return stored_hardness(run)


def _in_any(offered: tuple[str, ...], paths: Sequence[str]) -> Sequence[bool]:
    """Which categories are one of some, or below one."""
    found: list[bool] = in_categories(tuple(paths), offered).tolist()
    return found


def _bought(shop: ShopTables) -> Interactions:
    """The purchases before the judging period; everything positive where the log knows none."""
    log = shop.learn_all
    if shop.bought is None or not shop.bought.any():
        return log
    those = np.flatnonzero(shop.bought)
    users, items, times_s, weights = log.users[those], log.items[those], log.times_s[those], log.weights[those]
    return Interactions(users, items, times_s, weights, log.n_users, log.n_items)


def stored_hardness(run: Run) -> Hardness | None:
    """What was told of the data that is prepared now.

    Args:
        run: Its store is looked into.

    Returns:
        ``None`` where nothing was told yet, or of other data.

    Raises:
        ArtefactError: The document is damaged.
    """
    if not run.store.has(HARDNESS) or not run.store.has("data"):
        return None
    written = run.store.read_json(HARDNESS)
    return read_hardness(written) if written.get("data") == key_of(run.store.digest("data")) else None
