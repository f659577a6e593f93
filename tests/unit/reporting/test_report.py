"""R6.6: the report holds every section, escapes what comes from data, and needs nothing from outside."""

import ast
import json
import re
from copy import deepcopy
from html.parser import HTMLParser
from pathlib import Path

import pytest

from steelyard.data.detectors import DETECTED
from steelyard.documents.decision import read_decision
from steelyard.documents.quality import read_quality
from steelyard.documents.reasons import REASONS, Effect
from steelyard.errors import ConfigError
from steelyard.reporting.page import day, element, money, number, percent, raw
from steelyard.reporting.report import report
from steelyard.reporting.words.effects import EFFECTS
from steelyard.reporting.words.findings import FINDINGS_ZH
from steelyard.reporting.words.remedies import REMEDIES

SOURCE = Path(__file__).parents[3] / "src/steelyard"
GOLDEN = Path(__file__).parents[2] / "golden/decision.json"
QUALITY = {
    "rows": {"items": {"in": 1200, "kept": 1190, "quarantined": 4, "merged": 6, "is_balanced": True}},
    "findings": [
        {
            "table": "items",
            "reason": "price_negative",
            "severity": "error",
            "action": "quarantine",
            "count": 4,
            "share": 4 / 1200,
            "says": "the price is below zero",
            "samples": [],
        }
    ],
}
VOID = {"br", "col", "hr", "img", "input", "link", "meta"}


class Outline(HTMLParser):
    """Checks that elements close in order, and gathers names, addresses and the text that is shown."""

    def __init__(self):
        super().__init__()
        self.open, self.names, self.addresses, self.shown = [], set(), [], []

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.addresses += [value for name, value in attrs if name in ("href", "src", "action", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.shown.append(data)


def outline(text):
    found = Outline()
    found.feed(text)
    found.close()
    assert found.open == []
    return found


@pytest.fixture
def decision():
    return json.loads(GOLDEN.read_text("utf-8"))


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        (
            "en",
            "The case|Data|Models|Quality|Cost|Choice|Alternatives, and why each was not chosen|"
            "Uncertainty|How it was measured",
        ),
        ("zh", "任务|数据|模型|质量|成本|选择|其他配置及未入选原因|不确定性|测量方法"),
    ],
)
def test_every_section_and_every_configuration_is_in_the_report(decision, language, titles):
    text = report(read_decision(decision), read_quality(QUALITY), language=language)

    for title in titles.split("|"):
        assert f"<h2>{title}</h2>" in text
    for surface in decision["surfaces"]:
        for candidate in surface["candidates"]:
            assert candidate["name"] in text


def test_every_reason_why_another_lost_is_told(decision):
    shown = "".join(outline(report(read_decision(decision), read_quality(QUALITY), language="en")).shown)

    for surface in decision["surfaces"]:
        for candidate in surface["candidates"]:
            for reason in candidate["reasons"]:
                assert reason in shown


def test_the_page_needs_nothing_from_outside_and_runs_no_script(decision):
    text = report(read_decision(decision), read_quality(QUALITY), language="en")
    found = outline(text)

    assert found.addresses == []
    assert not found.names & {"script", "link", "img", "iframe", "object"}
    assert "@import" not in text and "url(" not in text


def test_what_comes_from_data_is_text_and_never_markup(decision):
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    hostile = deepcopy(decision)
    hostile["shop"]["name"] = hostile["machine"]["cpu_model"] = evil
    hostile["warnings"] = [evil]
    surface = hostile["surfaces"][0]
    surface["metric"] = surface["why"] = surface["floor"]["text"] = surface["candidates"][1]["name"] = evil
    surface["candidates"][0]["bill"][0] |= {"item": evil, "source": evil, "unit": evil}
    quality = {
        "rows": {evil: QUALITY["rows"]["items"]},
        "findings": [{**QUALITY["findings"][0], "reason": evil, "says": evil}],
    }

    found = outline(report(read_decision(hostile), read_quality(quality), language="en"))

    assert not found.names & {"script", "img"}
    assert "".join(found.shown).count(evil) >= 7


def test_an_unknown_price_is_called_so_and_never_zero(decision):
    row = next(each for each in decision["surfaces"][1]["candidates"] if each["name"] == "ials")

    text = report(read_decision(decision), read_quality(QUALITY), language="en")

    assert row["monthly"] is None
    cells = text.split("<td>ials</td>")
    assert any('<td class="num">no price</td>' in cell.split("</tr>")[0] for cell in cells[1:])
    assert not any(">$0.00<" in cell.split("</tr>")[0] for cell in cells[1:])


def test_nothing_chosen_nothing_found_and_no_total_are_said_in_words(decision):
    surface = decision["surfaces"][0]
    surface |= {"chosen": None, "is_feasible": False, "why": "no configuration has a complete price", "promise": None}
    decision["total"] |= {"monthly": None, "stages": [], "shares_by_kind": {}, "note": "no total: search"}

    text = report(read_decision(decision), read_quality({"rows": {}, "findings": []}), language="en")

    assert "Search: no configuration has a complete price." in "".join(outline(text).shown)
    assert "No total for all surfaces: a price is missing." in text
    assert "No finding." in text


def test_who_judged_is_named_and_what_made_queries_give_stands_beside(decision):
    surface = decision["surfaces"][0]
    surface |= {"is_synthetic": False, "judged_by": "<b>us</b>"}
    surface["candidates"][0]["beside"] = {"mean": 0.8765, "low": 0.8, "high": 0.9, "n": 500}

    text = report(read_decision(decision), read_quality(QUALITY), language="en")

    assert "Judged by &lt;b&gt;us&lt;/b&gt;." in text
    assert "On made queries" in text and "0.8765" in text
    assert "they are shown and decide nothing" in text
    before = read_decision(json.loads(GOLDEN.read_text("utf-8")))
    assert "On made queries" not in report(before, read_quality(QUALITY), language="en")


def test_a_saving_that_falls_short_of_five_times_is_explained(decision):
    assert "a request takes 7.45 ms of a processor against 34.23 ms" in report(
        read_decision(decision), read_quality(QUALITY), language="en"
    )
    assert "每次请求占用处理器 7.45 ms" in report(read_decision(decision), read_quality(QUALITY), language="zh")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"is_kept": True}, "The limit was kept."),
        ({"is_kept": False}, "The limit was not kept."),
        ({"is_valid": False, "note": "the generator lagged"}, "Not checked: the generator lagged."),
        (None, "Not checked yet."),
    ],
)
def test_the_check_of_the_promise_is_reported_as_it_went(decision, change, said):
    for surface in decision["surfaces"]:
        surface["promise"] = None if change is None else surface["promise"] | change

    assert said in report(read_decision(decision), read_quality(QUALITY), language="en")


def test_a_report_in_a_language_nobody_wrote_is_refused(decision):
    with pytest.raises(ConfigError, match="'fr': choose one of en, zh"):
        report(read_decision(decision), read_quality(QUALITY), language="fr")


def test_the_same_decision_gives_the_same_page(decision):
    once, again = (report(read_decision(deepcopy(decision)), read_quality(QUALITY), language="zh") for _ in range(2))

    assert once == again


def test_amounts_keep_the_digits_that_say_something():
    assert money("1234.5", "USD", unknown="?") == "$1,234.50"
    assert money("0.0104", "USD", unknown="?") == "$0.0104"
    assert money("0.00001214567", "USD", unknown="?") == "$0.00001215"
    assert money("0", "USD", unknown="?") == "$0.00"
    assert money("12", "CHF", unknown="?") == "12.00 CHF"
    assert money(None, "USD", unknown="no price") == "no price"
    assert money("NaN", "USD", unknown="no price") == "no price"


def test_figures_percentages_and_days_are_written_plainly():
    assert number(1234.567, 1) == "1,234.6"
    assert number(None) == "–"
    assert percent(0.9) == "90 %"
    assert percent(0.1234) == "12.3 %"
    assert percent(1.0, 0) == "100 %"
    assert day("2026-11-20T16:42:07+00:00") == "2026-11-20"
    assert day("yesterday") == "–"


def test_elements_escape_text_and_values_but_not_elements():
    made = element("p", "a < b", raw("<b>c</b>"), None, ["d", element("br")], title='"x"', class_="y")

    assert made == '<p title="&quot;x&quot;" class="y">a &lt; b<b>c</b>d<br></p>'


def test_every_reason_in_the_code_has_its_meaning_effect_and_remedy_in_both_languages():
    rooms = ("data", "workflows", "adapters/shop")
    nodes = [
        node
        for path in [p for room in rooms for p in (SOURCE / room).rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
    ]
    makers = ("Check", "_quarantine", "Finding", "Remark", "CuttingNote")
    calls = [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") in makers]
    changes = set(re.findall('"(drift_[a-z_]+)"', (SOURCE / "data" / "loads" / "drift.py").read_text("utf-8")))
    strings = [argument.value for call in calls for argument in call.args if isinstance(argument, ast.Constant)]
    codes = {text for text in strings if isinstance(text, str) and re.fullmatch("[a-z]+(_[a-z]+)+", text)}
    written = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}

    assert len(codes) > 25
    assert (codes - {"set_aside"}) | (changes - {"drift_findings"}) | DETECTED <= set(REASONS)
    assert set(FINDINGS_ZH) == set(REASONS) <= written | DETECTED
    assert set(REMEDIES) == set(REASONS) | {"look"}
    assert set(Effect) == set(EFFECTS)
    assert all(en and re.search("[一-鿿]", zh) for en, zh in EFFECTS.values())
    assert all(en and re.search("[一-鿿]", zh) for en, zh in REMEDIES.values())


def test_a_line_that_costs_nothing_comes_last_and_one_without_a_price_first(decision):
    surface = decision["surfaces"][0]
    lines = surface["candidates"][0]["bill"]
    lines[0] |= {"item": "free of charge", "cost": "0.00"}
    lines[1] |= {"item": "of unknown price", "cost": None, "unit_price": None, "kind": None}

    shown = report(read_decision(decision), read_quality(QUALITY), language="en")

    bill = shown[shown.index("of unknown price") :]
    assert shown.index("of unknown price") < shown.index("people: operations")
    assert bill.index("free of charge") > bill.index("disks of the serving machines")
