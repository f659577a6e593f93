"""Which cost centre a line of a bill belongs to: what the line states, else a rule that is named and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from steelyard.domain import Stage
from steelyard.errors import ConfigError
from steelyard.ledger.entries import CostCentre
from steelyard.ledger.invoices.focus_columns import COLUMNS

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
_THEIRS = ("user:", "user_")
"""What AWS writes before the tags of its users."""
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
    notes: tuple[tuple[str, str], ...] = ()
    """What the tags say that could not be taken: what was done instead, and what was found."""


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
        tags: The line's tags, their keys in any case. ``steelyard:stage`` counts before ``stage``; a plain ``stage``
            that is no stage of ours (``prod``) is noted, and a rule chooses.
        rules: For a line that states no stage.

    Returns:
        A line of a kind that the meters charge by use goes to a pool, whether or not it states a stage: else the same
        hour would be charged as metered and as tagged. What it states decides who bears what was not metered.

    Raises:
        ValueError: The stage or the pool it states is not one, or no rule fits.
    """
    written = _Tags(tags)
    told = {name: row.get(column, "") or written.value(name) for name, column in CENTRE_COLUMNS.items()}
    run, stated = told.pop("run"), told.pop("stage")
    stage_told = _STAGES.get(stated.casefold())
    if row.get("x_Pool", "") not in POOLS:
        raise ValueError(f"x_Pool {row['x_Pool']!r} is not one of {', '.join(filter(None, POOLS))}")
    if stage_told is not None:
        centre = CostCentre(stage_told, **told)
        if row.get("x_Pool") or row.get("x_LineId"):  # our own export: it says where the line was booked
            return Belonging(centre, run, pool=row.get("x_Pool", ""), notes=written.notes())
        _, pool, _ = rules.chosen(row) or ("", "", "")
        return Belonging(centre, run, pool=pool, noted={NOTED: "bill"} if pool else {}, notes=written.notes())
    if row.get("x_Stage") or written.is_own("stage"):
        raise ValueError(f"stage {stated!r} is not one of {', '.join(_STAGES)}")
    chosen = rules.chosen(row)
    if chosen is None and not row.get("ServiceCategory"):
        chosen = rules.chosen({**row, "ServiceCategory": "Other"})
    if chosen is None:
        raise ValueError(f"it states no stage, and no rule of {rules.where} fits it ({row.get('ServiceName', '')})")
    stage, pool, rule = chosen
    notes = written.notes()
    if stated:
        notes = (
            ("a stage in a tag that is none of a model's life; a rule chose it instead", f"stage {stated!r}"),
            *notes,
        )
    return Belonging(CostCentre(stage, **told), run, rule, pool, notes=notes)


class _Tags:
    """Tags of a line: keys in any case, values without the blanks around them."""

    def __init__(self, tags: Mapping[str, Any]) -> None:
        self._found: dict[str, list[tuple[str, str]]] = {}
        self._used: list[list[tuple[str, str]]] = []
        for key, value in tags.items():
            text = "" if value is None else str(value).strip()
            if text:
                self._found.setdefault(key.strip().casefold(), []).append((key, text))

    def value(self, name: str) -> str:
        """What the first tag of a name says; that in small letters first."""
        names = (name, "config") if name == "configuration" else (name,)
        keys = [f"{prefix}{each}" for prefix in (*_PREFIXES, "", *_THEIRS) for each in names]
        several = next((self._found[key] for key in keys if key in self._found), None)
        if several is None:
            return ""
        self._used.append(several)
        return next((text for key, text in several if key == key.casefold()), several[0][1])

    def is_own(self, name: str) -> bool:
        """Whether a tag of ours says it."""
        return any(f"{prefix}{name}" in self._found for prefix in _PREFIXES)

    def notes(self) -> tuple[tuple[str, str], ...]:
        """Tags that differ in nothing but the case of their keys, and say different things."""
        return tuple(
            (
                "tags whose keys differ in their case alone say different things; the one in small letters counts",
                ", ".join(f"{key}={text}" for key, text in each),
            )
            for each in self._used
            if len({text for _, text in each}) > 1
        )
