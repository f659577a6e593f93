"""First phase of lexical search: tantivy over pre-segmented terms, memory-mapped.

tantivy cuts only at spaces, so the terms are exactly those of ``steelyard.models.text.segment`` (it has no Chinese
tokeniser of its own). Its score has a fixed k1 of 1.2 and b of .75 and orders the candidates only roughly: the second
phase scores them again.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from uuid import UUID

import numpy as np
import tantivy

from steelyard.domain import IntArray
from steelyard.errors import ArtefactError

__all__ = ["TantivyIndex", "TantivyIndexes", "build_tantivy_index", "open_tantivy_index"]

_FOLDER = "index"
_TERMS = "terms"
_NUMBER = "number"
_LOCK = ".tantivy-meta.lock"
"""Empty file that a reader locks and makes where it is missing; it is written with the index, so that opening changes
nothing in a verified folder."""
_HEAP_BYTES = 128_000_000


class TantivyIndex:
    """Documents by term, opened for reading.

    Args:
        index: An index that ``build_tantivy_index`` made.
    """

    is_bm25 = True
    """Finds what the sum of ``first_phase.impacts_of`` finds: what holds the postings may add it up itself."""

    def __init__(self, index: tantivy.Index) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()
        self._numbers = _numbers_of(self._searcher)

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def candidates(self, terms: Sequence[str], *, k: int) -> IntArray:
        """Text numbers of at most ``k`` documents holding any of ``terms``, best first.

        Args:
            terms: Terms as they were indexed; a term given twice counts once.
            k: At most so many, >= 1.

        Returns:
            Shape (<= k,). Empty where no document holds any of the terms. Equal scores: lower number first.
        """
        distinct = dict.fromkeys(terms)
        if not distinct:
            return np.empty(0, np.int64)
        clauses = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, _TERMS, term, "freq")) for term in distinct
        ]
        query = clauses[0][1] if len(clauses) == 1 else tantivy.Query.boolean_query(clauses)
        hits = self._searcher.search(query, limit=k, count=False).hits
        if len(self._numbers) == 1:
            return self._numbers[0][[address.doc for _, address in hits]]
        found = [self._numbers[address.segment_ord][address.doc] for _, address in hits]
        return np.array(found, np.int64)


def build_tantivy_index(folder: Path, documents: Iterable[Sequence[str]]) -> None:
    """Write the term index of ``documents`` into ``folder/index``.

    Args:
        folder: An existing folder.
        documents: Terms of text 0, 1, 2 …; a document may have none.
    """
    target = folder / _FOLDER
    target.mkdir()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(_TERMS, tokenizer_name="whitespace", index_option="freq")
    builder.add_integer_field(_NUMBER, fast=True)
    index = tantivy.Index(builder.build(), path=str(target))
    writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
    for number, terms in enumerate(documents):
        document = tantivy.Document()
        document.add_text(_TERMS, " ".join(terms))
        document.add_integer(_NUMBER, number)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    for lock in target.glob("*.lock"):
        lock.unlink()
    (target / _LOCK).touch()
    _name_by_order(target)
    for path in target.iterdir():
        path.chmod(0o644)


def open_tantivy_index(folder: Path) -> TantivyIndex:
    """The term index in ``folder/index``.

    Args:
        folder: What ``build_tantivy_index`` was given; it must have been verified.

    Returns:
        The index, memory-mapped. Nothing in the folder is changed.

    Raises:
        ArtefactError: There is none, or this version of tantivy cannot read it.
    """
    path = folder / _FOLDER
    if not path.is_dir() or not tantivy.Index.exists(str(path)):
        raise ArtefactError(f"{folder} holds no term index: make the lexical part again")
    try:
        return TantivyIndex(tantivy.Index.open(str(path if os.access(path / _LOCK, os.W_OK) else _linked(path))))
    except (ValueError, OSError) as error:
        raise ArtefactError(f"{path} cannot be opened ({error}); make the lexical part again") from error


def _linked(folder: Path) -> str:
    """A temporary folder of links to the files of a read-only one, since opening an index takes a lock file there.

    It lives as long as the process: tantivy may open a file again.
    """
    shadow = tempfile.mkdtemp(prefix="steelyard-index-")
    atexit.register(shutil.rmtree, shadow, ignore_errors=True)
    for path in folder.iterdir():
        if path.name != _LOCK:
            (Path(shadow) / path.name).symlink_to(path.resolve())
    return shadow


def _name_by_order(folder: Path) -> None:
    """Rename segments, which tantivy names at random, by their order: the same documents give the same files."""
    notes = [folder / "meta.json", folder / ".managed.json"]
    texts = [note.read_text("utf-8") for note in notes]
    for order, segment in enumerate(json.loads(texts[0])["segments"]):
        old, new = UUID(segment["segment_id"]), UUID(int=order + 1)
        for path in folder.glob(f"{old.hex}.*"):
            path.rename(path.with_name(path.name.replace(old.hex, new.hex)))
        texts = [text.replace(old.hex, new.hex).replace(str(old), str(new)) for text in texts]
    notes[0].write_text(texts[0], "utf-8")
    notes[1].write_text(json.dumps(sorted(json.loads(texts[1]))), "utf-8")


def _numbers_of(searcher: tantivy.Searcher) -> list[IntArray]:
    """Text number of every document of every segment."""
    n = int(searcher.num_docs)
    if n == 0:
        return []
    hits = searcher.search(
        tantivy.Query.all_query(), limit=n, count=False, order_by_field=_NUMBER, order=tantivy.Order.Asc
    ).hits
    segments = np.array([address.segment_ord for _, address in hits])
    docs = np.array([address.doc for _, address in hits])
    numbers = []
    for segment in range(int(segments.max()) + 1):
        mine = segments == segment
        of_doc = np.full(int(docs[mine].max()) + 1, -1, np.int64)
        of_doc[docs[mine]] = np.flatnonzero(mine)
        numbers.append(of_doc)
    return numbers


class TantivyIndexes:
    """The index plugin ``tantivy``: writes and opens term indexes."""

    @staticmethod
    def build(folder: Path, documents: Iterable[Sequence[str]]) -> None:
        """As ``build_tantivy_index``."""
        build_tantivy_index(folder, documents)

    @staticmethod
    def open(folder: Path) -> TantivyIndex:
        """As ``open_tantivy_index``."""
        return open_tantivy_index(folder)
