"""Steps that are done once: each remembers what it was made from and is skipped while that has not changed.

A step has a name, a key (everything its result depends on) and outputs (artefact names). Its record is
the artefact ``steps/<name>``: the key's digest, the digests of the outputs, and the machine time it took.
A second run repeats only what changed or was interrupted; a damaged output is made again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from steelyard.errors import ArtefactError, StageError
from steelyard.workflows.ports import Store

__all__ = ["Besides", "Journal", "Meter", "Reading", "StepRecord", "Steps", "Usage", "key_of"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the process's own meters."""

    wall_s: float
    cpu_s: float
    """User and system seconds of the process and of children that ended."""
    peak_rss_bytes: int


Meter = Callable[[], Reading]
"""Reads the meters; handed in, so that a test can fake them."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a step used of the machine."""

    wall_s: float
    cpu_s: float
    peak_rss_bytes: int
    """Largest resident set of the process up to the end of the step."""


@dataclass(frozen=True, slots=True)
class Besides:
    """Processor seconds that other processes spent on what a step made, before it ended."""

    booked_s: float = 0.0
    """Of processes that ended well: they are in the ledger already, and belong to the step's record."""
    unbooked_s: float = 0.0
    """Of processes that were killed: nobody booked them yet."""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What is kept of a step that was done: artefact ``steps/<name>``."""

    key: str
    """Digest of all that its result depends on."""
    outputs: Mapping[str, str]
    """Digest of each artefact it wrote, by name."""
    usage: Usage

    @classmethod
    def read(cls, store: Store, name: str) -> StepRecord:
        """The record of a step.

        Args:
            store: Where records are kept.
            name: Of the step.

        Returns:
            The record, as the step left it.

        Raises:
            ArtefactError: There is none, or it is damaged.
        """
        record = store.read_json(f"steps/{name}")
        return cls(record["key"], record["outputs"], Usage(**record["usage"]))

    def write(self, store: Store, name: str) -> None:
        """Keep the record of a step under its name."""
        store.write_json(f"steps/{name}", asdict(self))


Journal = Callable[[str, Usage], None]
"""Records a finished step."""


def key_of(*values: Any) -> str:
    """Digest of JSON-able values; the same values give the same digest in any process."""
    text = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Steps:
    """Runs steps, or skips those whose key and outputs are as they were.

    Args:
        store: Where results and records are kept.
        meter: Reads time and memory.
        version: Version of the code; another version does everything again.
        journal: Told of every step that was done, for the ledger; none when left out.
    """

    def __init__(self, store: Store, *, meter: Meter, version: str, journal: Journal | None = None) -> None:
        self.store = store
        self._journal = journal
        self._meter = meter
        self._version = version
        self.skipped: list[str] = []
        self.ran: list[str] = []

    def once(
        self,
        name: str,
        key: Sequence[Any],
        outputs: Sequence[str],
        work: Callable[[], None],
        *,
        is_growing: bool = False,
        besides: Callable[[], Besides] = Besides,
    ) -> bool:
        """Do ``work`` unless its result is there already.

        Args:
            name: Unique name of the step, for example ``train/lexical``.
            key: All that the result depends on; JSON-able.
            outputs: Artefact names ``work`` writes.
            work: Makes all outputs, or raises.
            is_growing: Whether later steps add to the outputs: then it is enough that they are there.
            besides: Asked when the work is done: what processes that are gone spent on it.

        Returns:
            True when the work was done, False when it was skipped.
        """
        digest = key_of(self._version, *key)
        if self._holds(name, digest, outputs, is_growing=is_growing):
            self.skipped.append(name)
            return False
        before = self._meter()
        work()
        after = self._meter()
        missing = [output for output in outputs if not self.store.has(output)]
        if missing:
            raise StageError(f"step {name} ended without writing {', '.join(missing)}; this is a bug, please report it")
        more = besides()
        cpu_s = after.cpu_s - before.cpu_s + more.unbooked_s
        usage = Usage(after.wall_s - before.wall_s, cpu_s, after.peak_rss_bytes)
        made = {output: self.store.digest(output) for output in outputs}
        StepRecord(digest, made, replace(usage, cpu_s=cpu_s + more.booked_s)).write(self.store, name)
        self.ran.append(name)
        if self._journal is not None:
            self._journal(name, usage)
        return True

    @property
    def meter(self) -> Meter:
        """Reads time and memory."""
        return self._meter

    def is_done(self, name: str, key: Sequence[Any], outputs: Sequence[str]) -> bool:
        """Whether ``once`` would skip a step.

        Args:
            name: Of the step.
            key: All that the result depends on.
            outputs: Artefact names.

        Returns:
            False where a result is missing, damaged, or made of something else.
        """
        return self._holds(name, key_of(self._version, *key), outputs, is_growing=False)

    def records(self, prefix: str = "") -> dict[str, StepRecord]:
        """The record of each step under ``prefix``, as it last ran, by step name."""
        names = [name.removeprefix("steps/") for name in self.store.names(f"steps/{prefix}")]
        return {name: StepRecord.read(self.store, name) for name in names}

    def usage(self, prefix: str = "") -> dict[str, Usage]:
        """What each recorded step under ``prefix`` used when it last ran, by step name."""
        return {name: record.usage for name, record in self.records(prefix).items()}

    def require(self, outputs: Mapping[str, str]) -> None:
        """Check that earlier stages were run.

        Args:
            outputs: Artefact name to the command that makes it.

        Raises:
            StageError: One is not there; the message names the command.
        """
        for name, command in outputs.items():
            if not self.store.has(name):
                raise StageError(f"{name} is not there yet: run `steelyard {command}`, or `steelyard run` for all")

    def _holds(self, name: str, digest: str, outputs: Sequence[str], *, is_growing: bool) -> bool:
        if not self.store.has(f"steps/{name}"):
            return False
        try:
            record = StepRecord.read(self.store, name)
            for output in outputs:
                self.store.path(output)  # verified: a damaged result is made again
        except ArtefactError:
            return False
        made = record.outputs
        is_same = is_growing or all(self.store.digest(output) == made.get(output) for output in outputs)
        return record.key == digest and is_same
