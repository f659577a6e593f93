"""What a line of an order takes from its order, whether the order was bought, and which currency its price is in.

Exports of orders write the buyer, the time and the status once, on the first line of an order, or on every line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.data.checks import Check
from steelyard.data.currencies import with_currency
from steelyard.data.values.order_status import read_order_status
from steelyard.domain import EventKind

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort, Wanted

__all__ = ["order_checks", "with_orders"]

_IS_ORDER = nw.col("_kind").is_in([EventKind.PURCHASE.value, EventKind.RETURN.value])
_FROM_ORDER = "_from_order"
_STANDS = "_stands"
_KEYS = "events_orders"


def with_orders(sources: SourcePort, frame: Frame, wanted: Wanted, *, words: Mapping[str, bool]) -> Frame:
    """The frame in which every line knows what its order says.

    Args:
        sources: For intermediate tables.
        frame: The log, with ``_kind`` and the columns that every log has.
        wanted: The roles that were read.
        words: The shop's own words of a status, and whether such an order was bought.

    Returns:
        All rows, with what ``order_checks`` and ``currency_checks`` ask about.
    """
    frame = with_currency(sources, _with_heads(sources, frame, wanted), wanted)
    return _with_status(sources, frame, wanted, words=words)


def _with_heads(sources: SourcePort, frame: Frame, wanted: Wanted) -> Frame:
    """The frame in which lines of an order have what stands on another: the buyer, the time, the status, the currency.

    A value is taken only where the line leaves it empty and the lines of the order that have one agree; a time that is
    there and cannot be read is left as it is.

    Args:
        sources: For intermediate tables.
        frame: Has ``session`` (the order), ``user``, ``time``, ``time_text``, ``_kind``, and what else is read.
        wanted: The roles that were read.

    Returns:
        All rows, with ``_from_order``: 1 where something was taken.
    """
    nothing = frame.with_columns(nw.lit(0).alias(_FROM_ORDER))
    if not wanted.role("session"):
        return nothing
    status = wanted.role("status")
    names = ("user", "time", *(status.outputs if status else ()), *(("currency",) if wanted.role("currency") else ()))
    of_order = frame.filter(_IS_ORDER & ~nw.col("session").is_null())
    empty = {name: nw.col(name).is_null() for name in names}
    empty["time"] = empty["time"] & nw.col("time_text").is_null()
    lacks = nw.any_horizontal(*empty.values(), ignore_nulls=True)
    lacking = of_order.filter(lacks).select("session").unique()
    ends = of_order.join(lacking, on="session", how="semi").group_by("session")
    least = ends.agg(
        *(nw.col(name).min().alias(f"_least_{name}") for name in names),
        *(nw.col(name).max().alias(f"_most_{name}") for name in names),
    )
    told = [
        nw.when(nw.col(f"_least_{name}") == nw.col(f"_most_{name}"))
        .then(nw.col(f"_least_{name}"))
        .alias(f"_one_{name}")
        for name in names
    ]
    heads = sources.keep(least.select("session", *told), _KEYS)
    if not len(
        heads.filter(nw.any_horizontal(*(~nw.col(f"_one_{n}").is_null() for n in names), ignore_nulls=True))
        .head(1)
        .collect()
    ):
        return nothing
    joined = frame.join(heads, on="session", how="left")
    takes = {name: _IS_ORDER & empty[name] & ~nw.col(f"_one_{name}").is_null() for name in names}
    is_taken = nw.when(takes["user"] | takes["time"]).then(nw.lit(1)).otherwise(nw.lit(0)).alias(_FROM_ORDER)
    filled = [
        nw.when(take).then(nw.col(f"_one_{name}")).otherwise(nw.col(name)).alias(name) for name, take in takes.items()
    ]
    return joined.with_columns(is_taken, *filled).drop([f"_one_{name}" for name in names])


def _with_status(sources: SourcePort, frame: Frame, wanted: Wanted, *, words: Mapping[str, bool]) -> Frame:
    """The frame with ``_stands``: 0 for what was ordered and came to nothing, -1 where no status is known, 1 otherwise.

    Args:
        sources: For intermediate tables.
        frame: Has the status, where one is read.
        wanted: The roles that were read.
        words: The shop's own words, and whether an order of that status was bought.

    Returns:
        Of several columns one that says no is enough. ``_status`` is what was not known.
    """
    role = wanted.role("status")
    if role is None:
        return frame.with_columns(nw.lit(1).alias(_STANDS), nw.lit(None, dtype=nw.String()).alias("_status"))
    said = []
    for output, column in zip(role.outputs, role.columns, strict=True):
        name = f"_{output}_says"
        counted = frame.filter(~nw.col(output).is_null()).select(output).unique()
        with sources.writing({output: "text", name: "int"}, name=f"events_{output}_values") as rows:
            for batch in sources.batches(counted):
                meanings = [read_order_status(value, column=column, words=words) for value in batch[output]]
                rows.write({output: batch[output], name: [-1 if m is None else int(m) for m in meanings]})
        frame = frame.join(sources.table(f"events_{output}_values"), on=output, how="left")
        said.append((output, nw.col(name)))
    is_order = nw.col("_kind") == nw.lit(EventKind.PURCHASE.value)
    says_no = nw.any_horizontal(*(says == 0 for _, says in said), ignore_nulls=True)
    unknown = [nw.when(says == -1).then(nw.col(output)) for output, says in said]
    unread = nw.when(is_order).then(nw.coalesce(*unknown, nw.lit(None, dtype=nw.String()))).alias("_status")
    stands = nw.when(is_order & says_no).then(nw.lit(0)).otherwise(nw.lit(1)).alias(_STANDS)
    return frame.with_columns(stands, unread).drop([f"_{output}_says" for output, _ in said])


def order_checks(wanted: Wanted) -> list[Check]:
    """What is said of orders.

    Args:
        wanted: The roles that were read.

    Returns:
        Checks of a frame that ``with_orders`` gave.
    """
    found = []
    if wanted.role("status"):
        found += [
            Check(
                "order_cancelled",
                "info",
                "quarantine",
                nw.col(_STANDS) == 0,
                "the order was cancelled, refunded or never paid, as its status says: not learnt from",
                is_loss=False,
            ),
            Check(
                "order_status_unread",
                "warning",
                "flag",
                ~nw.col("_status").is_null(),
                "what the status says of the order is not known; counted as bought: say in status_words what it means",
                values_of="_status",
            ),
        ]
    if wanted.role("session"):
        found.append(
            Check(
                "event_from_order",
                "info",
                "flag",
                nw.col(_FROM_ORDER) == 1,
                "the line leaves the buyer or the time empty: taken from the other lines of its order",
            )
        )
    return found
