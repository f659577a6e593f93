"""A network that reads a query together with each of some texts, run by onnxruntime. No torch."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.domain import FloatArray, IntArray
from steelyard.errors import ArtefactError
from steelyard.models.reranking.pair_texts import PairTexts, tokenizer_of
from steelyard.models.reranking.pairs_of_tokens import cut, packed

__all__ = ["PairNetwork"]


class PairNetwork:
    """Scores texts for a query.

    Its numbers are of 8 bits, with one scale for all pairs that are read at the same time: the score of a text depends
    a little on the texts beside it, and on nothing else.

    Args:
        graph: As ``Folder.learn_pairs`` wrote it, verified.
        tokenizer: Beside it.
        texts: Of the catalogue.
        max_tokens: Of a pair.

    Raises:
        ArtefactError: onnxruntime refuses the graph.
    """

    def __init__(self, graph: bytes, tokenizer: bytes, texts: PairTexts, *, max_tokens: int) -> None:
        self.texts, self._longest = texts, max_tokens
        self._tokenizer: Any = tokenizer_of(tokenizer, max_tokens=max_tokens)
        self._session = _opened(graph)

    def query(self, query: str) -> list[int]:
        """Token numbers of a query, with the marks around it."""
        ids: list[int] = self._tokenizer.encode(query).ids
        return ids

    def n_tokens(self, query: str, texts: IntArray) -> int:
        """Tokens that are read for a query and some texts: what the processor time goes by.

        Args:
            query: As the shopper typed it.
            texts: Text numbers.

        Returns:
            Of all pairs together.
        """
        words = self.query(query)
        pairs = [cut(words, text, longest=self._longest) for text in self.texts.of(texts)]
        return sum(len(first) + len(second) for first, second in pairs)

    def scores(self, query: str, texts: IntArray) -> FloatArray:
        """How well each text goes with a query, in one run.

        Args:
            query: As the shopper typed it.
            texts: Text numbers. Shape (n,).

        Returns:
            Shape (n,); differences within a query mean something, levels do not.
        """
        if not len(texts):
            return np.empty(0)
        words = self.query(query)
        pairs = [cut(words, text, longest=self._longest) for text in self.texts.of(texts)]
        inputs = packed([first for first, _ in pairs], [second for _, second in pairs]).inputs()
        return np.asarray(self._session.run(None, inputs)[0], np.float64)


def _opened(graph: bytes) -> Any:
    import onnxruntime  # noqa: PLC0415  (only where pairs are read)

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has its own tree of errors, below Exception only
        raise ArtefactError(f"the cross-encoder cannot be run by onnxruntime ({error}); run build again") from error
