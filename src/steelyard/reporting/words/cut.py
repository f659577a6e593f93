"""What to do about what was met while files were cut into rows, in English and Chinese."""

from __future__ import annotations

__all__ = ["CUT_REMEDIES"]

_NOTHING = ("Nothing.", "无需处理。")
_EXPORT = (
    "Export the file again as UTF-8, or set encoding in its section.",
    "请以 UTF-8 重新导出，或在其节中设置 encoding。",
)
_LOOK = ("Compare some of the rows with the file.", "请抽查几行，与文件比对。")
_QUOTES = (
    "Export with quotation marks doubled inside cells, or set quote and escape in its section.",
    "请在导出时把单元格内的引号写成两个，或在其节中设置 quote 与 escape。",
)

CUT_REMEDIES: dict[str, tuple[str, str]] = {
    "cells_filled": _NOTHING,
    "cells_trimmed": _NOTHING,
    "cells_unnamed": ("Give every column a name.", "请给每一列命名。"),
    "columns_renamed": (
        "Give the columns different names, or use the numbered ones.",
        "请给各列不同的名称，或使用带编号的名称。",
    ),
    "dialect_told": _LOOK,
    "encoding_guessed": (
        "Set encoding in its section, once some rows were looked at.",
        "抽查几行后，请在其节中写明 encoding。",
    ),
    "encoding_mixed": _EXPORT,
    "files_joined": _NOTHING,
    "header_missing": ("Set names in its section.", "请在其节中设置 names。"),
    "header_second": _LOOK,
    "header_shifted": _LOOK,
    "line_ends_mixed": _NOTHING,
    "lines_before_header": (
        "Set skip_lines in its section where too many were skipped.",
        "若跳过过多，请在其节中设置 skip_lines。",
    ),
    "list_unfolded": _NOTHING,
    "object_read": (
        "Name the value in the columns of its section, as price.value, where another is meant.",
        "若指的是其他值，请在其节的列中写明路径，如 price.value。",
    ),
    "quotes_mended": _QUOTES,
    "records_found": (
        "Set records in its section where another list is meant.",
        "若指的是其他列表，请在其节中设置 records。",
    ),
    "records_not_objects": _LOOK,
    "row_too_long": ("Leave pictures out of the texts.", "请不要把图片放进文字中。"),
    "row_blank": _NOTHING,
    "row_header": _NOTHING,
    "row_trailer": _NOTHING,
    "row_undecodable": _EXPORT,
    "text_garbled": ("Export the texts from the shop again as UTF-8.", "请从商店重新以 UTF-8 导出文字。"),
    "zero_bytes": ("Find what writes them: values may be cut off there.", "请查明其来源：值可能在该处被截断。"),
}
"""By reason code."""
