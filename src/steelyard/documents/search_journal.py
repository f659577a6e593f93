"""The journal of a search of a model's values: lines that outlive the process, so that another one goes on."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from steelyard.documents.tuning import StoppedBy, TriedState, Value
from steelyard.errors import ArtefactError

__all__ = [
    "Begun",
    "Closed",
    "Ended",
    "JournalLine",
    "Opened",
    "RungReached",
    "Session",
    "journal_json",
    "read_journal",
]


class _Line(msgspec.Struct, frozen=True, kw_only=True, tag_field="line"):
    """Any of them."""


class Opened(_Line, frozen=True, kw_only=True, tag="opened"):
    """The first line."""

    key: str
    """Digest of all that the trials depend on: a journal of another key is begun anew."""


class Session(_Line, frozen=True, kw_only=True, tag="session"):
    """A process begins, or goes on."""

    workers: int


class Begun(_Line, frozen=True, kw_only=True, tag="begun"):
    """A trial begins."""

    number: int
    values: dict[str, Value]


class RungReached(_Line, frozen=True, kw_only=True, tag="rung"):
    """A trial was judged on some cases. It only says what was spent: an interrupted trial is judged again."""

    number: int
    seconds: float
    cpu_s: float
    """Of the search until then, all sessions together."""


class Ended(_Line, frozen=True, kw_only=True, tag="ended"):
    """A trial ended."""

    number: int
    state: TriedState
    rungs: dict[int, float]
    """Mean quality by number of cases."""
    seconds: float
    cpu_s: float
    per_case: bytes | None = None
    """Quality of each case of a complete trial, little-endian 32-bit floats."""


class Closed(_Line, frozen=True, kw_only=True, tag="closed"):
    """A session ended well: what it spent is booked by whoever ran it."""

    stopped_by: StoppedBy
    seconds: float
    cpu_s: float


JournalLine = Opened | Session | Begun | RungReached | Ended | Closed
_DECODER: msgspec.json.Decoder[JournalLine] = msgspec.json.Decoder(JournalLine)


def journal_json(line: JournalLine) -> bytes:
    """A line as it is written, its end included."""
    return msgspec.json.encode(line) + b"\n"


def read_journal(lines: Iterable[bytes]) -> list[JournalLine]:
    """The lines of a journal.

    Args:
        lines: Whole ones.

    Returns:
        In their order.

    Raises:
        ArtefactError: One is damaged.
    """
    try:
        return [_DECODER.decode(line) for line in lines]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ArtefactError(f"the journal of a search is damaged: {error}") from error
