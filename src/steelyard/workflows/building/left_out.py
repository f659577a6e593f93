"""Why a model or a configuration is left out, in words and as rows of the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from steelyard.documents.configurations import LeftOut
from steelyard.documents.decision import Decision, NotBuilt
from steelyard.domain import Bilingual
from steelyard.models.building import Values
from steelyard.models.recipe import REFUSED
from steelyard.workflows.building.planned import Planned

__all__ = ["left_out_words", "not_built", "refusals"]

_WORDS = {
    "no_behaviour": Bilingual(
        "{model} is left out: recommendation cannot be judged by these data; `steelyard decide` says why and what to "
        "do",
        "{model} 未参评：现有数据无法评估推荐，原因与处理办法见 `steelyard decide`",
    ),
    "no_judgements": Bilingual(
        "{model} is left out: it needs relevance judged by people; name a file of judgements in [data.judgements]",
        "{model} 未参评：需要人工相关性标注，请在 [data.judgements] 中指定标注文件",
    ),
    "no_text": Bilingual(
        "{model} is left out: no item has a title; name the column of titles in [data.items.columns]",
        "{model} 未参评：没有任何商品带标题，请在 [data.items.columns] 中指定标题列",
    ),
    "may_be_cheaper": Bilingual(
        "{model} was not built and may be cheaper: it costs at least {least} {currency} a month, and {by}, which was "
        "chosen, came to {bill} once it was served; `steelyard run --all` measures it",
        "{model} 未构建，但可能更便宜：其每月成本至少为 {least} {currency}，而入选的 {by} 实际运行后为 {bill}；"
        "`steelyard run --all` 可全部测量",
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
    if left_out.why == REFUSED:
        return Bilingual(
            f"{left_out.model} is left out: {left_out.en}", f"{left_out.model} 未参评：{left_out.zh or left_out.en}"
        )
    words = _WORDS[left_out.why]
    figures = {"model": left_out.model, "least": left_out.least, "by": left_out.by, "bill": left_out.bill}
    return Bilingual(*(text.format(**figures, currency=left_out.currency) for text in words))


def refusals(planned: Sequence[Planned], values: Mapping[str, Values]) -> list[LeftOut]:
    """Configurations that their own recipe refuses, by what was learnt while they were made.

    Args:
        planned: Configurations whose parts were made.
        values: Tuned values of each, by its name.

    Returns:
        Each with the reason in the recipe's words.
    """
    found = []
    for each in planned:
        why = values.get(each.name, {}).get(REFUSED)
        if why:
            found.append(LeftOut(each.name, REFUSED, str(each.surface), en=str(why["en"]), zh=str(why.get("zh", ""))))
    return found


def not_built(left_out: LeftOut, decided: Decision) -> NotBuilt:
    """A row of the decision, beside what was chosen in the end.

    Args:
        left_out: What, and why; its figures are those of the time when it was passed over.
        decided: With the bills after everything was measured and served.

    Returns:
        With the reason in both languages. Where the choice of its surface costs more now than the least it could cost,
        that is the reason, for nobody knows then that it would lose.
    """
    found = _beside(left_out, decided)
    words = left_out_words(found)
    return NotBuilt(
        found.model, found.surface, found.why, words.en, words.zh, found.least, found.by, found.bill, found.currency
    )


def _beside(left_out: LeftOut, decided: Decision) -> LeftOut:
    surface = decided.of(left_out.surface)
    chosen = next((row for row in surface.candidates if row.name == surface.chosen), None) if surface else None
    if chosen is None or chosen.monthly is None or not left_out.least:
        return left_out
    why = "may_be_cheaper" if Decimal(left_out.least) < chosen.monthly else left_out.why
    return replace(left_out, why=why, by=chosen.name, bill=str(chosen.monthly))
