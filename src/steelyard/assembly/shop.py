"""The shop's own files, and the tables that are made of them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from steelyard import registry
from steelyard.errors import ConfigError

if TYPE_CHECKING:
    from steelyard.config.connectors import Exports
    from steelyard.data.guessing.profiles import FilesOfFolder
    from steelyard.data.log_events import LogEvents
    from steelyard.data.schema import KeepRows
    from steelyard.data.tables import ShopTables
    from steelyard.domain import State
    from steelyard.workflows.accounting_ports import Traffic
    from steelyard.workflows.ports import Sources

__all__ = ["ShopFiles"]

_TABLES = "reading the shop's tables"


@dataclass(frozen=True, slots=True)
class ShopFiles:
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
        """The shop's sources.

        Args:
            base: Folder the configured paths are relative to.
            reader: Name of the plugin that reads them (entry points ``steelyard.sources``).
            engine: ``duckdb``, or ``spark`` with the reader ``files``.
            scratch: Folder for intermediate tables; ``None`` takes the system's.
            max_memory_gb: Memory of the table engine; more spills to the scratch folder.
            max_columns: A wider file is refused before it is parsed.
            threads: Threads of the table engine.
            keep: Where the reader ``files`` keeps rows of daily files for the next load; ``None`` keeps none.

        Returns:
            Left, it forgets its intermediate tables.

        Raises:
            ConfigError: Another reader than ``files`` was asked for with Spark.
            MissingExtra: The table engine is not installed.
        """
        settings: dict[str, Any] = {"scratch": scratch, "max_memory_gb": max_memory_gb}
        settings |= {"max_columns": max_columns, "threads": threads}
        if engine == "spark":
            return _on_spark(base, reader, settings)
        settings |= {"keep": keep} if keep is not None and reader == "files" else {}
        opened: AbstractContextManager[Sources] = registry.load("sources", reader)(base, **settings)
        return opened

    def exports(self, base: Path) -> Exports:
        """The connectors that are installed, and the columns of the shop's files.

        Args:
            base: Folder the configured paths are relative to.

        Returns:
            Opens nothing until it is asked.
        """
        from steelyard.adapters.shop.exports import InstalledExports

        return InstalledExports(base)

    def files_in(self, folder: Path) -> FilesOfFolder:
        """The files of a folder, by what may be made of them."""
        from steelyard.adapters.shop.folder import files_in

        return files_in(folder)

    def tables(self, folder: Path, *, max_history: int) -> ShopTables:
        """The prepared tables of the artefact ``data``."""
        with registry.naming_extra(_TABLES):
            from steelyard.adapters.shop.tables import load_shop

        return load_shop(folder, max_history=max_history)

    def write_cards(self, data_folder: Path, out: Path) -> None:
        """Write what the pages show of each item."""
        with registry.naming_extra(_TABLES):
            from steelyard.adapters.shop.tables import write_cards

        write_cards(data_folder, out)

    def histories(self, folder: Path) -> State:
        """Users' latest items, for serving."""
        with registry.naming_extra(_TABLES):
            from steelyard.adapters.shop.histories import load_histories

        return load_histories(folder)

    def pasts(self, folder: Path) -> State:
        """Users' latest events with repeats and times, for serving."""
        with registry.naming_extra(_TABLES):
            from steelyard.adapters.shop.histories import load_pasts

        return load_pasts(folder)

    def basics(self, folder: Path) -> State:
        """What the table of users says of each, for serving."""
        with registry.naming_extra(_TABLES):
            from steelyard.adapters.shop.basics import load_basics

        return load_basics(folder)

    def log_events(self, folder: Path) -> LogEvents:
        """The whole prepared log."""
        with registry.naming_extra(_TABLES):
            from steelyard.adapters.shop.log_events import load_log

        return load_log(folder)

    def traffic(self, folder: Path, *, zone: str = "UTC") -> Traffic:
        """Events a day of the prepared log, the day beginning in a time zone.

        Args:
            folder: The verified folder of the artefact ``data``.
            zone: For example ``Asia/Shanghai``.

        Returns:
            Every day between the first and the last.

        Raises:
            ConfigError: There is no such time zone.
            DataError: The log is too short.
            MissingExtra: The reader of tables is not installed.
        """
        with registry.naming_extra(_TABLES):
            from steelyard.adapters.shop.traffic import load_traffic

        return load_traffic(folder, zone=zone)


def _on_spark(base: Path, reader: str, settings: dict[str, Any]) -> AbstractContextManager[Sources]:
    if reader != "files":
        raise ConfigError(
            f'engine = "spark" in [data] reads with reader = "files", not {reader!r}: leave one of them out'
        )
    with registry.naming_extra("working tables out on Spark"):
        from steelyard.adapters.shop.spark_sources import SparkSources

    return SparkSources(base, **settings)
