"""What the detectors find in the shop's data: its meaning in Chinese, and what to do about it in both languages."""

from __future__ import annotations

__all__ = ["DETECTED_REMEDIES", "DETECTED_ZH", "UNPRICED"]

_CLOCK = (
    "Export the time of each event to the second, with its time zone.",
    "请导出每个事件精确到秒的时间，并带上时区。",
)
_DAYS = (
    "Export the missing days or hours again; keep them out where the shop was closed.",
    "请重新导出缺少的日期或小时；商店歇业则无需处理。",
)
_SESSION = (
    "Export the visit's own identifier, made anew after half an hour of rest.",
    "请导出每次访问自己的编号，闲置半小时后应重新生成。",
)
_PRICE = (
    "Compare the rows with the shop's prices: mend the unit, the currency or the decimal sign.",
    "请与商店的价格核对：更正单位、货币或小数点。",
)
_ROBOT = (
    "Look at the users. If they are people, set leave_out_hostile = false in [data.events].",
    "请查看这些用户。如果是真人，请在 [data.events] 中设置 leave_out_hostile = false。",
)
_TEXT = (
    "Export the texts as UTF-8, without conversions on the way.",
    "请以 UTF-8 导出文字，中途不要转换。",
)
_TITLE = (
    "Write the titles of these items.",
    "请填写这些商品的标题。",
)
_COPIES = (
    "Merge the items under one identifier in the shop.",
    "请在商店中将它们合并为一个编号。",
)
_TEST = (
    "Nothing: know it when you read the quality.",
    "无需处理：解读质量时请记住这一点。",
)
_ALLOW_REPEATS = (
    "Set exclude_seen = false in [rules], and name the models frequency and tifu-knn in [models].",
    "请在 [rules] 中设置 exclude_seen = false，并在 [models] 中加入 frequency 与 tifu-knn。",
)
_CATEGORY_NAMES = (
    "Write the names in repeat_categories of [rules] as the catalogue has them, levels parted by ` > `.",
    "请按商品库中的写法填写 [rules] repeat_categories，各级之间用“ > ”分隔。",
)
_LEAVE_OUT_SEEN = (
    "Set exclude_seen = true in [rules].",
    "请在 [rules] 中设置 exclude_seen = true。",
)
_FUTURE = (
    "Take the column out of attributes, or export it as it was before the test period.",
    "请从 attributes 中去掉该列，或导出它在测试期之前的值。",
)
_COLUMN = (
    "Leave the column out, or export it filled.",
    "请去掉该列，或导出填写完整的列。",
)
_LOOK = (
    "Look at them: a launch is as it should be, a test account is to be left out.",
    "请查看：新品上市属正常，测试账号应去掉。",
)

DETECTED_ZH = {
    "clock_dates_only": "日志只有日期没有时刻：一天之内的先后顺序不起作用",
    "clock_days_missing": "通常有事件的日子里一整天没有事件：店铺歇业，或日志缺了一部分",
    "clock_hours_missing": "繁忙时段之间有一个小时几乎没有事件：日志缺了一部分",
    "clock_midnight": "恰好在这一秒的事件远多于前后：只有日期、没有时刻",
    "clock_summer_time": "时间是带夏令时的当地时间：春季少一小时，秋季多一小时",
    "clock_zone_shift": "有几周的日内节律平移了数小时：时区或时钟被改动过",
    "column_constant": "每一行的值都相同：不能区分任何东西",
    "column_knows_future": "该列的数字与切分之后的销售更一致，而不是之前：它可能知道未来",
    "column_mostly_missing": "一半以上的行没有值：模型从中学不到多少",
    "event_kind_rare": "几乎没有事件的类型：学习和测量都说明不了什么",
    "item_exploding": "此前几乎无人知晓，而在最后十分之一的时间里占了很大份额：新品上市，或有人在推",
    "items_near_duplicate": "同一商品的另一种写法：历史被拆开，列表中出现两次",
    "language_mixed": "标题的文字与多数标题不同：一种语言的词搜不到另一种语言的商品",
    "log_stale": "最新的事件已超过一个月：不知道现在流行什么",
    "paid_unit_slip": "实付价是该商品通常价格的百倍或千倍：单位有误",
    "price_outlying": "价格远离同类目的其他价格",
    "price_unit_slip": "价格是同类商品的十倍、百倍或千倍：把分当成了元",
    "price_unlike_paid": "目录价与实付价相差很远：单位或货币不同",
    "quantity_outlying": "件数是该商品通常件数的一千倍",
    "query_near_in_tuning_and_test": "测试查询与调优查询只是词序或写法不同",
    "repeat_category_unknown": "[rules] repeat_categories 中的类目没有任何商品：不会因此再次推荐",
    "repeats_not_offered": "验证期中老用户再次接触此前接触过的商品（占其接触商品的份额），但规则不再推荐这些商品",
    "repeats_rare": "验证期中老用户极少再次接触此前接触过的商品，但规则允许推荐它们",
    "session_shared": "一次访问中有多个用户：会话编号不唯一",
    "session_too_long": "一次访问超过一天：其中的事件不是出于同一目的",
    "test_items_cold": "测试期中此前无人接触过的商品的事件：只有文字能找到它们（占该时期的份额）",
    "test_repeats": "测试期中用户此前接触过的商品的事件（占该时期的份额）",
    "test_users_cold": "测试期中没有历史的用户的事件：行为数据帮不上忙（占该时期的份额）",
    "text_encoding_damaged": "以错误的编码读取：出现乱码",
    "text_html": "文字中残留 HTML；已去除",
    "text_replacement": "转换时丢失了字符，现为 U+FFFD",
    "title_placeholder": "占位文字，并非真正的标题",
    "traffic_agent": "替人购买的智能体：保留并标记",
    "traffic_around_clock": "一天中几乎每个小时都活动：机器人；不用于学习",
    "traffic_cohort": "一批账号在同一天接触同一商品，其余行为也相同；不用于学习",
    "traffic_fast": "每分钟、每小时或每天的操作多于本日志中的人：机器人；不用于学习",
    "traffic_one_item": "一天之内反复操作同一商品：点击作弊；不用于学习",
    "traffic_regular": "操作以固定间隔出现：机器人；不用于学习",
    "traffic_robot_named": "用户代理写明是爬虫、脚本或无头浏览器；不用于学习",
    "user_dominates": "一个用户占了日志的很大部分：游客共用的账号、经销商或测试",
    "traffic_shared": "同一用户下同时有多次访问：游客共用的账号；不当作一个人学习",
}
"""By reason code; the English is with the detector."""

DETECTED_REMEDIES: dict[str, tuple[str, str]] = {
    "clock_dates_only": _CLOCK,
    "clock_days_missing": _DAYS,
    "clock_hours_missing": _DAYS,
    "clock_midnight": _CLOCK,
    "clock_summer_time": _CLOCK,
    "clock_zone_shift": _CLOCK,
    "column_constant": _COLUMN,
    "column_knows_future": _FUTURE,
    "column_mostly_missing": _COLUMN,
    "event_kind_rare": _TEST,
    "item_exploding": _LOOK,
    "items_near_duplicate": _COPIES,
    "language_mixed": _TITLE,
    "log_stale": _DAYS,
    "paid_unit_slip": _PRICE,
    "price_outlying": _PRICE,
    "price_unit_slip": _PRICE,
    "price_unlike_paid": _PRICE,
    "quantity_outlying": _PRICE,
    "query_near_in_tuning_and_test": _TEST,
    "repeat_category_unknown": _CATEGORY_NAMES,
    "repeats_not_offered": _ALLOW_REPEATS,
    "repeats_rare": _LEAVE_OUT_SEEN,
    "session_shared": _SESSION,
    "session_too_long": _SESSION,
    "test_items_cold": _TEST,
    "test_repeats": _TEST,
    "test_users_cold": _TEST,
    "text_encoding_damaged": _TEXT,
    "text_html": _TEXT,
    "text_replacement": _TEXT,
    "title_placeholder": _TITLE,
    "traffic_agent": _ROBOT,
    "traffic_around_clock": _ROBOT,
    "traffic_cohort": _ROBOT,
    "traffic_fast": _ROBOT,
    "traffic_one_item": _ROBOT,
    "traffic_regular": _ROBOT,
    "traffic_robot_named": _ROBOT,
    "user_dominates": (
        'Look who it is; an account that guests share is nobody: nobody = ["…"] in [data.events].',
        '请查明是谁；若是游客共用的账号，请在 [data.events] 中写明 nobody = ["…"]。',
    ),
    "traffic_shared": _ROBOT,
}
"""By reason code."""

UNPRICED: dict[str, tuple[str, str]] = {
    "no_model": ("no price: no cheap model looks at it", "没有价格：便宜的模型都不看这一项"),
    "mended": ("nothing: it is mended on reading", "无影响：读取时已修复"),
    "no_cases": ("no price: nothing judges it", "没有价格：没有可用来评判的请求"),
    "no_time": ("no price: the minutes were used up", "没有价格：时间已用完"),
}
"""Why a defect has no price, by key of ``documents.defect_prices.Unpriced``."""
