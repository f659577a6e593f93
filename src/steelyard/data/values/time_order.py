"""Whether a column's days or its months come first: told from all of its values together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from steelyard.data.remarks import Habits, Remark
from steelyard.data.values.time_forms import ORDERS, Order, TimeForms
from steelyard.errors import DataError

__all__ = ["OrderCount", "decide_order", "refuse_turned"]

_FEW = 0.02
"""Share of values of another order that are slips, not a second way of writing."""
_FEW_STEPS_BACK = 0.02
_ENOUGH_STEPS = 20
_YEAR_S = 365.25 * 86_400
_LONG_YEARS = 8.0


@dataclass(frozen=True, slots=True)
class OrderCount:
    """How the values of open order look under one order."""

    n_read: int
    """Values that are dates then."""
    n_only: int
    """Values that are dates under no other order."""
    example: str
    """One that means different days under different orders, or else any."""
    reads: str
    """The date of the example then, in ISO form."""
    first_s: float = 0.0
    last_s: float = 0.0
    n_back: int = 0
    """Rows that are earlier than the row before."""
    n_steps: int = 0
    """Rows that are not of the same time as the row before."""

    @property
    def years(self) -> float:
        """Time from the first to the last."""
        return (self.last_s - self.first_s) / _YEAR_S


def decide_order(
    forms: TimeForms, counts: Mapping[Order, OrderCount], habits: Habits, *, table: str, column: str
) -> tuple[Order, list[Remark]]:
    """The order of day, month and year in a column.

    Args:
        forms: Those of the column.
        counts: Its values of open order under each order; of more than one meaning.
        habits: What the shop says itself; it decides over the values.
        table: Section of the configuration, for messages.
        column: The source's name of the column, for messages.

    Returns:
        The order, and what is to be said of it.

    Raises:
        DataError: Several orders fit and nothing tells them apart.
    """
    if habits.dates:
        return habits.dates, []
    known = {order: counts[order] for order in ORDERS if order in counts and counts[order].n_read}
    if not known:
        return "day-first", []
    most = max(count.n_read for count in known.values())
    fitting = tuple(order for order in known if known[order].n_read == most)
    doubt = _Doubt(table, column, known, fitting, n=sum(each.count for each, _ in forms.open))
    if len(fitting) == 1:
        return fitting[0], doubt.of_others(fitting[0])
    if len({known[order].reads for order in fitting}) == 1:
        return fitting[0], []  # 5/5/2024 is the same day whatever comes first
    if any(count.n_only for count in known.values()):
        raise DataError(doubt.two_orders())
    has_points = all("." in each.form for each, _ in forms.open)
    return doubt.settled(has_points=has_points)


def refuse_turned(counts: Mapping[Order, OrderCount], *, n_early: int, table: str, column: str) -> None:
    """Refuse a column in which a spreadsheet has turned day and month of all dates that it could.

    It reads ``3/12/2024`` month first and stores a date, and leaves ``13/12/2024`` as a text: then no date has a day
    above 12, and every text has.

    Args:
        counts: The column's texts under each order.
        n_early: Dates of the column in ISO form, none of which has a day above 12.
        table: Section of the configuration, for messages.
        column: The source's name of the column, for messages.

    Raises:
        DataError: So many dates and texts are not of such days by chance.
    """
    sure = [count for count in counts.values() if count.n_only]
    if len(sure) != 1 or min(n_early, sure[0].n_only) < _ENOUGH_STEPS or sure[0].n_only < sure[0].n_read:
        return
    raise DataError(
        f"[data.{table}] column {column!r}: none of its {n_early:,} dates has a day above 12, and all its "
        f"{sure[0].n_only:,} texts have (as {sure[0].example!r}): a spreadsheet has read the other texts with day and "
        "month turned round, so 2024-03-12 may be 3 December. Export the column again as text, or as 2024-12-03; if "
        f"the dates are right, set dates in [data.{table}]"
    )


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A column whose orders are weighed."""

    table: str
    column: str
    known: Mapping[Order, OrderCount]
    fitting: tuple[Order, ...]
    n: int

    def of_others(self, order: Order) -> list[Remark]:
        """What is to be said where one order fits best and some dates exist only under another."""
        n_other = sum(count.n_only for other, count in self.known.items() if other != order)
        if not n_other:
            return []
        if n_other > _FEW * self.known[order].n_only:
            raise DataError(self.two_orders())
        says = (
            f"column {self.column!r} is {order}, but {n_other:,} of its dates exist only otherwise: they cannot be "
            "read, and others of them may be read wrongly without a sign; export the column again in one form "
            "(2024-05-31 18:00)"
        )
        return [Remark("dates_mixed", "warning", n_other, says)]

    def settled(self, *, has_points: bool) -> tuple[Order, list[Remark]]:
        """The order that what surrounds the dates speaks for."""
        fitting, known = self.fitting, self.known
        if "year-first" in fitting:  # of two digits: the year is what hardly changes
            longest = max(known[order].years for order in fitting)
            short = tuple(order for order in fitting if known[order].years * 2 < longest)
            if self.n >= _ENOUGH_STEPS and longest > _LONG_YEARS and len(short) == 1:
                return short[0], [self._guessed(short[0], f"the log would last {longest:.0f} years otherwise")]
        if has_points and "day-first" in fitting and "year-first" not in fitting:
            return "day-first", [self._guessed("day-first", "a date with points has its day first")]
        rising = [order for order in fitting if known[order].n_back <= _FEW_STEPS_BACK * known[order].n_steps]
        others = [order for order in fitting if order not in rising]
        if len(rising) == 1 and others and min(known[order].n_steps for order in fitting) >= _ENOUGH_STEPS:
            back = known[others[0]].n_back
            why = f"the rows are in order of time then, and {back:,} go back in time otherwise"
            return rising[0], [self._guessed(rising[0], why)]
        raise DataError(self._tie(fitting))

    def _guessed(self, order: Order, why: str) -> Remark:
        other = next(each for each in self.fitting if each != order)
        example = self.known[order].example
        says = (
            f"CHECK column {self.column!r}: {example!r} was read as {self.known[order].reads} ({order}), not "
            f'{self.known[other].reads} ({other}), because {why}; if that is wrong, set dates = "{other}"'
        )
        return Remark("dates_guessed", "warning", self.n, says, {example: self.n})

    def two_orders(self) -> str:
        """The message where dates of several orders are in one column."""
        listed = " and ".join(f"{count.n_only:,} only {o}" for o, count in self.known.items() if count.n_only)
        return (
            f"[data.{self.table}] column {self.column!r} mixes the orders of day and month: of its dates {listed} "
            "exist, so that none such as 3/4/2024 can be told. Export it again in one form (2024-05-31 18:00), or set "
            f'dates = "day-first" or "month-first" in [data.{self.table}]: dates that do not exist go to quarantine'
        )

    def _tie(self, fitting: Sequence[Order]) -> str:
        readings = " or ".join(f'{self.known[order].reads} (dates = "{order}")' for order in fitting)
        return (
            f"[data.{self.table}] column {self.column!r}: {self.known[fitting[0]].example!r} may be {readings}, and "
            f"none of its {self.n:,} values tells which. Set the right one in [data.{self.table}]"
        )
