"""Models as they would have been before the validation period, beside those that are served.

What is fused must be fitted on validation cases by the lists of models that know nothing of these cases; a model that
is served has learnt from them. So each part that may know them is made a second time, under another name, on a bench
where everything that is learnt from ends before the validation period. A model's own numbers were tuned by validation
cases with a model that had not seen them: what they are made of is not made again, unless it ``learns_all``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

from steelyard.data.tables import ShopTables
from steelyard.models.building import Bench, Part, Product, with_ancestors
from steelyard.models.ports import Parts

__all__ = ["SUFFIX", "EarlierBench", "earlier_parts"]

SUFFIX = ".earlier"
"""Ends the name of a part that was made before the validation period."""


class EarlierBench:
    """A bench whose tables end before the validation period. What it has besides is the bench's own.

    Args:
        bench: The real one.
        twins: By the name of a part the one that takes its place.
    """

    def __init__(self, bench: Bench, twins: Mapping[str, Part]) -> None:
        self._bench, self._twins = bench, twins

    @property
    def shop(self) -> ShopTables:
        """The prepared tables; ``learn_all`` is ``learn``."""
        return replace(self._bench.shop, learn_all=self._bench.shop.learn)

    def state(self, part: Part) -> Any:
        """Arrays and facts of a part as it was before the validation period."""
        return self._bench.state(self._twin(part))

    def values(self, part: Part) -> Any:
        """Values of a part."""
        return self._bench.values(self._twin(part))

    def open(self, parts: Mapping[str, Part]) -> Parts:
        """Parts as they were before the validation period, by role."""
        return self._bench.open({role: self._twin(part) for role, part in parts.items()})

    def encode(self, part: Part, texts: Any) -> Any:
        """A vector of each text by an encoder as it was before the validation period."""
        return self._bench.encode(self._twin(part), texts)

    def encode_tokens(self, part: Part) -> Any:
        """A vector of every token by an encoder as it was before the validation period."""
        return self._bench.encode_tokens(self._twin(part))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bench, name)

    def _twin(self, part: Part) -> Part:
        return self._twins.get(part.name, part)


def earlier_parts(parts: Iterable[Part], *, tuned: Part | None) -> dict[str, Part]:
    """What takes the place of each part before the validation period.

    Args:
        parts: Of a model that is served.
        tuned: Its tuned values: neither they nor what they are made of know validation cases, but to be judged by; a
            part that ``learns_all`` does.

    Returns:
        By the name of each of ``parts`` the one to open in its place: itself where it knows no event of the validation
        period.
    """
    wanted = list(parts)
    standing = {part.name for part in with_ancestors(() if tuned is None else (tuned,))}
    twins: dict[str, Part] = {}
    for part in with_ancestors(wanted):
        parents = tuple(twins.get(parent.name, parent) for parent in part.made_from)
        is_same = all(old is new for old, new in zip(part.made_from, parents, strict=True))
        is_standing = part.name in standing and not part.learns_all
        if is_standing or (is_same and not part.uses_tables):
            continue
        make = partial(_made_earlier, part, dict(twins))
        twins[part.name] = replace(part, name=part.name + SUFFIX, make=make, made_from=parents)
    return {part.name: twins.get(part.name, part) for part in wanted}


def _made_earlier(part: Part, twins: Mapping[str, Part], bench: Bench) -> Product:
    return part.make(cast("Bench", EarlierBench(bench, twins)))
