"""Which known export a table is, by its columns."""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.config.connectors import Layout
from steelyard.data.guessing.profiles import TableProfile

__all__ = ["Layout", "laid_out"]


def laid_out(table: TableProfile, name: str, layouts: Sequence[Layout]) -> Layout | None:
    """The known layout of a table.

    Args:
        table: The table.
        name: ``items``, ``events`` or ``judgements``.
        layouts: Known ones, of any table.

    Returns:
        The one that needs most columns of those whose columns the table has; ``None`` where there is none.
    """
    present = {column.name for column in table.columns}
    fitting = [one for one in layouts if one.table == name and one.needs and present.issuperset(one.needs)]
    return max(fitting, key=lambda one: len(one.needs), default=None)
