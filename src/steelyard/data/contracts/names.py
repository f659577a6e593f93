"""What Steelyard writes into a contract for itself, so that it reads back what it meant."""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.documents.contract import CustomProperty

__all__ = ["CHECKED", "COLUMNS", "ROLE", "SETTINGS", "SHOP", "TABLE", "TABLES", "said"]

TABLES = ("items", "events", "judgements", "users", "same_users", "answers")
TABLE = "steelyardTable"
"""Of a table: which of the shop's it is."""
COLUMNS = "steelyardColumns"
"""Of a table: its section ``columns`` of the configuration."""
SETTINGS = "steelyardSettings"
"""Of a table: the other settings of its section."""
ROLE = "steelyardRole"
"""Of a column: the roles it plays, for people and other tools."""
CHECKED = "steelyardCheck"
"""Of a rule: the reason code of the check that Steelyard makes anyway."""
SHOP = "steelyardShop"
"""Of the contract: what the section ``[shop]`` says."""


def said(properties: Sequence[CustomProperty], name: str) -> object:
    """The value of a custom property, or ``None`` where it is not there."""
    return next((one.value for one in properties if one.property == name), None)
