"""Tags as the cells of bills hold them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["json_tags", "pair_tags"]

_PAIR = re.compile(r"(?:key:(?P<a>.+) value:|(?P<b>[^:]+):)(?P<value>.*)")
"""``team:search`` or ``key:team value:search``."""


def json_tags(text: str) -> dict[str, Any]:
    """Tags as an object, as a list of key and value, or Azure's ``"a": "b"`` without braces; null is none."""
    for candidate in (text, f"{{{text}}}"):
        try:
            found = json.loads(candidate, parse_float=str, parse_int=str)
        except ValueError:
            continue
        if found is None:
            return {}
        if isinstance(found, list):
            return {
                str(each["key"]): each.get("value", True)
                for each in found
                if isinstance(each, Mapping) and "key" in each
            }
        return found if isinstance(found, dict) else {"tags": found}
    return {"tags": text}


def pair_tags(text: str) -> dict[str, Any]:
    """Tags as ``team:search; stage:serving``."""
    pairs = [_PAIR.match(pair.strip()) for pair in text.split(";")]
    return {pair["a"] or pair["b"]: pair["value"] for pair in pairs if pair}
