"""Opens what a workflow is handed: configuration, store, meters, clock."""

from __future__ import annotations

import itertools
import resource
import secrets
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from steelyard import __version__, registry
from steelyard.assembly import Tools
from steelyard.cli.leftovers import remember_new
from steelyard.config import Config, check_names, moved_keys, parse
from steelyard.config.synonyms import with_synonyms
from steelyard.documents.access_line import AccessLine
from steelyard.documents.meter_line import MeterLine
from steelyard.errors import ConfigError, StorageError
from steelyard.workflows.language import encoder_models, readable_search
from steelyard.workflows.open_shop import USAGE
from steelyard.workflows.stages import Reading, Steps, Usage

if TYPE_CHECKING:
    from steelyard.workflows.accounting_ports import Journal
    from steelyard.workflows.ports import Store
    from steelyard.workflows.privacy.ports import Register

_READS_PEOPLE = {
    "prepare": "the shop's log",
    "train/histories": "everybody's history",
    "train/pasts": "everybody's history",
    "train/basics": "everybody's basic information",
}
"""Steps that read people's data, and which."""

__all__ = ["Opened", "config_option", "open_shop", "read_config", "read_text"]

config_option = click.option(
    "--config",
    "-c",
    "path",
    type=click.Path(path_type=Path),
    default=Path("steelyard.toml"),
    show_default=True,
    help="The shop's configuration file.",
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What every stage works with."""

    config: Config
    base: Path
    """Folder of the configuration file: relative paths start here."""
    work: Path
    """Folder for everything Steelyard writes."""
    store: Store
    steps: Steps
    key: bytes
    """Secret key of the users' pseudonyms."""
    tools: Tools
    """What the world is touched with."""
    notes: tuple[str, ...] = ()
    """What of the configuration is not done, and why."""
    erased: frozenset[str] = frozenset()
    """Pseudonyms of people who were erased."""


def read_config(path: Path, tools: Tools) -> Config:
    """The checked configuration at ``path``.

    Args:
        path: The file, or the folder in which ``steelyard.toml`` lies.
        tools: Have the price books.

    Returns:
        A configuration whose models and price book are known here.

    Raises:
        ConfigError: There is no such file, or it is wrong.
    """
    if path.is_dir():
        path = path / "steelyard.toml"
    if not path.is_file():
        raise ConfigError(f"no configuration at {path}: write one with `steelyard init FOLDER_WITH_YOUR_FILES`")
    base = path.resolve().parent
    config = parse(read_text(path), name=str(path), models=tools.models, exports=tools.shop.exports(base))
    config = with_synonyms(config, lambda name: read_text(base / name))
    books = tools.prices.books()
    check_names(config, {**_plugins(), "books": books.names(), **registry.recipes()})
    return config


def read_text(path: Path) -> str:
    """The text of a file that the shop's configuration names.

    Args:
        path: The file.

    Returns:
        Without a mark of its encoding.

    Raises:
        ConfigError: It is not there, or not UTF-8.
    """
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(f"there is no {path}: write it, or take its name out of steelyard.toml") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from error


def _plugins() -> dict[str, list[str]]:
    return {"sources": registry.names("sources"), "ledgers": registry.ledger_schemes()}


def open_shop(path: Path, *, accept: Sequence[str] = ()) -> Opened:
    """Configuration, store and meters of the shop whose file is at ``path``.

    Args:
        path: The file, or its folder.
        accept: Reasons for which a load may lose more than it may, besides those in the file.

    Returns:
        What every stage works with.
    """
    base = (path if path.is_dir() else path.parent).resolve()
    tools = Tools()
    config, note = _in_language(read_config(path, tools), base, tools)
    if accept:
        data = config.data.model_copy(update={"accept": (*config.data.accept, *accept)})
        config = config.model_copy(update={"data": data})
    work = base / config.work
    remember_new(work)
    store = tools.files.artefacts(work)
    journal = tools.accounting.journal(work / USAGE)
    register = tools.privacy.register(base / config.privacy.folder)
    steps = Steps(store, meter=read_meters, version=__version__, journal=_noting(journal, register))
    notes = (*_moved(path), *([note] if note else []))
    key = pseudonym_key(work / "secret.key")
    return Opened(config, base, work, store, steps, key, tools, notes, erased=register.erased())


def _moved(path: Path) -> list[str]:
    """What to know of keys that a configuration which was read has in their old place."""
    file = path / "steelyard.toml" if path.is_dir() else path
    return moved_keys(tomllib.loads(file.read_text("utf-8-sig")))


def _in_language(config: Config, base: Path, tools: Tools) -> tuple[Config, str]:
    """The configuration without what its encoder cannot read, and a note of it."""
    if config.shop.language != "zh" or not encoder_models(config):
        return config, ""
    speaks = tools.encoders.speaks_chinese(config.models.encoder.source, base)
    return readable_search(config, speaks_chinese=speaks)


def _noting(journal: Journal, register: Register) -> Callable[[str, Usage], None]:
    """Writes what each step used to the journal of the meters, under an id of this run, and who read people's data."""
    began = datetime.now(UTC)
    run = f"{began:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"

    numbers = itertools.count(1)  # a step may be done twice in a run

    def note(step: str, used: Usage) -> None:
        ended = datetime.now(UTC)
        if step in _READS_PEOPLE:
            at = ended.isoformat(timespec="seconds")
            register.note(AccessLine(at=at, who="command line", purpose=step, what=_READS_PEOPLE[step]))
        journal.append(
            MeterLine(
                id=f"{run}/{next(numbers)}/{step}",
                what=step,
                began=(ended - timedelta(seconds=used.wall_s)).isoformat(timespec="milliseconds"),
                ended=ended.isoformat(timespec="milliseconds"),
                cpu_s=round(used.cpu_s, 6),
                peak_rss_bytes=used.peak_rss_bytes,
            )
        )

    return note


def read_meters() -> Reading:
    """Wall clock, processor time of this process and its ended children, and peak memory of the larger one."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    return Reading(time.monotonic(), cpu_s, max(own.ru_maxrss, children.ru_maxrss) * 1024)


def pseudonym_key(path: Path) -> bytes:
    """The key stored at ``path``, made on first use and readable by its owner only.

    Args:
        path: The key file; folders that lead to it are made.

    Returns:
        32 bytes, the same at every call.

    Raises:
        StorageError: It cannot be written or has the wrong length.
    """
    if not path.is_file():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".tmp")
            fresh.touch(mode=0o600)
            fresh.write_bytes(secrets.token_bytes(32))
            fresh.replace(path)
        except OSError as error:
            raise StorageError(
                f"cannot write the pseudonym key {path}: {error.strerror}; "
                "free some space or rights there and run again"
            ) from error
    key = path.read_bytes()
    if len(key) != 32:
        raise StorageError(f"{path} holds {len(key)} bytes, not 32: restore it; a new key unlinks all users")
    return key
