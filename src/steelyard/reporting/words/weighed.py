"""Findings on what the log's events weigh: their meaning in Chinese, and what to do about them in both languages."""

from __future__ import annotations

__all__ = ["WEIGHED_REMEDIES", "WEIGHED_ZH"]

_REPLACE = (
    "Nothing; fixed weights in [data] event_weights replace them.",
    "无需处理；在 [data] event_weights 中写固定值即可替换。",
)
_LONGER = (
    "Give a longer log, or write fixed weights in [data] event_weights.",
    "请提供更长的日志，或在 [data] event_weights 中写固定值。",
)

WEIGHED_ZH: dict[str, str] = {
    "event_weights_fitted": "event_weights 与 rating_weights 按验证期的购买拟合，取得了超出偶然的提升；数值见权重表",
    "event_weights_learnt": "event_weights 由后来的购买学得；各类型的数值见英文说明或 steelyard labels behaviour",
    "event_weights_not_fitted": "拟合的权重没有超出偶然的提升，或购买太少：event_weights、rating_weights 维持声明值",
    "event_weights_not_learnt": "能学习的购买太少，event_weights 采用固定值",
}

WEIGHED_REMEDIES: dict[str, tuple[str, str]] = {
    "event_weights_fitted": (
        "Nothing; weights in [data] event_weights and rating_weights replace them.",
        "无需处理；在 [data] event_weights 与 rating_weights 中写固定值即可替换。",
    ),
    "event_weights_learnt": _REPLACE,
    "event_weights_not_fitted": (
        "Nothing; a longer log may tell more.",
        "无需处理；更长的日志或许能看得更清楚。",
    ),
    "event_weights_not_learnt": _LONGER,
}
