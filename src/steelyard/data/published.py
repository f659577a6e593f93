"""What a column of a shop system says of whether a product is on show: published, draft, archived, hidden."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

__all__ = ["HIDDEN", "SHOWN", "read_published"]

SHOWN = frozenset(
    (
        *("published", "publish", "active", "visible", "public", "enabled", "online", "live", "listed", "onsale"),
        *("catalog,search", "catalog, search", "search", "catalog", "approved", "veröffentlicht", "aktiv", "sichtbar"),
        *("上架", "已上架", "在售", "已发布", "发布", "启用", "正常", "销售中", "公開", "公開中", "販売中", "表示"),
    )
)
"""Words for a product that is on show."""

HIDDEN = frozenset(
    (
        *(
            "draft",
            "archived",
            "pending",
            "private",
            "trash",
            "unpublished",
            "hidden",
            "disabled",
            "inactive",
            "offline",
        ),
        *(
            "deleted",
            "unlisted",
            "not visible individually",
            "auto-draft",
            "future",
            "retired",
            "suspended",
            "rejected",
        ),
        *("entwurf", "archiviert", "inaktiv", "deaktiviert", "versteckt", "gelöscht", "unsichtbar"),
        *("下架", "已下架", "未上架", "草稿", "停用", "隐藏", "已删除", "禁用", "仓库中", "待上架", "未发布", "停售"),
        *("非公開", "下書き", "販売停止", "非表示", "公開停止", "倉庫"),
    )
)
"""Words for a product that nobody may see yet, or any more."""

_YES = frozenset(("1", "true", "yes", "y", "t", "on", "是", "ja", "1.0"))
_NO = frozenset(("0", "-1", "false", "no", "n", "f", "off", "否", "nein", "0.0"))


def read_published(text: str, *, is_flag: bool, words: Mapping[str, bool] | None = None) -> bool | None:
    """Whether a product is on show.

    Args:
        text: A value of the column.
        is_flag: Whether ``0`` and ``no`` mean that it is not, as in a column called ``Published``.
        words: The shop's own words, and whether each means that the product is on show; they win over the known ones.

    Returns:
        ``None`` where the value is not known.
    """
    word = unicodedata.normalize("NFKC", text).strip().lower()
    own = {key.strip().lower(): shown for key, shown in (words or {}).items()}
    if word in own:
        return own[word]
    if word in HIDDEN or (is_flag and word in _NO):
        return False
    return True if word in SHOWN or (is_flag and word in _YES) else None
