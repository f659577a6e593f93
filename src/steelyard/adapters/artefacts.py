"""Artefacts on disk: written whole or not at all, named by their content, verified before they are parsed.

A store is a folder with two parts: ``objects/<digest>/`` holds immutable folders of files, each with a
``manifest.json`` of SHA-256 sums; ``refs/<name>.ref`` is a one-line file that says which object a name means now.
Writing goes to a temporary folder, is flushed to the disk, renamed to its digest, and only then does the
ref move, by a rename of its own. A reader therefore sees the old version or the new one, never a mixture.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from steelyard.domain import State
from steelyard.errors import ArtefactError, SteelyardError, StorageError

__all__ = ["MANIFEST", "Artefacts", "file_digest", "read_state", "seal", "verify", "write_state"]

MANIFEST = "manifest.json"
_OWN_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}")
_FORMAT = 1
_REFUSALS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO)
_REF = ".ref"
"""Ends the file of a name, so that ``a`` and ``a/b`` can both be names."""


class Artefacts:
    """A folder of named, immutable, verified artefacts.

    Args:
        root: Folder of the store; it is made where it is missing.

    Raises:
        StorageError: The folder cannot be made or written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._verified: dict[str, Path] = {}
        with _storage(root):
            for name in ("objects", "refs", "tmp"):
                (root / name).mkdir(parents=True, exist_ok=True)

    def has(self, name: str) -> bool:
        """Whether ``name`` points to an object that is there; says nothing of its health."""
        digest = self.digest(name)
        return bool(digest) and (self.root / "objects" / digest / MANIFEST).is_file()

    def digest(self, name: str) -> str:
        """Digest of what ``name`` means now; empty when it means nothing."""
        ref = self._ref(name)
        return ref.read_text("utf-8").strip() if ref.is_file() else ""

    def names(self, prefix: str = "") -> list[str]:
        """All names that start with ``prefix``, sorted."""
        refs = self.root / "refs"
        found = (p.relative_to(refs).as_posix().removesuffix(_REF) for p in refs.rglob(f"*{_REF}"))
        return sorted(name for name in found if name.startswith(prefix))

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """An empty folder to fill; on leaving without an error it becomes what ``name`` means.

        Args:
            name: Slash-separated, for example ``parts/lexical``.

        Yields:
            The folder. After an error nothing of it remains and ``name`` means what it meant before.

        Raises:
            StorageError: The disk is full or refuses to write.
        """
        _check_name(name)
        with _storage(self.root):
            folder = Path(tempfile.mkdtemp(dir=self.root / "tmp"))
        try:
            with _storage(self.root):
                yield folder
                digest = seal(folder)
                self._publish(folder, digest)
                self._point(name, digest)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def path(self, name: str) -> Path:
        """Folder of ``name``, verified against its manifest (once for each process and digest).

        Args:
            name: What the artefact was stored as; may hold slashes, for example ``measurements/search``.

        Returns:
            The object's folder. It is shared by all who ask: nothing may be changed in it.

        Raises:
            ArtefactError: There is none, or a file is missing, extra, or changed.
        """
        digest = self.digest(name)
        if not digest:
            raise ArtefactError(f"no artefact named {name!r} in {self.root}: run the stage that makes it")
        if digest not in self._verified:
            folder = self.root / "objects" / digest
            verify(folder, digest)
            self._verified[digest] = folder
        return self._verified[digest]

    def write_state(self, name: str, state: State) -> None:
        """Store a model's arrays and facts under ``name``."""
        with self.writing(name) as folder:
            write_state(folder, state)

    def read_state(self, name: str) -> State:
        """The model's arrays and facts stored under ``name``."""
        return read_state(self.path(name))

    def write_json(self, name: str, value: Any) -> None:
        """Store one JSON value under ``name``."""
        with self.writing(name) as folder:
            (folder / "value.json").write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")

    def read_json(self, name: str) -> Any:
        """The JSON value stored under ``name``."""
        return self.read_document(name, "value.json")

    def read_document(self, name: str, file: str) -> Any:
        """The JSON document ``file`` of the artefact ``name``."""
        return json.loads((self.path(name) / file).read_text("utf-8"))

    def size(self, name: str) -> int:
        """Bytes on disk of what ``name`` means."""
        digest = self.digest(name)
        return (
            sum(p.stat().st_size for p in (self.root / "objects" / digest).rglob("*") if p.is_file()) if digest else 0
        )

    def total_bytes(self) -> int:
        """Bytes on disk of everything kept, each object once."""
        return sum(path.stat().st_size for path in (self.root / "objects").rglob("*") if path.is_file())

    def forget(self, name: str) -> None:
        """Let ``name`` mean nothing; the object stays until ``sweep``."""
        self._ref(name).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Delete objects that no name means, and left-overs of interrupted writes.

        Returns:
            How many of them were deleted.
        """
        kept = {self.digest(name) for name in self.names()}
        dead = [p for p in (self.root / "objects").iterdir() if p.name not in kept]
        dead += list((self.root / "tmp").iterdir())
        for path in dead:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return len(dead)

    def _ref(self, name: str) -> Path:
        return self.root / "refs" / f"{name}{_REF}"

    def _publish(self, folder: Path, digest: str) -> None:
        target = self.root / "objects" / digest
        if target.is_dir():
            try:
                verify(target, digest)
            except ArtefactError:
                shutil.rmtree(target)  # the same content, damaged on disk: put the sound copy in its place
            else:
                return
        folder.chmod(0o755)
        try:
            folder.rename(target)
        except OSError:
            if not target.is_dir():
                raise
            verify(target, digest)  # another process made the same meanwhile
        _sync(target.parent)

    def _point(self, name: str, digest: str) -> None:
        ref = self._ref(name)
        ref.parent.mkdir(parents=True, exist_ok=True)
        number, fresh = tempfile.mkstemp(dir=self.root / "tmp")  # a name of its own: other processes write here too
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(digest + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).chmod(0o644)
        Path(fresh).replace(ref)
        _sync(ref.parent)


def seal(folder: Path) -> str:
    """Write the manifest of ``folder``, flush all of it to the disk, and give its digest.

    Args:
        folder: Complete: a file that comes later makes ``verify`` fail.

    Returns:
        SHA-256 of the manifest, 64 hexadecimal digits: the same files give the same digest anywhere.
    """
    files = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST):
        files[path.relative_to(folder).as_posix()] = {"sha256": file_digest(path), "bytes": path.stat().st_size}
        _sync(path)
    text = json.dumps({"format": _FORMAT, "files": files}, sort_keys=True, indent=1)
    manifest = folder / MANIFEST
    manifest.write_text(text, "utf-8")
    for path in [manifest, *(p for p in folder.rglob("*") if p.is_dir()), folder]:
        _sync(path)
    return hashlib.sha256(text.encode()).hexdigest()


def verify(folder: Path, digest: str | None = None) -> None:
    """Check every file of ``folder`` against its manifest, before anything in it is parsed.

    Args:
        folder: A sealed folder.
        digest: What the manifest itself must hash to, when it is known.

    Raises:
        ArtefactError: A file is missing, extra, or changed, or the manifest is not the expected one.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise ArtefactError(f"{folder} has no {MANIFEST}: it is not a complete artefact; make it again")
    text = manifest.read_bytes()
    if digest is not None and hashlib.sha256(text).hexdigest() != digest:
        raise ArtefactError(f"{manifest} was changed after it was written; make the artefact again")
    try:
        expected: Mapping[str, Mapping[str, Any]] = json.loads(text)["files"]
    except (ValueError, KeyError, TypeError) as error:
        raise ArtefactError(f"{manifest} cannot be read ({error}); make the artefact again") from error
    present = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file() and p != manifest}
    wrong = [f"{name}: missing" for name in expected if name not in present]
    wrong += [f"{name}: not in the manifest" for name in present if name not in expected]
    wrong += [
        f"{name}: content changed"
        for name, path in present.items()
        if name in expected and (path.is_symlink() or file_digest(path) != expected[name]["sha256"])
    ]
    if wrong:
        raise ArtefactError(f"{folder} is damaged ({'; '.join(sorted(wrong)[:5])}); it was not loaded: make it again")


def write_state(folder: Path, state: State) -> None:
    """Write arrays as safetensors and facts as JSON into ``folder``."""
    if state.arrays:
        import numpy as np  # noqa: PLC0415 - slow to import, and documents have no arrays
        from safetensors.numpy import save_file  # noqa: PLC0415 - as above

        save_file({k: np.ascontiguousarray(v) for k, v in state.arrays.items()}, folder / "arrays.safetensors")
    (folder / "facts.json").write_text(json.dumps(dict(state.facts), ensure_ascii=False), "utf-8")


def write_bytes(folder: Path, name: str, content: bytes) -> None:
    """Write a file of a part's own into ``folder``.

    Args:
        folder: The part's.
        name: Letters, digits, dots and dashes, not the name of a file that Steelyard writes.
        content: Anything but a pickle, which nobody may load.

    Raises:
        ArtefactError: The name leads elsewhere or is taken.
    """
    if _OWN_FILE.fullmatch(name) is None or name == MANIFEST or (folder / name).exists():
        raise ArtefactError(f"a part cannot hold a file called {name!r}: use letters, digits, dots, dashes, and once")
    (folder / name).write_bytes(content)


def read_state(folder: Path) -> State:
    """Read what ``write_state`` wrote. The folder must have been verified.

    Args:
        folder: Holds ``facts.json``, and ``arrays.safetensors`` where there are arrays.

    Returns:
        The arrays by name and the facts; without a file of arrays there are none.

    Raises:
        ArtefactError: The files do not parse although their sums are right: another program wrote them.
    """
    from safetensors import SafetensorError  # noqa: PLC0415 - slow to import, and documents have no arrays
    from safetensors.numpy import load_file  # noqa: PLC0415 - as above

    arrays = folder / "arrays.safetensors"
    try:
        facts = json.loads((folder / "facts.json").read_text("utf-8"))
        return State(load_file(arrays) if arrays.is_file() else {}, facts)
    except (OSError, ValueError, SafetensorError) as error:
        raise ArtefactError(f"{folder} does not hold a model's state ({error}); make it again") from error


@contextmanager
def _storage(root: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        refusal = _refusal(error)
        if not refusal:
            raise
        raise StorageError(
            f"cannot write under {root}: {refusal}. Nothing stored before was changed; "
            "free some space or rights there and run again"
        ) from error


def _refusal(error: Exception) -> str:
    """Why the disk refused, in the system's words; empty where the error is another one."""
    if isinstance(error, SteelyardError):
        return ""
    if isinstance(error, OSError) and error.errno in _REFUSALS:
        return os.strerror(error.errno)
    full = os.strerror(errno.ENOSPC)  # engines wrap the system's error in types of their own, and keep its words
    return full if full in str(error) else ""


def _check_name(name: str) -> None:
    parts = name.split("/")
    if not all(part and part.strip(".") and all(c.isalnum() or c in "-_.+@" for c in part) for part in parts):
        raise ArtefactError(
            f"{name!r} cannot name an artefact: use letters, digits, '-', '_', '.', '+' and single slashes"
        )


def file_digest(path: Path) -> str:
    """SHA-256 of a file's content, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
