"""Rows of the event log: the statements that write and read them, and what a user's rows come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from steelyard.domain import Event
from steelyard.errors import DataError

__all__ = [
    "EACH",
    "FROM_1",
    "FROM_2",
    "INSERT",
    "LAST_WORDS",
    "LATEST",
    "OF_ITEM",
    "SCHEMA",
    "SENT_BACK",
    "STORED",
    "Kept",
    "differs",
    "row_of",
    "what_is_left",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    time_us INTEGER NOT NULL,
    user TEXT NOT NULL,
    session TEXT NOT NULL,
    item_id TEXT NOT NULL,
    query TEXT NOT NULL,
    position INTEGER,
    quantity TEXT NOT NULL,
    platform TEXT NOT NULL,
    rating TEXT,
    is_timed INTEGER,
    request_id TEXT NOT NULL DEFAULT '',
    propensity REAL,
    is_usual INTEGER
);
CREATE INDEX IF NOT EXISTS taken ON events (user, time_us, seq) WHERE user <> '' AND item_id <> '';
CREATE INDEX IF NOT EXISTS sent_back ON events (user, item_id) WHERE kind = 'return';
CREATE TABLE IF NOT EXISTS proof (id INTEGER PRIMARY KEY CHECK (id = 1), time_us INTEGER NOT NULL);
"""
FROM_1 = """
BEGIN;
ALTER TABLE events ADD COLUMN rating TEXT;
ALTER TABLE events ADD COLUMN is_timed INTEGER;
PRAGMA user_version=2;
COMMIT;
"""
"""From format 1 to 2, all or nothing."""
FROM_2 = """
BEGIN;
ALTER TABLE events ADD COLUMN request_id TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN propensity REAL;
ALTER TABLE events ADD COLUMN is_usual INTEGER;
PRAGMA user_version=3;
COMMIT;
"""
"""From format 2 to 3, all or nothing."""
INSERT = """
INSERT INTO events (event_id, kind, time_us, user, session, item_id, query, position, quantity, platform,
    rating, is_timed, request_id, propensity, is_usual)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING
"""
LATEST = """
WITH lately AS (
    SELECT item_id, kind, rating, time_us, seq FROM events
    WHERE user = ? AND user <> '' AND item_id <> '' ORDER BY time_us DESC, seq DESC LIMIT ?
)
SELECT item_id, max(time_us) AS last_us, max(seq) AS last_seq FROM lately
WHERE kind IN (SELECT value FROM json_each(?))
    AND (kind <> 'rating' OR rating IS NULL OR CAST(rating AS REAL) > ?)
    AND item_id NOT IN (SELECT value FROM json_each(?))
GROUP BY item_id
ORDER BY last_us DESC, last_seq DESC LIMIT ?
"""
EACH = """
SELECT item_id, time_us, seq FROM events
WHERE user = ? AND user <> '' AND item_id <> '' AND kind IN (SELECT value FROM json_each(?))
    AND (kind <> 'rating' OR rating IS NULL OR CAST(rating AS REAL) > ?)
    AND item_id NOT IN (SELECT value FROM json_each(?))
ORDER BY time_us DESC, seq DESC LIMIT ?
"""
SENT_BACK = "SELECT DISTINCT item_id FROM events WHERE user = ? AND user <> '' AND item_id <> '' AND kind = 'return'"
OF_ITEM = """
SELECT kind, quantity, CAST(rating AS REAL), time_us, seq FROM events
WHERE user = ? AND item_id = ? ORDER BY time_us, kind = 'return', seq
"""
LAST_WORDS = """
WITH lately AS (
    SELECT item_id, kind, CAST(rating AS REAL) AS rating, time_us, seq FROM events
    WHERE user = ? AND user <> '' AND item_id <> '' ORDER BY time_us DESC, seq DESC LIMIT ?
), words AS (
    SELECT item_id, seq, time_us,
        CASE WHEN kind = 'hide' OR (kind = 'rating' AND rating <= ?) THEN 1
            WHEN kind = 'return' AND item_id NOT IN (SELECT value FROM json_each(?)) THEN 1
            WHEN kind IN ('purchase', 'add_to_cart') OR (kind = 'rating' AND rating > ?) THEN 0 END AS is_negative
    FROM lately
)
SELECT item_id, is_negative FROM (
    SELECT item_id, is_negative, row_number() OVER (PARTITION BY item_id ORDER BY time_us DESC, seq DESC) AS place
    FROM words WHERE is_negative IS NOT NULL
) WHERE place = 1 ORDER BY item_id
"""
STORED = """
SELECT kind, user, session, item_id, query, position, quantity, platform, rating, time_us, is_timed FROM events
WHERE event_id = ?
"""


def row_of(event: Event) -> tuple[Any, ...]:
    """The event as ``INSERT`` takes it.

    Args:
        event: Users and sessions are pseudonyms already.

    Returns:
        Values in the order of the columns.

    Raises:
        DataError: A text is not Unicode (half of a surrogate pair).
    """
    texts = (event.event_id, event.user, event.session, event.item_id, event.query, event.platform, event.request_id)
    try:
        "".join(texts).encode()
    except UnicodeEncodeError as error:
        raise DataError(f"event {event.event_id!r} holds text that is not Unicode: {error.reason}") from error
    since = event.time - _EPOCH
    micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return (
        event.event_id,
        event.kind.value,
        micros,
        event.user,
        event.session,
        event.item_id,
        event.query,
        event.position,
        str(event.quantity),
        event.platform,
        None if event.rating is None else str(event.rating),
        int(event.is_timed),
        event.request_id,
        event.propensity,
        None if event.is_usual is None else int(event.is_usual),
    )


def differs(row: tuple[Any, ...], stored: tuple[Any, ...]) -> bool:
    """Whether an event is another than the stored one of its identifier.

    Args:
        row: As ``row_of`` makes it.
        stored: As ``STORED`` selects it.

    Returns:
        Times count only where the client gave both: a repeated event without one has the server's clock. What was
        known of its answer does not count: a server that started again has forgotten it.
    """
    _, kind, time_us, user, session, item_id, query, position, quantity, platform, rating, is_timed, *_ = row
    *texts, stored_quantity, stored_platform, stored_rating, stored_us, was_timed = stored
    if texts != [kind, user, session, item_id, query, position] or platform != stored_platform:
        return True
    if Decimal(quantity) != Decimal(stored_quantity) or _number(rating) != _number(stored_rating):
        return True
    return bool(is_timed and was_timed and time_us != stored_us)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of one item after what was sent back."""

    left: tuple[tuple[int, int], ...]
    """Time and place of each event that counts, in their order."""
    has_more_returns: bool

    @property
    def last(self) -> tuple[int, int] | None:
        """Of the latest of them; ``None`` where none is left."""
        return self.left[-1] if self.left else None


def what_is_left(rows: Sequence[tuple[Any, ...]], kinds: Sequence[str], like_above: float) -> Kept:
    """What returns left of one item's events.

    Args:
        rows: As ``OF_ITEM`` selects them, in order of time.
        kinds: Kinds that count.
        like_above: Ratings up to this one do not count.

    Returns:
        A return takes back the latest pieces bought before it.
    """
    bought: list[tuple[Decimal, tuple[int, int]]] = []
    other: list[tuple[int, int]] = []
    surplus = False
    for kind, quantity, rating, *place in rows:
        at = (place[0], place[1])
        if kind == "purchase":
            bought.append((Decimal(quantity), at))
        elif kind == "return":
            surplus = not _take_back(bought, Decimal(quantity)) or surplus
        elif kind in kinds and (kind != "rating" or rating is None or rating > like_above):
            other.append(at)
    left = other + ([at for _, at in bought] if "purchase" in kinds else [])
    return Kept(tuple(sorted(left)), surplus)


def _take_back(bought: list[tuple[Decimal, tuple[int, int]]], pieces: Decimal) -> bool:
    """Take pieces off the latest purchases; whether there were enough."""
    while pieces > 0 and bought:
        had, at = bought.pop()
        if had > pieces:
            bought.append((had - pieces, at))
        pieces -= min(had, pieces)
    return pieces <= 0
