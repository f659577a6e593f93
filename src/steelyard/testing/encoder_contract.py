"""Promises of an encoder. Subclass the suite in your tests and say how to open yours; pytest does the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from steelyard.models.ports import Encoder
from steelyard.testing.toy_shop import toy_shop

__all__ = ["EncoderContract"]

_SEED = 7
_CLOSE = 1e-4
"""Vectors are stored in 8 to 32 bits and multiplied in another order for each batch."""


class EncoderContract(ABC):
    """Promises of ``steelyard.models.ports.Encoder``."""

    n_words_read: ClassVar[int] = 10_000
    """So many words are more than the encoder reads; what stands after them changes nothing."""

    @abstractmethod
    def open(self) -> Encoder:
        """The encoder, ready; opened again, it is the same one."""

    def texts(self) -> Sequence[str]:
        """Texts with words it knows: titles of the toy shop and a Chinese one, unless overridden."""
        return [*toy_shop(seed=_SEED).texts.title[:12], "红色连衣裙 纯棉", "Crème brûlée, 2 × 100 g"]

    def test_each_text_has_a_vector_of_the_encoder_s_width_in_float32(self) -> None:
        encoder = self.open()
        vectors = encoder.encode(self.texts())
        assert vectors.shape == (len(self.texts()), encoder.width)
        assert vectors.dtype == np.float32

    def test_every_vector_has_length_one(self) -> None:
        lengths = np.linalg.norm(self.open().encode(self.texts()), axis=1)
        np.testing.assert_allclose(lengths, 1, atol=_CLOSE)

    def test_a_batch_equals_its_texts_one_by_one(self) -> None:
        encoder = self.open()
        alone = [encoder.encode([text])[0] for text in self.texts()]
        np.testing.assert_allclose(encoder.encode(self.texts()), alone, atol=_CLOSE)

    def test_a_text_s_vector_does_not_depend_on_its_place_in_the_batch(self) -> None:
        encoder = self.open()
        backwards = encoder.encode(list(self.texts())[::-1])
        np.testing.assert_allclose(encoder.encode(self.texts()), backwards[::-1], atol=_CLOSE)

    def test_the_same_text_has_the_same_vector_after_opening_again(self) -> None:
        first, second = (self.open().encode(self.texts()) for _ in range(2))
        np.testing.assert_array_equal(first, second)

    def test_different_texts_have_different_vectors(self) -> None:
        first, second = self.open().encode(self.texts()[:2])
        assert np.abs(first - second).max() > _CLOSE

    def test_a_text_without_words_has_length_one_or_is_like_nothing(self) -> None:
        vectors = self.open().encode(["", " ", "\n"])
        lengths = np.linalg.norm(vectors, axis=1)
        assert vectors.shape == (3, self.open().width)
        assert ((np.abs(lengths - 1) < _CLOSE) | (lengths == 0)).all()

    def test_an_empty_text_changes_nothing_of_its_neighbours(self) -> None:
        encoder, text = self.open(), self.texts()[0]
        np.testing.assert_allclose(encoder.encode(["", text])[1], encoder.encode([text])[0], atol=_CLOSE)

    def test_no_texts_have_no_vectors(self) -> None:
        encoder = self.open()
        vectors = encoder.encode([])
        assert vectors.shape == (0, encoder.width)
        assert vectors.dtype == np.float32

    def test_a_long_text_is_cut_and_not_refused(self) -> None:
        words = " ".join(self.texts()).split()
        beginning = " ".join(words * (1 + self.n_words_read // len(words)))
        cut, longer = self.open().encode([beginning, f"{beginning} {self.texts()[0]}"])
        np.testing.assert_allclose(np.linalg.norm(cut), 1, atol=_CLOSE)
        np.testing.assert_allclose(cut, longer, atol=_CLOSE)
