"""Words of the report, in English and Chinese side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["KINDS", "Words", "words_in"]

KINDS = ("measured", "invoiced", "quoted", "assumed", "derived")
Words = Callable[..., str]

_PAIRS: dict[str, tuple[str, str]] = {
    "title": ("What to run for {shop}", "{shop} 应采用的配置"),
    "made": (
        "Decided {day} by Steelyard, prices {book} (oldest {as_of})",
        "Steelyard 于 {day} 决策，价格表 {book}（最早 {as_of}）",
    ),
    "search": ("Search", "搜索"),
    "recommend": ("Recommendation", "推荐"),
    "stop": (".", "。"),
    "colon": (": ", "："),
    "joint": ("All together {monthly} a month.", "合计每月 {monthly}。"),
    "no_joint": ("No total for all surfaces: a price is missing.", "无法合计：缺少价格。"),
    "no_price": ("no price", "无价格"),
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
    "meaning": ("Meaning", "含义"),
    "error": ("error", "错误"),
    "warning": ("warning", "警告"),
    "info": ("note", "提示"),
    "h_models": ("Models", "模型"),
    "models": (
        "{n} configurations were put together from parts and each was measured alone in a fresh process.",
        "共组合出 {n} 个配置，每个都在新进程中单独测量。",
    ),
    "configuration": ("Configuration", "配置"),
    "made_of": ("Made of", "组成"),
    "memory": ("Memory MB", "内存 MB"),
    "disk": ("Disk MB", "磁盘 MB"),
    "cpu": ("CPU ms a request", "每次请求 CPU 毫秒"),
    "h_quality": ("Quality", "质量"),
    "metric": ("Measured as {metric} on {n} requests; 95 % intervals.", "指标 {metric}，{n} 个请求，95% 区间。"),
    "synthetic": ("synthetic requests", "模拟请求"),
    "synthetic_says": (
        "These requests were made from the catalogue, not observed: they compare configurations, and do not "
        "foretell what shoppers find.",
        "这些请求由商品库生成，不是真实请求：可用于比较配置，不能预示顾客的实际效果。",
    ),
    "quality": ("Quality", "质量"),
    "interval": ("Interval", "区间"),
    "versus": ("Difference from {name}, paired", "与 {name} 的配对差"),
    "kept": ("Share kept", "保留比例"),
    "h_cost": ("Cost", "成本"),
    "machines": ("Machines", "机器"),
    "monthly": ("A month", "每月"),
    "marginal": ("Marginal", "边际"),
    "at_capacity": ("At capacity", "满负荷"),
    "fully_loaded": ("Fully loaded", "全成本"),
    "three_ways": (
        "Per 1,000 requests three ways. Marginal: processor seconds × price of a core-second. At capacity: "
        "machine price ÷ the highest rate within the limit. Fully loaded: the whole bill ÷ the month's "
        "requests, idle time and people included.",
        "每千次请求有三种算法。边际：处理器秒数 × 每核秒价格。满负荷：机器价格 ÷ 上限内的最高速率。全成本：整月"
        "账单 ÷ 当月请求数，含空闲与人力。",
    ),
    "joint_bill": ("The bill of all chosen together", "全部所选配置的合计账单"),
    "stage": ("Stage", "阶段"),
    "cost": ("Cost", "成本"),
    "rests_on": ("It rests on figures that were", "其数字来源"),
    "bill_of": ("Bill of {name}", "{name} 的账单"),
    "item": ("What", "项目"),
    "quantity": ("Quantity", "数量"),
    "unit_price": ("Unit price", "单价"),
    "source": ("Source", "来源"),
    "one_off": ("(share of a one-off cost)", "（一次性成本分摊）"),
    "hangs_on": ("What the choice hangs on", "选择取决于哪些假设"),
    "h_choice": ("Choice", "选择"),
    "promise": (
        "Checked over HTTP at {rps} requests a second, server on one core: promised p99 {promised} ms, "
        "measured {measured} ms, {requests} requests, {errors} errors.",
        "经 HTTP 以每秒 {rps} 次请求检验，服务器占一核：承诺 p99 {promised} 毫秒，实测 {measured} 毫秒，"
        "{requests} 次请求，{errors} 次错误。",
    ),
    "promise_kept": ("The limit was kept.", "未超上限。"),
    "promise_broken": ("The limit was not kept.", "超出上限。"),
    "promise_invalid": ("Not checked: {note}.", "未能检验：{note}。"),
    "no_promise": ("The choice has not been run at the promised rate yet.", "尚未按承诺的速率运行检验。"),
    "machines_say": (
        "It runs on {n} × {instance}; each carries {rate} requests a second within the limit and is {busy} "
        "busy at the peak.",
        "运行于 {n} × {instance}；每台在上限内承载每秒 {rate} 次请求，高峰利用率 {busy}。",
    ),
    "h_alternatives": ("Alternatives, and why each was not chosen", "其他配置及未入选原因"),
    "verdict": ("Verdict", "结论"),
    "chosen": ("chosen", "采用"),
    "feasible": ("keeps the floors", "达标"),
    "loses": ("loses", "未入选"),
    "set_aside": ("set aside", "未参评"),
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
    "p99": ("p99 ms", "p99 毫秒"),
    "p99_measured": ("measured", "实测"),
    "p99_predicted": ("predicted", "预测"),
    "h_how": ("How it was measured", "测量方法"),
    "how": (
        "Full ranking over the whole catalogue, never sampled; processor seconds beside wall time; every "
        "configuration asked the same requests in interleaved rounds; machines sized by simulating the queue "
        "at the peak.",
        "在整个商品库上完整排序，不抽样；同时记录处理器时间与墙钟时间；所有配置交错轮流回答同一批请求；机器数量"
        "由高峰排队模拟得出。",
    ),
    "cpu_model": ("Processor", "处理器"),
    "usable_cores": ("Cores", "核数"),
    "cpu_flags": ("Instructions", "指令集"),
    "memory_bytes": ("Memory, bytes", "内存（字节）"),
    "os": ("System", "系统"),
    "python": ("Python", "Python"),
    "steelyard": ("Steelyard", "Steelyard"),
    "libraries": ("Libraries", "程序库"),
    "git_commit": ("Commit", "提交"),
    "measured": ("measured", "实测"),
    "invoiced": ("invoiced", "发票"),
    "quoted": ("quoted", "报价"),
    "assumed": ("assumed", "假设"),
    "derived": ("derived", "推算"),
    "l_measured": ("M", "测"),
    "l_invoiced": ("I", "票"),
    "l_quoted": ("Q", "报"),
    "l_assumed": ("A", "设"),
    "l_derived": ("D", "推"),
    "left_out": ("Not in this bill", "账单未包含"),
    "left_out_say": (
        "None of this is counted as free: it is not counted. The setting beside a line prices it from the price book.",
        "下列各项并非免费，而是未计入；启用其后的设置，即按价格表计价。",
    ),
    "u_month": ("months", "月"),
    "u_hour": ("hours", "小时"),
    "u_GB_month": ("GB-months", "GB·月"),
    "u_GB": ("GB", "GB"),
    "u_person_hour": ("person-hours", "人时"),
    "s_data": ("data", "数据"),
    "s_labelling": ("labelling", "标注"),
    "s_training": ("training", "训练"),
    "s_tuning": ("tuning", "调优"),
    "s_hardware": ("hardware", "硬件"),
    "s_software": ("software", "软件"),
    "s_deployment": ("deployment", "部署"),
    "s_serving": ("serving", "在线服务"),
    "s_maintenance": ("maintenance", "维护"),
    "s_retraining": ("retraining", "重新训练"),
    "s_storage": ("storage", "存储"),
    "s_bandwidth": ("bandwidth", "带宽"),
    "s_overhead": ("overhead", "管理费用"),
}


def words_in(language: str) -> Words:
    """Gives the words of a key in one language, ``{name}`` filled in; an unknown key stands for itself."""
    which = 1 if language == "zh" else 0

    def say(key: str, **values: Any) -> str:
        pair = _PAIRS.get(key)
        return pair[which].format(**values) if pair else key.removeprefix("s_").removeprefix("u_")

    return say
