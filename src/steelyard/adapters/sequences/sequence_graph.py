"""A sequence network as ONNX graphs: whole, and with weights of 8 bits; checked against torch."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from steelyard.adapters.encoders.onnx_encoder import open_session, quantise_onnx
from steelyard.adapters.sequences.sequence_network import SequenceNetwork, Served
from steelyard.errors import ArtefactError

__all__ = ["write_graphs"]

_OPSET = 17
_MAX_DIFFERENCE = 1e-3


def write_graphs(network: SequenceNetwork, folder: Path) -> tuple[dict[str, bytes], float]:
    """The network as it is served.

    Args:
        network: What was learnt, on the processor.
        folder: For what is passing.

    Returns:
        ``fp32.onnx`` and ``int8.onnx``: input ``vectors``, shape (n, width), 1 <= n <= length, and where times count
        ``ages``, shape (n, n); output ``wanted``, shape (width,). And the highest difference between the first and
        torch.

    Raises:
        ArtefactError: They differ: the export is wrong, and nothing is kept.
    """
    served = Served(network).eval()
    whole, small = folder / "fp32.onnx", folder / "int8.onnx"
    random = np.random.default_rng(0)
    names = ["vectors", "ages"] if network.n_ages else ["vectors"]
    with warnings.catch_warnings(), torch.no_grad():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", message=".*legacy TorchScript-based ONNX export")
        warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
        torch.onnx.export(
            served,
            tuple(map(torch.from_numpy, _example(network, random, min(3, network.length)))),
            str(whole),
            dynamo=False,
            opset_version=_OPSET,
            input_names=names,
            output_names=["wanted"],
            dynamic_axes={name: {0: "n"} if name == "vectors" else {0: "n", 1: "n"} for name in names},
        )
    session, difference = open_session(whole, threads=1), 0.0
    for n in sorted({1, 2, network.length}):
        example = _example(network, random, min(n, network.length))
        with torch.no_grad():
            expected = served(*map(torch.from_numpy, example)).numpy()
        found = session.run(None, dict(zip(names, example, strict=True)))[0]
        difference = max(difference, float(np.abs(found - expected).max() / max(1.0, float(np.abs(expected).max()))))
    if not difference <= _MAX_DIFFERENCE:
        raise ArtefactError(
            f"the exported transformer differs from torch by {difference:.5f} (at most {_MAX_DIFFERENCE}): it was not "
            "kept; check that torch is the version this release was tested with"
        )
    quantise_onnx(whole, small)
    return {"fp32.onnx": whole.read_bytes(), "int8.onnx": small.read_bytes()}, round(difference, 7)


def _example(network: SequenceNetwork, random: np.random.Generator, n: int) -> list[npt.NDArray[Any]]:
    vectors = random.standard_normal((n, network.width), np.float32)
    return [vectors, random.integers(0, network.n_ages, (n, n))] if network.n_ages else [vectors]
