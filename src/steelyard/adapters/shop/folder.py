"""The files of a folder that ``init`` looks at: every form that can be read, by the reader's own list."""

from __future__ import annotations

from pathlib import Path

from steelyard.adapters.shop.cutting.opening import SUFFIXES
from steelyard.data.guessing.profiles import FilesOfFolder

__all__ = ["files_in"]

_SHEETS = {".xls", ".ods", ".numbers"}
_OTHER_TABLES = {*_SHEETS, ".xlsx", ".xlsm", ".json", ".xml", ".gz", ".zip", ".bz2", ".zst", ".avro"}
"""Forms that hold tables too: each is tried, and where it is not read the reason is said."""
_OF_TEXT = {".item", ".user", ".base", ".test", ".psv", ".ssv", ".asc", ".prn", ".lst"}
"""Endings by which public logs and old programs name tables of text."""
_NO_DATA = {"readme", "license", "licence", "changelog", "notice", "requirements"}


def files_in(folder: Path) -> FilesOfFolder:
    """The files of a folder.

    Args:
        folder: A folder that is there.

    Returns:
        Names, sorted, and a pattern for each folder of files of one form, as ``log/*.csv``; hidden files and those of
        office programs that are open are left out.
    """
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith((".", "~$"))]
    read = [path.name for path in files if _is_read(path)]
    read += [pattern for path in folder.iterdir() if path.is_dir() and (pattern := _parts(path))]
    others = [path for path in files if not _is_read(path) and path.suffix.lower() in _OTHER_TABLES | _OF_TEXT]
    return FilesOfFolder(tuple(sorted(read)), {path.name: _advice(path) for path in sorted(others)})


def _advice(path: Path) -> str:
    """What to do about a file of a form that is not read."""
    if path.suffix.lower() in _SHEETS:
        return (
            f"it is a spreadsheet of a form that is not read: save it as .xlsx or as CSV UTF-8, or "
            f"`soffice --headless --convert-to csv --outdir {path.parent} {path}`"
        )
    if path.suffix.lower() in _OF_TEXT:
        what = f"a {path.suffix.lower()} file is not read by that name"
        return f"{what}: name it {path.name}.txt where it holds rows of text"
    return f"a {path.suffix.lower()} file is not read: unpack it, or export it as CSV, JSONL or Parquet"


def _is_read(path: Path) -> bool:
    is_text = path.suffix.lower() == ".txt" and path.stem.lower() in _NO_DATA
    return not is_text and path.suffix.lower() in SUFFIXES


def _parts(folder: Path) -> str:
    """The pattern of a folder whose files are all of one form and so are parts of one table; empty for another."""
    if folder.name.startswith("."):
        return ""
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    suffixes = {path.suffix for path in files}
    is_table = len(files) > 1 and len(suffixes) == 1 and all(map(_is_read, files))
    return f"{folder.name}/*{suffixes.pop()}" if is_table else ""
