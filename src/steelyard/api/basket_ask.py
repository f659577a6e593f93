"""The question what goes with an item or a basket."""

from __future__ import annotations

from typing import Annotated

import msgspec

from steelyard.api.schemas import After, Explain, K, Problem, json_in

__all__ = ["MAX_BASKET", "BoughtWithAsk"]

MAX_BASKET = 200
"""Items of a basket that is asked about."""


class BoughtWithAsk(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Items that go with one item, or with a basket."""

    item: Annotated[
        str, msgspec.Meta(max_length=256, description="The shop's identifier of an item; or give `basket`.")
    ] = ""
    basket: Annotated[
        str,
        msgspec.Meta(
            max_length=20_000,
            description="Identifiers of the items of a basket, at most 200: a list as JSON, or names between commas. "
            "None of them comes back, in whatever size. Unknown ones are passed over.",
        ),
    ] = ""
    k: K = 10
    explain: Explain = True
    after: After = ""

    @property
    def items(self) -> list[str]:
        """Identifiers of the item and of the basket, each once.

        Raises:
            Problem: There are none or too many, or the basket is no JSON of the form that is expected.
        """
        is_json = self.basket.lstrip().startswith("[")
        names = [name for part in self.basket.split(",") if (name := part.strip())]
        basket = json_in("basket", self.basket, list[str]) if is_json else names
        found = list(dict.fromkeys([*([self.item] if self.item else []), *basket]))
        if not found:
            raise Problem(400, "missing_parameter", "neither item nor basket is given: name what the items go with")
        if len(found) > MAX_BASKET:
            raise Problem(400, "bad_parameter", f"the basket holds {len(found)} items; send at most {MAX_BASKET}")
        return found
