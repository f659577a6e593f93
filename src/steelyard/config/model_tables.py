"""The tables ``[models.<name>]``: each is checked by the options class of the model it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from steelyard.config.schema import Models

__all__ = ["FILLED_IN", "ModelTables", "NoTables", "take_tables"]

FILLED_IN = "tables"
"""The field of ``Models`` that holds what was read from the tables; nobody writes it."""


class ModelTables(Protocol):
    """Which models there are, and what checks the table of each."""

    def names(self) -> Sequence[str]:
        """Of all models."""
        ...

    def options(self, name: str) -> type[BaseModel]:
        """The class that checks a model's table."""
        ...


class NoTables:
    """No models are known, so no table is."""

    def names(self) -> Sequence[str]:
        """None."""
        return ()

    def options(self, name: str) -> type[BaseModel]:
        """Never asked.

        Args:
            name: Of a model.

        Returns:
            Nothing.

        Raises:
            KeyError: Always.
        """
        raise KeyError(name)


def take_tables(raw: dict[str, Any], models: ModelTables) -> tuple[dict[str, BaseModel], list[dict[str, Any]]]:
    """Take the tables of single models out of a document and check them.

    Args:
        raw: The document; its tables ``[models.<name>]`` are taken out, all else is left.
        models: Which there are.

    Returns:
        Options by model, and the problems that were found, as Pydantic gives them.
    """
    section = raw.get("models")
    if not isinstance(section, dict):
        return {}, []
    known = set(models.names())
    tables: dict[str, BaseModel] = {}
    problems: list[dict[str, Any]] = []
    for name in [name for name in section if name not in Models.model_fields or name == FILLED_IN]:
        value = section.pop(name) if name in known else None
        if name in known:
            try:
                tables[name] = models.options(name).model_validate(value)
            except ValidationError as error:
                for problem in error.errors():
                    problems.append({**problem, "loc": ("models", name, *problem["loc"])})
        elif name == FILLED_IN:
            del section[name]
            problems.append({"type": "extra_forbidden", "loc": ("models", name), "input": value, "msg": ""})
    return tables, problems
