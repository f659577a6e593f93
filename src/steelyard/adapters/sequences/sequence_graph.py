"""A sequence network as ONNX graphs: whole, and with weights of 8 bits; checked against torch."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
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
        ``fp32.onnx`` and ``int8.onnx``: input ``vectors``, shape (n, width), 1 <= n <= length, output ``wanted``, shape
        (width,). And the highest difference between the first and torch.

    Raises:
        ArtefactError: They differ: the export is wrong, and nothing is kept.
    """
    served = Served(network).eval()
    whole, small = folder / "fp32.onnx", folder / "int8.onnx"
    random = np.random.default_rng(0)
    example = torch.from_numpy(random.standard_normal((min(3, network.length), network.width), np.float32))
    with warnings.catch_warnings(), torch.no_grad():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", message=".*legacy TorchScript-based ONNX export")
        warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
        torch.onnx.export(
            served,
            (example,),
            str(whole),
            dynamo=False,
            opset_version=_OPSET,
            input_names=["vectors"],
            output_names=["wanted"],
            dynamic_axes={"vectors": {0: "n"}},
        )
    session, difference = open_session(whole, threads=1), 0.0
    for n in sorted({1, 2, network.length}):
        vectors = random.standard_normal((min(n, network.length), network.width), np.float32)
        with torch.no_grad():
            expected = served(torch.from_numpy(vectors)).numpy()
        found = session.run(None, {"vectors": vectors})[0]
        difference = max(difference, float(np.abs(found - expected).max() / max(1.0, float(np.abs(expected).max()))))
    if not difference <= _MAX_DIFFERENCE:
        raise ArtefactError(
            f"the exported transformer differs from torch by {difference:.5f} (at most {_MAX_DIFFERENCE}): it was not "
            "kept; check that torch is the version this release was tested with"
        )
    quantise_onnx(whole, small)
    return {"fp32.onnx": whole.read_bytes(), "int8.onnx": small.read_bytes()}, round(difference, 7)
