"""What logs write in place of a person they do not know: one word or number that all guests share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from steelyard.data.remarks import Remark

__all__ = ["LOST_ID", "NOBODY_NUMBERS", "NOBODY_WORDS", "told_lost_visits", "told_nobody"]

NOBODY_NUMBERS = (
    *("0", "-1", "00", "000", "0000", "00000", "000000", "0.0", "-1.0", "99999", "999999", "9999999", "99999999"),
    *("999999999", "9999999999"),
)
"""Numbers that may be a person all the same."""

NOBODY_WORDS = (
    *("guest", "guests", "guest user", "guest_user", "guestuser", "anonymous", "anon", "anonym", "nobody", "unknown"),
    *("unbekannt", "gast", "visitor", "not logged in", "not_logged_in", "notloggedin", "logged out", "no user"),
    *("no_user", "nouser", "walk-in", "walkin", "walk in", "(not set)", "not set", "n/a", "na", "-", "?", "invité"),
    *(
        "anonyme",
        "invitado",
        "anónimo",
        "游客",
        "访客",
        "匿名",
        "匿名用户",
        "未登录",
        "ゲスト",
        "非会員",
        "게스트",
        "비회원",
    ),
    *("00000000-0000-0000-0000-000000000000", "00000000000000000000000000000000"),
    *("d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
)
"""Words, the identifier of noughts, and what hashing an empty text gives; in lower case."""

LOST_ID = r"\d([.,]\d+)?e\+\d{2,}"
"""A long number as a spreadsheet writes it, in lower case: most digits are gone, and people or visits share it."""

_LEAST_SHARE = 0.05
_LEAST_ROWS = 5
_TIMES_OTHERS = 3.0
"""How much of the log, and how many times what others have, no one person has."""
_MANY_ROWS = 100
_TIMES_USUAL = 20.0
"""The same for a log of many people, in which the share is small."""


def told_nobody(
    counts: Mapping[str, int], *, n_rows: int, n_named: int, nobody: Sequence[str] | None
) -> tuple[tuple[str, ...], list[Remark]]:
    """Which identifiers of people mean nobody.

    Args:
        counts: Rows of every identifier that could be a guest's, in lower case.
        n_rows: Rows of the log.
        n_named: Different identifiers of the others.
        nobody: What the shop says itself: these and no others; ``None`` where it says nothing.

    Returns:
        The identifiers that are read as nobody, and what is to be said of them. Identifiers in powers of ten are
        among them always, since several people share each.
    """
    lost = {value: n for value, n in counts.items() if re.fullmatch(LOST_ID, value)}
    if lost:
        others = {value: n for value, n in counts.items() if value not in lost}
        guests, said = told_nobody(others, n_rows=n_rows, n_named=n_named, nobody=nobody)
        return (*guests, *lost), [*said, _lost(lost)]
    if nobody is not None:
        known = tuple(value.strip().lower() for value in nobody)
        found = {value: counts[value] for value in known if counts.get(value)}
        says = "the user is one of nobody in [data.events]: counted, not learnt from"
        return known, [Remark("user_is_nobody", "info", sum(found.values()), says, found)] if found else []
    usual = (n_rows - sum(counts.values())) / n_named if n_named else 0.0
    sure = {v: n for v, n in counts.items() if v in NOBODY_WORDS or _is_crowd(n, n_rows=n_rows, usual=usual)}
    remarks = []
    if sure:
        listed = ", ".join(f"{value!r} has {n:,} of {n_rows:,} rows" for value, n in sure.items())
        says = (
            f"one identifier is shared by guests: {listed}; read as nobody, so its rows are counted and not learnt "
            "from. If it is a person, set nobody = [] in [data.events]"
        )
        remarks.append(Remark("user_shared", "warning", sum(sure.values()), says, sure))
    doubted = {value: n for value, n in counts.items() if value not in sure and n >= _LEAST_ROWS}
    if doubted:
        value, n = max(doubted.items(), key=lambda pair: pair[1])
        says = (
            f"CHECK user {value!r} has {n:,} of {n_rows:,} rows and may be all guests together; read as one person. "
            f'If it is nobody, set nobody = ["{value}"] in [data.events]'
        )
        remarks.append(Remark("user_maybe_shared", "info", sum(doubted.values()), says, doubted))
    return tuple(sure), remarks


def _is_crowd(n: int, *, n_rows: int, usual: float) -> bool:
    """Whether so many rows are no one person's."""
    is_large = n >= _LEAST_ROWS and n >= _LEAST_SHARE * n_rows and n >= _TIMES_OTHERS * usual
    return is_large or (n > _MANY_ROWS and n >= _TIMES_USUAL * usual)


def _lost(lost: Mapping[str, int]) -> Remark:
    says = (
        "a spreadsheet has written the user's id in powers of ten: its digits are lost and several people share it; "
        "read as nobody, so its rows are counted and not learnt from. Export the ids as text"
    )
    listed = dict(sorted(lost.items(), key=lambda pair: (-pair[1], pair[0]))[:10])
    return Remark("user_scientific", "error", sum(lost.values()), says, listed)


def told_lost_visits(role: str, counts: Mapping[str, int]) -> Remark:
    """What is to be said of ids of visits or events that a spreadsheet has written in powers of ten.

    Args:
        role: ``session`` or ``event_id``.
        counts: Rows of each such id.

    Returns:
        They are read as not given, since several visits share each.
    """
    says = (
        f"a spreadsheet has written the {role} in powers of ten: its digits are lost and several visits share it; read "
        "as not given. Export the ids as text"
    )
    listed = dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:10])
    return Remark("session_scientific", "error", sum(counts.values()), says, listed)
