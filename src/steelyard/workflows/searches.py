"""``tuning``: the searches of models' values that the shop's present models rest on."""

from __future__ import annotations

from steelyard.config import Config
from steelyard.documents.tuning import TuningReport, read_tuning
from steelyard.workflows.building.first_wave import n_searches, parts_by_name
from steelyard.workflows.session import Run
from steelyard.workflows.tuning.searched import PREFIX

__all__ = ["stored_searches", "why_not_searched"]


def stored_searches(run: Run) -> list[TuningReport]:
    """What was searched for the models that the shop names.

    Args:
        run: Its store is looked into.

    Returns:
        By name; none while ``[tune]`` is off, since models then keep what they tune themselves.

    Raises:
        ArtefactError: A document is damaged.
    """
    if not run.config.tune.is_on:
        return []
    wanted = {name.removeprefix("tuned/") for name, part in parts_by_name(run.config).items() if part.is_searched}
    names = [name for name in run.store.names(PREFIX) if name.removeprefix(PREFIX) in wanted]
    return [read_tuning(run.store.read_json(name)) for name in sorted(names)]


def why_not_searched(config: Config) -> str:
    """Why there is no search to be shown.

    Args:
        config: The shop's settings.

    Returns:
        The name of the sentence in ``reporting.words``.
    """
    if not config.tune.is_on:
        return "tune_off"
    return "tune_not_yet" if n_searches(config) else "tune_no_free_value"
