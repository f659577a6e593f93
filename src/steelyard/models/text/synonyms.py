"""A few everyday names of things that catalogues call otherwise, used where a catalogue does not know the word.

Not a thesaurus: what a shop's own customers say is a matter of the shop's own list.
"""

from __future__ import annotations

__all__ = ["CHINESE_NAMES", "synonyms_of"]

_SAME = (
    ("coke", "cola"), ("sofa", "couch", "settee"), ("sneakers", "trainers"), ("tv", "television"),
    ("fridge", "refrigerator"), ("aubergine", "eggplant"), ("courgette", "zucchini"), ("nappies", "diapers"),
    ("pram", "stroller", "buggy"), ("torch", "flashlight"), ("spanner", "wrench"), ("jumper", "sweater", "pullover"),
    ("trousers", "pants"), ("crisps", "chips"), ("sweets", "candy"), ("bin", "trash"), ("hoover", "vacuum"),
    ("mobile", "cellphone", "smartphone"), ("laptop", "notebook"), ("specs", "eyeglasses"), ("duvet", "comforter"),
)  # fmt: skip
_SAME_IN_CHINESE = (
    ("尿不湿", "纸尿裤", "尿布"), ("西红柿", "番茄"), ("土豆", "马铃薯"), ("电饭锅", "电饭煲"), ("单车", "自行车"),
    ("口红", "唇膏"), ("凤梨", "菠萝"), ("手提电脑", "笔记本"), ("充电宝", "移动电源"), ("洗头膏", "洗发水"),
    ("红薯", "地瓜", "番薯"), ("优盘", "闪存盘"), ("面巾纸", "抽纸"), ("插排", "插线板", "接线板"),
)  # fmt: skip
CHINESE_NAMES = {name: tuple(other for other in group if other != name) for group in _SAME_IN_CHINESE for name in group}
"""Other everyday names of a thing in Chinese, in simplified characters."""
_OF = {word: tuple(other for other in group if other != word) for group in _SAME for word in group}


def synonyms_of(word: str) -> tuple[str, ...]:
    """Other everyday names of a thing.

    Args:
        word: Lower case, as it was typed.

    Returns:
        Empty where none is known here.
    """
    return _OF.get(word, ())
