"""What a column of a shop system says of whether a product is on show: published, draft, archived, hidden."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

__all__ = ["HIDDEN", "SHOWN", "Shown", "read_published"]

_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?:$|\D)")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:$|\D)")

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


@dataclass(frozen=True, slots=True)
class Shown:
    """What tells whether products are on show, beside the words that are known."""

    words: Mapping[str, bool] = field(default_factory=dict)
    """The shop's own words, and whether each means that a product is on show."""
    now: datetime | None = None
    """When the catalogue is read: a product of a later day is hidden until then."""

    def says(self, text: str, *, is_flag: bool) -> bool | None:
        """Whether a product is on show; ``None`` where the value is not known."""
        said = read_published(text, is_flag=is_flag, words=self.words)
        later = self.is_later(text)
        return said if said is not None or later is None else not later

    def is_later(self, text: str) -> bool | None:
        """Whether a value is a day to come; ``None`` where it is no day, or may be one on either side of now."""
        days = _days(unicodedata.normalize("NFKC", text).strip()) if self.now is not None else set()
        sides = {day > self.now.date() for day in days} if self.now is not None else set()
        return sides.pop() if len(sides) == 1 else None


def _days(text: str) -> set[date]:
    """The days that a text may stand for; several where its day and month may change places."""
    found = set()
    for pattern, orders in ((_YEAR_FIRST, ("ymd",)), (_YEAR_LAST, ("dmy", "mdy"))):
        if (cut := pattern.match(text)) is None:
            continue
        for order in orders:
            parts = dict(zip(order, map(int, cut.groups()), strict=True))
            try:
                found.add(date(parts["y"], parts["m"], parts["d"]))
            except ValueError:
                continue
    return found
