"""Searches of models' values: what was tried, what it found, what it cost."""

from __future__ import annotations

__all__ = ["TUNING"]

TUNING: dict[str, tuple[str, str]] = {
    "tune_title": ("Searches of models' values", "模型参数搜索"),
    "tune_size": (
        "{n} trials on {cases} validation cases: {complete} judged on all, {pruned} given up early, {failed} failed.",
        "在 {cases} 个验证样本上试了 {n} 组：{complete} 组看完全部样本，{pruned} 组提前剪枝，{failed} 组失败。",
    ),
    "tune_found": (
        "nDCG@10 on validation: {start} as the model tunes itself, {best} for the best trial ({gain}{error}).",
        "验证集 nDCG@10：模型自带调参 {start}，最佳试验 {best}（{gain}{error}）。",
    ),
    "tune_error": (", standard error {error}", "，标准误 {error}"),
    "tune_adopted": (
        "Choosing the best of {complete} on the same cases flatters it by about {flattered}; it gains more, and is "
        "taken.",
        "在同一批样本上从 {complete} 组中择优，会使成绩虚高约 {flattered}；提升超过这一幅度，予以采用。",
    ),
    "tune_kept": (
        "Choosing the best of {complete} on the same cases flatters it by about {flattered}; it gains no more than "
        "that, so the model keeps its own values.",
        "在同一批样本上从 {complete} 组中择优，会使成绩虚高约 {flattered}；提升不超过这一幅度，"
        "仍用模型自带调参的结果。",
    ),
    "tune_nothing": (
        "No trial was better than what the model tunes itself: its own values are kept.",
        "没有任何一组优于模型自带的调参结果，仍用原值。",
    ),
    "tune_none": (
        "Nothing could be judged: there are no validation cases with something to find, or every trial failed.",
        "无法评判：没有可命中的验证样本，或所有试验都失败了。",
    ),
    "tune_cost": (
        "{seconds} s by the clock, {cpu} s of processor time, {money}; ended by: {ended}.",
        "用时 {seconds} 秒，处理器时间 {cpu} 秒，费用 {money}；结束原因：{ended}。",
    ),
    "tune_no_price": ("no price", "无价格"),
    "tune_by_minutes": ("its minutes", "时间用完"),
    "tune_by_money": ("its money", "费用用完"),
    "tune_by_trials": ("its trials", "试验次数用完"),
    "tune_by_space": ("nothing new to try", "没有新的取值可试"),
    "tune_by_": ("nothing to judge", "没有可评判的样本"),
    "tune_one_worker": (
        "One worker, seed {seed}: the same data and seed give the same trials.",
        "单线程，种子 {seed}：数据与种子相同，试验就相同。",
    ),
    "tune_one_worker_cut": (
        "One worker, seed {seed}: the same data and seed give the same trials; how many of them fit into the minutes "
        "or the money depends on the machine.",
        "单线程，种子 {seed}：数据与种子相同，试验就相同；但在限定时间或费用内能做多少组取决于机器。",
    ),
    "tune_workers": (
        "{workers} workers, seed {seed}: another run gives other trials, since what is tried next depends on which "
        "trial ends first.",
        "{workers} 个线程，种子 {seed}：下一组取值取决于哪一组先结束，因此再次运行的试验会不同。",
    ),
    "tune_sessions": (
        "It ran in {n} sessions, each going on where the one before had stopped.",
        "共分 {n} 次运行，每次都从上次停下的地方继续。",
    ),
    "tune_c_trial": ("trial", "试验"),
    "tune_c_quality": ("nDCG@10", "nDCG@10"),
    "tune_c_best": ("best", "最佳"),
    "tune_c_seconds": ("seconds", "秒"),
    "tune_c_money": ("money", "费用"),
    "tune_c_option": ("option", "参数"),
    "tune_c_start": ("own tuning", "自带调参"),
    "tune_c_chosen": ("taken", "采用"),
    "tune_curve": (
        "Best nDCG@10 on validation by processor seconds; rings were given up early.",
        "最佳验证集 nDCG@10 随处理器秒数的变化；空心点为提前剪枝的试验。",
    ),
    "tune_no_free_value": (
        "Nothing can be searched: of the models named in [models] none has a value that the shop does not set itself.",
        "没有可搜索的参数：[models] 中的模型没有可调参数，或其参数均已由店铺自行设定。",
    ),
    "tune_not_yet": (
        "Nothing was searched yet for these models: run `steelyard build`.",
        "这些模型尚未搜索过参数：请运行 `steelyard build`。",
    ),
    "tune_off": (
        "Nothing was searched. Set minutes, money or trials in [tune], then run `steelyard build`.",
        "没有做过参数搜索。在 [tune] 中设置 minutes、money 或 trials，再运行 `steelyard build`。",
    ),
}
