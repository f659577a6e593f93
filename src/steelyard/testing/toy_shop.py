"""A simulated shop whose truth is known: shoppers belong to segments and buy within them. Never real data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.domain import Cases, CatalogueFacts, FloatArray, IntArray, Interactions, Request, Surface, Texts

__all__ = ["ToyShop", "toy_shop"]

SEGMENTS = ("tea", "garden", "music", "camping", "drawing", "baking")
_THINGS = {
    "tea": ("kettle", "cup", "strainer", "caddy", "whisk"),
    "garden": ("spade", "hose", "rake", "planter", "shears"),
    "music": ("guitar", "drum", "metronome", "capo", "flute"),
    "camping": ("tent", "stove", "lantern", "hammock", "compass"),
    "drawing": ("pencil", "easel", "charcoal", "sketchbook", "eraser"),
    "baking": ("rolling pin", "tin", "sieve", "scale", "spatula"),
}
_COLOURS = ("red", "blue", "green", "black", "white", "copper", "olive", "grey")
_HOUR_S = 3600.0
_START_S = 1_735_689_600.0
_HELD_OUT = 2


@dataclass(frozen=True, slots=True)
class ToyShop:
    """The shop's data, and the truth behind it."""

    texts: Texts
    facts: CatalogueFacts
    interactions: Interactions
    """All purchases but each user's last two."""
    cases: Cases
    """One recommendation request per user; right are the last two purchases."""
    search_cases: Cases
    """One request per segment and thing ("tea kettle"); right are all its items' representatives."""
    segment_of_user: IntArray
    """Shape (n_users,)."""
    segment_of_item: IntArray
    """Shape (n_items,)."""
    cold: IntArray
    """Items nobody bought: one of each segment, its last."""


def toy_shop(
    *, seed: int = 0, n_segments: int = 4, n_users: int = 80, items_per_segment: int = 16, loyalty: float = 0.95
) -> ToyShop:
    """A shop drawn from the seed.

    Every item belongs to one segment; the two sizes of a thing share one text. A user buys within the own
    segment with probability ``loyalty``, else anywhere; earlier items of a segment sell better (1/rank), and
    half of the purchases are the item after the one bought before, if there is one. Nobody buys the last
    item of a segment, and one item of each segment is out of stock.

    Args:
        seed: The same seed gives the same shop.
        n_segments: 1 to 6.
        n_users: >= 1.
        items_per_segment: 6 to 80.
        loyalty: In [0, 1].

    Returns:
        The shop and its truth.
    """
    if not 1 <= n_segments <= len(SEGMENTS):
        raise ValueError(f"n_segments must be 1 to {len(SEGMENTS)}, got {n_segments}")
    random = np.random.default_rng(seed)
    n_items = n_segments * items_per_segment
    segment_of_item = np.repeat(np.arange(n_segments), items_per_segment)
    texts, facts = _catalogue(n_segments, items_per_segment)
    segment_of_user = random.integers(n_segments, size=n_users)
    sequences = [
        _sequence(int(segment), (n_segments, items_per_segment, loyalty), random) for segment in segment_of_user
    ]
    learnt = [sequence[:-_HELD_OUT] for sequence in sequences]
    return ToyShop(
        texts=texts,
        facts=facts,
        interactions=_interactions(learnt, n_items, random),
        cases=_cases(sequences),
        search_cases=_search_cases(texts, facts, n_segments),
        segment_of_user=segment_of_user,
        segment_of_item=segment_of_item,
        cold=np.arange(1, n_segments + 1) * items_per_segment - 1,
    )


def _catalogue(n_segments: int, per_segment: int) -> tuple[Texts, CatalogueFacts]:
    titles, descriptions, categories, brands = [], [], [], []
    n_texts = (per_segment + 1) // 2
    for segment in SEGMENTS[:n_segments]:
        for number in range(n_texts):
            thing = _THINGS[segment][number % len(_THINGS[segment])]
            colour = _COLOURS[number // len(_THINGS[segment]) % len(_COLOURS)]
            titles.append(f"{colour} {segment} {thing}")
            descriptions.append(f"A {thing} for {segment}.")
            categories.append(f"{segment} > {thing}")
            brands.append(f"{segment} house {number % 2 + 1}")
    paths = tuple(sorted(set(categories)))
    item = np.arange(n_segments * per_segment)
    text_of_item = item // per_segment * n_texts + item % per_segment // 2
    in_stock = np.where(item % per_segment == 3, 0, 1)
    representative = np.searchsorted(text_of_item, np.arange(len(titles)))
    facts = CatalogueFacts(
        text_of_item=text_of_item,
        representative=representative,
        category=np.array([paths.index(categories[text]) for text in text_of_item]),
        in_stock=in_stock,
        categories=paths,
    )
    blank = ("",) * len(titles)
    return Texts(tuple(titles), tuple(descriptions), tuple(categories), tuple(brands), blank), facts


def _sequence(segment: int, shop: tuple[int, int, float], random: np.random.Generator) -> list[int]:
    """Distinct items one user buys, oldest first."""
    n_segments, per_segment, loyalty = shop
    popularity: FloatArray = 1 / np.arange(1, per_segment)
    bought: list[int] = []
    for _ in range(int(random.integers(_HELD_OUT + 3, 11))):
        follower = bought[-1] + 1 if bought else -1
        if follower > 0 and follower % per_segment not in (0, per_segment - 1) and random.random() < 0.5:
            item = follower
        else:
            where = segment if random.random() < loyalty else int(random.integers(n_segments))
            item = where * per_segment + int(random.choice(per_segment - 1, p=popularity / popularity.sum()))
        if item not in bought:
            bought.append(item)
    return bought


def _interactions(sequences: list[list[int]], n_items: int, random: np.random.Generator) -> Interactions:
    users = np.repeat(np.arange(len(sequences)), [len(sequence) for sequence in sequences])
    items = np.array([item for sequence in sequences for item in sequence], dtype=np.int64)
    times = np.concatenate([np.arange(len(s)) + random.random() * 0.9 for s in sequences]) * _HOUR_S + _START_S
    order = np.argsort(times, kind="stable")
    return Interactions(users[order], items[order], times[order], np.ones(len(items)), len(sequences), n_items)


def _cases(sequences: list[list[int]]) -> Cases:
    asked = [(user, sequence) for user, sequence in enumerate(sequences) if len(sequence) > _HELD_OUT]
    return Cases(
        Surface.RECOMMEND,
        tuple(f"user-{user}" for user, _ in asked),
        tuple(Request(history=tuple(sequence[:-_HELD_OUT]), user=f"user-{user}") for user, sequence in asked),
        tuple(np.array(sequence[-_HELD_OUT:]) for _, sequence in asked),
        tuple(np.ones(_HELD_OUT) for _ in asked),
        is_synthetic=True,
    )


def _search_cases(texts: Texts, facts: CatalogueFacts, n_segments: int) -> Cases:
    queries = [f"{segment} {thing}" for segment in SEGMENTS[:n_segments] for thing in _THINGS[segment]]
    found = [[text for text, title in enumerate(texts.title) if title.endswith(f" {query}")] for query in queries]
    kept = [(query, facts.representative[right]) for query, right in zip(queries, found, strict=True) if right]
    return Cases(
        Surface.SEARCH,
        tuple(query for query, _ in kept),
        tuple(Request(query=query) for query, _ in kept),
        tuple(relevant for _, relevant in kept),
        tuple(np.ones(len(relevant)) for _, relevant in kept),
        is_synthetic=True,
    )
