"""English plurals that no rule of endings finds, and the light form of a word: the word itself, without its plural.

A stem puts organ, organs and organic together; their light forms keep organs with organ and organic apart.
"""

from __future__ import annotations

__all__ = ["light_form", "singular"]

_PLURALS = {
    "children": "child", "women": "woman", "men": "man", "mice": "mouse", "lice": "louse", "teeth": "tooth",
    "geese": "goose", "oxen": "ox", "leaves": "leaf", "loaves": "loaf", "shelves": "shelf", "knives": "knife",
    "wives": "wife", "lives": "life", "wolves": "wolf", "halves": "half", "calves": "calf", "scarves": "scarf",
    "hooves": "hoof", "thieves": "thief", "elves": "elf", "sheaves": "sheaf", "wharves": "wharf", "dwarves": "dwarf",
    "cacti": "cactus", "fungi": "fungus", "radii": "radius", "stimuli": "stimulus", "nuclei": "nucleus",
    "criteria": "criterion", "phenomena": "phenomenon", "vertices": "vertex", "indices": "index",
    "appendices": "appendix", "matrices": "matrix", "axes": "axe", "oases": "oasis", "crises": "crisis",
    "bases": "base", "quizzes": "quiz", "busses": "bus", "people": "person",
    "mens": "man", "womens": "woman", "childrens": "child",
}  # fmt: skip
_ENDINGS = {name: _PLURALS[name] for name in ("children", "women", "teeth", "leaves", "shelves", "knives", "wives")} | {
    "men": "man"
}
"""Also found at the end of longer words: bookshelves, fishermen."""
_NO_PLURALS = frozenset(
    "abdomen acumen amen carmen cyclamen dolmen hymen lumen omen ramen regimen semen specimen stamen stumen yemen "
    "dimen gunmen culmen bitumen flamen examen limen foramen albumen".split()
)
_MIN_LONGER = 6


def singular(word: str) -> str:
    """The singular of a plural that is not formed by an ending; any other word as it is.

    Args:
        word: Lower case, letters only.

    Returns:
        ``knife`` for ``knives``, ``bookshelf`` for ``bookshelves``, ``shoes`` for ``shoes``.
    """
    known = _PLURALS.get(word)
    if known is not None or len(word) < _MIN_LONGER or word in _NO_PLURALS:
        return known or word
    for ending, instead in _ENDINGS.items():
        if word.endswith(ending):
            return word[: -len(ending)] + instead
    return word


def light_form(word: str) -> str:
    """The word without the ending of a plural.

    Args:
        word: Lower case, letters only.

    Returns:
        ``shoe`` for ``shoes``, ``berry`` for ``berries``, ``organic`` for ``organic``, ``glass`` for ``glasses``.
    """
    word = singular(word)
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1]
