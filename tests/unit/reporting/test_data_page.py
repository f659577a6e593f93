"""The page on a shop's data: both languages in one, nothing from outside, and nothing of the data runs."""

import re

import pytest

from steelyard.documents.quality import ExpectationRow, read_quality
from steelyard.reporting.data_page import data_page
from steelyard.reporting.finding_words import finding_words, share_words, verdict_words

PAYLOAD = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"


def report(**changes):
    finding = {
        "table": "events", "reason": "event_kind_unknown", "severity": "error", "action": "quarantine", "count": 96,
        "share": 0.8, "says": "the kind is not known; map it in kinds", "values": {"view_item": 96},
        "samples": [{"row": 3, "kind": "view_item", "time": "2024-05-01T10:00:00+00:00"}],
    }  # fmt: skip
    rows = {"events": {"in": 120, "kept": 24, "quarantined": 96, "merged": 0}}
    return read_quality({"format": 1, "rows": rows, "findings": [finding | changes]})


def stopped():
    return read_quality({
        "format": 2,
        "findings": [{
            "table": "events", "reason": "event_kind_unknown", "severity": "error", "action": "quarantine",
            "count": 96, "share": 0.8, "says": "?", "stops": True,
        }],
    })  # fmt: skip


def test_one_page_says_it_in_both_languages():
    text = data_page(report(), shop="Pan & Pot")

    assert "The data of Pan &amp; Pot" in text and "Pan &amp; Pot 的数据" in text
    assert "The kind is not known; map it in kinds." in text and "事件类型未知" in text
    assert "kinds = { &quot;value&quot; = &quot;click&quot; }" in text
    assert text.index("checked") < text.index('id="pick-zh"')
    assert data_page(report(), shop="s", language="zh").startswith('<!doctype html>\n<html lang="zh-CN">')


@pytest.mark.parametrize("place", ["table", "reason", "says", "values", "samples", "column", "shop"])
def test_what_the_data_holds_is_text_wherever_it_stands(place):
    changes = {
        "values": {"values": {PAYLOAD: 3}},
        "samples": {"samples": [{PAYLOAD: PAYLOAD}]},
    }.get(place, {place: PAYLOAD} if place in ("table", "reason", "says") else {})
    quality = report(**changes)
    if place == "column":
        row = ExpectationRow(
            table="items", column=PAYLOAD, kind="in", wanted=PAYLOAD, found=PAYLOAD, is_met=False, values={PAYLOAD: 1}
        )
        quality = type(quality)(expectations=(row,))

    text = data_page(quality, shop=PAYLOAD if place == "shop" else "Toy")

    assert "&lt;script&gt;" in text
    assert not re.search(r"<script|<img|onerror=[^&]*>", text.replace("&lt;script", "").replace("&lt;img", ""))


def test_the_page_loads_nothing_and_runs_nothing():
    text = data_page(report(), shop="Toy")

    assert not re.search(r"<script|https?://|url\(|@import|src=|<link", text)
    assert "default-src &#x27;none&#x27;" in text


def test_a_refused_load_is_shown_before_the_one_that_is_served():
    text = data_page(report(), refused=stopped(), shop="Toy")

    assert "One thing stops training on this load." in text
    assert "What was trained before is served as before." in text
    assert "--accept event_kind_unknown" in text
    assert text.index("One thing stops") < text.index("What is served was trained on an earlier load")


def test_without_a_report_the_page_says_what_to_run():
    assert "steelyard prepare" in data_page(None, shop="Toy")


def test_a_small_share_is_not_shown_as_nothing():
    assert share_words(0.000_003, language="en") == "< 0.01 %"
    assert share_words(0.0, language="en") == "0.00 %"
    assert share_words(0.1234, language="zh") == "12.34%"


def test_a_reason_that_nobody_knows_is_told_by_what_happened_to_its_rows():
    words = finding_words(report(reason="something_new").findings[0], language="en")

    assert words.effect == "What the rows say is not learnt."
    assert words.remedy == "Look at the rows, and mend them in the export."


def test_the_verdict_counts_what_is_worth_mending():
    assert verdict_words(report(), language="en") == "Models may be trained on it; one finding is worth mending."
    assert verdict_words(report(severity="info"), language="zh") == "没有影响训练的问题。"
