"""What is said of labels: plans of judgements, agreement, weights."""

from __future__ import annotations

from collections.abc import Mapping

from steelyard.domain import Bilingual, filled_zh

__all__ = ["LABELS", "label_words"]

LABELS: Mapping[str, tuple[str, str]] = {
    "plan_now_first": (
        "{first} is better than {second} by {mean} (interval at any look {low} to {high}, {n} queries), unjudged items "
        "counted as not relevant",
        "{first} 比 {second} 好 {mean}（任意时刻有效的区间 {low} 至 {high}，{n} 个查询词），未评判商品按不相关计算",
    ),
    "plan_now_second": (
        "{second} is better than {first} by {away} (interval at any look {low} to {high}, {n} queries), unjudged items "
        "counted as not relevant",
        "{second} 比 {first} 好 {away}（任意时刻有效的区间 {low} 至 {high}，{n} 个查询词），未评判商品按不相关计算",
    ),
    "plan_now_equal": (
        "Between {first} and {second} there is no difference that matters ({smallest}): {low} to {high}, {n} queries, "
        "unjudged items counted as not relevant",
        "{first} 与 {second} 之间没有值得在意的差异（{smallest}）：{low} 至 {high}，{n} 个查询词，"
        "未评判商品按不相关计算",
    ),
    "plan_now_open": (
        "{first} against {second} cannot be told yet: {mean}, interval at any look {low} to {high}, {n} queries, "
        "unjudged items counted as not relevant",
        "{first} 与 {second} 尚无法分出优劣：差 {mean}，任意时刻有效的区间 {low} 至 {high}，{n} 个查询词，"
        "未评判商品按不相关计算",
    ),
    "plan_few": (
        "{n} queries are too few for an interval: nothing is said of other queries before 10",
        "只有 {n} 个查询词，不足以给出区间：少于 10 个时不对其他查询词下结论",
    ),
    "plan_settled": (
        "Stop: the answer cannot change, whatever the unjudged items are, and further queries would not turn it at "
        "{confidence} confidence",
        "可以停止：无论未评判商品如何，答案都不会改变；在 {confidence} 的置信度下，更多查询词也不会改变它",
    ),
    "plan_bounds": (
        "{unjudged} of the shown items are unjudged: over these queries the difference may lie anywhere from "
        "{least} to {greatest}",
        "展示的商品中有 {unjudged} 未评判：在这些查询词上，差异可能在 {least} 至 {greatest} 之间",
    ),
    "plan_certain": (
        "Over these queries the sign is certain already, whatever the unjudged items are",
        "在这些查询词上，无论未评判商品如何，正负号已经确定",
    ),
    "plan_pairs": (
        "About {expected} further judgements make it certain over these queries ({most} in nine of ten cases), "
        "{cost}: judge them in the order of the list",
        "再评判约 {expected} 对即可在这些查询词上确定（十次中九次不超过 {most} 对），{cost}：请按列表顺序评判",
    ),
    "plan_queries": (
        "For all queries of the shop about {expected} further queries settle it ({most} in nine of ten cases), "
        "{pairs} judgements each, {cost}; the log has {at_hand} that nobody judged",
        "要对本店所有查询词下结论，约需再评判 {expected} 个查询词（十次中九次不超过 {most} 个），每个 {pairs} 对，"
        "{cost}；日志中有 {at_hand} 个尚未评判",
    ),
    "plan_too_few_at_hand": (
        "The log has too few further queries for that: judging cannot settle it until it holds more",
        "日志中没有这么多新的查询词：在积累更多之前，仅靠评判无法分出优劣",
    ),
    "plan_hopeless": (
        "In {share} of the likely outcomes no number of queries up to a million settles it: the two are too alike. "
        "Take the cheaper one, or say that a larger difference matters",
        "在 {share} 的可能结果中，即使一百万个查询词也无法分出优劣：两者过于接近。"
        "请选更便宜的一个，或把值得在意的差异设大",
    ),
    "plan_synthetic": (
        "The queries were made from the catalogue, and nobody judged any: a choice of people's queries needs "
        "judgements of people",
        "这些查询词由商品目录生成，无人评判过：要按真实查询词选择，需要人工评判",
    ),
    "plan_no_price": (
        "the price of a judgement is not known ({why})",
        "评判单价未知（{why}）",
    ),
    "plan_cost": ("{expected} {currency} ({most} at most likely)", "{expected} {currency}（多数情况下不超过 {most}）"),
    "plan_prior": (
        "Assumed: unjudged items are as relevant as the {n} judged ones at the same ranks",
        "假设：未评判商品与相同名次上已评判的 {n} 个商品同样相关",
    ),
    "plan_no_prior": (
        "Assumed: nobody judged any shown item, so each is as likely relevant as not",
        "假设：展示的商品均无人评判，因此相关与不相关的可能性相同",
    ),
    "weights_fixed": (
        "What a click or a cart says is assumed, as [data] event_weights has it: {why}",
        "点击、加购的含义按 [data] event_weights 的假设取值：可供学习的购买太少（{why}）",
    ),
    "no_impressions": (
        "The log does not tell what was shown and not clicked: the bias of places is not taken out, and the grades are "
        "popularity among those who searched. Do not judge a new model by them",
        "日志没有记录展示而未点击的商品：位置偏差没有去除，等级只是搜索者中的热门程度。请勿用它评判新模型",
    ),
    "seldom_moved": (
        "Only {share} of the shows are of pairs that also stood elsewhere: the places cannot be told from what stands "
        "there. Do not trust the propensities",
        "只有 {share} 的展示属于曾出现在其他位置的商品：无法区分位置与商品本身的影响。请勿信任位置倾向",
    ),
    "model_doubted": (
        "Two ways to estimate the propensities differ by {gap}: that a place is looked at whatever stands above it may "
        "not hold here",
        "两种方法估计的位置倾向相差 {gap}：“某位置被看到与其上方内容无关”的假设在此可能不成立",
    ),
    "places_unknown": (
        "{n} places share no clicked item with the others: what was shown there is not used",
        "{n} 个位置与其他位置没有共同被点击的商品：不使用这些位置的展示",
    ),
    "effective_clicks": (
        "The weighted clicks are worth {n} of {clicks} (inverse propensities clipped at {most})",
        "加权后的点击相当于 {clicks} 次中的 {n} 次（倾向倒数截断于 {most}）",
    ),
    "rules_right": (
        "How often each rule is estimated to be right where it speaks (and how often it speaks): {rules}",
        "估计每条规则发言时正确的比例（括号内为发言比例）：{rules}",
    ),
    "rules_unchecked": (
        "Nobody judged any pair, so that nothing says whether the rules are right: rules that look at the same words "
        "agree whether they are right or not",
        "没有人工评判，无法得知规则是否正确：查看相同词语的规则无论对错都会彼此一致",
    ),
    "rules_disagree": (
        "The rules agree with people's judgements at kappa {kappa} only ({n} pairs): do not judge models by them",
        "规则与人工评判的 kappa 仅为 {kappa}（{n} 对）：请勿用它们评判模型",
    ),
    "raters_right": (
        "How often each rater is estimated to be right: {raters}",
        "估计每位评判者正确的比例：{raters}",
    ),
    "raters_disagree": (
        "The raters agree too little (alpha {alpha}, .667 is the least that anything is concluded from): tell them "
        "more clearly what a grade means, and let them judge again",
        "评判者之间一致性过低（alpha {alpha}，得出结论至少需要 .667）：请更清楚地说明各等级的含义后重新评判",
    ),
    "model_unchecked": (
        "The labels are not used: {n} pairs were judged by people too, and {needed} are needed to know how far the "
        "model agrees with them",
        "标签未被使用：只有 {n} 对同时有人工评判，至少需要 {needed} 对才能知道模型与人的一致程度",
    ),
    "model_disagrees": (
        "The labels are not used: the model agrees with people at a weighted kappa of {kappa} only ({n} pairs, least "
        "{least})",
        "标签未被使用：模型与人工评判的加权 kappa 仅为 {kappa}（{n} 对，至少需要 {least}）",
    ),
    "model_agrees": (
        "The model agrees with people at a weighted kappa of {kappa} ({n} pairs)",
        "模型与人工评判的加权 kappa 为 {kappa}（{n} 对）",
    ),
    "budget_spent": (
        "Stopped before the budget of {budget} {currency} was passed: {left} pairs are left; run again to go on",
        "在超出预算 {budget} {currency} 之前停止：还剩 {left} 对；再次运行即可继续",
    ),
    "endpoint_busy": (
        "Stopped, since the endpoint did not answer ({why}): {left} pairs are left; run again to go on",
        "端点没有应答（{why}），已停止：还剩 {left} 对；再次运行即可继续",
    ),
    "asked_now": (
        "Asked now: {n}, for {spent} {currency}; what was answered before is not paid for again",
        "本次提问 {n} 次，花费 {spent} {currency}；以前回答过的不再付费",
    ),
    "answers_unread": (
        "{n} answers were not a grade and are left out",
        "{n} 个回答不是等级，已舍去",
    ),
    "texts_with_orders": (
        "{n} pairs were not asked of: their text speaks to whoever grades it rather than to shoppers",
        "{n} 对没有提问：其文字是写给评分者而非顾客的",
    ),
}


def label_words(key: str, **values: object) -> Bilingual:
    """A sentence of this module in both languages, without its full stop; a value may be in both languages itself."""
    en, zh = LABELS[key]
    return Bilingual(en.format(**_of(values, 0)), filled_zh(zh, **_of(values, 1)))


def _of(values: Mapping[str, object], language: int) -> dict[str, object]:
    return {name: each[language] if isinstance(each, Bilingual) else each for name, each in values.items()}
