"""Which of the frozen requests a configuration is asked: all of them, or a sample that is named, never one unsaid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.config.schema import Measure
from steelyard.domain import NONE, Cases, Configuration, FloatArray, IntArray, Measurement, Request

__all__ = ["Asked", "asked_of", "judged_on", "sample_of"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Requests that are asked of a configuration."""

    order: IntArray
    """In which they are timed: places among those that are asked. Shape (asked,)."""
    rows: IntArray
    """Their numbers among all requests, ascending. Shape (asked,)."""
    n: int
    """Requests that there are."""

    @property
    def is_all(self) -> bool:
        """Whether none is left out."""
        return len(self.rows) == self.n

    def most_timed(self, settings: Measure) -> int:
        """So many are timed: none twice, where each is paid for."""
        return min(settings.timed_requests, len(self.rows))

    def taken(self, requests: Sequence[Request]) -> tuple[Request, ...]:
        """Those that are asked; made requests that come behind the frozen ones are not, where some are left out."""
        return tuple(requests) if self.is_all else tuple(requests[row] for row in self.rows.tolist())

    def put_back(self, items: IntArray, *, n: int) -> IntArray:
        """Answers in the places of their requests.

        Args:
            items: Of those that were asked. Shape (asked, k).
            n: All requests.

        Returns:
            Shape (n, k), ``NONE`` for what was not asked.
        """
        if self.is_all:
            return items
        whole = np.full((n, items.shape[1]), NONE, np.int64)
        whole[self.rows] = items
        return whole

    def without_unasked(self, values: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """Figures of each request, undefined where it was not asked: an answer that nobody gave is not a bad one."""
        if self.is_all:
            return dict(values)
        is_asked = np.isin(np.arange(self.n), self.rows)
        return {name: np.where(is_asked, each, np.nan) for name, each in values.items()}

    def facts(self) -> dict[str, dict[str, int]]:
        """What is stored of it; nothing where all were asked."""
        return {} if self.is_all else {"sample": {"asked": len(self.rows), "of": self.n}}


def asked_of(configuration: Configuration, cases: Cases, *, seed: int) -> Asked:
    """The requests that a configuration is asked.

    Args:
        configuration: A sample is drawn only where its endpoint says how large.
        cases: The frozen requests.
        seed: Of the draw: the same sample for all of one size.

    Returns:
        All of them, or the sample.
    """
    n, most = len(cases.requests), judged_on(configuration)
    drawn = np.random.default_rng(seed).permutation(n)
    if not most or most[0] >= n:
        return Asked(drawn, np.arange(n), n)
    rows = np.sort(drawn[: most[0]])
    return Asked(np.random.default_rng(seed).permutation(len(rows)), rows, n)


def sample_of(measured: Measurement) -> str:
    """On how many of the requests it was measured, in words behind its figure; empty for all."""
    found: dict[str, int] = measured.facts.get("sample", {})
    return f" on {found['asked']:,} of {found['of']:,} requests" if found else ""


def judged_on(configuration: Configuration) -> list[int]:
    """How many requests it is asked at most; empty where it says nothing."""
    most = configuration.endpoint.judged_on if configuration.endpoint is not None else 0
    return [most] if most else []
