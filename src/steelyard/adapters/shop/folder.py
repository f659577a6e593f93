"""The files of a folder that ``init`` looks at: every form that can be read, by the reader's own list."""

from __future__ import annotations

from pathlib import Path

from steelyard.adapters.shop.source_files import FORMS
from steelyard.data.profiles import FilesOfFolder

__all__ = ["files_in"]

_OTHER_TABLES = {".xlsx", ".xls", ".xlsm", ".ods", ".numbers", ".json", ".xml", ".gz", ".zip", ".bz2", ".zst", ".avro"}
"""Forms that hold tables too: each is tried, and where it is not read the reason is said."""
_SHEETS = {".xlsx", ".xls", ".xlsm", ".ods", ".numbers"}
_NO_DATA = {"readme", "license", "licence", "changelog", "notice", "requirements"}


def files_in(folder: Path) -> FilesOfFolder:
    """The files of a folder.

    Args:
        folder: A folder that is there.

    Returns:
        Names, sorted; hidden files and those of office programs that are open are left out.
    """
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith((".", "~$"))]
    read = [path.name for path in files if _is_read(path)]
    others = [path for path in files if not _is_read(path) and path.suffix.lower() in _OTHER_TABLES]
    return FilesOfFolder(tuple(sorted(read)), {path.name: _advice(path) for path in sorted(others)})


def _advice(path: Path) -> str:
    """What to do about a file of a form that is not read."""
    if path.suffix.lower() in _SHEETS:
        return (
            f"it is a spreadsheet, which is not read: save it as CSV UTF-8, or "
            f"`soffice --headless --convert-to csv --outdir {path.parent} {path}`, or "
            f"`pip install xlsx2csv && xlsx2csv {path} {path.with_suffix('.csv')}`"
        )
    return f"a {path.suffix.lower()} file is not read: unpack it, or export it as CSV, JSONL or Parquet"


def _is_read(path: Path) -> bool:
    forms = (path.suffix.lower(), "".join(path.suffixes[-2:]).lower())
    is_text = path.suffix.lower() == ".txt" and path.stem.lower() in _NO_DATA
    return not is_text and any(form in FORMS for form in forms)
