"""What a finding in the shop's data does to the models, in English and Chinese."""

from __future__ import annotations

__all__ = ["EFFECTS"]

EFFECTS: dict[str, tuple[str, str]] = {
    "events_lost": (
        "The models learn from fewer events, and are judged on fewer.",
        "模型可学习的事件变少，用来评判的也变少。",
    ),
    "items_lost": ("These products can be neither found nor recommended.", "这些商品既搜不到，也不会被推荐。"),
    "judgements_lost": (
        "Search quality is measured on fewer judgements: its interval is wider.",
        "搜索质量依据更少的标注测得，区间更宽。",
    ),
    "rows_lost": ("What the rows say is not learnt.", "这些行的内容不会被学习。"),
    "item_hidden": ("The items are known and not shown.", "这些商品已知，但不展示。"),
    "no_price": (
        "The items are shown without a price, and cannot be sorted by it.",
        "商品不显示价格，也不能按价格排序。",
    ),
    "counted_twice": (
        "Nothing, since the copies are left out; counted twice they would push their products up.",
        "已去除重复，没有影响；若重复计数，会抬高相应商品的排名。",
    ),
    "as_meant": ("Nothing: the shop's data means it so.", "没有影响：数据本意如此。"),
    "repaired": (
        "Nothing where the repair is right; where it is not, the rows count for another value.",
        "修复正确则没有影响；否则这些行会算到别的值上。",
    ),
    "nobody": (
        "The events count for no person: recommendations for a shopper do not learn from them.",
        "这些事件不属于任何人：个性化推荐不会从中学习。",
    ),
    "poor_text": ("Search hardly finds these items by words.", "搜索很难按文字找到这些商品。"),
    "ratings_alike": (
        "A bad rating counts like a good one: what people dislike is recommended.",
        "差评与好评同样计算：会推荐顾客不喜欢的商品。",
    ),
    "one_of_many": (
        "Search shows one of them; the others are reached from it.",
        "搜索只显示其中一个，其余可由它进入。",
    ),
    "value_lost": ("The row is learnt from without this value.", "学习该行时不使用这个值。"),
    "table_refused": ("Nothing of the table can be used.", "整张表都不能使用。"),
    "changed": (
        "What the models would learn is not what they learnt before; a wrong unit or column goes into all.",
        "模型学到的将与以前不同；单位或列有误会影响每一个模型。",
    ),
    "times": (
        "What is learnt from the order of events and the hour is wrong, and the cut of the test may be.",
        "从先后顺序和时刻学到的内容有误，测试的切分也可能有误。",
    ),
    "prices": (
        "Cards, sorting, filters and values of orders show a wrong price or quantity.",
        "商品卡片、排序、筛选和订单金额会显示错误的价格或件数。",
    ),
    "robots": (
        "They are left out; learnt from, they would push what robots look at.",
        "已排除；若用于学习，会抬高机器人浏览的商品。",
    ),
    "tests": ("The measured quality says less of what shoppers will see.", "测得的质量对顾客实际体验的说明力变弱。"),
    "split": (
        "What people did is split between the copies: each is recommended less than it should be.",
        "顾客的行为被拆到各个副本上，每一个都推荐得偏少。",
    ),
    "counted": ("It was only counted; the rows are used as they are.", "只计数；这些行照原样使用。"),
}
"""By key of ``documents.reasons.Effect``."""
