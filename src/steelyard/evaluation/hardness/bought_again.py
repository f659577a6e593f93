"""Which categories are bought again by the same person, so clearly that a rule could let them come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from steelyard.documents.hardness import AgainRow, Hardness, HardnessFigure, figure_of
from steelyard.domain import CatalogueFacts, IntArray, Interval
from steelyard.models.companions.repeats import Pairs

__all__ = ["LEAST_PAIRS", "LEAST_SHARE", "LEAST_USERS", "MOST", "with_bought_again"]

LEAST_PAIRS = 100
LEAST_USERS = 30
"""Of categories with fewer nothing is said."""
LEAST_SHARE = 0.1
"""Where the low end of the interval is not above it, repeats would take places from what is new."""
MOST = 20
"""So many categories are named; those whose repeats are the most."""
_Z = 1.959964

Offered = Callable[[Sequence[str]], Iterable[bool]]
"""Of paths of categories, which are offered again."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A category with all below it."""

    path: tuple[str, ...]
    found: Interval
    pairs: int


def with_bought_again(found: Hardness, pairs: Pairs, facts: CatalogueFacts, *, offered: Offered) -> Hardness:
    """The document with the categories that a shop may want to offer again.

    A category is named where the share of the pairs of user and item that came back is above a tenth and above the
    shop's own share, both for sure (low end of its interval at 95 %), and where no category below it, large enough to
    be told, is as surely below. Of a category and one below it the wider is named.

    Args:
        found: The document without them.
        pairs: What users took, of purchases best, and whether they came back for it.
        facts: Category of each item.
        offered: Which of some categories are offered again already; they are not named.

    Returns:
        Intervals are over users: what one user buys again is no independent draw.
    """
    whole = _share(pairs.is_again, pairs.users)
    nodes = {node.path: node for node in _nodes(pairs, facts)}
    floor = max(LEAST_SHARE, whole.mean) if len(pairs.users) else 1.0
    wanted = [path for path, node in nodes.items() if node.found.low > floor and not _doubted(path, nodes, floor)]
    widest = [path for path in wanted if not any(path[:n] in wanted for n in range(1, len(path)))]
    named = [" > ".join(path) for path in widest]
    rows = [
        AgainRow(category=name, share=figure_of(nodes[path].found), pairs=nodes[path].pairs)
        for path, name, done in zip(widest, named, offered(named), strict=True)
        if not done
    ]
    rows.sort(key=lambda row: (-(row.share.mean or 0.0) * row.pairs, row.category))
    again = figure_of(whole) if len(pairs.users) else HardnessFigure()
    return replace(found, bought_again=again, again=tuple(rows[:MOST]))


def _nodes(pairs: Pairs, facts: CatalogueFacts) -> Iterator[_Node]:
    """Every category with enough pairs and users, at every level."""
    of_pair = facts.category[pairs.items] if len(pairs.items) else np.empty(0, np.int64)
    paths = [tuple(level.strip() for level in path.split(">") if level.strip()) for path in facts.categories]
    for depth in range(1, max((len(path) for path in paths), default=0) + 1):
        numbers: dict[tuple[str, ...], int] = {}
        of = [numbers.setdefault(path[:depth], len(numbers)) if len(path) >= depth else -1 for path in paths]
        node_of = np.append(np.array(of, np.int64), [-1])[of_pair]  # the last is that of no category
        order = np.argsort(node_of, kind="stable")
        ends = np.searchsorted(node_of[order], np.arange(len(numbers) + 1))
        for path, number in numbers.items():
            those = order[ends[number] : ends[number + 1]]
            if len(those) >= LEAST_PAIRS and len(np.unique(pairs.users[those])) >= LEAST_USERS:
                yield _Node(path, _share(pairs.is_again[those], pairs.users[those]), len(those))


def _doubted(path: tuple[str, ...], nodes: dict[tuple[str, ...], _Node], floor: float) -> bool:
    """Whether a category below it is surely bought again less than the floor."""
    return any(each[: len(path)] == path and node.found.high < floor for each, node in nodes.items())


def _share(is_again: npt.NDArray[np.bool_], users: IntArray) -> Interval:
    r"""Share of pairs that came back, a ratio over users.

    .. math:: \hat p = \frac{\sum_u a_u}{\sum_u n_u}, \quad
              s^2 = \frac{U}{U - 1} \frac{\sum_u (a_u - \hat p n_u)^2}{(\sum_u n_u)^2}
    """
    _, rows, counts = np.unique(users, return_inverse=True, return_counts=True)
    n, size = len(counts), len(users)
    if n < 2:
        return Interval(float(is_again.mean()) if size else float("nan"), float("nan"), float("nan"), n=n)
    again = np.bincount(rows, weights=is_again)
    share = float(again.sum()) / size
    error = float(np.sqrt(n / (n - 1) * ((again - share * counts) ** 2).sum())) / size
    return Interval(share, max(share - _Z * error, 0.0), min(share + _Z * error, 1.0), n=n)
