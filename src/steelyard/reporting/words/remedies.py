"""What to do about a finding in the shop's data, in English and Chinese."""

from __future__ import annotations

from steelyard.reporting.words.detected import DETECTED_REMEDIES
from steelyard.reporting.words.export_habits import HABITS_REMEDIES
from steelyard.reporting.words.same_people import SAME_PEOPLE_REMEDIES
from steelyard.reporting.words.weighed import WEIGHED_REMEDIES

__all__ = ["NOTHING", "REMEDIES"]

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
    "event_from_order": (
        "Nothing; export the buyer and the time on every line to be sure.",
        "无需处理；若要确保无误，请在每一行都导出买家和时间。",
    ),
    "event_disliked": NOTHING,
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
    "order_cancelled": (
        "Nothing; status_words in [data.events] says what your own words mean.",
        "无需处理；status_words（[data.events]）可说明您自己的写法。",
    ),
    "order_status_unread": (
        'Say what each value means: status_words = {{ "value" = false }} in [data.events].',
        '请在 [data.events] 中写明每个值的含义：status_words = {{ "值" = false }}。',
    ),
    "price_other_currency": (
        "Convert the prices before export, or set currency in [shop] to the one that is right.",
        "请在导出前换算价格，或在 [shop] 中把 currency 设为正确的货币。",
    ),
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
    **dict.fromkeys(("changes_overtaken", "items_added_since", "items_changed_since", "items_deleted_since"), NOTHING),
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
    "item_id_as_date": (
        "If a spreadsheet made dates of the ids, export them as text.",
        "若编号是被电子表格改成日期的，请以文本导出。",
    ),
    "placeholder_words": NOTHING,
    "time_units_mixed": (
        "Find which exporter writes another unit, and look at a few of its times.",
        "请查明哪个导出程序用了另一种单位，并核对几条时间。",
    ),
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
    "user_scientific": (
        "Export the users' ids as text, not through a spreadsheet.",
        "请把用户编号作为文本导出，不要经过电子表格。",
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
    "items_merged": (
        "Look at merged.parquet; without merge_duplicates in [data.items] each is an item of its own again.",
        "请查看 merged.parquet；去掉 [data.items] 中的 merge_duplicates，各商品即恢复独立。",
    ),
    **DETECTED_REMEDIES,
    **HABITS_REMEDIES,
    **SAME_PEOPLE_REMEDIES,
    **WEIGHED_REMEDIES,
    "cells_filled": ("Export every row with all its cells.", "请导出每一行的全部单元格。"),
    "cells_trimmed": NOTHING,
    "cells_unnamed": ("Give the columns to the right a name in the header.", "请在表头中为右侧的列命名。"),
    "columns_renamed": ("Give each column a name of its own.", "请为每一列取不同的名称。"),
    "dialect_told": NOTHING,
    "encoding_guessed": (
        "Export as UTF-8, or set encoding in the table's section.",
        "请以 UTF-8 导出，或在该表的节中设置 encoding。",
    ),
    "encoding_mixed": ("Export the whole file as UTF-8.", "请将整个文件以 UTF-8 导出。"),
    "file_looked_up": NOTHING,
    "files_joined": NOTHING,
    "join_key_missing": (
        "Look whether on names the right column, and export the rows that lack a key again.",
        "请检查 on 是否写对了列，并重新导出没有键的行。",
    ),
    "join_key_repaired": ("Export the ids of both files as text.", "请把两个文件的编号都以文本导出。"),
    "join_key_unknown": (
        "Export both files at the same moment and over the same period.",
        "请在同一时刻、按同一时段导出两个文件。",
    ),
    "time_added_up": (
        "Do not read seasons or dates from it; export dates where the shop has them.",
        "请勿据此解读季节或日期；若商店有日期，请一并导出。",
    ),
    "header_missing": ("Set names in the table's section.", "请在该表的节中设置 names。"),
    "header_second": (
        "If that line is a row, write its numbers as numbers.",
        "若该行确是数据，请把其中的数字写成数字。",
    ),
    "header_shifted": ("Give the first column a name in the header.", "请在表头中为第一列命名。"),
    "line_ends_mixed": NOTHING,
    "lines_before_header": NOTHING,
    "list_unfolded": NOTHING,
    "object_read": ("Look whether the right part of the object was read.", "请检查读取的是否为对象中正确的部分。"),
    "quotes_mended": ("Double the quotation marks inside a text when you export.", "导出时请把文字中的引号写成两个。"),
    "records_found": (
        "Set records in the table's section where another list is meant.",
        "如需另一个列表，请在该表的节中设置 records。",
    ),
    "records_not_objects": ("Export each record as an object.", "请把每条记录导出为对象。"),
    "row_too_long": (
        "Shorten the texts of these rows, or take them out of the export.",
        "请缩短这些行的文字，或不要导出它们。",
    ),
    "row_blank": NOTHING,
    "row_header": NOTHING,
    "row_trailer": NOTHING,
    "row_undecodable": (
        "Export the file as UTF-8, or set encoding in the table's section.",
        "请以 UTF-8 导出文件，或在该表的节中设置 encoding。",
    ),
    "text_garbled": ("Export the texts again as UTF-8.", "请以 UTF-8 重新导出文字。"),
    "zero_bytes": ("Export the file as UTF-8.", "请以 UTF-8 导出文件。"),
}
"""By reason code."""
