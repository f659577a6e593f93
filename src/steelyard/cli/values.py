"""Values of options, read strictly: what can be read in two ways is refused with what to write."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import click

from steelyard.domain.written import DECIMALS, read_currency, read_day, read_decimal, read_month
from steelyard.errors import ConfigError

__all__ = ["AMOUNT", "CURRENCY", "DAY", "MONTH", "NUMBER", "SHARE", "Number"]


class _Written(click.ParamType[Any]):
    """A value with one way to write it.

    Args:
        name: How it is shown in the help.
        read: Its value; raises ``ValueError`` with what to write.
    """

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value of a text; what is no text was read already.

        Args:
            value: As typed.
            param: The option.
            ctx: Of the command.

        Returns:
            What it says.

        Raises:
            ConfigError: It is written otherwise.
        """
        del ctx
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except ValueError as error:
            raise ConfigError(f"{_name(param)}{error}") from None


class Number(_Written):
    """A decimal within bounds; gives a ``Decimal``.

    Args:
        low: Least value; none when left out.
        high: Greatest value; none when left out.
        like: An example for the refusal.
        is_above: Whether the least value itself is refused.
        is_below: Whether the greatest value itself is refused.
        places: At most so many decimals.
    """

    def __init__(
        self, low: Decimal | int | None = None, high: Decimal | int | None = None, *, like: str = "1234.50",
        is_above: bool = False, is_below: bool = False, places: int = 28,
    ) -> None:  # fmt: skip
        super().__init__("NUMBER", self._number)
        self._low, self._high, self._like, self._places = low, high, like, places
        self._is_above, self._is_below = is_above, is_below

    def _number(self, text: str) -> Decimal:
        found = read_decimal(text, like=self._like, places=self._places)
        is_low = self._low is not None and (found < self._low or (self._is_above and found == self._low))
        is_high = self._high is not None and (found > self._high or (self._is_below and found == self._high))
        if is_low or is_high:
            raise ValueError(f"{text!r} is out of bounds: write {self._bounds()}, such as {self._like}")
        return found

    def _bounds(self) -> str:
        least = "" if self._low is None else f"{'above' if self._is_above else 'from'} {self._low or 'zero'}"
        if self._high is None:
            return f"a number {least}" + ("" if self._is_above else " up")
        most = f"below {self._high}" if self._is_below else str(self._high)
        joined = " and " if self._is_below else " to "
        return f"a number {least}{joined}{most}" if least else f"a number {'' if self._is_below else 'up to '}{most}"


NUMBER = Number()
AMOUNT = Number(0, like="120.50", is_above=True, places=DECIMALS)
"""Of money, in the currency of another option."""
SHARE = Number(0, 1, like="0.3")
CURRENCY = _Written("CODE", read_currency)
"""Gives the ISO 4217 code."""
DAY = _Written("YYYY-MM-DD", read_day)
"""Gives a ``date``."""
MONTH = _Written("YYYY-MM", lambda text: "{:04}-{:02}".format(*read_month(text)))
"""Gives a text that ``Month.parse`` reads."""


def _name(param: click.Parameter | None) -> str:
    return f"{param.opts[-1]}: " if param is not None and param.opts else ""
