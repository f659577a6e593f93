"""Labels as files: ``labels.parquet`` with its report, stored as ``labels/<origin>`` and written where it is wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from steelyard.documents.label_report import LabelNote, LabelReport, label_report_builtins
from steelyard.errors import ConfigError
from steelyard.reporting.words.labels import label_words

if TYPE_CHECKING:
    from steelyard.data.schema import StoredType
    from steelyard.workflows.open_shop import AccountsShop

__all__ = ["LABEL_COLUMNS", "LabelRows", "counted", "note_of", "store_labels"]

LABEL_COLUMNS: Mapping[str, StoredType] = {
    "query": "text",
    "item_id": "text",
    "gain": "float",
    "origin": "text",
    "n": "float",
}
"""What every file of labels has; ``n`` is how many looks, votes or raters a label rests on."""


@dataclass(slots=True)
class LabelRows:
    """Labels on their way to a file, column by column."""

    query: list[str] = field(default_factory=list)
    item_id: list[str] = field(default_factory=list)
    gain: list[float] = field(default_factory=list)
    n: list[float] = field(default_factory=list)

    def add(self, query: str, item_id: str, gain: float, n: float) -> None:
        """One label."""
        self.query.append(query)
        self.item_id.append(item_id)
        self.gain.append(gain)
        self.n.append(n)

    def columns(self, origin: str) -> dict[str, list[Any]]:
        """The columns of ``LABEL_COLUMNS``."""
        return {
            "query": self.query,
            "item_id": self.item_id,
            "gain": self.gain,
            "origin": [origin] * len(self.query),
            "n": self.n,
        }


def counted(rows: LabelRows) -> dict[str, int]:
    """How many labels of each gain, lowest first."""
    return {f"{gain:g}": n for gain, n in sorted(Counter(rows.gain).items())}


def note_of(key: str, *, is_warning: bool = False, **values: object) -> LabelNote:
    """A note by its words."""
    words = label_words(key, **values)
    return LabelNote(key=key, says=words.en, says_zh=words.zh, is_warning=is_warning)


def store_labels(
    shop: AccountsShop, rows: LabelRows, report: LabelReport, *, more: Mapping[str, Sequence[float]], out: Path | None
) -> None:
    """Store labels with their report, and write the file that was asked for.

    Args:
        shop: The shop.
        rows: The labels.
        report: On them; its origin names the artefact.
        more: Further columns of numbers.
        out: A Parquet file; ``None`` writes none.

    Raises:
        ConfigError: The file's name does not end in ``.parquet``.
    """
    if out is not None and out.suffix != ".parquet":
        raise ConfigError(f"--out {out}: labels are written as Parquet; call it {out.stem}.parquet")
    columns: dict[str, StoredType] = {**LABEL_COLUMNS, **dict.fromkeys(more, "float")}
    values = {**rows.columns(report.origin), **more}
    with (
        shop.tools.shop.sources(shop.base) as sources,
        shop.store.writing(f"labels/{report.origin}") as folder,
    ):
        for target in (folder / "labels.parquet", *([out] if out else ())):
            with sources.writing(columns, target=str(target)) as writer:
                writer.write(values)
        sources.write_document(label_report_builtins(report), str(folder / "labels.json"))
