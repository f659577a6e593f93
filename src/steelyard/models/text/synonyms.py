"""A few everyday names of things that catalogues call otherwise, used where a catalogue does not know the word.

Not a thesaurus: what a shop's own customers say is a matter of the shop's own list.
"""

from __future__ import annotations

__all__ = ["synonyms_of"]

_SAME = (
    ("coke", "cola"), ("sofa", "couch", "settee"), ("sneakers", "trainers"), ("tv", "television"),
    ("fridge", "refrigerator"), ("aubergine", "eggplant"), ("courgette", "zucchini"), ("nappies", "diapers"),
    ("pram", "stroller", "buggy"), ("torch", "flashlight"), ("spanner", "wrench"), ("jumper", "sweater", "pullover"),
    ("trousers", "pants"), ("crisps", "chips"), ("sweets", "candy"), ("bin", "trash"), ("hoover", "vacuum"),
    ("mobile", "cellphone", "smartphone"), ("laptop", "notebook"), ("specs", "eyeglasses"), ("duvet", "comforter"),
)  # fmt: skip
_OF = {word: tuple(other for other in group if other != word) for group in _SAME for word in group}


def synonyms_of(word: str) -> tuple[str, ...]:
    """Other everyday names of a thing.

    Args:
        word: Lower case, as it was typed.

    Returns:
        Empty where none is known here.
    """
    return _OF.get(word, ())
