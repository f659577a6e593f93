"""Counts of people that may be shown to anybody: no small group, and no small group by subtraction either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from steelyard.errors import DataError

__all__ = ["Published", "published", "with_noise"]


@dataclass(frozen=True, slots=True)
class Published:
    """Groups that may be shown."""

    counts: Mapping[str, int]
    """People of each group, rounded down to a multiple of ``least``; the largest first."""
    other: int
    """People of all groups that are not shown together, rounded likewise; 0 where they are too few."""
    n_hidden: int
    """Groups that are not shown."""
    least: int


def published(people: Mapping[str, int], *, least: int) -> Published:
    r"""Groups of at least ``least`` people, every number rounded down to a multiple of it.

    .. math:: shown(n) = \lfloor n / least \rfloor \cdot least

    Whatever is subtracted from whatever, from one table or from two of different days, the difference is a multiple of
    ``least``: never a group of fewer people. Where the groups that are not shown have too few people together, the
    smallest shown group joins them, so that no total gives them away.

    Args:
        people: Distinct people of each group.
        least: People in the smallest group that may be shown, >= 1.

    Returns:
        What may be shown.

    Raises:
        DataError: ``least`` is below 1.
    """
    if least < 1:
        raise DataError(f"least_people is {least}: it must be at least 1")
    order = sorted(people, key=lambda group: (-people[group], group))
    shown = [group for group in order if people[group] >= least]
    hidden = [group for group in order if people[group] < least]
    together = sum(people[group] for group in hidden)
    while hidden and together < least and shown:
        hidden.append(shown.pop())
        together += people[hidden[-1]]
    counts = {group: people[group] // least * least for group in shown}
    return Published(counts, together // least * least, len(hidden), least)


def with_noise(people: Mapping[str, int], noise: Mapping[str, int], *, least: int) -> Published:
    """Groups whose count is large enough after noise was added.

    Args:
        people: Distinct people of each group, of groups that anybody may know to exist.
        noise: Drawn for each group, whether it is shown or not.
        least: Noisy counts below it are not shown.

    Returns:
        Noisy counts as they are: rounding would add nothing to what the noise promises.
    """
    noisy = {group: n + noise[group] for group, n in people.items()}
    order = sorted(noisy, key=lambda group: (-noisy[group], group))
    counts = {group: noisy[group] for group in order if noisy[group] >= least}
    return Published(counts, 0, len(noisy) - len(counts), least)
