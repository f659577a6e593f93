"""The pre-trained encoder a shop names; its network is loaded when something is made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.adapters.artefacts import file_digest, write_state
from steelyard.adapters.encoders.encoder_language import find_encoder
from steelyard.adapters.encoders.encoder_variants import Material, write_static, write_variant
from steelyard.adapters.encoders.onnx_encoder import open_onnx_encoder
from steelyard.compression.quantise import recipe_of
from steelyard.domain import State
from steelyard.errors import ArtefactError
from steelyard.models.building import FittedTo, Lessons, PairLessons
from steelyard.registry import naming_extra

if TYPE_CHECKING:
    from steelyard.adapters.encoders.torch_encoder import TorchEncoder

__all__ = ["PretrainedEncoder"]


class PretrainedEncoder:
    """What is made of a pre-trained encoder.

    Args:
        source: ``package:NAME`` of an installed package that carries a model folder, or a path.
        base: What a relative path is relative to.
        max_tokens: Longer texts are cut.
        threads: Texts that are encoded at the same time while a form is made.
    """

    def __init__(self, source: str, base: Path, *, max_tokens: int, threads: int = 1) -> None:
        self._source, self._base, self._max_tokens, self._threads = source, base, max_tokens, threads
        self._digest = ""

    def digest(self) -> str:
        """SHA-256 of its weights."""
        self._digest = self._digest or file_digest(self._folder / "model.safetensors")
        return self._digest

    def write_form(
        self,
        folder: Path,
        form: str,
        *,
        fitted_to: FittedTo,
        full: Path | None,
        seed: int,
        query_prefix: str,
    ) -> None:
        """Write one form of it as a part; as ``steelyard.workflows.ports.Pretrained``."""
        material = Material(fitted_to, seed=seed, query_prefix=query_prefix)
        if not recipe_of(form).is_static:
            write_variant(self._network, folder, variant=form, material=material)
        elif full is None:
            raise ArtefactError(f"the form {form!r} is fitted to the full encoder's answers: name its part as `full`")
        else:
            write_static(open_onnx_encoder(full, threads=self._threads), folder, material=material)

    def cut(self, folder: Path, *, texts: Sequence[str], queries: Sequence[str]) -> None:
        """Write it with a smaller vocabulary; as ``steelyard.workflows.ports.Pretrained``."""
        with naming_extra("making an encoder"):
            from steelyard.adapters.encoders.cut_vocabulary import write_cut  # noqa: PLC0415 - not for serving

        write_cut(self._folder, folder, texts=texts, queries=queries)

    def learn(
        self, folder: Path, lessons: Lessons, *, unfinished: Path, progress: Callable[[int, int, str], None]
    ) -> None:
        """Train it further; as ``steelyard.workflows.ports.Pretrained``."""
        with naming_extra("training an encoder"):
            from steelyard.adapters.encoders.encoder_learning import EncoderLearner  # noqa: PLC0415 - as below

        learner = EncoderLearner(self._opened(), lessons, unfinished, told=progress)
        facts = learner.learn()
        facts |= lessons.verdict(learner.encode)
        if facts["pays"]:
            learner.write(folder)
        write_state(folder, State({}, facts))
        learner.forget()

    def learn_pairs(
        self, folder: Path, lessons: PairLessons, *, unfinished: Path, progress: Callable[[int, int, str], None]
    ) -> None:
        """Train networks that read pairs; as ``steelyard.workflows.ports.Pretrained``."""
        with naming_extra("training a cross-encoder"):
            from steelyard.adapters.encoders.pair_learning import PairLearner  # noqa: PLC0415 - as below

        learner = PairLearner(self._opened(), lessons, unfinished, told=progress)
        learnt, written = learner.learn(), learner.write(folder)
        write_state(folder, State({}, {"networks": {str(n): {**learnt[n], **written[n]} for n in learnt}}))
        learner.forget()

    @cached_property
    def _folder(self) -> Path:
        return find_encoder(self._source, self._base)

    @cached_property
    def _network(self) -> TorchEncoder:
        return self._opened()

    def _opened(self) -> TorchEncoder:
        with naming_extra("making an encoder"):
            from steelyard.adapters.encoders.torch_encoder import TorchEncoder  # noqa: PLC0415 - seconds to import

        return TorchEncoder(self._folder, max_tokens=self._max_tokens, threads=self._threads)
