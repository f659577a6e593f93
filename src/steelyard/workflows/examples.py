"""What the store front proposes to search for: what people ask, else what the shop sells; never a made-up question."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

__all__ = ["N_EXAMPLES", "store_examples"]

N_EXAMPLES = 8
_LONGEST = 32
_LETTER = re.compile(r"[^\W\d_]")
_ODD = re.compile(r"[/&()\[\]:;*#@|\\]|\d{3,}|\b(misc|other|unknown)|其他|其它", re.IGNORECASE)
"""What a category's name holds when it was made for a stock system and not for people."""


def store_examples(
    queries: Iterable[str], categories: Iterable[Sequence[str]], best_sellers: Iterable[str], *, n: int = N_EXAMPLES
) -> list[str]:
    """Questions to propose: what people ask, then names of the largest categories, then what sells best.

    Args:
        queries: Of people, the commonest first; empty where nobody's searches were logged.
        categories: Of each item its path, widest first: the narrowest level is proposed, of each widest one once.
        best_sellers: Titles, the one that sells best first.
        n: How many.

    Returns:
        At most ``n``, each once, whatever its capitals.
    """
    found: dict[str, str] = {}
    for text in (*queries, *_names(categories), *best_sellers):
        plain = " ".join(text.split())
        if plain and len(plain) <= _LONGEST and _LETTER.search(plain):
            found.setdefault(plain.casefold(), plain)
        if len(found) == n:
            break
    return list(found.values())


def _names(categories: Iterable[Sequence[str]]) -> list[str]:
    """Narrowest categories that read like something to ask for, the largest of each department, largest first."""
    counts = Counter(tuple(path) for path in categories if path)
    chosen: dict[str, str] = {}
    for path, _ in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])):
        name = path[-1].strip()
        if path[0] not in chosen and name and not _ODD.search(name):
            chosen[path[0]] = name
    return list(chosen.values())
