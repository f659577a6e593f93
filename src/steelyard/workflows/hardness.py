"""``hardness``: how hard the prepared data is, before anything is trained on it."""

from __future__ import annotations

from steelyard.documents.hardness import Hardness, hardness_builtins, read_hardness
from steelyard.evaluation.hardness.told import hardness_of
from steelyard.workflows.ports import Progress
from steelyard.workflows.session import Run
from steelyard.workflows.stages import key_of

__all__ = ["HARDNESS", "hardness_stage", "stored_hardness"]

HARDNESS = "hardness"
"""Artefact: the document of ``documents.hardness``."""
_FIGURES = 2
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
        run.store.write_json(HARDNESS, {**hardness_builtins(found), "data": key_of(data)})

    run.steps.once(f"prepare/{HARDNESS}", key, [HARDNESS], work)
    progress(1, 1, "done")
    return stored_hardness(run)


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
