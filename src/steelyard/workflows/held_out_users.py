"""Whose next items are to be guessed: drawn once, for everything that is measured later."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from steelyard.data.dividing.newcomers import hold_out_newcomers
from steelyard.data.dividing.periods import NEW_USERS, TAKEN_AGAIN
from steelyard.data.dividing.repeatable import repeatable
from steelyard.data.dividing.split import Cuts, HeldOut, Period, hold_out
from steelyard.data.schema import StoredType
from steelyard.workflows.read_shop import Reading

if TYPE_CHECKING:
    from steelyard.data.catalogue import Catalogue
    from steelyard.data.schema import Frame

__all__ = ["held_out_users"]


def held_out_users(run: Reading, catalogue: Catalogue, positive: Frame, cuts: Cuts) -> dict[str, HeldOut]:
    """Draw the users who are asked for, and store their targets: frozen for everything that is measured later.

    Args:
        run: Gets ``targets.parquet`` into its folder.
        catalogue: Says which items may be bought again.
        positive: The positive events.
        cuts: Where time was cut.

    Returns:
        The users of the validation period under ``tuning``, those of the judging period under ``test``. What users
        wanted who came for the first time in the judging period is stored as well, and what users took again in it that
        the rules do not offer again.
    """
    split = run.config.split
    cases_of = partial(
        hold_out,
        run.sources,
        positive,
        exclude_seen=run.config.rules.exclude_seen,
        max_users=split.max_test_users,
        seed=run.config.seed,
        again=repeatable(run.sources, catalogue.categories, wanted=run.config.rules.repeat_categories),
    )
    held = {
        "tuning": cases_of(period=Period("tuning", cuts.validation_s, cuts.test_s)),
        "test": cases_of(period=Period("test", cuts.test_s, float("inf"))),
    }
    columns: dict[str, StoredType] = {"part": "text", "user_number": "int", "item": "int"}
    with run.sources.writing(columns, target=str(run.folder / "targets.parquet")) as rows:
        left_out = held["test"].left_out
        again = HeldOut(held["test"].users[: len(left_out)], left_out)
        for part, cases in {**held, NEW_USERS: _newcomers(run, positive, cuts), TAKEN_AGAIN: again}.items():
            items = [int(item) for targets in cases.targets for item in targets]
            users = [int(u) for u, targets in zip(cases.users, cases.targets, strict=True) for _ in targets]
            rows.write({"part": [part] * len(items), "user_number": users, "item": items})
    return held


def _newcomers(run: Reading, positive: Frame, cuts: Cuts) -> HeldOut:
    """Users whom nobody knew before the judging period, drawn like the others."""
    period, split = Period(NEW_USERS, cuts.test_s, float("inf")), run.config.split
    return hold_out_newcomers(run.sources, positive, period, max_users=split.max_test_users, seed=run.config.seed)
