"""Lines of bills as versions wrote them that knew them by their sentence: what each paid for.

The only place where a sentence is taken apart, and only those of documents without a format number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from steelyard.documents.line_words import words_of
from steelyard.domain import LineKey, Stage

__all__ = ["key_of_sentence", "with_key"]

_KEYS_BY_ROW = {
    "surroundings/load-balancer": LineKey.BALANCER,
    "surroundings/balancer-traffic": LineKey.BALANCER_TRAFFIC,
    "surroundings/public-address": LineKey.PUBLIC_ADDRESSES,
    "surroundings/zone-traffic": LineKey.ZONE_TRAFFIC,
    "surroundings/nat-gateway": LineKey.NAT_GATEWAY,
    "surroundings/logs": LineKey.LOGS,
    "surroundings/snapshots": LineKey.BACKUPS,
    "surroundings/cdn": LineKey.CDN,
    "surroundings/domain": LineKey.DOMAIN_NAME,
}
_REWORDED = {
    "setting up and tuning, people": LineKey.PEOPLE_TUNING,
    "keeping it running, people": LineKey.PEOPLE_OPERATIONS,
    "being on call, people": LineKey.PEOPLE_ON_CALL,
    "keeping the encoder, people": LineKey.ENCODER_UPKEEP,
    "looking after the machines, people": LineKey.MACHINE_UPKEEP,
}
"""Sentences that are written otherwise today."""
_WITHOUT_DETAIL = _REWORDED | {
    words_of(key).en: key
    for key in LineKey
    if words_of(key, "?").en == words_of(key).en
}  # fmt: skip
_WITH_DETAIL = (
    (re.compile(r"making (.+), again"), LineKey.PART_RETRAINING),
    (re.compile(r"making (.+)"), LineKey.PART_TRAINING),
    (re.compile(r"answers sent to shoppers, (.+)"), LineKey.TRAFFIC_TIER),
    (re.compile(r"machine time of (.+)"), LineKey.METERED_TIME),
    (re.compile(r"tokens sent to (.+)"), LineKey.PROMPT_TOKENS),
    (re.compile(r"tokens that (.+) writes"), LineKey.COMPLETION_TOKENS),
    (re.compile(r"machines of the language model, (.+)"), LineKey.MODEL_MACHINES),
    (re.compile(r"(.+), above its last tier"), LineKey.SERVICE_ABOVE_TIERS),
)
_MACHINES = (
    (re.compile(r"(\d+ x .+) reserved"), LineKey.RESERVED_MACHINES),
    (re.compile(r"(.+/.+) on demand"), LineKey.ON_DEMAND_MACHINES),
    (re.compile(r"(.+/.+) spot"), LineKey.SPOT_MACHINES),
    (re.compile(r"(\d+ x .+)"), LineKey.SERVING_MACHINES),
)


def key_of_sentence(sentence: str, stage: str) -> tuple[LineKey, str]:
    """What a line paid for, and which of several; ``OTHER`` with the sentence where none is known.

    Args:
        sentence: As it was stored, in English.
        stage: Of the lifecycle.

    Returns:
        Such that ``words_of`` gives the sentence again, in the words of today.
    """
    if sentence in _WITHOUT_DETAIL:
        return _WITHOUT_DETAIL[sentence], ""
    row = sentence.rsplit(", ", 1)[-1]
    if row in _KEYS_BY_ROW and words_of(_KEYS_BY_ROW[row], row).en == sentence:
        return _KEYS_BY_ROW[row], row
    patterns = (*_MACHINES, *_WITH_DETAIL) if stage == Stage.SERVING else _WITH_DETAIL
    for pattern, key in patterns:
        found = pattern.fullmatch(sentence)
        if found:
            return key, found[1]
    return LineKey.OTHER, sentence


def with_key(row: Mapping[str, Any]) -> dict[str, Any]:
    """A stored line with its key, its detail and its sentence in Chinese."""
    if "key" in row:
        return dict(row)
    key, detail = key_of_sentence(str(row["item"]), str(row["stage"]))
    return {**row, "key": str(key), "detail": detail, "item_zh": words_of(key, detail).zh}
