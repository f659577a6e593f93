"""Findings on identifiers that are one person: in Chinese, and what to do about them in both languages."""

from __future__ import annotations

__all__ = ["SAME_PEOPLE_REMEDIES", "SAME_PEOPLE_ZH"]

SAME_PEOPLE_ZH: dict[str, str] = {
    "same_user_claimed": "这些编号同时属于几个人：没有并入其中任何一人",
    "same_user_joined": "这些编号是同一些人的其他编号：按一个人读取",
    "same_user_missing": "该行缺少一个编号：不合并任何人",
    "same_user_shared": "这些编号与过多其他编号相连（如多人共用的会员卡）：不合并",
}

SAME_PEOPLE_REMEDIES: dict[str, tuple[str, str]] = {
    "same_user_claimed": (
        "Say which person each belongs to: one row for each identifier.",
        "请写明每个编号属于谁：每个编号一行。",
    ),
    "same_user_joined": ("Nothing.", "无需处理。"),
    "same_user_missing": ("Fill in both columns, or leave the row out.", "请填写两列，或删去该行。"),
    "same_user_shared": (
        "Leave out cards that many people use, or raise most_ids in [data.same_users].",
        "请去掉多人共用的卡，或调高 [data.same_users] 的 most_ids。",
    ),
}
