"""The first phase: a term index on disk."""

import hashlib
from pathlib import Path

import pytest

from steelyard.adapters.artefacts import seal, verify
from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.errors import ArtefactError

DOCUMENTS = [["lamp", "red"], [], ["望远", "望远镜"], ["lamp", "lamp", "1-1/2"], ["lamp", "red"]]


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted((folder / "index").iterdir())}


def test_documents_are_found_by_any_term_and_equal_ones_in_order(tmp_path: Path) -> None:
    build_tantivy_index(tmp_path, DOCUMENTS)
    index = open_tantivy_index(tmp_path)

    assert index.candidates(["red"], k=5).tolist() == [0, 4]
    assert sorted(index.candidates(["red", "1-1/2", "望远镜"], k=5).tolist()) == [0, 2, 3, 4]
    assert index.candidates(["lamp"], k=1).tolist() == [3]


def test_unknown_terms_and_no_terms_find_nothing(tmp_path: Path) -> None:
    build_tantivy_index(tmp_path, DOCUMENTS)
    index = open_tantivy_index(tmp_path)

    assert index.candidates(["desk"], k=5).tolist() == []
    assert index.candidates([], k=5).tolist() == []


def test_the_same_documents_give_the_same_files(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]

    for folder in folders:
        folder.mkdir()
        build_tantivy_index(folder, DOCUMENTS)

    assert digests(folders[0]) == digests(folders[1])


def test_opening_changes_nothing_in_a_verified_folder(tmp_path: Path) -> None:
    build_tantivy_index(tmp_path, DOCUMENTS)
    digest = seal(tmp_path)

    open_tantivy_index(tmp_path).candidates(["lamp"], k=2)

    verify(tmp_path, digest)


def test_an_empty_index_opens_and_finds_nothing(tmp_path: Path) -> None:
    build_tantivy_index(tmp_path, [])

    assert open_tantivy_index(tmp_path).candidates(["lamp"], k=3).tolist() == []


def test_a_folder_without_an_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="no term index"):
        open_tantivy_index(tmp_path)


def test_a_damaged_index_is_refused(tmp_path: Path) -> None:
    build_tantivy_index(tmp_path, DOCUMENTS)
    (tmp_path / "index" / "meta.json").write_text("{}")

    with pytest.raises(ArtefactError, match="cannot be opened"):
        open_tantivy_index(tmp_path)
