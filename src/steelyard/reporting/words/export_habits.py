"""What findings of habits of programs that export mean and what to do about them: English remedies, and Chinese."""

from __future__ import annotations

__all__ = ["HABITS_REMEDIES", "HABITS_ZH"]

HABITS_ZH = {
    "session_scientific": "访问或事件编号被电子表格写成了科学计数法，数字已丢失，多次访问共用一个编号；按未给出读取",
    "category_listed": "分类单元格以逗号列出多个名称（CHECK）；根据整列判断是多个分类还是一条路径",
    "published_later": "上架日期在将来；在此之前已知但不展示",
    "event_item_twins": "日志的商品编号没有前导零，而商品库中有只差前导零的编号；按没有前导零的商品读取",
}
"""By reason code."""

HABITS_REMEDIES: dict[str, tuple[str, str]] = {
    "session_scientific": (
        "Export the ids of visits and events as text, not through a spreadsheet.",
        "请把访问和事件编号作为文本导出，不要经过电子表格。",
    ),
    "category_listed": (
        "Write > between the levels of a path and ; between several categories.",
        "请用 > 分隔一条路径的各级，用分号分隔多个分类。",
    ),
    "published_later": (
        "Nothing; run again when the day has come.",
        "无需处理；到日期后重新运行即可。",
    ),
    "event_item_twins": (
        "Export the log's item ids as text, with their leading zeros.",
        "请以文本导出日志的商品编号，保留前导零。",
    ),
}
"""By reason code, in English and Chinese."""
