"""What is said of the changes that a load took over."""

from __future__ import annotations

from steelyard.data.changes.applying import CatalogueChanges
from steelyard.data.quality import Finding

__all__ = ["findings_of_changes"]


def findings_of_changes(changes: CatalogueChanges, *, n_in: int) -> list[Finding]:
    """Findings about the catalogue, as far as there are any.

    Args:
        changes: After the catalogue was numbered.
        n_in: Rows of its table, for shares.

    Returns:
        How many items were added, changed and left out by changes since the file was exported, and how many changes
        the file has moved on from.
    """
    told = (
        ("items_added_since", changes.n_added, "the item is not in the file: it was added by a change since"),
        ("items_changed_since", changes.n_changed, "the item is taken as it was changed since, not as the file has it"),
        ("items_deleted_since", changes.n_removed, "the item is in the file and was deleted since; it is left out"),
        (
            "changes_overtaken",
            changes.n_overtaken,
            "the file holds something else than when the change was first taken over: the file is right",
        ),
    )
    return [
        Finding("items", reason, "info", "flag", n, min(1.0, n / max(n_in, 1)), says) for reason, n, says in told if n
    ]
