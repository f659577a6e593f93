"""``labels agree``: how far raters agree, from a file with a column for each, and what is true where they do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from steelyard.data.labels.agreement import (
    MISSING,
    DawidSkene,
    Weights,
    cohen_kappa,
    dawid_skene,
    fleiss_kappa,
    krippendorff_alpha,
)
from steelyard.data.schema import Role, Wanted
from steelyard.documents.label_report import AgreementRow, LabelNote, LabelReport
from steelyard.domain import FloatArray, IntArray
from steelyard.errors import ConfigError, DataError
from steelyard.workflows.labelling.label_files import LABEL_COLUMNS, LabelRows, counted, note_of

if TYPE_CHECKING:
    from steelyard.data.schema import SourcePort

__all__ = ["RaterFile", "agree"]

_MOST_CLASSES = 50
_KAPPAS: tuple[tuple[str, Weights], ...] = (("cohen", "none"), ("cohen_weighted", "quadratic"))
_LEAST_ALPHA = 0.667
"""Krippendorff's least for tentative conclusions."""


@dataclass(frozen=True, slots=True)
class RaterFile:
    """A file with a row for each pair of query and item."""

    name: str
    raters: tuple[str, ...]
    """Columns, at least two; an empty cell says nothing."""
    query: str = "query"
    item: str = "item_id"


@dataclass(frozen=True, slots=True)
class _Ratings:
    query: list[str]
    item: list[str]
    classes: FloatArray
    """Grades that occur, ascending."""
    said: IntArray
    """Shape (pairs, raters): places among the classes."""


def agree(sources: SourcePort, file: RaterFile, *, out: Path | None = None) -> LabelReport:
    """Agreement of raters, and the grades that are most likely true.

    Args:
        sources: Opened on the file's folder.
        file: The file and its columns.
        out: Parquet file that gets the grades.

    Returns:
        Kappas of each two (by the square of the steps), Fleiss' kappa, Krippendorff's alpha by order, and grades by
        Dawid and Skene.

    Raises:
        ConfigError: Fewer than two raters, or a file of labels that is not Parquet.
        DataError: A column is missing, a grade is no number, there are too many grades, or nobody rated anything.
    """
    if len(set(file.raters)) < 2:
        raise ConfigError("agreement needs two raters or more: give --rater COLUMN for each")
    if out is not None and out.suffix != ".parquet":
        raise ConfigError(f"--out {out}: labels are written as Parquet; call it {out.stem}.parquet")
    found = _read(sources, file)
    truth = dawid_skene(found.said, classes=max(len(found.classes), 2))
    rows, chances = LabelRows(), []
    for place in np.flatnonzero((found.said != MISSING).any(axis=1)).tolist():
        best = int(truth.chances[place].argmax())
        n = float((found.said[place] != MISSING).sum())
        rows.add(found.query[place], found.item[place], float(found.classes[best]), n)
        chances.append(float(truth.chances[place, best]))
    if out is not None:
        with sources.writing({**LABEL_COLUMNS, "chance": "float"}, target=str(out)) as writer:
            writer.write({**rows.columns("judged"), "chance": chances})
    return LabelReport(
        origin="judged",
        labels=len(rows.query),
        queries=len(set(rows.query)),
        left_out=len(found.query) - len(rows.query),
        by_gain=counted(rows),
        agreement=tuple(_rows(found.said, file.raters)),
        notes=tuple(_notes(found.said, truth, file.raters)),
    )


def _read(sources: SourcePort, file: RaterFile) -> _Ratings:
    there = sources.columns(file.name)
    missing = [name for name in (file.query, file.item, *file.raters) if name not in there]
    if missing:
        raise DataError(
            f"{file.name} has no column {', '.join(missing)}; it has {', '.join(there)}: name them with --rater, "
            "--query and --item"
        )
    roles = [Role("query", (file.query,)), Role("item_id", (file.item,))]
    roles += [Role(f"rater_{place}", (name,), "number") for place, name in enumerate(file.raters)]
    wanted = Wanted("raters", file.name, tuple(roles))
    query: list[str] = []
    item: list[str] = []
    grades: list[list[float | None]] = [[] for _ in file.raters]
    wrong: list[str] = []
    for batch in sources.batches(sources.scan(wanted, pseudonym=str)):
        for place, column in enumerate(grades):
            texts, numbers = batch[f"rater_{place}_text"], batch[f"rater_{place}"]
            wrong += [t for t, n in zip(texts, numbers, strict=True) if t is not None and n is None]
            column.extend(numbers)
        query += [str(each or "") for each in batch["query"]]
        item += [str(each or "") for each in batch["item_id"]]
    if wrong:
        raise DataError(f"{file.name}: {len(wrong):,} grades are no numbers (such as {wrong[0]!r}): write 0, 1, 2 …")
    values = np.array([[np.nan if each is None else each for each in column] for column in grades]).T
    classes = np.unique(values[~np.isnan(values)])
    if not 1 <= len(classes) <= _MOST_CLASSES:
        raise DataError(f"{file.name}: {len(classes):,} different grades; 1 to {_MOST_CLASSES} can be compared")
    said = np.where(np.isnan(values), MISSING, np.searchsorted(classes, np.nan_to_num(values))).astype(np.int64)
    return _Ratings(query, item, classes, said)


def _rows(said: IntArray, raters: Sequence[str]) -> Iterator[AgreementRow]:
    alpha, n = krippendorff_alpha(said, metric="ordinal")
    yield _row(("all",), "krippendorff", alpha, n)
    fleiss, n = fleiss_kappa(said)
    yield _row(("all",), "fleiss", fleiss, n)
    for one, other in combinations(range(len(raters)), 2):
        for measure, weights in _KAPPAS:
            kappa, n = cohen_kappa(said[:, one], said[:, other], weights=weights)
            yield _row((raters[one], raters[other]), measure, kappa, n)


def _row(between: tuple[str, ...], measure: str, value: float, n: int) -> AgreementRow:
    return AgreementRow(between=between, measure=measure, value=None if np.isnan(value) else value, pairs=n)


def _notes(said: IntArray, truth: DawidSkene, raters: Sequence[str]) -> Iterator[LabelNote]:
    told = [f"{name} {100 * right:.0f} %" for name, right in zip(raters, truth.accuracy, strict=True)]
    yield note_of("raters_right", raters=", ".join(told))
    alpha, _ = krippendorff_alpha(said, metric="ordinal")
    if np.isnan(alpha) or alpha < _LEAST_ALPHA:
        yield note_of("raters_disagree", is_warning=True, alpha=f"{alpha:.2f}")
