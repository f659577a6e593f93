"""Columns of orders that are told by what stands in them: what became of an order, and the currency of its price."""

from __future__ import annotations

from collections.abc import Mapping

from steelyard.data.guessing.assign import RoleGuess
from steelyard.data.guessing.columns_by_values import is_graded
from steelyard.data.guessing.event_words import event_kind_of
from steelyard.data.guessing.profiles import ColumnProfile, TableProfile
from steelyard.data.guessing.roles import folded_name
from steelyard.data.ratings import RATING_NAMES
from steelyard.data.values.amounts import CODES, SIGNS, CurrencyGuess, codes_of
from steelyard.data.values.order_status import is_date_of_undoing, read_order_status

__all__ = ["currency_said", "with_columns_told", "with_currency_column"]

_NAMES = frozenset(
    map(
        folded_name,
        "status orderstatus state orderstate financialstatus paymentstatus orderitemstatus bestellstatus "
        "zahlungsstatus statut statutcommande estado estadopedido stato statoordine statuszamowienia durum "
        "siparisdurumu статус статусзаказа 状态 订单状态 交易状态 支付状态 訂單狀態 注文状態 ステータス "
        "注文ステータス 주문상태 상태".split(),
    )
)
_MOST_WORDS = 30
_READ = 0.6
"""Share of the rows whose status must be known for a column to be taken by its values alone."""
_SURE, _LIKELY = 0.96, 0.8
_MOST_STARS = 10


def with_columns_told(table: TableProfile | None, roles: Mapping[str, RoleGuess]) -> dict[str, RoleGuess]:
    """The roles of a log, with the columns that their values tell: statuses, currencies, and stars where no kind is.

    Args:
        table: The log.
        roles: Its roles so far.

    Returns:
        The same where there are no such columns.
    """
    return _with_ratings(table, with_currency_column(table, _with_status_column(table, roles)))


def _with_ratings(table: TableProfile | None, roles: dict[str, RoleGuess]) -> dict[str, RoleGuess]:
    """With the column of ratings of a log that has no kinds: its rows are then ratings and no purchases."""
    if table is None or "rating" in roles or "kind" in roles or "price" in roles or "quantity" in roles:
        return roles
    used = {name for one in roles.values() for name in one.columns}
    named = [one for one in table.columns if one.name not in used and folded_name(one.name) in RATING_NAMES]
    rated = [one for one in named if is_graded(one) and one.high <= _MOST_STARS]
    if len(rated) != 1:
        return roles
    listed = ", ".join(list(rated[0].counts)[:5])
    guessed = RoleGuess((rated[0].name,), _LIKELY, why=f"its name says so, and no column says what happened: {listed}")
    return {**roles, "rating": guessed}


def _with_status_column(table: TableProfile | None, roles: Mapping[str, RoleGuess]) -> dict[str, RoleGuess]:
    """With the columns that tell what became of an order; they are no kinds: what was ``completed`` is a purchase."""
    found = dict(roles)
    if table is None or "status" in found:
        return found
    kind = found.get("kind")
    column = table.column(kind.columns[0]) if kind else None
    if column is not None and _is_status_not_kind(column):
        del found["kind"]
    used = {name for one in found.values() for name in one.columns}
    free = [one for one in table.columns if one.name not in used]
    columns = [one for one in free if _is_status(one) or (is_date_of_undoing(one.name) and one.time_share > 0.5)]
    if columns:
        unread = tuple(value for one in columns for value in one.counts if _meaning(one, value) is None)[:3]
        sureness = _LIKELY if unread else _SURE
        why = "its values are words of orders" + (": these may mean either" if unread else "")
        found["status"] = RoleGuess(tuple(one.name for one in columns[:3]), sureness, why=why, unread=unread)
    return found


def with_currency_column(table: TableProfile | None, roles: Mapping[str, RoleGuess]) -> dict[str, RoleGuess]:
    """The roles of a table, with the column in which every value is a currency.

    Args:
        table: The table.
        roles: Its roles so far.

    Returns:
        The same where there is no such column, or no price.
    """
    found = dict(roles)
    if table is None or "currency" in found or "price" not in found:
        return found
    used = {name for one in found.values() for name in one.columns}
    named = [one for one in table.columns if one.name not in used and _is_currency(one)]
    if named:
        others = tuple(one.name for one in named[1:])
        sureness = _LIKELY if others else _SURE
        found["currency"] = RoleGuess((named[0].name,), sureness, others, why="its values are currencies")
    return found


def currency_said(column: ColumnProfile | None) -> CurrencyGuess | None:
    """The currency that a column of currencies names.

    Args:
        column: The column, where there is one.

    Returns:
        ``None`` where no column tells; without a code where several do not agree.
    """
    if column is None or not column.counts:
        return None
    first = next(iter(column.counts))
    listed = ", ".join(f"{value} {n:,}" for value, n in column.counts.items())
    n_first, n = column.counts[first], sum(column.counts.values())
    if n_first < 0.9 * n:
        return CurrencyGuess(why=f"column {column.name!r} holds several currencies ({listed} of {n:,} rows looked at)")
    return CurrencyGuess(codes_of(first)[0], f"column {column.name!r} says so ({listed} of {n:,} rows looked at)")


def _is_status(column: ColumnProfile) -> bool:
    if not column.counts or column.n_distinct > _MOST_WORDS or column.time_share > 0.5:
        return False
    read = sum(n for value, n in column.counts.items() if read_order_status(value) is not None)
    share = read / sum(column.counts.values())
    if folded_name(column.name) in _NAMES:
        return share > 0
    says_no = any(read_order_status(value) is False for value in column.counts)
    return share >= _READ and says_no and len(column.counts) > 1


def _is_status_not_kind(column: ColumnProfile) -> bool:
    """Whether a column taken for kinds of events says what became of orders: a word of a kind alone decides against."""
    kinds = {event_kind_of(value) for value in column.counts if read_order_status(value) is None}
    others = {event_kind_of(value) for value in column.counts} - {"purchase", "return"}
    return _is_status(column) and not (kinds | others) - {None}


def _meaning(column: ColumnProfile, value: str) -> bool | None:
    return read_order_status(value, column=column.name)


def _is_currency(column: ColumnProfile) -> bool:
    values = column.all_values or frozenset(column.counts)
    return bool(values) and all(value.strip().upper() in CODES or value.strip() in SIGNS for value in values)
