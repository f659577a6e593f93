"""How the cells of a category's one column are cut, as a guess of the columns says it."""

from __future__ import annotations

from collections import Counter

from steelyard.data.guessing.profiles import ColumnProfile
from steelyard.data.values.category_paths import PathCutter
from steelyard.data.values.normalise import separator

__all__ = ["lists_of", "separator_of"]


def separator_of(column: ColumnProfile) -> str:
    """The mark that most of the values with one are cut at.

    Args:
        column: The one column of the category.

    Returns:
        Empty where no value has levels, or where they list names without levels.
    """
    one_path = PathCutter(column.values)
    if one_path.lists.says:
        return ""
    marks = Counter(mark for value in column.values if (mark := separator(one_path(value))) and value[:1] != "[")
    return marks.most_common(1)[0][0] if marks else ""


def lists_of(column: ColumnProfile) -> str:
    """How names are read that cells list without levels.

    Args:
        column: The one column of the category.

    Returns:
        One line; empty where they list none.
    """
    says = PathCutter(sorted(column.all_values)).lists.says
    return f"{column.name}: {says}" if says else ""
