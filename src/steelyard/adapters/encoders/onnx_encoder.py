"""Encoders as ONNX graphs, run by onnxruntime: what a running shop encodes queries with. No torch."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from steelyard.domain import IntArray, VectorArray
from steelyard.errors import ArtefactError
from steelyard.models.text.encode import batches_by_length, distinct

__all__ = ["OnnxEncoder", "open_onnx_encoder", "open_tokenizer", "quantise_onnx"]

_BATCH = 32
_REPORT_EVERY = 512


def open_tokenizer(path: Path, *, max_tokens: int) -> Tokenizer:
    """The tokenizer in a ``tokenizer.json``, cutting at ``max_tokens`` and never padding.

    Args:
        path: The file.
        max_tokens: Marks included.

    Returns:
        The tokenizer.

    Raises:
        ArtefactError: The file is missing or not a tokenizer.
    """
    try:
        tokenizer = Tokenizer.from_str(path.read_text("utf-8"))
    except Exception as error:  # tokenizers raises plain Exception
        raise ArtefactError(f"{path} is not a tokenizer ({error}); make the encoder again") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


class OnnxEncoder:
    """An encoder in a verified folder: ``model.onnx``, ``tokenizer.json``, ``facts.json``.

    Texts are encoded in batches of one token length each, so a text's vector does not depend on its company.
    Graphs quantised dynamically share one scale per batch; their facts say ``"batch": 1``. Several threads take a
    batch each: within one batch they would wait for each other after every operator.

    Args:
        folder: The folder.
        threads: Batches that are encoded at the same time.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        try:
            facts = json.loads((folder / "facts.json").read_text("utf-8"))
            self._width, self.max_tokens = int(facts["width"]), int(facts["max_tokens"])
            self.session = open_session(folder / "model.onnx", threads=1)
        except (OSError, ValueError, KeyError) as error:
            raise ArtefactError(f"{folder} does not hold an ONNX encoder ({error}); make it again") from error
        self.folder = folder
        self.query_prefix = str(facts.get("query_prefix", ""))
        self._batch = int(facts.get("batch", _BATCH))
        self._threads = threads
        self._tokenizer = open_tokenizer(folder / "tokenizer.json", max_tokens=self.max_tokens)

    @property
    def width(self) -> int:
        """Length of a vector."""
        return self._width

    @property
    def n_tokens(self) -> int:
        """One more than the largest number of a token."""
        return max(self._tokenizer.get_vocab(with_added_tokens=True).values()) + 1

    def token_ids(self, texts: Sequence[str], *, special: bool = True) -> list[list[int]]:
        """Token numbers of each text, cut at ``max_tokens``; ``special`` adds the marks at both ends."""
        rows: list[list[int]] = []
        for start in range(0, len(texts), _REPORT_EVERY):  # bounded, as the tokenizer's own records are large
            some = list(texts[start : start + _REPORT_EVERY])
            found = self._tokenizer.encode_batch_fast(some, add_special_tokens=special)
            rows += [encoding.ids for encoding in found]
        return rows

    def encode(self, texts: Sequence[str], *, progress: Callable[[int, int, str], None] | None = None) -> VectorArray:
        """One vector for each text, of length 1.

        Args:
            texts: Any number; each is cut at ``max_tokens``.
            progress: Told ``(done, total, what)`` every few hundred texts.

        Returns:
            Shape (texts, width), float32.
        """
        rows, places = distinct(self.token_ids(texts))
        return self._vectors(rows, progress, "encoding texts")[places]

    def token_vectors(self, *, progress: Callable[[int, int, str], None] | None = None) -> VectorArray:
        """One vector for each token of the vocabulary alone between its marks, of length 1.

        Args:
            progress: Told ``(done, total, what)`` every few hundred tokens.

        Returns:
            Shape (``n_tokens``, width), float32.
        """
        marks = self._tokenizer.encode("").ids
        rows = [[marks[0], token, *marks[1:]] for token in range(self.n_tokens)]
        return self._vectors(rows, progress, "encoding tokens")

    def _vectors(
        self, rows: Sequence[Sequence[int]], progress: Callable[[int, int, str], None] | None, what: str
    ) -> VectorArray:
        vectors = np.empty((len(rows), self._width), np.float32)
        batches = list(batches_by_length(np.array([len(row) for row in rows], np.int64), size=self._batch))

        def fill(numbers: IntArray) -> int:
            vectors[numbers] = run_graph(self.session, np.array([rows[number] for number in numbers], np.int64))
            return len(numbers)

        done, told = 0, 0
        for n in self._each(fill, batches):
            done += n
            if progress is not None and (done - told >= _REPORT_EVERY or done == len(rows)):
                progress(done, len(rows), what)
                told = done
        return vectors

    def _each(self, fill: Callable[[IntArray], int], batches: Sequence[IntArray]) -> Iterator[int]:
        if min(self._threads, len(batches)) <= 1:
            yield from map(fill, batches)
            return
        with ThreadPoolExecutor(self._threads) as workers:
            yield from workers.map(fill, batches)


def open_session(path: Path, *, threads: int) -> Any:
    """An inference session on the processor that does not spin while it waits.

    Args:
        path: An ONNX graph.
        threads: Threads of one call.

    Returns:
        The session.

    Raises:
        ArtefactError: onnxruntime refuses the file.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has its own tree of errors, below Exception only
        raise ArtefactError(f"{path} cannot be run by onnxruntime ({error}); make it again") from error


def run_graph(session: Any, ids: IntArray) -> VectorArray:
    """Vectors of texts with equally many tokens. ``ids`` has shape (texts, tokens); the result (texts, width)."""
    found = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
    return np.asarray(found, np.float32)


def open_onnx_encoder(folder: Path, *, threads: int = 1) -> OnnxEncoder:
    """The ONNX encoder in a verified folder (plugin ``onnx`` of ``steelyard.encoders``).

    Args:
        folder: Holds ``model.onnx``, ``tokenizer.json`` and ``facts.json``.
        threads: Batches encoded at the same time; more than one helps only when encoding catalogues.

    Returns:
        The encoder.

    Raises:
        ArtefactError: The folder holds something else.
    """
    return OnnxEncoder(folder, threads=threads)


def quantise_onnx(src: Path, out: Path) -> None:
    """Write ``src`` with weights of 8 bits, one scale for each output channel; activations scaled at run time.

    Args:
        src: An fp32 graph.
        out: Where the quantised graph goes.
    """
    import onnx  # noqa: PLC0415  (only for making, not for serving)
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    graph = onnx.load(src)
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)  # it advises a pre-processing that the legacy exporter's graphs do not need
    try:
        quantize_dynamic(graph, out, weight_type=QuantType.QInt8, per_channel=True)
    finally:
        logger.setLevel(level)
