"""What a finding in the shop's data does to the models, and what to do about it, in English and Chinese."""

from __future__ import annotations

from steelyard.reporting.words.cut import CUT_REMEDIES
from steelyard.reporting.words.detected import DETECTED_REMEDIES

__all__ = ["EFFECTS", "NOTHING", "REMEDIES"]

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

NOTHING = ("Nothing.", "无需处理。")
_FILE = ("Mend the values in the export, then run again.", "请在导出中更正这些值，然后重新运行。")
_ID_COLUMN = (
    "Export the column of the item ids, or name it in [data.{table}.columns].",
    "请导出商品编号列，或在 [data.{table}.columns] 中写明。",
)
_BEFORE = (
    "Compare the export with the one before. If the change is meant, accept it once.",
    "请与上一次的导出比较。如果变化是有意的，请接受一次。",
)

REMEDIES: dict[str, tuple[str, str]] = {
    "event_ignored": NOTHING,
    "item_not_published": (
        "Nothing; published_words in [data.items] says what your own words mean.",
        "无需处理；published_words（[data.items]）可说明您自己的写法。",
    ),
    "layout_told": (
        "Write parent and published in [data.items.columns], or read_layout = false in [data.items].",
        "请在 [data.items.columns] 中写明 parent 与 published，或在 [data.items] 中写 read_layout = false。",
    ),
    "look": ("Look at the rows, and mend them in the export.", "请查看这些行，并在导出中更正。"),
    "answer_duplicate": ("Export each answer once.", "每个回答只导出一次。"),
    "answered_item_repaired": (
        "Export the ids as the catalogue has them, as text.",
        "请按商品库的写法以文本导出编号。",
    ),
    "answered_item_unknown": (
        "Export the catalogue whole, with the same ids as the answers.",
        "请导出完整的商品库，编号与问答一致。",
    ),
    "answer_missing": (
        "Name the column of the answer in [data.answers.columns].",
        "请在 [data.answers.columns] 中写明回答的列。",
    ),
    "basic_user_duplicate": ("Export one row for each user.", "每个用户只导出一行。"),
    "basic_user_empty": NOTHING,
    "basic_user_missing": (
        "Name the column of the user in [data.users.columns].",
        "请在 [data.users.columns] 中写明用户的列。",
    ),
    "basic_user_unseen": (
        "See that both files call the users by the same id.",
        "请确认两个文件使用相同的用户编号。",
    ),
    "drift_currency": (
        "Export the prices in the shop's currency, or set another in [shop] currency.",
        "请按商店货币导出价格，或在 [shop] currency 中更改货币。",
    ),
    "drift_distribution": _BEFORE,
    "drift_duplicates": (
        "Look whether a part of the log was exported twice.",
        "请检查日志是否有一部分被导出了两次。",
    ),
    "drift_ids": (
        "Export the ids as text, as before; zeros in front and long numbers are lost in table tools.",
        "请像以前一样按文本导出编号；表格工具会丢失前导零和长数字。",
    ),
    "drift_language": (
        "See whether the export of another store view was taken.",
        "请检查是否取用了其他语言站点的导出。",
    ),
    "drift_missing": ("Look why the column is emptier than before.", "请检查该列为何比以前更空。"),
    "drift_new_values": (
        "Say what the new values mean (kinds, stock_words), or mend them in the export.",
        "请说明新值的含义（kinds、stock_words），或在导出中更正。",
    ),
    "drift_renamed": (
        "Name the new column in [data.{table}.columns], or give it its old name.",
        "请在 [data.{table}.columns] 中写明新列名，或改回旧名。",
    ),
    "drift_rows": ("Look whether the export is whole, or holds a part twice.", "请检查导出是否完整，或有一部分重复。"),
    "drift_time_zone": (
        "Export the times in the zone of before, or with their offset.",
        "请按以前的时区导出时间，或带上时区偏移。",
    ),
    "drift_type": (
        "Export the column as before: as a number, a time or a text.",
        "请像以前一样导出该列：数字、时间或文本。",
    ),
    "drift_unit": (
        "Look at the unit: cents or whole units (price_divisor), seconds or milliseconds.",
        "请检查单位：分还是元（price_divisor），秒还是毫秒。",
    ),
    "event_duplicate": (
        "Export each event once. Where two equal rows are two pieces, export an event id or the quantity.",
        "每个事件只导出一次。如果两行相同代表两件，请导出事件编号或数量。",
    ),
    "event_id_taken": (
        "Name a column that is unique to the event; an order's or basket's id belongs in session.",
        "请写明每个事件唯一的列；订单或购物篮的编号应放在 session。",
    ),
    "event_item_missing": _ID_COLUMN,
    "event_item_repaired": (
        "Export the ids as the catalogue has them, as text.",
        "请按商品库的写法以文本导出编号。",
    ),
    "event_item_unknown": (
        "Export the catalogue whole, sold-out and past items too, with the same ids as the log.",
        "请导出完整的商品库，包括售罄和下架的商品，编号与日志一致。",
    ),
    "event_kind_unknown": (
        'Say what each value means: kinds = {{ "value" = "click" }} in [data.events].',
        '请在 [data.events] 中写明每个值的含义：kinds = {{ "值" = "click" }}。',
    ),
    "event_return": NOTHING,
    "event_time_implausible": (
        "Export the times again: these are zeros or of a wrong clock.",
        "请重新导出时间：这些是零值或时钟错误。",
    ),
    "event_time_in_future": (
        "Look at the clock that wrote them, and at the order of day and month.",
        "请检查写入它们的时钟，以及日与月的顺序。",
    ),
    "event_time_unreadable": (
        "Export the times as 2024-05-31 18:00 or as seconds since 1970.",
        "请按 2024-05-31 18:00 或 1970 年以来的秒数导出时间。",
    ),
    "event_user_missing": (
        "Export the visitor's or session's id where nobody was signed in.",
        "未登录时请导出访客或会话编号。",
    ),
    "event_weights_learnt": (
        "Nothing; fixed weights in [data] event_weights replace them.",
        "无需处理；在 [data] event_weights 中写固定值即可替换。",
    ),
    "event_weights_not_learnt": (
        "Give a longer log, or write fixed weights in [data] event_weights.",
        "请提供更长的日志，或在 [data] event_weights 中写固定值。",
    ),
    "gain_missing": _FILE,
    "gain_negative": ("Set gain_offset so that the lowest grade is 0.", "请设置 gain_offset，使最低等级为 0。"),
    "gain_not_a_number": ("Write the grades as numbers, the best one highest.", "请把等级写成数字，最好的最大。"),
    "ids_as_floats": ("Export the ids as text.", "请以文本导出编号。"),
    "item_id_duplicate": (
        "Where a row is a variant, name the column of the variant's id; where the file is a log, set is_log = true.",
        "如果每行是一个规格，请写明规格编号的列；如果文件是日志，请设置 is_log = true。",
    ),
    "item_id_missing": _ID_COLUMN,
    "judged_item_missing": _ID_COLUMN,
    "judged_item_repaired": (
        "Export the ids as the catalogue has them, as text.",
        "请按商品库的写法以文本导出编号。",
    ),
    "judgement_duplicate": ("Nothing: the highest grade is kept.", "无需处理：保留最高等级。"),
    "not_offered": NOTHING,
    "parent_of_variants": (
        "Nothing; give the row a price where it is sold itself.",
        "无需处理；如果该行本身出售，请给出价格。",
    ),
    "picture_row": NOTHING,
    "person_erased": (
        "Nothing: the person asked for it. Delete their rows in your own file too.",
        "无需处理：此人已要求删除。请在您自己的文件中也删除其记录。",
    ),
    "event_too_old": (
        "Nothing: your own policy says so. Raise keep_days in [privacy] to keep events longer.",
        "无需处理：这是您自己的规定。如需保存更久，请调高 [privacy] 中的 keep_days。",
    ),
    "text_names_person": (
        "Have your shop's forms refuse such texts, or leave the column out of the export.",
        "请让商店的表单拒绝这类文本，或在导出时去掉该列。",
    ),
    "price_missing": ("Export the prices of these items.", "请导出这些商品的价格。"),
    "price_not_a_number": ("Write the prices plainly: 12.50.", "请写成普通数字：12.50。"),
    "price_not_positive": ("Export the prices of these rows, or leave them empty.", "请导出这些行的价格，或留空。"),
    "price_too_large": (
        "Look at the unit: price_divisor = 100 where prices are in cents.",
        "请检查单位：价格以分为单位时设置 price_divisor = 100。",
    ),
    "published_unread": (
        'Say what each value means: published_words = {{ "value" = false }} in [data.items].',
        '请在 [data.items] 中写明每个值的含义：published_words = {{ "值" = false }}。',
    ),
    "purchase_undone": NOTHING,
    "quantity_not_a_number": ("Write the quantities as numbers.", "请把数量写成数字。"),
    "quantity_not_positive": NOTHING,
    "query_judged_item_unknown": (
        "Export the catalogue whole, with the same ids as the judgements.",
        "请导出完整的商品库，编号与标注一致。",
    ),
    "query_missing": (
        "Name the column of the query in [data.judgements.columns].",
        "请在 [data.judgements.columns] 中写明查询词的列。",
    ),
    "question_missing": (
        "Name the column of the question in [data.answers.columns].",
        "请在 [data.answers.columns] 中写明问题的列。",
    ),
    "rating_column_found": ("Set rating in [data.events.columns].", "请在 [data.events.columns] 中设置 rating。"),
    "rating_missing": _FILE,
    "rating_not_liking": (
        "Nothing; like_above in [data.events] moves the limit.",
        "无需处理；like_above（[data.events]）可移动界限。",
    ),
    "rating_out_of_range": (
        "Set rating_top in [data.events] to the best rating.",
        "请在 [data.events] 中把 rating_top 设为最高评分。",
    ),
    "rating_scale_unknown": (
        "Set rating_top in [data.events] to the best rating.",
        "请在 [data.events] 中把 rating_top 设为最高评分。",
    ),
    "rating_unreadable": ("Write the ratings as numbers, letters or stars.", "请把评分写成数字、字母或星级。"),
    "rating_values_not_read": ("Set rating in [data.events.columns].", "请在 [data.events.columns] 中设置 rating。"),
    "row_malformed": (
        "Open the lines of these numbers: an open quotation mark or a separator inside a text breaks them.",
        "请查看这些行：未闭合的引号或文字中的分隔符会破坏它们。",
    ),
    "stock_missing": ("Export the stock, where it should hide items.", "如需按库存隐藏商品，请导出库存。"),
    "stock_negative": ("Count the stock anew.", "请重新盘点库存。"),
    "stock_on_order": (
        "Set stock_words in [data.items] where such items may be offered.",
        "如可展示，请在 [data.items] 中设置 stock_words。",
    ),
    "stock_unreadable": (
        'Say what each value means: stock_words = {{ "value" = true }} in [data.items].',
        '请在 [data.items] 中写明每个值的含义：stock_words = {{ "值" = true }}。',
    ),
    "table_refused": ("Mend what is named, then run again.", "请更正所述问题，然后重新运行。"),
    "text_shared": (
        "Name a column in which they differ (colour, size) in attributes.",
        "请在 attributes 中写明可区分它们的列（颜色、尺寸）。",
    ),
    "title_missing": ("Export the titles of these items.", "请导出这些商品的标题。"),
    "category_several_paths": NOTHING,
    "currencies_mixed": (
        "Convert the prices to one currency before the export, or split the file.",
        "请在导出前把价格换算为同一种货币，或拆分文件。",
    ),
    "currency_differs": (
        "Set currency in [shop] to the one the prices are written in.",
        "请把 [shop] 的 currency 设为价格所写的货币。",
    ),
    "dates_guessed": (
        "Look at the two dates; if the other one is right, set dates in [data.{table}].",
        "请核对两个日期；若另一个才对，请在 [data.{table}] 中设置 dates。",
    ),
    "dates_mixed": (
        "Export the column in one form (2024-05-31 18:00).",
        "请用同一种格式导出该列（2024-05-31 18:00）。",
    ),
    "decimal_mark_guessed": (
        "Look at the two readings; if the other one is right, set decimal in [data.{table}].",
        "请核对两种读法；若另一种才对，请在 [data.{table}] 中设置 decimal。",
    ),
    "decimal_marks_mixed": (
        "Export the numbers in one form.",
        "请用同一种写法导出数字。",
    ),
    "event_id_of_basket": NOTHING,
    "event_item_scientific": (
        "Export the item ids as text, not through a spreadsheet.",
        "请把商品编号作为文本导出，不要经过电子表格。",
    ),
    "event_piece": (
        'If the rows are copies, set repeats = "duplicates" in [data.events].',
        '若这些行是重复的，请在 [data.events] 中设置 repeats = "duplicates"。',
    ),
    "gain_from_grade": (
        "Look at the gains; if they are wrong, set grades in [data.judgements].",
        "请核对分值；若不对，请在 [data.judgements] 中设置 grades。",
    ),
    "item_id_scientific": (
        "Export the item ids as text, not through a spreadsheet.",
        "请把商品编号作为文本导出，不要经过电子表格。",
    ),
    "placeholder_words": NOTHING,
    "times_are_serials": (
        "Look at the date in the finding; if it is wrong, name another time column.",
        "请核对其中的日期；若不对，请写明另一个时间列。",
    ),
    "times_left_out_by_clock": (
        "Export times with their offset (2024-05-31 18:00 +0200).",
        "请导出带时差的时间（2024-05-31 18:00 +0200）。",
    ),
    "times_twice_on_clock": (
        "Export times with their offset (2024-05-31 18:00 +0200).",
        "请导出带时差的时间（2024-05-31 18:00 +0200）。",
    ),
    "times_without_zone": (
        'If the times are local, set timezone in [shop], as "Europe/Berlin".',
        '若为当地时间，请在 [shop] 中设置 timezone，例如 "Asia/Shanghai"。',
    ),
    "user_is_nobody": NOTHING,
    "user_maybe_shared": (
        "If it is nobody, list it as nobody in [data.events].",
        "若它不代表任何人，请在 [data.events] 的 nobody 中列出。",
    ),
    "user_shared": (
        "If it is a person, set nobody = [] in [data.events].",
        "若它确是一个人，请在 [data.events] 中设置 nobody = []。",
    ),
    "years_of_two_digits": (
        "Export years with four digits where others are meant.",
        "若另有所指，请导出四位年份。",
    ),
    "zones_mixed": NOTHING,
    "variant_inherits": NOTHING,
    **CUT_REMEDIES,
    **DETECTED_REMEDIES,
}
"""By reason code."""
