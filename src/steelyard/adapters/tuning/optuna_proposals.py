"""Optuna proposes values (TPE) and says what is hopeless. It keeps nothing: every question comes with all trials.

So a search goes on after an interruption exactly as it would have gone on without one: the draws of a trial depend on
the seed, its number and what is known, and not on the process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners import HyperbandPruner, MedianPruner
from optuna.trial import FrozenTrial, create_trial

from steelyard.documents.tuning import Value
from steelyard.models.searching import Choice, Dimension, Real, SearchSpace
from steelyard.models.trials import Trial, TrialState

__all__ = ["OptunaProposals"]

_REDUCTION = 3
"""Hyperband keeps one in so many."""
_BEFORE_PRUNING = 5
"""Trials that are judged in full before any is given up below the median."""
_STATES = {
    TrialState.RUNNING: optuna.trial.TrialState.RUNNING,
    TrialState.COMPLETE: optuna.trial.TrialState.COMPLETE,
    TrialState.PRUNED: optuna.trial.TrialState.PRUNED,
    TrialState.FAILED: optuna.trial.TrialState.FAIL,
}


class OptunaProposals:
    """Proposes by a tree-structured Parzen estimator over all names together.

    Args:
        space: What is varied.
        seed: Of the proposals.
        pruning: ``median``, ``hyperband`` or ``none``.
    """

    def __init__(self, space: SearchSpace, *, seed: int, pruning: str) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._space, self._seed, self._pruning = space, seed, pruning
        self._distributions = {name: _distribution(dimension) for name, dimension in space.items()}

    def propose(self, number: int, known: Sequence[Trial]) -> Mapping[str, Value]:
        """Values to be tried next."""
        (drawn,) = np.random.SeedSequence((self._seed, number)).generate_state(1)
        sampler = optuna.samplers.TPESampler(seed=int(drawn), multivariate=True)
        study = optuna.create_study(direction="maximize", sampler=sampler)
        study.add_trials([self._frozen(trial) for trial in known])
        return dict(study.ask(self._distributions).params)

    def is_hopeless(self, number: int, known: Sequence[Trial]) -> bool:
        """Whether a running trial is to be given up."""
        if self._pruning == "median":
            pruner = MedianPruner(n_startup_trials=_BEFORE_PRUNING)
            study = optuna.create_study(direction="maximize", pruner=pruner)
            study.add_trials([self._frozen(trial) for trial in known])
            return pruner.prune(study, study.trials[number])
        return self._pruning == "hyperband" and self._is_behind(number, known)

    def _is_behind(self, number: int, known: Sequence[Trial]) -> bool:
        """What Hyperband says: it notes on each trial how far that came, so all of them run before it again."""
        steps = sorted({step for trial in known for step in trial.rungs})
        pruner = HyperbandPruner(min_resource=steps[0], max_resource=steps[-1], reduction_factor=_REDUCTION)
        study = optuna.create_study(direction="maximize", pruner=pruner, study_name=f"seed {self._seed}")
        answer = False
        for trial in sorted(known, key=lambda each: each.number == number):  # the one that is asked about comes last
            again = study.ask()
            for step, quality in sorted(trial.rungs.items()):
                again.report(quality, step)
                answer = again.should_prune()
        return answer

    def _frozen(self, trial: Trial) -> FrozenTrial:
        return create_trial(
            state=_STATES[trial.state],
            value=trial.quality if trial.is_complete else None,
            # What a recipe begins with may lie outside its space: Optuna is told of the nearer end.
            params={name: dimension.nearest(trial.values[name]) for name, dimension in self._space.items()},
            distributions=self._distributions,
            intermediate_values=dict(trial.rungs),
        )


def _distribution(dimension: Dimension) -> BaseDistribution:
    if isinstance(dimension, Choice):
        return CategoricalDistribution(dimension.values)
    if isinstance(dimension, Real):
        return FloatDistribution(dimension.low, dimension.high, log=dimension.is_log)
    return IntDistribution(dimension.low, dimension.high, log=dimension.is_log)
