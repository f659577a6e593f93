"""What the rules of a list do, as sentences in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from steelyard.domain import Bilingual, Surface
from steelyard.models.ranking.rules import Rules

__all__ = ["MOVED", "RuleSaid", "rules_said"]

MOVED = {
    "new_place": Bilingual("In a place kept for new products", "放在为新品保留的位置"),
    "fresh": Bilingual("Moved up because it is new", "因为是新品而提前"),
    "varied": Bilingual("Moved up for variety", "为增加多样性而提前"),
}
"""Why an item stands higher than its score, by kind."""
_SEEN = Bilingual("What was bought or looked at before is left out", "不再推荐以前购买或浏览过的商品")
_SEEN_BUT = Bilingual(f"{_SEEN.en}, except in {{names}}", f"{_SEEN.zh}（{{names}} 除外）")


class RuleSaid(NamedTuple):
    """A rule that is in force."""

    name: str
    value: str
    said: Bilingual


def rules_said(rules: Rules, surface: Surface) -> list[RuleSaid]:
    """The rules that hold for lists of a surface.

    Args:
        rules: Of its pipeline.
        surface: Recommendations have more rules than similar items; a search is not told of here.

    Returns:
        One for each, in the order in which they act.
    """
    found = [*(_seen(rules) if surface is Surface.RECOMMEND else ()), *_offered(rules)]
    return [*found, *(_order(rules) if surface is Surface.RECOMMEND else ())]


def _seen(rules: Rules) -> Iterator[RuleSaid]:
    if not rules.exclude_seen:
        return
    names = ", ".join(rules.repeat_categories)
    said = _SEEN_BUT if names else _SEEN
    yield RuleSaid("exclude_seen", names, said.filled(names=names))


def _offered(rules: Rules) -> Iterator[RuleSaid]:
    if rules.exclude_out_of_stock:
        yield RuleSaid("exclude_out_of_stock", "", Bilingual("What is out of stock is left out", "不显示无货商品"))
    if rules.one_of_text:
        yield RuleSaid("one_of_text", "", Bilingual("Each text comes once", "文字相同的商品只显示一次"))


def _order(rules: Rules) -> Iterator[RuleSaid]:
    within = rules.cap_within
    en, zh = (f" among the first {within}", f"前 {within} 位中") if within else ("", "")
    if rules.category_cap is not None:
        n = rules.category_cap
        said = Bilingual(f"At most {n} of one category{en}", f"{zh}同一类别最多 {n} 件")
        yield RuleSaid("category_cap", str(n), said)
    if rules.brand_cap is not None:
        n = rules.brand_cap
        yield RuleSaid("brand_cap", str(n), Bilingual(f"At most {n} of one brand{en}", f"{zh}同一品牌最多 {n} 件"))
    if rules.diversity:
        form = " (of the list as a whole)" if rules.variety == "dpp" else ""
        says = f"Variety{form} counts {rules.diversity:g} against relevance among the first {rules.first}"
        whole = "（按整个列表计）" if rules.variety == "dpp" else ""
        said = Bilingual(says, f"前 {rules.first} 位中，多样性{whole}相对于相关性的权重为 {rules.diversity:g}")
        yield RuleSaid("diversity", f"{rules.diversity:g}", said)
    if rules.new_boost:
        says = f"New products are moved up by at most {rules.new_boost:g} of the span of the scores"
        said = Bilingual(says, f"新品得分最多提高分数跨度的 {rules.new_boost:g}")
        yield RuleSaid("new_boost", f"{rules.new_boost:g}", said)
    if rules.new_share:
        says = f"New products get at least {rules.new_share:.0%} of the first {rules.first} places"
        said = Bilingual(says, f"前 {rules.first} 位中至少有 {rules.new_share:.0%} 留给新品")
        yield RuleSaid("new_share", f"{rules.new_share:g}", said)
