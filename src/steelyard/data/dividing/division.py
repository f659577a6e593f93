"""What is told of a division of the data: its document, ``split.json``. Pure on given values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import numpy as np

from steelyard.config import Config
from steelyard.data.catalogue import Catalogue
from steelyard.data.dividing.split import Cuts, HeldOut
from steelyard.data.rated import scale_read
from steelyard.data.ratings import RatingScale
from steelyard.documents.split import (
    HeldOutCounts,
    HeldOutParts,
    Leakage,
    PositiveEvents,
    RatingRow,
    SearchSplit,
    SplitDocument,
)

__all__ = ["Division", "division_document"]


@dataclass(frozen=True, slots=True)
class Division:
    """The parts that the data were divided into."""

    events: PositiveEvents
    n_users: int
    """Users with positive events."""
    cuts: Cuts
    tuning: HeldOut
    test: HeldOut
    search: SearchSplit
    leakage: Leakage


def division_document(
    config: Config, catalogue: Catalogue, division: Division, *, scale: RatingScale | None
) -> SplitDocument:
    """The division with its counts, and what has leaked.

    Args:
        config: The shop's configuration.
        catalogue: Its items, numbered.
        division: The parts.
        scale: What the log's ratings mean, where it has some.

    Returns:
        As it is stored.
    """
    cuts, rating = division.cuts, scale_read(scale, config.data.events)
    return SplitDocument(
        cut_validation_s=_finite(cuts.validation_s),
        cut_test_s=_finite(cuts.test_s),
        cut_validation=_iso(cuts.validation_s),
        cut_test=_iso(cuts.test_s),
        n_items=catalogue.n_items,
        n_texts=catalogue.n_texts,
        n_users=division.n_users,
        language=config.shop.language,
        exclude_seen=config.rules.exclude_seen,
        repeat_categories=config.rules.repeat_categories,
        seed=config.seed,
        rating=RatingRow(top=rating.top, like_above=rating.like_above),
        max_test_users=config.split.max_test_users,
        positive_events=division.events,
        recommend=HeldOutParts(tuning=_counts(catalogue, division.tuning), test=_counts(catalogue, division.test)),
        leakage=division.leakage,
        search=division.search,
    )


def _counts(catalogue: Catalogue, held: HeldOut) -> HeldOutCounts:
    assert held.counts is not None
    in_stock = sum(int(catalogue.in_stock[targets].sum()) for targets in held.targets)
    return msgspec.structs.replace(held.counts, targets_in_stock=in_stock)


def _finite(time_s: float) -> float | None:
    return time_s if np.isfinite(time_s) else None


def _iso(time_s: float) -> str | None:
    return datetime.fromtimestamp(time_s, UTC).isoformat() if np.isfinite(time_s) else None
