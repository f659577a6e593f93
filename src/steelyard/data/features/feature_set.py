"""A set of features with what was learnt for it, and a fingerprint that learning and serving must share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from steelyard.data.features.columns import EventColumns, Rows
from steelyard.data.features.definitions import Feature
from steelyard.data.features.offline import once, sums_at
from steelyard.data.features.online import OnlineSums
from steelyard.data.features.scale import Standard
from steelyard.data.features.tallies import Need, Tally, check_needs
from steelyard.domain import FloatArray, IntArray
from steelyard.errors import ConfigError

__all__ = ["FeatureSet", "digest"]


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """Features by one definition, read from a whole log or from what came so far."""

    tallies: tuple[Tally, ...]
    features: tuple[Feature, ...]
    delay_ms: int = 0
    """Rows see only what had happened so long before them. Set to the window of lateness, what is served never differs
    from what is learnt later, even where events come late; at 0 it is fresher, and late events change the past."""
    scale: Standard | None = None
    """Learnt from the learning part; ``None`` leaves values as they are."""

    def __post_init__(self) -> None:
        names = [feature.name for feature in self.features]
        if len(set(names)) < len(names):
            raise ConfigError(f"features of one name: {sorted({name for name in names if names.count(name) > 1})}")
        check_needs(self.tallies, self.needs)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns."""
        return tuple(feature.name for feature in self.features)

    @property
    def needs(self) -> tuple[Need, ...]:
        """What all of them read, each once."""
        return tuple(dict.fromkeys(need for feature in self.features for need in feature.needs))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the definition and of what was learnt for it: kept with a model, and compared before serving."""
        sums = hashlib.sha256(repr((self.tallies, self.features, self.delay_ms)).encode())
        if self.scale is not None:
            for values in (self.scale.mean_, self.scale.deviation_):
                sums.update(np.ascontiguousarray(values, "<f8").tobytes())
        return sums.hexdigest()

    def offline(self, events: EventColumns, rows: Rows) -> FloatArray:
        """Values of rows at their moments, from a whole log.

        Args:
            events: In any order; one sent several times counts once.
            rows: Whom and when.

        Returns:
            Shape (rows, features).
        """
        needs = self.needs
        return self._values(sums_at(self.tallies, needs, once(events), rows, delay_ms=self.delay_ms), rows)

    def store(self, *, late_ms: int = 3_600_000) -> OnlineSums:
        """An empty store of what these features need."""
        return OnlineSums(self.tallies, self.needs, late_ms=late_ms, delay_ms=self.delay_ms)

    def online(self, store: OnlineSums, rows: Rows) -> FloatArray:
        """Values of rows at their moments, from what came so far. Shape (rows, features)."""
        return self._values(store.read(rows), rows)

    def fitted(self, events: EventColumns, learning: Rows) -> FeatureSet:
        """The same set on the scale of the learning part alone."""
        plain = replace(self, scale=None)
        return replace(self, scale=Standard.fit(plain.offline(events, learning)))

    def kept(self, places: Sequence[int]) -> FeatureSet:
        """Some of the features, with their part of the scale; tallies that nothing needs any more are left out."""
        features = tuple(self.features[place] for place in places)
        needed = {need.tally for feature in features for need in feature.needs}
        scale = self.scale
        if scale is not None:
            scale = Standard(scale.mean_[list(places)], scale.deviation_[list(places)])
        tallies = tuple(tally for tally in self.tallies if tally.name in needed)
        return FeatureSet(tallies, features, self.delay_ms, scale)

    def _values(self, sums: Sequence[IntArray], rows: Rows) -> FloatArray:
        of = dict(zip(self.needs, sums, strict=True))
        columns = [feature.value([of[need] for need in feature.needs], rows.time_ms) for feature in self.features]
        values = np.stack(columns, axis=1) if columns else np.empty((len(rows), 0))
        return values if self.scale is None else self.scale.apply(values)


def digest(values: FloatArray) -> str:
    """SHA-256 of values as they are, to the last bit."""
    return hashlib.sha256(np.ascontiguousarray(values, "<f8").tobytes()).hexdigest()
