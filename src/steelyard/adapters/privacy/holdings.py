"""All that is stored of people in a shop's work folder: artefacts, bundles, event logs, left-overs; changed as one."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from steelyard.adapters.artefacts import MANIFEST, Artefacts, read_state, seal, verify, write_state
from steelyard.adapters.bundle import HISTORIES, LATEST, PASTS
from steelyard.adapters.privacy.event_log import change_event_log, is_served, people_of_log
from steelyard.adapters.privacy.folders import FolderChange, people_of_folder
from steelyard.adapters.shop.histories import load_histories, load_pasts
from steelyard.data.privacy.change import Change, Touched
from steelyard.data.schema import KEPT_ROWS
from steelyard.domain import State
from steelyard.errors import StorageError

__all__ = ["Holdings"]

_NAME_LENGTH = 16
_ANEW = {HISTORIES: load_histories, PASTS: load_pasts}
"""Arrays of people that are made again of the events that stay, by name of the part."""
_ABANDONED_S = 3600.0
"""What lies in a folder for unfinished work for so long belongs to nobody any more."""
_SETTLED_S = 30.0
"""An object that nothing names may be a moment before it is named by a run that goes on meanwhile."""


class Holdings:
    """Everything Steelyard keeps for one shop.

    Args:
        work: The shop's work folder.
        states: Folders of event logs besides that of the bundles.
    """

    def __init__(self, work: Path, states: Sequence[Path] = ()) -> None:
        self.work = work
        self._store = Artefacts(work)
        self._bundles = work / "bundles"
        self._replaced: set[str] = set()
        self.states = tuple(dict.fromkeys((self._bundles / "state", *states)))

    @property
    def is_served(self) -> bool:
        """Whether a server has one of the event logs open."""
        return any(is_served(folder) for folder in self.states)

    def apply(self, change: Change) -> list[Touched]:
        """Change all places; one after the other is as it was or as it is to be, whenever this is interrupted.

        Args:
            change: Whom and what.

        Returns:
            Each place in which something was changed.

        Raises:
            ArtefactError: A bundle or an artefact that is in use is damaged; nothing of it was changed.
            StorageError: The disk refuses; the same call goes on with the rest.
        """
        touched = [*self._kept_rows(), *self._logs(change), *self._artefacts(change)]
        touched += self._sealed_bundles(change)
        self._sweep()
        return touched

    def people(self) -> frozenset[str]:
        """Pseudonyms of people, visits and events in all that is stored."""
        found: set[str] = set()
        for folder in self.states:
            found |= people_of_log(folder)
        for name in self._store.names():
            found |= people_of_folder(self._store.path(name))
        for path in self._bundles.glob(f"*/{MANIFEST}"):
            found |= people_of_folder(path.parent)
        return frozenset(found)

    def logs(self, change: Change) -> list[Touched]:
        """Change the event logs alone."""
        return list(self._logs(change))

    def _kept_rows(self) -> Iterator[Touched]:
        """Rows of daily files that wait for the next load: it reads the files again, without whoever is gone."""
        folder = self.work / KEPT_ROWS
        n = sum(path.suffix != ".sum" for path in folder.iterdir()) if folder.is_dir() else 0
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            raise StorageError(f"cannot delete {folder}: free its rights and run the same command again")
        if n:
            yield Touched("kept rows of daily files, as files", n)

    def _logs(self, change: Change) -> Iterator[Touched]:
        for folder in self.states:
            n = change_event_log(folder, change)
            if n:
                yield Touched(f"event log {folder.name}", n)

    def _artefacts(self, change: Change) -> Iterator[Touched]:
        names = self._store.names()
        for name in sorted(names, key=lambda each: each != "data"):
            found = FolderChange(self._store.path(name), change)
            self._replaced.add(self._store.digest(name))
            if name in _ANEW and change.has_age:
                yield from self._made_anew(name)
            elif found.n_rows:
                with self._store.writing(name) as folder:
                    found.write(folder)
                yield Touched(f"artefact {name}", found.n_rows)

    def _made_anew(self, name: str) -> Iterator[Touched]:
        """Histories have no times, and pasts are cut at a number of events: both are made again of those that stay."""
        if not self._store.has("data"):
            return
        before, after = self._store.read_state(name), _ANEW[name](self._store.path("data"))
        n = _n_items(before) - _n_items(after)
        if n:
            self._store.write_state(name, after)
            yield Touched(f"artefact {name}", n)

    def _sealed_bundles(self, change: Change) -> Iterator[Touched]:
        latest = self._latest()
        for path in sorted(self._bundles.glob(f"*/{MANIFEST}")):
            folder = path.parent
            verify(folder)
            with self._draft() as draft:
                n = self._redo_bundle(folder, draft, change)
                if not n:
                    continue
                digest = seal(draft)
                target = self._bundles / digest[:_NAME_LENGTH]
                if not target.exists():
                    draft.chmod(0o755)
                    draft.rename(target)
            if folder.name == latest[:_NAME_LENGTH]:
                self._point(digest)
            self._rename_bundle(folder, target)
            shutil.rmtree(folder)
            yield Touched(f"bundle {folder.name}", n)

    def _redo_bundle(self, folder: Path, draft: Path, change: Change) -> int:
        """Fill a draft with the bundle as it is to be; how much was changed, 0 where nothing is."""
        found = FolderChange(folder, change)
        shorter = {}
        for name in _ANEW if change.has_age else ():
            if (folder / name).is_dir() and self._store.has(name):
                before, after = read_state(folder / name), self._store.read_state(name)
                n_old = max(_n_items(before) - _n_items(after), 0)
                if n_old:
                    found.counts[f"{name}/arrays.safetensors"] = n_old
                    shorter[name] = after
        if not found.n_rows:
            return 0
        found.write(draft)
        for name, after in shorter.items():
            for file in ("arrays.safetensors", "facts.json"):
                (draft / name / file).unlink(missing_ok=True)
            write_state(draft / name, after)
        return found.n_rows

    def _rename_bundle(self, folder: Path, target: Path) -> None:
        """Let the store's note of the newest bundle mean the one that took its place."""
        if not self._store.has("bundle"):
            return
        made = self._store.read_json("bundle")
        if Path(made.get("path", "")).name == folder.name:
            path = Path(made["path"]).with_name(target.name)
            self._store.write_json("bundle", {**made, "path": str(path)})

    def _latest(self) -> str:
        path = self._bundles / LATEST
        return path.read_text("utf-8").strip() if path.is_file() else ""

    @contextmanager
    def _draft(self) -> Iterator[Path]:
        draft = Path(tempfile.mkdtemp(dir=self._bundles, prefix=".draft-"))
        try:
            yield draft
        except OSError as error:
            raise StorageError(f"cannot write a bundle to {self._bundles}: {error.strerror}; run this again") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _point(self, digest: str) -> None:
        fresh = self._bundles / f".{LATEST}.tmp"
        with fresh.open("w", encoding="utf-8") as file:
            file.write(digest + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._bundles / LATEST)

    def _sweep(self) -> None:
        """Delete objects that no name means any more, and what killed runs left behind."""
        meant = {self._store.digest(name) for name in self._store.names()}
        now = time.time()
        for path in (self.work / "objects").iterdir():
            if path.name not in meant and (path.name in self._replaced or now - path.stat().st_mtime > _SETTLED_S):
                shutil.rmtree(path, ignore_errors=True)
        for place in (self.work / "tmp", self._bundles):
            for path in place.glob(".draft-*" if place == self._bundles else "*"):
                if now - path.stat().st_mtime > _ABANDONED_S:
                    shutil.rmtree(path, ignore_errors=True)


def _n_items(state: State) -> int:
    return len(state.arrays["items"])
