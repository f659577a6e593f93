"""Changes of the catalogue in a run: a load takes over what the journal holds, a bundle that holds it retires it."""

from __future__ import annotations

from pathlib import Path

from steelyard.data.changes.applying import CatalogueChanges
from steelyard.data.changes.folding import fold
from steelyard.documents.changes import Token, read_token
from steelyard.workflows.building.shop_parts import CARDS
from steelyard.workflows.session import Run
from steelyard.workflows.stored import stored_changes

__all__ = ["catalogue_changes", "retire_changes"]


def catalogue_changes(run: Run) -> CatalogueChanges:
    """What of the catalogue was changed since its file was exported, for the next load.

    Args:
        run: Configuration and everything open.

    Returns:
        All that the journal holds by now; what comes later is left to the load after.

    Raises:
        ArtefactError: The journal is damaged: a load without acknowledged changes would lose them.
    """
    journal = run.tools.bundles.changes(_bundles(run))
    batches = journal.news()
    if not journal.journal:
        return CatalogueChanges()
    last = batches[-1].last if batches else journal.beginning.last
    standing = fold(journal.beginning.standing, batches)
    return CatalogueChanges(standing, stored_changes(run.store), str(Token(journal.journal, last)))


def retire_changes(run: Run) -> int:
    """Fold the changes that the bundle holds which was published last: no server needs them one by one any more.

    Args:
        run: After a bundle was published.

    Returns:
        How many items still stand in the journal for the next load, since the shop's file has not heard of them.
    """
    held = stored_changes(run.store)
    of_cards = run.store.read_state(CARDS.name).facts.get("changes", "")
    if not held.token or of_cards != held.token:  # nothing was changed, or the parts are of a load before
        return 0
    token = read_token(held.token)
    journal = run.tools.bundles.changes(_bundles(run))
    batches = [batch for batch in journal.news() if batch.last <= token.last]
    if journal.journal != token.journal:
        return 0
    settled = set(held.settled)
    standing = [one for item, one in fold(journal.beginning.standing, batches).items() if item not in settled]
    journal.retire(token.last, standing)
    return len(standing)


def _bundles(run: Run) -> Path:
    return run.work / "bundles"
