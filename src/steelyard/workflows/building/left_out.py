"""Why a model is left out, in words."""

from __future__ import annotations

from steelyard.domain import Said

__all__ = ["left_out_words"]

_WORDS = {
    "no_behaviour": Said(
        "there are no events that could judge a recommendation; give a longer behaviour log",
        "没有可用于评估推荐的行为事件，请提供更长的行为日志",
    ),
    "no_judgements": Said(
        "it needs relevance judged by people; name a file of judgements in [data.judgements]",
        "需要人工相关性标注，请在 [data.judgements] 中指定标注文件",
    ),
}


def left_out_words(why: str) -> Said:
    """The reason in both languages.

    Args:
        why: As ``LeftOut.why``.

    Returns:
        One sentence without its full stop.
    """
    return _WORDS[why]
