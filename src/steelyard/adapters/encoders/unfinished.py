"""Training that may be interrupted: what it needs to go on, written now and then, and the best that was found.

A training that was ended by force goes on with the numbers of one that was not. Nothing is pickled.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

__all__ = ["Stand", "Unfinished", "forget"]

_STATE, _BEST, _WORD = "state.safetensors", "best.safetensors", "progress.json"
_KINDS = ("step", "exp_avg", "exp_avg_sq")


@dataclass
class Stand:
    """Where a training stands, beside the numbers of the network."""

    key: str
    """Of all that it depends on."""
    step: int = 0
    total: int = 0
    """Steps there are; 0 before it was settled."""
    turned: int = 0
    """Steps that were made when ``total`` was settled."""
    spent_s: float = 0.0
    cpu_s: float = 0.0
    best: float = -1.0
    since_best: int = 0
    looks: list[float] = field(default_factory=list)
    is_over: bool = False


class Unfinished:
    """What a training goes on from.

    Args:
        folder: Of this training alone.
        named: What is learnt.
        optimizer: Adam or AdamW over all of it.
        beside: What else must go on, such as averages of what is learnt.
    """

    def __init__(
        self,
        folder: Path,
        named: Mapping[str, torch.nn.Parameter],
        optimizer: torch.optim.Optimizer,
        beside: Mapping[str, torch.Tensor] | None = None,
    ) -> None:
        self._folder, self._named, self._optimizer, self._beside = folder, named, optimizer, beside or {}
        folder.mkdir(parents=True, exist_ok=True)

    def save(self, stand: Stand) -> None:
        """Numbers, moments and where it stands; the last written says that the others are whole.

        Args:
            stand: After the step that was just made.
        """
        tensors = {f"value.{name}": value.detach() for name, value in self._named.items()}
        for name, value in self._named.items():
            for kind, moment in self._optimizer.state[value].items():
                tensors[f"{kind}.{name}"] = moment.detach()
        tensors |= {f"beside.{name}": value.detach() for name, value in self._beside.items()}
        state = f"{stand.step}.{_STATE}"
        _write(self._folder / state, tensors)
        fresh = self._folder / f"{_WORD}.new"
        fresh.write_text(json.dumps({**asdict(stand), "state": state}), "utf-8")
        fresh.replace(self._folder / _WORD)
        for old in self._folder.glob(f"*.{_STATE}"):
            if old.name != state:
                old.unlink()

    def resume(self, key: str) -> Stand:
        """Put back what was saved.

        Args:
            key: Of the training that is to go on.

        Returns:
            Where it stands; at the beginning where nothing was saved, or something else was.
        """
        try:
            told = json.loads((self._folder / _WORD).read_text("utf-8"))
            tensors = load_file(self._folder / told.pop("state"))
            stand = Stand(**told)
            if stand.best >= 0:
                load_file(self._folder / _BEST)
        except (OSError, ValueError, KeyError, TypeError, SafetensorError):
            return Stand(key)
        if stand.key != key:
            return Stand(key)
        with torch.no_grad():
            for name, value in self._named.items():
                value.copy_(tensors[f"value.{name}"])
                self._optimizer.state[value] = {kind: tensors[f"{kind}.{name}"].clone() for kind in _KINDS}
            for name, value in self._beside.items():
                value.copy_(tensors[f"beside.{name}"])
        return stand

    def keep_best(self, values: Mapping[str, torch.Tensor] | None = None) -> None:
        """Remember the numbers as they are now.

        Args:
            values: Others of the same names that are to be remembered in their place.
        """
        kept: Mapping[str, torch.Tensor] = self._named if values is None else values
        _write(self._folder / _BEST, {name: value.detach() for name, value in kept.items()})

    def put_best(self) -> None:
        """Put back the numbers that were remembered last."""
        values = load_file(self._folder / _BEST)
        with torch.no_grad():
            for name, value in self._named.items():
                value.copy_(values[name])


def forget(folder: Path) -> None:
    """Delete what an interrupted training would go on from."""
    shutil.rmtree(folder, ignore_errors=True)


def _write(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """All of it or nothing."""
    fresh = path.with_name(f"{path.name}.new")
    save_file({name: value.contiguous() for name, value in tensors.items()}, fresh)
    fresh.replace(path)
