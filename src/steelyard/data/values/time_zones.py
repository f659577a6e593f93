"""The zones that a column of times names, and what is said where it names none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from steelyard.data.remarks import Habits, Remark
from steelyard.data.values.time_forms import TimeForms
from steelyard.errors import DataError

__all__ = ["settle_zones", "zone_remarks"]

_SEVERAL: Mapping[str, tuple[tuple[float, str, tuple[str, ...]], ...]] = {
    "CST": (
        (-6.0, "America/Chicago", ("America/",)),
        (8.0, "Asia/Shanghai", ("Asia/", "PRC")),
    ),
    "IST": (
        (5.5, "Asia/Kolkata", ("Asia/Kolkata", "Asia/Calcutta")),
        (1.0, "Europe/Dublin", ("Europe/",)),
        (2.0, "Asia/Jerusalem", ("Asia/Jerusalem", "Asia/Tel_Aviv", "Israel")),
    ),
    "BST": ((1.0, "Europe/London", ("Europe/", "GB")), (6.0, "Asia/Dhaka", ("Asia/",))),
}
"""Names that mean several zones: hours ahead of UTC, a region of each, and how the names of such regions begin."""


def settle_zones(zones: Collection[str], habits: Habits, *, table: str, column: str) -> tuple[tuple[str, float], ...]:
    """Hours ahead of UTC of names that mean several zones.

    Args:
        zones: As they are written in the column.
        habits: The shop's own time zone settles it.
        table: Section of the configuration, for messages.
        column: The source's name of the column, for messages.

    Returns:
        By name.

    Raises:
        DataError: The shop's zone says nothing of one of them.
    """
    found = []
    for name in sorted({zone.upper() for zone in zones} & set(_SEVERAL)):
        meant = [hours for hours, _, starts in _SEVERAL[name] if habits.timezone.startswith(starts)]
        if not meant:
            listed = " or ".join(f"UTC{hours:+g} ([shop] timezone = {region!r})" for hours, region, _ in _SEVERAL[name])
            raise DataError(
                f"[data.{table}] column {column!r}: the zone {name} of its times may be {listed}. Set the shop's "
                "timezone, or write offsets (2024-05-31 18:00 +0800)"
            )
        found.append((name, meant[0]))
    return tuple(found)


def zone_remarks(forms: TimeForms, habits: Habits, *, column: str) -> list[Remark]:
    """What is to be said of the zones of a column.

    Args:
        forms: Its forms.
        habits: The shop's time zone is taken where none is written.
        column: The source's name of the column.

    Returns:
        A remark where several zones are written, or UTC was assumed, or years have two digits.
    """
    zones: Counter[str] = Counter()
    n_bare, bare, n_short, short = 0, "", 0, ""
    for each, form in forms.counted:
        if form.kind in ("iso", "fields") and form.has_clock:
            zones[form.zone] += each.count
            if not form.zone:
                n_bare, bare = n_bare + each.count, bare or each.example
        if any("%y" in text for text in form.formats.values()):
            n_short, short = n_short + each.count, short or each.example
    found = []
    if n_bare and not habits.timezone:
        says = (
            f"times of column {column!r} carry no zone ({bare!r}): taken as UTC; if they are local, set timezone in "
            '[shop], as "Europe/Berlin"'
        )
        found.append(Remark("times_without_zone", "info", n_bare, says))
    if len(zones) > 1:
        listed = {name or "(none)": n for name, n in zones.most_common(10)}
        says = f"times of column {column!r} are of several zones: each was brought to UTC by its own"
        found.append(Remark("zones_mixed", "info", sum(zones.values()) - max(zones.values()), says, listed))
    if n_short:
        says = (
            f"years of column {column!r} have two digits ({short!r}): 69 to 99 are read as 1969 to 1999, others as 20.."
        )
        found.append(Remark("years_of_two_digits", "info", n_short, says))
    return found
