"""What workflows are handed: open things that touch the world. Adapters satisfy them, ``assembly`` hands them over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from steelyard.data.schema import KeepRows, Reading, SourcePort
from steelyard.domain import State, VectorArray
from steelyard.workflows.file_facts import FileFacts
from steelyard.workflows.measuring_ports import Measuring

if TYPE_CHECKING:
    from steelyard.cost import PriceBook
    from steelyard.cost.exchange import RateTable
    from steelyard.data.log_events import LogEvents
    from steelyard.data.tables import ShopTables
    from steelyard.models.building import FittedTo, Lessons, PairLessons
    from steelyard.models.ports import Parts
    from steelyard.serving.changes.ports import Journal
    from steelyard.workflows.accounting_ports import Accounting, Traffic
    from steelyard.workflows.tuning_ports import Searching

__all__ = [
    "BundleFolders",
    "Clock",
    "Encoders",
    "Files",
    "PartWorker",
    "Pretrained",
    "PriceBooks",
    "Prices",
    "Progress",
    "ShopFiles",
    "Sources",
    "Store",
    "TextEncoder",
    "Tools",
]


class Store(Protocol):
    """Named, verified artefacts (``steelyard.adapters.artefacts.Artefacts``)."""

    @property
    def root(self) -> Path:
        """Its folder."""
        ...

    def has(self, name: str) -> bool:
        """Whether the name means something."""
        ...

    def digest(self, name: str) -> str:
        """Digest of the content, empty when there is none."""
        ...

    def names(self, prefix: str = "") -> list[str]:
        """Names that start with the prefix."""
        ...

    def writing(self, name: str) -> AbstractContextManager[Path]:
        """A folder to fill, published on leaving without an error."""
        ...

    def path(self, name: str) -> Path:
        """Verified folder."""
        ...

    def write_state(self, name: str, state: State) -> None:
        """Store a model's state."""

    def read_state(self, name: str) -> State:
        """The state stored."""
        ...

    def write_json(self, name: str, value: Any) -> None:
        """Store a JSON value."""

    def read_json(self, name: str) -> Any:
        """The JSON value stored."""
        ...

    def read_document(self, name: str, file: str) -> Any:
        """The JSON document ``file`` of an artefact of several files."""
        ...

    def size(self, name: str) -> int:
        """Bytes on disk."""
        ...

    def total_bytes(self) -> int:
        """Bytes on disk of everything kept."""
        ...

    def forget(self, name: str) -> None:
        """Let the name mean nothing any more."""

    def sweep(self) -> int:
        """Delete what no name means."""
        ...


class Progress(Protocol):
    """Progress callback of a stage."""

    def __call__(self, done: int, total: int, what: str) -> None:
        """``done`` of ``total`` steps; ``what`` is being done now."""


class Pretrained(Protocol):
    """A pre-trained text encoder, and what can be made of it (``adapters.encoders.pretrained``)."""

    def digest(self) -> str:
        """SHA-256 of its weights."""
        ...

    def write_form(
        self,
        folder: Path,
        form: str,
        *,
        fitted_to: FittedTo,
        full: Path | None,
        seed: int,
        query_prefix: str,
    ) -> None:
        """Write one form of it as a part.

        Args:
            folder: Empty.
            form: ``fp32``, ``int8``, ``3l-int8``, ``static`` …
            fitted_to: What it is fitted to and checked with.
            full: The folder of the full encoder's graph, where it was written already.
            seed: Of every draw.
            query_prefix: Put before every query by the retriever that opens the form.
        """
        ...

    def cut(self, folder: Path, *, texts: Sequence[str], queries: Sequence[str]) -> None:
        """Fill ``folder`` with it, its vocabulary cut to what these texts and queries are made of."""

    def learn(self, folder: Path, lessons: Lessons, *, unfinished: Path, progress: Progress) -> None:
        """Train it further and fill ``folder``, from what lies in ``unfinished`` if it was interrupted."""

    def learn_pairs(self, folder: Path, lessons: PairLessons, *, unfinished: Path, progress: Progress) -> None:
        """Train networks that read pairs, of its layers, and fill ``folder``; as ``learn`` goes on with it."""


class PartWorker(Protocol):
    """A second process that makes parts into the same store (``steelyard.adapters.part_worker.PartWorker``)."""

    def ask(self, parts: Sequence[str]) -> None:
        """Have the parts of these names made, in this order, after those asked for before."""

    def wait(self, part: str, progress: Progress) -> float | None:
        """Wait for a part; the seconds it took, ``None`` where it was not asked for or could not be made there."""
        ...

    def paused(self) -> AbstractContextManager[None]:
        """The process stands still while the block runs."""
        ...

    def close(self) -> None:
        """End the process."""


class Clock(Protocol):
    """What the time is, and waiting."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        ...

    def monotonic_s(self) -> float:
        """Seconds since some moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Files(Protocol):
    """Files that are no artefact by themselves."""

    def digest(self, path: Path) -> str:
        """SHA-256 of a file's content."""
        ...

    def save_text(self, path: Path, text: str) -> None:
        """Store a text whole or not at all; folders that lead to it are made."""

    def remove(self, folder: Path) -> None:
        """Delete a folder with all in it, where it is there."""

    def write_state(self, folder: Path, state: State) -> None:
        """Write arrays and facts into a folder that also holds something else."""

    def save_bytes(self, folder: Path, name: str, content: bytes) -> None:
        """Write a file of a part's own into its folder."""

    def write_term_index(self, engine: str, folder: Path, documents: Iterable[Sequence[str]]) -> None:
        """Write an index of the documents' terms into a folder, for the index plugin of that name."""

    def parts(self, resolve: Callable[[str], Path], parts: Mapping[str, str]) -> Parts:
        """Stored parts by role.

        Args:
            resolve: From a part's name to its verified folder.
            parts: From role to part name.

        Returns:
            Nothing is opened yet.
        """
        ...


class Sources(SourcePort, Protocol):
    """The shop's files, and the tables made of them (``steelyard.adapters.shop.sources.Sources``)."""

    def look(self, path: str, reading: Reading | None = None) -> FileFacts:
        """What a configured file is; ``reading`` as ``Wanted`` has it."""
        ...

    def sample(self, path: str, n: int) -> tuple[int, dict[str, list[str | None]], dict[str, list[float | None]]]:
        """How many rows a file has; by column, its first ``n`` texts; and the numbers they are read as."""
        ...


class ShopFiles(Protocol):
    """The shop's own files, and the tables that ``prepare`` makes of them."""

    def sources(
        self,
        base: Path,
        *,
        reader: str = "files",
        engine: str = "duckdb",
        scratch: Path | None = None,
        max_memory_gb: float = 1.0,
        max_columns: int = 2000,
        threads: int = 2,
        keep: KeepRows | None = None,
    ) -> AbstractContextManager[Sources]:
        """The shop's files; see ``steelyard.adapters.shop.sources.Sources``."""
        ...

    def tables(self, folder: Path, *, max_history: int) -> ShopTables:
        """The prepared tables of the artefact ``data``."""
        ...

    def write_cards(self, data_folder: Path, out: Path) -> None:
        """Write what the pages show of each item."""

    def traffic(self, folder: Path, *, zone: str = "UTC") -> Traffic:
        """Events a day of the prepared log, the day beginning in a time zone."""
        ...

    def histories(self, folder: Path) -> State:
        """Users' latest items, for serving."""

    def pasts(self, folder: Path) -> State:
        """Users' latest events with repeats and times, for serving."""

    def basics(self, folder: Path) -> State:
        """What the table of users says of each, for serving."""

    def log_events(self, folder: Path) -> LogEvents:
        """The whole prepared log."""


class TextEncoder(Protocol):
    """An encoder that is served (``models.ports.Encoder``), and tells how far it has come."""

    @property
    def width(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> VectorArray:
        """One vector for each text, of length 1. Shape (texts, width), float32."""

    def token_vectors(self, *, progress: Progress | None = None) -> VectorArray:
        """One vector for each token of the vocabulary alone, of length 1. Shape (tokens, width), float32."""
        ...


class Encoders(Protocol):
    """Pre-trained encoders and their variants."""

    def speaks_chinese(self, source: str, base: Path) -> bool:
        """Whether the model knows Chinese characters."""
        ...

    def pretrained(self, source: str, base: Path, *, max_tokens: int, threads: int) -> Pretrained:
        """The pre-trained model that ``source`` names, found when first looked at."""
        ...

    def served(self, folder: Path, *, threads: int = 1) -> TextEncoder:
        """A variant of it as a graph, as it is served."""
        ...


class BundleFolders(Protocol):
    """Writes bundles."""

    def write(self, out: Path, *, parts: Mapping[str, Path], documents: Mapping[str, Mapping[str, Any]]) -> Path:
        """Seal parts and documents in one folder and make it the newest of ``out``.

        Args:
            out: Folder of bundles; made when missing.
            parts: Folder of each part by its name.
            documents: JSON documents by name.

        Returns:
            The bundle's folder; the same content gives the same folder.

        Raises:
            StorageError: The disk is full or refuses to write; ``latest`` still means what it meant.
        """
        ...

    def has(self, folder: Path) -> bool:
        """Whether there is such a folder."""
        ...

    def changes(self, out: Path) -> Journal:
        """The journal of changes beside a folder of bundles."""


class PriceBooks(Protocol):
    """Price books at hand (``steelyard.adapters.prices.books.PriceBooks``)."""

    def names(self) -> list[str]:
        """Names of the shipped books."""
        ...

    def load(
        self, book: str, *, overrides: str | None = None, rates: RateTable | None = None, on: date | None = None
    ) -> PriceBook:
        """A book, with a shop's own rows laid over it."""
        ...

    def document(self, book: str) -> Any:
        """What the file of a book holds, not yet checked."""
        ...


class Prices(Protocol):
    """Where prices come from."""

    def books(self, base: Path | None = None) -> PriceBooks:
        """Price books; relative paths start at ``base``."""
        ...


class Tools(Protocol):
    """All that a workflow touches the world with (``steelyard.assembly.Tools``)."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def files(self) -> Files:
        """Files that are no artefact by themselves."""

    @property
    def shop(self) -> ShopFiles:
        """The shop's files."""

    @property
    def encoders(self) -> Encoders:
        """Pre-trained encoders."""

    @property
    def measuring(self) -> Measuring:
        """This machine, and what is run on it to be measured."""

    @property
    def bundles(self) -> BundleFolders:
        """Writes bundles."""

    @property
    def prices(self) -> Prices:
        """Price books."""

    @property
    def accounting(self) -> Accounting:
        """Ledgers, journals, bills, calendars, factors."""

    @property
    def tuning(self) -> Searching:
        """Searches of models' values."""
