"""The record of promises."""

from __future__ import annotations

__all__ = ["PROMISES"]

PROMISES: dict[str, tuple[str, str]] = {
    "promise_line": (
        "Run over HTTP at {rps} requests a second, server on one core: {n} requests, {errors} errors. Limit {limit}.",
        "经 HTTP 以每秒 {rps} 次请求运行，服务器占一核：共 {n} 次请求，{errors} 次错误。上限 {limit}。",
    ),
    "promises_title": ("{name} · promises", "{name} · 承诺记录"),
    "promises_of": ("What was promised, and what was found · {name}", "承诺与实测 · {name}"),
    "promises_says": (
        "Every configuration that was served at its promised rate or a part of it, newest first. Promised is what "
        "the decision said before; found is what the server then did.",
        "列出按承诺速率或其一部分实际服务过的每个方案，最新的在前。“承诺”是此前决策给出的数值，“实测”是服务器随后的表"
        "现。",
    ),
    "promises_none": ("No promise was checked yet", "尚未检验任何承诺"),
    "promises_none_do": (
        "steelyard verify serves the choice at the promised rate and keeps what was read; then package again.",
        "请运行 steelyard verify：按承诺的速率提供服务并保存读数，然后重新打包。",
    ),
    "promises_none_of_it": ("No promise of it could be compared yet.", "尚无可比较的承诺。"),
    "promises_marks": (
        "Machines: the monthly bill that was promised, and the bill computed from the processor time that the served "
        "process used. A p99 read while other programs used the machine is not compared.",
        "机器：承诺的月度费用，与按服务进程实际处理器时间算出的费用。机器被其他程序占用时读到的 p99 不参与比较。",
    ),
    "promised_cpu": ("Processor time a request", "每次请求处理器时间"),
    "promised_p99": ("p99", "p99"),
    "promised_machines": ("Machines a month", "机器月费"),
    "promised_of": ("Configuration", "配置"),
    "checked_at": ("Checked", "检验日期"),
    "asked_at": ("Rate", "速率"),
    "asked_errors": ("Requests / errors", "请求 / 错误"),
    "rps": ("{n} a second", "每秒 {n} 次"),
    "n_of_n": ("{k} of {n}", "{n} 次中 {k} 次"),
    "within": ("within {share}", "误差不超过 {share}"),
    "how_far": ("Median difference {median}, largest {largest}.", "误差中位数 {median}，最大 {largest}。"),
    "too_busy": ("machine {share} busy", "机器占用 {share}"),
}
