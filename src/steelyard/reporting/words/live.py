"""The decision page before there is a decision."""

from __future__ import annotations

__all__ = ["LIVE"]

LIVE: dict[str, tuple[str, str]] = {
    "weighing_for": ("Weighing configurations for {name}", "正在为 {name} 评估方案"),
    "decision_coming": ("the decision is on its way to this server", "决策即将在此显示"),
    "new_decision": ("Show the new decision", "显示新的决策"),
    "frontier_cpu": ("Quality against processor time", "质量与处理器时间"),
    "axis_cpu": ("processor ms a request", "每次请求处理器毫秒数"),
    "live_says": ("Filled points: nothing measured so far is cheaper and better.", "实心点：目前没有更便宜且更好的。"),
    "live_says_cpu": (
        "Filled points: nothing measured so far is both faster and better. Prices come once all are measured.",
        "实心点：目前没有更快且更好的。全部测量后再计算费用。",
    ),
    "live_label": (
        "{n} configurations measured so far. The same figures are in the table below.",
        "目前已测量 {n} 个配置。下表有同样的数据。",
    ),
    "live_none": ("None of them can be drawn yet", "尚无可画出的配置"),
    "live_first": (
        "The first configuration appears here as soon as it is measured.",
        "第一个配置测量完成后会立即显示在这里。",
    ),
    "not_drawn_yet": ("Not drawn: {names}.", "未画出：{names}。"),
    "steps": ("Steps", "步骤"),
    "n_of_total": ("{n} of {total}", "{n} / {total}"),
    "step_prepare": ("Prepare the data", "准备数据"),
    "step_label": ("Judge relevance", "标注相关性"),
    "step_train": ("Train models", "训练模型"),
    "step_encode": ("Encode texts", "编码文本"),
    "step_compress": ("Compress models", "压缩模型"),
    "step_measure": ("Measure", "测量"),
    "step_price": ("Price them", "计算费用"),
    "step_decide": ("Choose", "选择方案"),
    "step_verify": ("Check the promise", "检验承诺"),
    "step_package": ("Pack the bundle", "打包"),
    "step_report": ("Write the report", "撰写报告"),
    "step_waiting": ("waiting", "等待中"),
    "step_running": ("running", "进行中"),
    "step_done": ("done", "完成"),
    "step_skipped": ("skipped", "跳过"),
    "skip_unchanged": ("unchanged", "未变化"),
    "skip_no_time": ("no time for it", "时间不足"),
    "skip_too_slow": ("too slow to win", "过慢，不可能入选"),
    "skip_refused": ("its own test says that it would not pay", "自身检验表明不划算"),
    "skip_too_dear": ("cannot be cheaper than what is chosen already", "不可能比当前入选方案更便宜"),
    "skip_too_large": ("too large", "过大"),
    "skip_not_needed": ("not needed", "不需要"),
    "skip_not_possible": ("not possible with this data", "现有数据无法进行"),
}
