"""Prices that a query asks for in words, as a filter of the list."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.models.text.price_phrases import price_wish
from steelyard.serving.lists.fields import Fields, Range
from steelyard.serving.lists.listing import PriceAsked, Question

__all__ = ["PriceReader"]


class PriceReader:
    """Reads prices for one catalogue.

    Args:
        fields: Of the catalogue.
        currency: ISO code of its prices; empty where nobody said.
    """

    def __init__(self, fields: Fields, currency: str) -> None:
        self._currency = currency
        self._name = fields.names[fields.price_field]
        self._has_prices = bool(currency) and bool(np.isfinite(fields.price).any())

    def narrowed(self, question: Question) -> tuple[Question, PriceAsked | None]:
        """The question with the price as a filter in place of the words that say it.

        Args:
            question: As it was asked.

        Returns:
            The question itself where its words are to be taken as typed, where it filters by price already, or where
            they say nothing of one.
        """
        if not self._has_prices or question.verbatim or self._name in question.filters:
            return question, None
        wish = price_wish(question.query, currency=self._currency)
        if wish is None:
            return question, None
        low, high = (None if end is None else float(end) for end in (wish.low, wish.high))
        filters = {**question.filters, self._name: Range(min=low, max=high)}
        return replace(question, query=wish.rest, filters=filters), PriceAsked(wish.phrase, True, low, high)
