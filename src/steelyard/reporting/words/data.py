"""The report on the shop's data."""

from __future__ import annotations

__all__ = ["DATA"]

DATA: dict[str, tuple[str, str]] = {
    "data_quality": ("Data quality", "数据质量"),
    "q_title": ("The data of {shop}", "{shop} 的数据"),
    "q_read_at": ("Read {day}", "读取于 {day}"),
    "q_clean": ("Nothing stands in the way of training.", "没有影响训练的问题。"),
    "q_may_train": (
        "Models may be trained on it; {n} findings are worth mending.",
        "可以训练；有 {n} 个问题值得处理。",
    ),
    "q_may_train_one": (
        "Models may be trained on it; one finding is worth mending.",
        "可以训练；有 1 个问题值得处理。",
    ),
    "q_stopped": ("{n} things stop training on this load.", "有 {n} 个问题使这批数据不能用于训练。"),
    "q_stopped_one": ("One thing stops training on this load.", "有 1 个问题使这批数据不能用于训练。"),
    "q_served_on": (
        "What was trained before is served as before. Mend the data or accept the reason, then run again.",
        "此前训练的模型照常提供服务。请更正数据或接受该原因，然后重新运行。",
    ),
    "q_h_stops": ("Stops training", "阻止训练"),
    "q_h_errors": ("Errors", "错误"),
    "q_h_warnings": ("Warnings", "警告"),
    "q_h_notes": ("Notes", "提示"),
    "q_h_rows": ("Where every row went", "每一行的去向"),
    "q_h_expected": ("What the shop expects", "商店自己的要求"),
    "q_h_served": ("What is served was trained on an earlier load", "当前服务使用的是较早的一批数据"),
    "q_effect": ("Effect", "影响"),
    "q_remedy": ("Do", "处理"),
    "q_values": ("Found", "值"),
    "q_samples": ("First rows", "前几行"),
    "q_action_quarantine": ("set aside", "已隔离"),
    "q_action_set_aside": ("kept without the value", "保留，去掉该值"),
    "q_action_flag": ("kept", "保留"),
    "q_stops_accept": ("To go on as it is: --accept {reason}", "若要照此继续：--accept {reason}"),
    "q_whole_table": ("all", "全部"),
    "q_accepted": ("Accepted by the shop ({reason}).", "商店已接受（{reason}）。"),
    "q_lines": ("lines {lines} …", "第 {lines} 行……"),
    "q_expected": ("{name}: {kind} = {wanted}", "{name}：{kind} = {wanted}"),
    "q_found": ("found {found}", "实际为 {found}"),
    "q_broken_by": ("{n} rows break it ({share})", "{n} 行不符合（{share}）"),
    "q_n_rows": ("{n} rows", "{n} 行"),
    "q_one_row": ("1 row", "1 行"),
    "q_met": ("met", "符合"),
    "q_unmet": ("not met", "不符合"),
    "q_more": ("{n} more: steelyard check", "另有 {n} 个：steelyard check"),
    "q_none": (
        "No report yet: run steelyard prepare or steelyard check.",
        "还没有报告：请运行 steelyard prepare 或 steelyard check。",
    ),
    "comma": (", ", "，"),
    "semicolon": ("; ", "；"),
}
