"""Promises of a term index. Subclass the suite in your tests and name your engine; pytest does the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from steelyard.assembly.files import IndexEngine
from steelyard.errors import ArtefactError
from steelyard.models.ports import CandidateIndex
from steelyard.testing.refusals import refused

__all__ = ["IndexContract"]

_MANY = 1500
"""More documents than an engine writes in one go, it is hoped; all of them hold one term."""


class IndexContract(ABC):
    """Promises of ``steelyard.assembly.files.IndexEngine`` and of the index it opens.

    Every test gets an empty folder of its own (pytest's ``tmp_path``).
    """

    @abstractmethod
    def engine(self) -> IndexEngine:
        """What builds and opens indexes."""

    def documents(self) -> Sequence[Sequence[str]]:
        """Terms of each text: one has none, one holds a term twice, some are not Latin."""
        return [["oak", "chair"], ["oak", "table", "oak"], [], ["红色", "连衣裙"], ["chair"], ["crème", "100g", "a-b"]]

    def built(self, folder: Path) -> CandidateIndex:
        """The index of ``documents``, written into a folder and opened.

        Args:
            folder: Empty.

        Returns:
            Ready to answer.
        """
        self.engine().build(folder, self.documents())
        return self.engine().open(folder)

    def test_a_term_finds_the_texts_that_hold_it_and_no_others(self, tmp_path: Path) -> None:
        index = self.built(tmp_path)
        for term in {term for terms in self.documents() for term in terms}:
            holding = [number for number, terms in enumerate(self.documents()) if term in terms]
            assert sorted(index.candidates([term], k=100).tolist()) == holding, term

    def test_any_of_several_terms_is_enough(self, tmp_path: Path) -> None:
        assert set(self.built(tmp_path).candidates(["chair", "table"], k=100).tolist()) == {0, 1, 4}

    def test_a_text_that_holds_more_of_the_terms_comes_first(self, tmp_path: Path) -> None:
        assert self.built(tmp_path).candidates(["oak", "chair"], k=100)[0] == 0

    def test_at_most_k_come_back(self, tmp_path: Path) -> None:
        index = self.built(tmp_path)
        for k in (1, 2, 3):
            assert len(index.candidates(["oak", "chair"], k=k)) == k

    def test_a_shorter_list_is_the_beginning_of_a_longer_one(self, tmp_path: Path) -> None:
        index = self.built(tmp_path)
        np.testing.assert_array_equal(
            index.candidates(["oak", "chair"], k=2), index.candidates(["oak", "chair"], k=100)[:2]
        )

    def test_nothing_comes_twice_even_where_a_term_is_asked_twice(self, tmp_path: Path) -> None:
        found = self.built(tmp_path).candidates(["oak", "oak", "table", "chair"], k=100).tolist()
        assert len(found) == len(set(found)) == 3

    def test_unknown_terms_find_nothing_and_hide_nothing(self, tmp_path: Path) -> None:
        index = self.built(tmp_path)
        assert index.candidates(["zebra"], k=5).tolist() == []
        assert set(index.candidates(["zebra", "table"], k=5).tolist()) == {1}

    def test_no_terms_find_nothing(self, tmp_path: Path) -> None:
        assert self.built(tmp_path).candidates([], k=5).shape == (0,)

    def test_terms_are_taken_as_they_are_and_never_as_a_language_of_queries(self, tmp_path: Path) -> None:
        index = self.built(tmp_path)
        for strange in ("oak*", "oak AND chair", '"oak"', "terms:oak", "OR", "(", "Oak", "oa"):
            assert index.candidates([strange], k=5).tolist() == [], strange

    def test_numbers_are_integers_of_texts(self, tmp_path: Path) -> None:
        found = self.built(tmp_path).candidates(["oak"], k=5)
        assert np.issubdtype(found.dtype, np.integer)

    def test_opened_again_it_answers_the_same(self, tmp_path: Path) -> None:
        first, second = self.built(tmp_path), self.engine().open(tmp_path)
        for terms in (["oak", "chair"], ["红色"], ["table", "chair", "100g"]):
            np.testing.assert_array_equal(first.candidates(terms, k=9), second.candidates(terms, k=9))

    def test_opening_and_asking_change_nothing_in_the_folder(self, tmp_path: Path) -> None:
        self.engine().build(tmp_path, self.documents())
        before = _contents(tmp_path)
        self.engine().open(tmp_path).candidates(["oak"], k=5)
        assert _contents(tmp_path) == before

    def test_the_same_documents_give_the_same_answers_in_another_folder(self, tmp_path: Path) -> None:
        folders = [tmp_path / name for name in ("first", "second")]
        for folder in folders:
            folder.mkdir()
        first, second = (self.built(folder).candidates(["oak", "chair"], k=9) for folder in folders)
        np.testing.assert_array_equal(first, second)

    def test_a_shop_without_texts_has_an_index_that_finds_nothing(self, tmp_path: Path) -> None:
        self.engine().build(tmp_path, [])
        assert self.engine().open(tmp_path).candidates(["oak"], k=5).tolist() == []

    def test_many_texts_are_all_found(self, tmp_path: Path) -> None:
        self.engine().build(tmp_path, (["all", f"n{number}"] for number in range(_MANY)))
        index = self.engine().open(tmp_path)
        assert sorted(index.candidates(["all"], k=_MANY).tolist()) == list(range(_MANY))
        assert index.candidates([f"n{_MANY - 1}"], k=5).tolist() == [_MANY - 1]

    def test_a_folder_without_an_index_is_refused(self, tmp_path: Path) -> None:
        with refused(ArtefactError):
            self.engine().open(tmp_path)


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
