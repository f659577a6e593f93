"""Pre-trained text encoders in torch: read from a local folder, looked into, cut, and exported. Never used to serve.

Only safetensors weights are read, and nothing is fetched. The forward pass is written out here, so that the
export does not depend on how a library version builds its masks.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers

from steelyard.adapters.encoders.onnx_encoder import open_session, open_tokenizer, run_graph
from steelyard.compression.prune import Projection, mean_cosine
from steelyard.domain import IntArray, VectorArray
from steelyard.errors import ArtefactError
from steelyard.models.text.encode import batches_by_length, distinct

__all__ = ["TorchEncoder"]

_FAMILIES = {"bert": 0, "roberta": 1, "xlm-roberta": 1}
"""Model types whose layers are laid out as expected, and how far their positions are shifted past the pad number."""
_BATCH = 64
_OPSET = 17
_MIN_COSINE = 0.9999
_SAMPLE = (
    "hammer",
    "red wine",
    "1/2 in. x 10 ft. copper pipe, type L, hard drawn",
    "organic whole milk 1 gal, dairy, refrigerated",
    "usb c charger 65w gan fast charging with two ports",
    "",
)


class TorchEncoder:
    """A BERT-like encoder with mean pooling, in a Hugging Face folder.

    Args:
        folder: Holds ``config.json``, ``model.safetensors`` and ``tokenizer.json``.
        max_tokens: Longer texts are cut.
        threads: Batches of texts that are encoded at the same time.

    Raises:
        ArtefactError: A file is missing, or the model is not of a supported family.
    """

    def __init__(self, folder: Path, *, max_tokens: int, threads: int = 1) -> None:
        missing = [n for n in ("config.json", "model.safetensors", "tokenizer.json") if not (folder / n).is_file()]
        if missing:
            raise ArtefactError(f"{folder} has no {', '.join(missing)}: give a Hugging Face folder with safetensors")
        family = json.loads((folder / "config.json").read_text("utf-8")).get("model_type")
        if family not in _FAMILIES:
            raise ArtefactError(f"{folder} holds a {family!r} model; supported are {', '.join(sorted(_FAMILIES))}")
        self.folder = folder
        self.max_tokens, self._threads = max_tokens, threads
        self.tokenizer = open_tokenizer(folder / "tokenizer.json", max_tokens=max_tokens)
        self.network = _Network(_load(folder), shift=_FAMILIES[family])

    @property
    def width(self) -> int:
        """Length of a vector."""
        return int(self.network.model.config.hidden_size)

    @property
    def n_layers(self) -> int:
        """Layers of the full encoder."""
        return len(self.network.layers)

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token numbers of each text between its marks, cut at ``max_tokens``."""
        return [encoding.ids for encoding in self.tokenizer.encode_batch_fast(list(texts))]

    def encode(self, texts: Sequence[str]) -> VectorArray:
        """One vector for each text, of length 1. Shape (texts, width), float32."""
        everything = tuple(range(self.n_layers))
        pooled = self.pooled(texts, [everything])[everything]
        return np.asarray(torch.nn.functional.normalize(torch.from_numpy(pooled), dim=-1).numpy(), np.float32)

    def pooled(self, texts: Sequence[str], choices: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], VectorArray]:
        """Mean-pooled outputs of several choices of layers; work that choices share is done once.

        Args:
            texts: Any number.
            choices: Ascending layer numbers of each choice.

        Returns:
            For each choice an array of shape (texts, width), not normalised.
        """
        rows, places = distinct(self.token_ids(texts))
        result = {choice: np.empty((len(rows), self.width), np.float32) for choice in choices}
        batches = list(batches_by_length(np.array([len(row) for row in rows], np.int64), size=_BATCH))

        def fill(numbers: IntArray) -> None:
            ids = torch.tensor([list(rows[number]) for number in numbers])
            with torch.inference_mode():
                known: dict[tuple[int, ...], torch.Tensor] = {(): self.network.embedded(ids)}
                for choice in choices:
                    result[choice][numbers] = self.network.through(choice, known).mean(dim=1).numpy()

        _side_by_side(fill, batches, threads=self._threads)
        return {choice: vectors[places] for choice, vectors in result.items()}

    def export_onnx(
        self, out: Path, *, layers: tuple[int, ...] | None = None, projection: Projection | None = None
    ) -> float:
        """Write the encoder as an ONNX graph, pooling and normalisation inside, and check it against torch.

        Args:
            out: The file.
            layers: Layers to keep; all by default.
            projection: Linear map put between pooling and normalisation.

        Returns:
            Lowest cosine between the graph's vectors and torch's on sample texts.

        Raises:
            ArtefactError: A cosine is below 0.9999: the export is wrong, and the file is taken away again.
        """
        kept = tuple(range(self.n_layers)) if layers is None else layers
        head = _Head(self.network, kept, projection).eval()
        example = torch.tensor([row[:3] for row in self.token_ids(["two words", "more words"])])
        mask = torch.ones_like(example)
        axes = {0: "texts", 1: "tokens"}
        with warnings.catch_warnings(), torch.no_grad():
            warnings.filterwarnings("ignore", category=DeprecationWarning, module="torch.onnx")
            warnings.filterwarnings("ignore", message=".*legacy TorchScript-based ONNX export")
            torch.onnx.export(
                head,
                (example, mask),
                str(out),
                dynamo=False,  # its graphs quantise; an example of two texts, as one breaks a fused operator
                opset_version=_OPSET,
                input_names=["input_ids", "attention_mask"],
                output_names=["vectors"],
                dynamic_axes={"input_ids": axes, "attention_mask": axes, "vectors": {0: "texts"}},
            )
        head.eval()
        return self._checked(out, head)

    def _checked(self, out: Path, head: _Head) -> float:
        session = open_session(out, threads=1)
        cosines = []
        for row in self.token_ids(_SAMPLE):
            ids = np.array([row], np.int64)
            with torch.no_grad():
                expected = head(torch.from_numpy(ids), torch.ones(ids.shape, dtype=torch.int64)).numpy()
            cosines.append(mean_cosine(run_graph(session, ids), expected))
        lowest = min(cosines)
        if not lowest >= _MIN_COSINE:
            out.unlink()
            raise ArtefactError(
                f"the exported graph differs from torch (cosine {lowest:.5f} < {_MIN_COSINE}): it was not kept; "
                "check that torch is the version this release was tested with"
            )
        return lowest


def _side_by_side(fill: Callable[[IntArray], None], batches: Sequence[IntArray], *, threads: int) -> None:
    """Fill each batch, so many at a time, each on one thread.

    Torch's own threads wait for each other after every operator, and keep a core busy while they do; how many it has
    is no guide either, as other libraries of the process set that number too.
    """
    before = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(threads, initializer=lambda: torch.set_num_threads(1)) as workers:
            for _ in workers.map(fill, batches):
                pass
    finally:
        torch.set_num_threads(before)


class _Network:
    """The parts of a model, put together by hand."""

    def __init__(self, model: Any, *, shift: int) -> None:
        self.model = model
        self.layers = list(model.encoder.layer)
        self.first_position = shift * (int(model.config.pad_token_id or 0) + 1)

    def embedded(self, ids: torch.Tensor) -> torch.Tensor:
        """Input of the first layer. ``ids`` has no padding before its last token."""
        positions = torch.cumsum(torch.ones_like(ids), dim=1) - 1 + self.first_position
        found: torch.Tensor = self.model.embeddings(
            input_ids=ids, token_type_ids=torch.zeros_like(ids), position_ids=positions
        )
        return found

    def layer(self, number: int, hidden: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        """Output of one layer; some versions of the library give a tuple."""
        found = self.layers[number](hidden, bias)
        return found[0] if isinstance(found, tuple) else found

    def through(self, choice: tuple[int, ...], known: dict[tuple[int, ...], torch.Tensor]) -> torch.Tensor:
        """Output of the layers of ``choice``, one after another; ``known`` remembers every beginning."""
        if choice not in known:
            known[choice] = self.layer(choice[-1], self.through(choice[:-1], known), None)
        return known[choice]


class _Head(torch.nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    """The graph that is exported: chosen layers, mean over real tokens, map, length 1."""

    def __init__(self, network: _Network, kept: tuple[int, ...], projection: Projection | None) -> None:
        super().__init__()
        self.network = network
        self.model = network.model  # registered, so that its weights are part of the graph
        self.kept = kept
        self.map: torch.nn.Linear | None = None
        if projection is not None:
            self.map = torch.nn.Linear(*projection.matrix.shape)
            with torch.no_grad():
                self.map.weight.copy_(torch.from_numpy(projection.matrix.T.copy()))
                self.map.bias.copy_(torch.from_numpy(projection.bias))

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Vectors of length 1."""
        hidden = self.network.embedded(input_ids)
        bias = (1.0 - attention_mask[:, None, None, :].to(hidden.dtype)) * -10000.0
        for number in self.kept:
            hidden = self.network.layer(number, hidden, bias)
        weights = attention_mask[:, :, None].to(hidden.dtype)
        pooled = (hidden * weights).sum(1) / weights.sum(1)
        if self.map is not None:
            pooled = self.map(pooled)
        return torch.nn.functional.normalize(pooled, dim=-1)


def _load(folder: Path) -> Any:
    level = transformers.utils.logging.get_verbosity()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    try:
        model = transformers.AutoModel.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, trust_remote_code=False, attn_implementation="eager"
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ArtefactError(f"{folder} cannot be loaded as an encoder ({error})") from error
    finally:
        transformers.utils.logging.set_verbosity(level)
    return model.eval().requires_grad_(requires_grad=False)
