"""What a network reads of each product, and the same as token numbers, made once for the whole catalogue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from steelyard.domain import IntArray, State, Texts
from steelyard.errors import ArtefactError

__all__ = ["FIELDS", "PairTexts", "fit_pair_texts", "pair_passages", "tokenizer_of"]

FIELDS = ("title", "brand", "category", "attributes", "description")
"""Fields of a product, as the template of a text names them."""
_AT_ONCE = 512


def pair_passages(texts: Texts, fields: Sequence[str]) -> list[str]:
    """The text of each product that is read beside a query.

    Args:
        texts: Distinct texts of the catalogue.
        fields: Of ``FIELDS``, the most telling first: long texts are cut at the end. A field that the text says
            already is left out.

    Returns:
        One string for each text.
    """
    result = []
    for values in zip(*(getattr(texts, field) for field in fields), strict=True):
        said = ""
        for value in values:
            if value and value.casefold() not in said.casefold():
                said = f"{said}, {value}" if said else value
        result.append(said)
    return result


def tokenizer_of(content: bytes, *, max_tokens: int) -> object:
    """A tokenizer that cuts and never pads.

    Args:
        content: Of a ``tokenizer.json``, verified.
        max_tokens: Marks included.

    Returns:
        The tokenizer.

    Raises:
        ArtefactError: It is none.
    """
    from tokenizers import Tokenizer  # noqa: PLC0415  (only where pairs are read)

    try:
        tokenizer = Tokenizer.from_str(content.decode("utf-8"))
    except Exception as error:  # tokenizers raises plain Exception
        raise ArtefactError(f"the tokenizer of the cross-encoder cannot be read ({error}); run build again") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def fit_pair_texts(passages: Sequence[str], tokenizer: bytes, *, max_tokens: int) -> State:
    """Token numbers of all texts.

    Args:
        passages: As ``pair_passages`` gave them.
        tokenizer: Of the network.
        max_tokens: Longer texts are cut.

    Returns:
        Arrays ``starts``, shape (texts + 1,), and ``tokens``, each text with the mark after it.
    """
    encode = tokenizer_of(tokenizer, max_tokens=max_tokens).encode_batch_fast  # type: ignore[attr-defined]
    rows: list[npt.NDArray[np.uint32]] = []
    for start in range(0, len(passages), _AT_ONCE):  # bounded, as the tokenizer's own records are large
        rows += [np.array(found.ids[1:], np.uint32) for found in encode(list(passages[start : start + _AT_ONCE]))]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)])
    tokens = np.concatenate([*rows, np.empty(0, np.uint32)])
    is_small = int(tokens.max(initial=0)) < 2**16
    return State({"starts": starts, "tokens": tokens.astype(np.uint16) if is_small else tokens})


class PairTexts:
    """Texts as token numbers.

    Args:
        state: As ``fit_pair_texts`` gave it.
    """

    def __init__(self, state: State) -> None:
        self._starts: list[int] = state.arrays["starts"].tolist()
        self._tokens = state.arrays["tokens"]

    def __len__(self) -> int:
        return len(self._starts) - 1

    def of(self, texts: IntArray) -> list[npt.NDArray[np.integer]]:
        """Token numbers of these texts.

        Args:
            texts: Text numbers.

        Returns:
            One array each.
        """
        starts = self._starts
        return [self._tokens[starts[text] : starts[text + 1]] for text in texts.tolist()]
