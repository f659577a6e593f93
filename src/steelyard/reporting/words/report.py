"""The report and its charts."""

from __future__ import annotations

__all__ = ["REPORT"]

REPORT: dict[str, tuple[str, str]] = {
    "st_title": ("What each step up costs", "每提升一步的价格"),
    "st_says": (
        "Along the frontier of quality and cost, the cheapest first; a point is a hundredth of the metric. A "
        "configuration may be on it and still be refused for its latency.",
        "沿质量与成本的前沿，由低到高；一个点为指标的百分之一。前沿上的配置仍可能因延迟而不入选。",
    ),
    "st_quality": ("quality", "质量"),
    "st_p99": ("p99 ms", "p99 毫秒"),
    "st_monthly": ("a month", "每月"),
    "st_points": ("points", "增加点数"),
    "st_more": ("more", "多花"),
    "st_per_point": ("a point", "每点"),
    "beside": ("On made queries", "模拟查询词上"),
    "beside_says": (
        "Made queries, from the catalogue's own words, were asked besides: they are shown and decide nothing.",
        "另外用由商品库生成的模拟查询词测过：仅供参考，不参与决策。",
    ),
    "slices": ("{name} by kinds of queries", "{name} 按查询类型"),
    "slices_say": (
        "A query may be of several intents. Kinds with fewer than 20 judged queries have no figure.",
        "一个查询可有多种意图。评判过的查询不足 20 个的类型不给出数值。",
    ),
    "slice_group": ("By", "维度"),
    "slice_kind": ("Kind", "类型"),
    "slice_n": ("Queries", "查询数"),
    "slices_cold": ("{name} where little is known", "{name} 冷启动表现"),
    "slices_cold_say": (
        "New users had no event before the judging period, new items none of anybody; who wanted both is in both rows. "
        "Kinds with fewer than 20 users have no figure.",
        "新用户在评判期之前没有任何事件，新商品从未有人互动；两类都想要的用户计入两行。"
        "不足 20 位用户的类型不给出数值。",
    ),
    "slice_users": ("Users", "用户数"),
    "slice_history": ("items known of the user", "已知的用户商品数"),
    "slice_none": ("none: new user", "0：新用户"),
    "slice_upto_2": ("1–2", "1–2"),
    "slice_upto_5": ("3–5", "3–5"),
    "slice_upto_20": ("6–20", "6–20"),
    "slice_longer": ("more than 20", "超过 20"),
    "slice_wanted": ("items wanted", "想要的商品"),
    "slice_new_items": ("new items only", "仅新商品"),
    "slice_known_items": ("known items only", "仅已有商品"),
    "slice_few": ("too few", "过少"),
    "slice_frequency": ("how often typed", "频率"),
    "slice_head": ("typed by many", "常见"),
    "slice_tail": ("others", "长尾"),
    "slice_length": ("length", "长度"),
    "slice_one_word": ("one word", "一个词"),
    "slice_two_words": ("two words", "两个词"),
    "slice_three_words": ("three words", "三个词"),
    "slice_more_words": ("more words", "更多词"),
    "slice_language": ("letters", "文字"),
    "slice_en": ("Latin", "拉丁字母"),
    "slice_zh": ("Chinese", "中文"),
    "slice_mixed": ("mixed", "混合"),
    "slice_other": ("others", "其他"),
    "slice_intent": ("intent", "意图"),
    "slice_brand": ("names a brand", "含品牌"),
    "slice_category": ("names a category", "含类目"),
    "slice_model_number": ("model number", "型号"),
    "slice_attribute": ("names an attribute", "含属性"),
    "slice_measure": ("size or amount", "规格或数量"),
    "slice_price": ("price", "价格"),
    "slice_plain": ("none of these", "以上皆非"),
    "li_title": ("What the lists are like", "列表的构成"),
    "li_says": (
        "Of the first {k} places. Variety is 1 less the mean likeness (category, words, brand) of the pairs of a list; "
        "catalogue is the share of what may be offered that is in any list; new is the share of new items. They "
        "describe and decide nothing: random lists win all three.",
        "以前 {k} 位计。多样性为 1 减去列表中两两商品的平均相似度（类别、用词、品牌）；"
        "商品库为可推荐商品中至少出现一次的占比；新品为新品所占比例。这些数值只作描述，不参与决策：随机列表三项都会最高。",
    ),
    "li_diversity": ("variety", "多样性"),
    "li_coverage": ("catalogue", "商品库"),
    "li_new": ("new", "新品"),
    "li_requests": ("Requests", "请求数"),
    "li_line": (
        "The first {k} of {name}: variety {diversity}, {coverage} of the catalogue, {new} new ({n} requests).",
        "{name} 的前 {k} 位：多样性 {diversity}，覆盖商品库 {coverage}，新品 {new}（{n} 个请求）。",
    ),
    "li_costs": ("What each rule costs {name}", "{name} 各条规则的代价"),
    "li_costs_say": (
        "With the rule against without it, all others in force, on a sample of {n} of the requests: the difference of "
        "the metric is paired, the other figures are without → with.",
        "其余规则不变，在 {n} 个抽样请求上比较启用与停用该规则：指标之差为配对差，其余数值为“停用→启用”。",
    ),
    "li_repeats_say": (
        "* What users took again counts as right here, with the rule and without it. Users who took nothing else are "
        "not among the requests, so the rule costs rather more.",
        "* 此处用户再次购买的商品也算正确，两边相同。只买旧商品的用户不在请求之中，因此实际代价还会更高。",
    ),
    "li_rule": ("rule", "规则"),
    "li_gain": ("quality", "质量"),
    "li_value": ("set to", "取值"),
    "predicted": ("predicted", "预测"),
    "title": ("What to run for {shop}", "{shop} 应采用的配置"),
    "made": (
        "Decided {day} by Steelyard, prices {book} (oldest {as_of})",
        "Steelyard 于 {day} 决策，价格表 {book}（最早 {as_of}）",
    ),
    "stop": (".", "。"),
    "colon": (": ", "："),
    "joint": ("All together {monthly} a month.", "合计每月 {monthly}。"),
    "no_joint": ("No total for all surfaces: a price is missing.", "无法合计：缺少价格。"),
    "h_case": ("The case", "任务"),
    "case": (
        "Each surface gets the cheapest configuration whose quality keeps its floor, whose 99th percentile of "
        "response time stays within the limit, and which carries the peak.",
        "每个场景都取最便宜的配置，条件是质量达到下限、响应时间的 99 百分位不超过上限，并能承载高峰。",
    ),
    "surface": ("Surface", "场景"),
    "floor": ("Quality floor", "质量下限"),
    "limit": ("p99 limit", "p99 上限"),
    "peak": ("Peak, requests a second", "高峰（每秒请求）"),
    "month": ("Requests a month", "每月请求"),
    "h_data": ("Data", "数据"),
    "rows_table": ("Table", "表"),
    "rows_in": ("Rows in", "读入"),
    "rows_kept": ("Kept", "保留"),
    "rows_quarantined": ("Quarantined", "隔离"),
    "rows_merged": ("Merged", "合并"),
    "findings": ("What was found", "发现的问题"),
    "no_findings": ("No finding.", "没有发现问题。"),
    "severity": ("Severity", "级别"),
    "reason": ("Reason", "原因"),
    "count": ("Rows", "行数"),
    "share": ("Share", "比例"),
    "finding_means": ("Meaning", "含义"),
    "error": ("error", "错误"),
    "warning": ("warning", "警告"),
    "info": ("note", "提示"),
    "h_models": ("Models", "模型"),
    "models": (
        "{n} configurations were put together from parts and each was measured alone in a fresh process.",
        "共组合出 {n} 个配置，每个都在新进程中单独测量。",
    ),
    "cpu": ("CPU ms a request", "每次请求 CPU 毫秒"),
    "metric_says": ("Measured as {metric} on {n} requests; 95 % intervals.", "指标 {metric}，{n} 个请求，95% 区间。"),
    "interval": ("Interval", "区间"),
    "versus": ("Difference from {name}, paired", "与 {name} 的配对差"),
    "share_kept": ("Share kept", "保留比例"),
    "three_ways_say": (
        "Per 1,000 requests three ways. Marginal: processor seconds × price of a core-second. At capacity: machine "
        "price ÷ the highest rate within the limit. Fully loaded: the whole bill ÷ the month's requests, idle time "
        "and people included.",
        "每千次请求有三种算法。边际：处理器秒数 × 每核秒价格。满负荷：机器价格 ÷ 上限内的最高速率。全成本：整月账单 ÷"
        " 当月请求数，含空闲与人力。",
    ),
    "joint_bill": ("The bill of all chosen together", "全部所选配置的合计账单"),
    "rests_on": ("It rests on figures that were", "其数字来源"),
    "bill_of": ("Bill of {name}", "{name} 的账单"),
    "source": ("Source", "来源"),
    "one_off_aside": ("(share of a one-off cost)", "（一次性成本分摊）"),
    "hangs_on": ("What the choice hangs on", "选择取决于哪些假设"),
    "h_choice": ("Choice", "选择"),
    "promise_says": (
        "Checked over HTTP at {rps} requests a second, server on one core: promised p99 {promised} ms, measured "
        "{measured} ms, {requests} requests, {errors} errors.",
        "经 HTTP 以每秒 {rps} 次请求检验，服务器占一核：承诺 p99 {promised} 毫秒，实测 {measured} 毫秒，{requests} 次"
        "请求，{errors} 次错误。",
    ),
    "promise_kept": ("The limit was kept.", "未超上限。"),
    "promise_broken": ("The limit was not kept.", "超出上限。"),
    "promise_invalid": ("Not checked: {note}.", "未能检验：{note}。"),
    "machines_say": (
        "It runs on {n} × {instance}; each carries {rate} requests a second within the limit and is {busy} busy at "
        "the peak.",
        "运行于 {n} × {instance}；每台在上限内承载每秒 {rate} 次请求，高峰利用率 {busy}。",
    ),
    "h_alternatives": ("Alternatives, and why each was not chosen", "其他配置及未入选原因"),
    "h_uncertainty": ("Uncertainty", "不确定性"),
    "assumed_share": (
        "{share} of the total rests on assumptions: replace them with the shop's own figures first.",
        "合计中有 {share} 依赖假设：请先换成本店的实际数字。",
    ),
    "interval_says": (
        "A configuration is judged by the low end of its interval, paired with the reference over the same requests.",
        "配置按区间下端判断，并与参照配置在同一批请求上配对比较。",
    ),
    "predicted_says": (
        "p99 is a prediction by simulation except where it is called measured.",
        "除注明实测外，p99 均为模拟预测。",
    ),
    "h_how": ("How it was measured", "测量方法"),
    "how": (
        "Full ranking over the whole catalogue, never sampled; processor seconds beside wall time; every "
        "configuration asked the same requests in interleaved rounds; machines sized by simulating the queue at the "
        "peak.",
        "在整个商品库上完整排序，不抽样；同时记录处理器时间与墙钟时间；所有配置交错轮流回答同一批请求；机器数量由高峰"
        "排队模拟得出。",
    ),
    "left_out_say": (
        "None of this is counted as free: it is not counted. The setting beside a line prices it from the price book.",
        "下列各项并非免费，而是未计入；启用其后的设置，即按价格表计价。",
    ),
    "svg_title": (
        "Quality and cost of {n} configurations ({surface}); {chosen} is chosen",
        "{n} 个配置的质量与成本（{surface}）；采用 {chosen}",
    ),
    "svg_monthly": ("{currency} a month, whole bill, log scale", "每月总成本（{currency}，对数轴）"),
    "svg_at_capacity": (
        "{currency} per 1,000 requests, machine cost at full load, log scale",
        "每千次请求机器成本，满负荷（{currency}，对数轴）",
    ),
    "svg_nothing": ("No configuration has a price.", "没有配置有价格。"),
}
