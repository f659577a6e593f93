"""Options of a recipe that list several values: each is a model, or a form of one, by itself."""

from __future__ import annotations

from typing import Any

__all__ = ["each_size", "largest_first"]


def largest_first(options: Any, name: str) -> list[str]:
    """The forms that an option lists.

    Args:
        options: The recipe's own.
        name: Of the option.

    Returns:
        Each once, in the order of the option's default; others behind, as they are listed.
    """
    usual = list(type(options).model_fields[name].get_default(call_default_factory=True) or ())
    listed = dict.fromkeys(getattr(options, name))
    return sorted(listed, key=lambda form: usual.index(form) if form in usual else len(usual))


def each_size(options: Any, name: str) -> dict[str, Any]:
    """A recipe's options once for each value that one of them lists.

    Args:
        options: The recipe's own.
        name: Of the option that may be a tuple; empty where there is none.

    Returns:
        Options with one value each by that value, in the order they are listed; by ``""`` where nothing is listed.
    """
    listed = getattr(options, name) if name else None
    if not isinstance(listed, tuple):
        return {"": options}
    return {str(value): options.model_copy(update={name: value}) for value in dict.fromkeys(listed)}
