"""Which column of the catalogue and which of the log name the same products: those whose values meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from steelyard.data.guessing.assign import RoleGuess
from steelyard.data.guessing.profiles import ColumnProfile, TableProfile
from steelyard.data.guessing.roles import fit, name_score

__all__ = ["matched_ids", "overlap"]

_Table = tuple[TableProfile | None, Mapping[str, RoleGuess]]
_FEW = 0.2
"""Below this share of common values two columns are not taken to name the same things."""


def overlap(log: ColumnProfile, catalogue: ColumnProfile) -> float:
    """Share of the log's different ids that the catalogue's column has, in [0, 1].

    Args:
        log: A column of a log.
        catalogue: A column of a catalogue.

    Returns:
        Lost zeros and ``7.0`` for ``7`` do not count as differences.
    """
    known = {_bare(value) for value in catalogue.all_values}
    return sum(_bare(value) in known for value in log.all_values) / max(len(log.all_values), 1)


def _bare(value: str) -> str:
    whole = value.removesuffix(".0").strip().lower()
    return whole.lstrip("0") or whole


def matched_ids(items: _Table, events: _Table) -> tuple[Mapping[str, RoleGuess], Mapping[str, RoleGuess]]:
    """The roles with the item ids that meet.

    Args:
        items: The catalogue and its roles.
        events: The log and its roles.

    Returns:
        Roles of both. Where the ids chosen by their names do not meet and others do, the others are taken; where no
        two meet they are left, less sure.
    """
    (catalogue, item_roles), (log, event_roles) = items, events
    if catalogue is None or log is None or "item_id" not in item_roles or "item_id" not in event_roles:
        return item_roles, event_roles
    ours, theirs = catalogue.column(item_roles["item_id"].columns[0]), log.column(event_roles["item_id"].columns[0])
    if ours is None or theirs is None or overlap(theirs, ours) > _FEW:
        return item_roles, event_roles
    used = {name for role, one in event_roles.items() if role != "item_id" for name in one.columns}
    pairs = [
        (overlap(their, our), their.name == theirs.name, our, their)
        for our in catalogue.columns
        if fit(our, "item_id", is_log=False) > 0 and name_score(our.name, "item_id") > 0
        for their in log.columns
        if their.name not in used and fit(their, "item_id", is_log=True) > 0 and name_score(their.name, "item_id") > 0
    ]
    best = max(pairs, key=lambda pair: pair[:2], default=None)
    if best is None or best[0] <= max(_FEW, 0.5):
        return item_roles, event_roles
    share, _, our, their = best
    why = f"{share:.0%} of the ids of {log.path} are in it, and none of {ours.name}'s"
    return (
        _moved(item_roles, our.name, why),
        _moved(event_roles, their.name, f"{share:.0%} of its ids are in {catalogue.path}"),
    )


def _moved(roles: Mapping[str, RoleGuess], column: str, why: str) -> Mapping[str, RoleGuess]:
    old = roles["item_id"]
    if old.columns == (column,):
        return roles
    kept = {role: one for role, one in roles.items() if column not in one.columns}
    others = (*old.columns, *(name for name in old.alternatives if name != column))
    kept["item_id"] = replace(old, columns=(column,), sureness=0.9, alternatives=others[:3], why=why)
    return kept
