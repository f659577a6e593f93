"""What each finding of the data checks means, in Chinese; the English is with the check."""

from __future__ import annotations

__all__ = ["FINDINGS_ZH"]

FINDINGS_ZH = {
    "event_duplicate": "与更早的一行在用户、商品、时间、会话、类型、数量和价格上完全相同",
    "event_id_duplicate": "更早的一行使用了相同的事件编号",
    "event_item_missing": "事件没有写明商品",
    "event_item_unknown": "商品不在目录中",
    "event_kind_unknown": "事件类型未知；请在 kinds 中写明对应关系",
    "event_time_implausible": "事件早于 1990 年：时钟有误",
    "event_time_in_future": "事件比当前时间晚一天以上",
    "event_time_unreadable": "时间缺失或无法读取",
    "event_user_missing": "没有写明用户：只计数，不用于学习",
    "gain_missing": "该行没有相关性分值",
    "gain_negative": "加上 gain_offset 后分值仍为负",
    "gain_not_a_number": "相关性分值无法读取",
    "item_id_duplicate": "更早的一行有相同的商品编号；保留第一行",
    "item_id_missing": "该行没有写明商品",
    "judged_item_missing": "该行没有写明商品",
    "judgement_duplicate": "该查询与商品之前已经判定过，或在别处有更高的分值，保留后者",
    "price_missing": "没有给出价格",
    "price_not_a_number": "价格无法读取；保留该行，但不带价格",
    "price_not_positive": "价格为零或更低；保留该行",
    "price_too_large": "价格高得不合常理；保留该行，但不带价格",
    "quantity_not_a_number": "数量无法读取",
    "quantity_not_positive": "数量为零或更低：属于取消或更正，不表示兴趣",
    "query_judged_item_unknown": "被判定的商品不在目录中",
    "query_missing": "该行没有查询",
    "row_malformed": "该行无法拆分为列；只保留行号，因为其中可能有人名",
    "stock_negative": "库存小于零；按无货处理",
    "stock_missing": "没有给出库存；按有货处理",
    "stock_on_order": "可以预订但尚不能发货；除非 stock_words 另有说明，否则不展示",
    "stock_unreadable": "库存无法读取；该商品不展示，请在 stock_words 中说明该值的含义",
    "text_shared": "文字与另一商品相同；搜索对每段文字只显示一个商品",
    "title_missing": "没有标题；改为显示其最细的类目",
}
"""By reason code."""
