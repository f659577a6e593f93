"""Why a model or a configuration is left out, in words and as rows of the decision."""

from __future__ import annotations

from steelyard.documents.configurations import LeftOut
from steelyard.documents.decision import NotBuilt
from steelyard.domain import Bilingual

__all__ = ["left_out_words", "not_built"]

_WORDS = {
    "no_behaviour": Bilingual(
        "{model} is left out: there are no events that could judge a recommendation; give a longer behaviour log",
        "{model} 未参评：没有可用于评估推荐的行为事件，请提供更长的行为日志",
    ),
    "no_judgements": Bilingual(
        "{model} is left out: it needs relevance judged by people; name a file of judgements in [data.judgements]",
        "{model} 未参评：需要人工相关性标注，请在 [data.judgements] 中指定标注文件",
    ),
    "no_text": Bilingual(
        "{model} is left out: no item has a title; name the column of titles in [data.items.columns]",
        "{model} 未参评：没有任何商品带标题，请在 [data.items.columns] 中指定标题列",
    ),
    "too_dear": Bilingual(
        "{model} was not built: it costs at least {least} {currency} a month, not less than {by}, which keeps the "
        "floors for {bill}; its quality is taken to be at most that of the uncompressed model "
        "(`steelyard run --all` measures it)",
        "{model} 未构建：其每月成本至少为 {least} {currency}，不低于以 {bill} 达标的 {by}；"
        "其质量按不高于未压缩模型计（`steelyard run --all` 可全部测量）",
    ),
}


def left_out_words(left_out: LeftOut) -> Bilingual:
    """The reason in both languages.

    Args:
        left_out: What, and why.

    Returns:
        One sentence without its full stop.
    """
    words = _WORDS[left_out.why]
    figures = {"model": left_out.model, "least": left_out.least, "by": left_out.by, "bill": left_out.bill}
    return Bilingual(*(text.format(**figures, currency=left_out.currency) for text in words))


def not_built(left_out: LeftOut) -> NotBuilt:
    """A row of the decision.

    Args:
        left_out: What, and why.

    Returns:
        With the reason in both languages.
    """
    words = left_out_words(left_out)
    return NotBuilt(
        left_out.model,
        left_out.surface,
        left_out.why,
        words.en,
        words.zh,
        left_out.least,
        left_out.by,
        left_out.bill,
        left_out.currency,
    )
