"""``[privacy]`` of steelyard.toml: how long people's data is kept, and what may be published of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from steelyard.config.section import Section

__all__ = ["Privacy"]


class Privacy(Section):
    """People's data: how long it is kept, and what is shown of it."""

    keep_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Events older than so many days are left out when the log is read, and deleted by ``steelyard privacy retain``;
    kept without end where left out."""
    least_people: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    """Nothing is shown of fewer people: queries proposed in the store front, published counts."""
    epsilon_per_month: Annotated[float, Field(gt=0, le=1000)] = 1.0
    """Most privacy loss of all counts that are published with noise in a calendar month."""
    folder: str = ".steelyard-privacy"
    """Folder, relative to the configuration file, of who was erased (pseudonyms), the receipts, and the log of who read
    people's data. Outside the work folder, so that a restored backup does not bring back who was erased."""
    controller: str = ""
    """Who answers for the data, as the data-protection report names them."""
    contact: str = ""
    """Where people turn to with questions and requests."""
    purposes: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """What the data is used for, beside search and recommendations; shown in the report as written."""
