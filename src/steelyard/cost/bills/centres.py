"""Which cost centre a line of a bill belongs to: what the line states, else a rule that is named and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from steelyard.cost.bills.focus_columns import COLUMNS
from steelyard.cost.ledger.entries import CostCentre
from steelyard.domain import Stage
from steelyard.errors import ConfigError

__all__ = ["CENTRE_COLUMNS", "Belonging", "StageRules", "centre_of", "parse_stage_rules"]

CENTRE_COLUMNS = {
    "stage": "x_Stage",
    "model": "x_ModelId",
    "configuration": "x_ConfigId",
    "team": "x_Team",
    "experiment": "x_Experiment",
    "run": "x_RunId",
}
"""Custom columns of FOCUS that state a cost centre, by its fields; ``run`` stays with the line."""
NOTED = "x_StageOrigin"
"""Column of ours on a line whose stage its bill states, and whose cost in use goes to a pool all the same."""
POOLS = ("", "machines", "storage", "network")
_PREFIXES = ("steelyard:", "steelyard_", "steelyard-")
_STAGES = {str(stage): stage for stage in Stage}


@dataclass(frozen=True, slots=True)
class StageRules:
    """Which stage a line belongs to that states none: the first rule that fits."""

    where: str
    rules: tuple[tuple[Mapping[str, frozenset[str]], Stage, str], ...]
    """Values by column, all of which must fit; the stage; and the pool, empty for none."""

    def chosen(self, row: Mapping[str, str]) -> tuple[Stage, str, str] | None:
        """Stage and pool of a row, with the rule in words; ``None`` where no rule fits."""
        for when, stage, pool in self.rules:
            if all(row.get(column, "") in values for column, values in when.items()):
                return stage, pool, " and ".join(f"{column} {row.get(column, '')}" for column in when)
        return None


@dataclass(frozen=True, slots=True)
class Belonging:
    """Whose a line is."""

    centre: CostCentre
    run: str
    guessed: str = ""
    """The rule that chose the stage; empty where the line states it."""
    pool: str = ""
    """What the meters charge by use (``machines``, ``storage``, ``network``); empty for an expense."""
    noted: Mapping[str, str] = field(default_factory=dict)
    """Columns of ours that stay with the line."""


def parse_stage_rules(document: Any, *, where: str) -> StageRules:
    """Rules from what their file holds.

    Args:
        document: ``{"rules": [{"when": {"ServiceCategory": ["Storage"]}, "stage": "storage", "pool": "storage"}, …]}``.
            A line with a pool is what Steelyard's meters charge by use: in the accrual view it goes to the pool.
        where: The file, for messages.

    Returns:
        The rules, in their order.

    Raises:
        ConfigError: Rules are wrong; all problems at once.
    """
    rules = document.get("rules") if isinstance(document, Mapping) else None
    if not isinstance(rules, Sequence) or isinstance(rules, str) or not rules:
        raise ConfigError(f"{where}: not a file of rules: it needs rules, each with when and stage")
    found, problems = [], []
    for number, rule in enumerate(rules, start=1):
        when = rule.get("when") if isinstance(rule, Mapping) else None
        if not isinstance(when, Mapping) or not when or not all(isinstance(each, list) for each in when.values()):
            problems.append(f"rule {number}: when needs columns, each with a list of values")
        elif unknown := [column for column in when if column not in COLUMNS and not column.startswith("x_")]:
            problems.append(f"rule {number}: {unknown[0]!r} is not a column of FOCUS")
        elif rule.get("stage") not in _STAGES:
            problems.append(f"rule {number}: stage {rule.get('stage')!r} is not one of {', '.join(_STAGES)}")
        elif rule.get("pool", "") not in POOLS:
            problems.append(f"rule {number}: pool {rule.get('pool')!r} is not one of {', '.join(filter(None, POOLS))}")
        else:
            columns = {column: frozenset(map(str, values)) for column, values in when.items()}
            found.append((columns, _STAGES[rule["stage"]], rule.get("pool", "")))
    if problems:
        raise ConfigError("\n".join(f"{where}: {problem}" for problem in problems))
    return StageRules(where, tuple(found))


def centre_of(row: Mapping[str, str], tags: Mapping[str, Any], rules: StageRules) -> Belonging:
    """Cost centre, run and pool of a line.

    Args:
        row: By FOCUS column.
        tags: The line's tags. ``steelyard:stage`` counts before ``stage``; a plain ``stage`` that is no stage of ours
            (``prod``) says nothing.
        rules: For a line that states no stage.

    Returns:
        A line of a kind that the meters charge by use goes to a pool, whether or not it states a stage: else the same
        hour would be charged as metered and as tagged. What it states decides who bears what was not metered.

    Raises:
        ValueError: The stage or the pool it states is not one, or no rule fits.
    """
    told = {name: row.get(column, "") or _tagged(tags, name) for name, column in CENTRE_COLUMNS.items()}
    stated, run = told.pop("stage"), told.pop("run")
    if row.get("x_Pool", "") not in POOLS:
        raise ValueError(f"x_Pool {row['x_Pool']!r} is not one of {', '.join(filter(None, POOLS))}")
    if stated in _STAGES:
        centre = CostCentre(_STAGES[stated], **told)
        if row.get("x_Pool") or row.get("x_LineId"):  # our own export: it says where the line was booked
            return Belonging(centre, run, pool=row.get("x_Pool", ""))
        _, pool, _ = rules.chosen(row) or ("", "", "")
        return Belonging(centre, run, pool=pool, noted={NOTED: "bill"} if pool else {})
    if row.get("x_Stage") or any(f"{prefix}stage" in tags for prefix in _PREFIXES):
        raise ValueError(f"stage {stated!r} is not one of {', '.join(_STAGES)}")
    chosen = rules.chosen(row)
    if chosen is None:
        raise ValueError(f"it states no stage, and no rule of {rules.where} fits it ({row.get('ServiceName', '')})")
    stage, pool, rule = chosen
    return Belonging(CostCentre(stage, **told), run, rule, pool)


def _tagged(tags: Mapping[str, Any], name: str) -> str:
    names = (name, "config") if name == "configuration" else (name,)
    keys = [f"{prefix}{each}" for prefix in (*_PREFIXES, "") for each in names]
    return next((str(tags[key]) for key in keys if key in tags), "")
