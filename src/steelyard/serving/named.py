"""Items that are asked for by their number."""

from __future__ import annotations

from steelyard.domain import NONE, Request
from steelyard.serving.arrange import product_of
from steelyard.serving.cards import Brief, Cards, ItemIds
from steelyard.serving.numbers import Numbers
from steelyard.serving.pipelines import Pipeline, SearchPipeline

__all__ = ["Named"]

_LOOKED_THROUGH = 100


class Named:
    """Finds the items whose number a query is.

    Args:
        cards: Of the catalogue.
        ids: The shop's identifiers, exactly.
        numbers: All numbers, however they are typed; ``None`` where the bundle does not hold them.
    """

    def __init__(self, cards: Cards, ids: ItemIds, numbers: Numbers | None) -> None:
        self._cards = cards
        self._ids = ids
        self._numbers = numbers

    def of(self, pipeline: SearchPipeline, query: str) -> dict[int, str]:
        """Items whose number the query is; for one that is sold out, the same product in another size.

        Args:
            pipeline: Says what may be offered.
            query: What the shopper typed.

        Returns:
            By item number the identifier of the item that was meant.
        """
        exact = self._ids.number(query.strip())
        found = self._numbers.find(query) if self._numbers is not None else []
        named: dict[int, str] = {}
        for number in dict.fromkeys([*([exact] if exact != NONE else []), *found]):
            brief = self._cards.brief(number)
            offered = number if pipeline.offers(number) else self._offered_like(pipeline, brief)
            if offered != NONE:
                named.setdefault(offered, brief.item_id)
        return named

    def _offered_like(self, pipeline: Pipeline, brief: Brief) -> int:
        """An item of the same product that may be offered, ``NONE`` where there is none."""
        row = pipeline.answer([Request(query=brief.title)], k=_LOOKED_THROUGH).items[0]
        wanted = product_of(brief)[0]
        same = (n for n in row[row != NONE].tolist() if product_of(self._cards.brief(n))[0] == wanted)
        return next(same, NONE)
