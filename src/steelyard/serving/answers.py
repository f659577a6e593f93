"""What the operations of a running shop answer."""

from __future__ import annotations

import msgspec

from steelyard.serving.browse import Department
from steelyard.serving.engine import Shown
from steelyard.serving.events import Refusal
from steelyard.serving.shown import Explored, RuleApplied
from steelyard.serving.suggest import Suggestion

__all__ = ["Answer", "EventsAnswer", "ExampleUser", "Health", "RebuildState", "Shop", "ShopAnswer", "SuggestAnswer"]


class Shop(msgspec.Struct, frozen=True):
    """Who the shop is."""

    name: str = ""
    currency: str = ""
    """ISO 4217 code of the prices."""
    language: str = ""


class Answer(msgspec.Struct, frozen=True):
    """A list of items."""

    items: list[Shown]
    degraded: bool
    """True when there was no time for a full answer; ``degraded_to`` says what was sent instead."""
    degraded_reason: str
    """``queue_full``, ``queue_delay``, ``too_slow``, ``failed``, ``closed``; of a language model that was to be asked
    ``model_late``, ``model_busy``, ``model_unread``, ``model_withheld``; empty when not degraded."""
    bundle: str
    """Digest of the bundle that answered."""
    took_ms: float
    """From arrival to answer inside the server, waiting included."""
    degraded_to: str = ""
    """``first_stage``: what was found before a language model was to put it in order; ``words``: what the words of the
    query find; ``popular``: popular items, which are no answer to the question;
    empty when not degraded."""
    explored: Explored | msgspec.UnsetType = msgspec.UNSET
    """What stands in the list by chance, where this answer explores."""
    rules_applied: list[RuleApplied] | msgspec.UnsetType = msgspec.UNSET
    """Rules that hold for this list; only of recommendations, similar items and what is bought together, and only with
    ``explain``."""


class SuggestAnswer(msgspec.Struct, frozen=True):
    """What a search box may propose."""

    suggestions: list[Suggestion]
    bundle: str
    """Digest of the bundle that answered."""


class EventsAnswer(msgspec.Struct, frozen=True):
    """What became of the events of one request. Those not refused are on the disk."""

    ids: list[str]
    """Identifiers of the stored events, duplicates among them, in the order they were sent."""
    stored: int
    duplicates: int
    """Events whose identifier was stored before; they count once."""
    unknown_items: int
    """Stored events whose item this bundle's catalogue does not have."""
    refused: list[Refusal]


class ExampleUser(msgspec.Struct, frozen=True):
    """A user of the log to try the recommendations with."""

    user: str
    """Name to ask with: ``example-1`` …"""
    n_items: int
    """Length of the history."""
    latest: list[str]
    """Titles of the latest items, newest first."""


class ShopAnswer(msgspec.Struct, frozen=True):
    """What a store front must know before the first question."""

    name: str
    currency: str
    """ISO 4217 code of the prices."""
    language: str
    surfaces: tuple[str, ...]
    """What this bundle answers: ``search``, ``recommend``, ``similar``, ``bought_with``."""
    n_items: int
    sorts: tuple[str, ...]
    """Orders a search can be asked for."""
    departments: tuple[Department, ...]
    """Widest categories of the catalogue, the largest first."""
    query_examples: tuple[str, ...]
    pictures: str
    """Where the pictures lie that items name without a host: a path of this server, an https address, or empty."""
    picture_sources: tuple[str, ...]
    """Hosts that pages may load pictures from; ``https:`` stands for all of them."""
    log_kind: str
    """The kind of event of a log that holds one kind only; empty where it holds several, or there is none."""
    users: list[ExampleUser]
    """Empty unless the server was told to show some."""
    bundle: str
    made_at: str
    is_search_personal: bool = False
    """Whether a search that is asked for a user is put in order by their history."""
    may_see_costs: bool = False
    """Whether who asks may open the decision and its bill: pages then link to it."""
    has_run: bool = False
    """Whether a run has said how far it is, and who asks may follow it at ``/v1/progress``."""


class RebuildState(msgspec.Struct, frozen=True):
    """Runs that this server starts when the changes call for another bundle."""

    state: str
    """``idle``: none is due. ``running``: one goes on. ``elsewhere``: another server's goes on, or somebody's own.
    ``resting``: one is due, and is started at ``not_before``."""
    began: str = ""
    """When the last one began; empty where there was none."""
    ended: str = ""
    """When it ended; empty while it runs."""
    failures: int = 0
    """Runs that failed in a row; the rest before the next is doubled with each."""
    trouble: str = ""
    """Why the last one failed; empty where it did not."""
    last_lines: tuple[str, ...] = ()
    """What that one said last; not in `/health`, which anybody may ask."""
    not_before: str = ""
    """When the next one may begin; empty where nothing waits for that."""


class ChangesState(msgspec.Struct, frozen=True):
    """Changes of the catalogue that came since the bundle was made."""

    token: str
    """The moment that answers are of; empty while nothing was ever changed."""
    beside: int = 0
    """Changes that the bundle does not hold: answers have them all the same."""
    items: int = 0
    """Items that these change."""
    since: str = ""
    """When the first of them came."""
    waiting: int = 0
    """Changes that were acknowledged and are not in the answers yet."""
    without_vector: int = 0
    """Texts that are found by their words only, until they have a vector."""
    rebuild_due: bool = False
    """Whether so much stands beside the bundle that another one should be made: `steelyard run`."""
    trouble: str = ""
    """Why the journal cannot be read or written; empty when all is well."""
    rebuild: RebuildState | None = None
    """How the runs go that this server starts; null where it starts none."""


class Health(msgspec.Struct, frozen=True):
    """Whether the server is well."""

    status: str
    """``ok``, or ``read_only`` when events cannot be stored (answers go on)."""
    read_only: bool
    why: str
    """What is wrong with the event store; empty when nothing is."""
    bundle: str
    surfaces: tuple[str, ...]
    n_items: int
    waiting: int
    """Requests in the scoring queue."""
    degraded: int
    """Requests since the start that got less than a full answer for want of time."""
    events_stored: int
    """Since the start."""
    searches: int = 0
    """Searches that were answered in full since the start."""
    searches_without_result: int = 0
    """Those of them that found nothing."""
    searches_weak: int = 0
    """Those that found something, but likely not what was asked for."""
    changes: ChangesState | None = None
    """Of the catalogue, since the bundle was made; null where this server takes none."""
