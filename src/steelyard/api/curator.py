"""Looks whether the file of the rules of merchandisers was changed, and has the server answer under the new ones."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from steelyard.config.curation import CurationRule, read_curation
from steelyard.errors import ConfigError, SteelyardError
from steelyard.serving.service import Service

__all__ = ["Curator"]

_log = logging.getLogger(__name__)


class Curator:
    """Reads the rules at the start and when their file changes, in a thread of its own.

    Args:
        service: Is told.
        path: Of the rules; ``None`` where nobody curates.
        timezone: In which their days begin.
        every_s: From one look to the next.
    """

    def __init__(self, service: Service, path: Path | None, *, timezone: str = "", every_s: float = 0.5) -> None:
        self._service, self._path, self._timezone, self._every_s = service, path, timezone, every_s
        self._seen: tuple[int, int] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="curation", daemon=True)

    def start(self) -> None:
        """Read the rules, and begin to look.

        Raises:
            ConfigError: They cannot be read: a server does not start without rules that it was told to keep.
        """
        if self._path is None:
            return
        self.look()
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> bool:
        """Take over the rules where their file is another than at the last look.

        Returns:
            Whether it was.

        Raises:
            ConfigError: It is not there or not right; the rules before stay in force.
        """
        assert self._path is not None
        try:
            stat = self._path.stat()
        except FileNotFoundError as error:
            raise ConfigError(f"there is no file of rules at {self._path}") from error
        stamp = (stat.st_mtime_ns, stat.st_size)
        if stamp == self._seen:
            return False
        self._seen = stamp
        rules = self._read()
        troubles = self._service.curate(rules, timezone=self._timezone)
        _log.info("event=curated rules=%d troubles=%d", len(rules), len(troubles))
        for trouble in troubles:
            _log.warning("event=rule_in_trouble rule=%s why=%s", trouble.rule, trouble.why)
        return True

    def _read(self) -> tuple[CurationRule, ...]:
        assert self._path is not None
        try:
            return read_curation(self._path.read_text("utf-8-sig"), name=self._path.name)
        except UnicodeDecodeError as error:
            raise ConfigError(f"{self._path.name} is not UTF-8 (byte {error.start}): save it as UTF-8") from error

    def _watch(self) -> None:
        told = ""
        while not self._ended.wait(self._every_s):
            try:
                self.look()
                told = ""
            except Exception as error:  # noqa: BLE001 - the edge: the server goes on under the rules before
                if str(error) != told:
                    known = isinstance(error, SteelyardError)
                    _log.error("event=rules_not_read error=%s", error, exc_info=not known)
                told = str(error)
