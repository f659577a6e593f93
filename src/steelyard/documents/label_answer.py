"""An answer of a language model that was paid for: a line of ``label_answers.jsonl``, never changed."""

from __future__ import annotations

from decimal import Decimal

import msgspec

__all__ = ["LabelAnswer"]


class LabelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer."""

    digest: str
    """Of the question."""
    run: str
    """Whose costs are booked together."""
    at: str
    """ISO time, in UTC."""
    model: str
    grade: int | None
    """``None`` where the answer could not be read; it was paid for all the same."""
    input_tokens: int
    output_tokens: int
    is_estimated: bool = False
    """Whether the endpoint did not tell the tokens, so that the most they can be is taken."""
    cost: Decimal = Decimal(0)
    currency: str = ""
