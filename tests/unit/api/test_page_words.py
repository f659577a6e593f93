"""The sentences of the pages: one table, both languages, none unused; a line of a bill says what the report says."""

import json
import re
from importlib.resources import files

import pytest
from starlette.testclient import TestClient

from steelyard.api.gate import Gate, gated_router
from steelyard.api.page_routes import page_entries
from steelyard.cost.surroundings import PARTS
from steelyard.documents.line_words import words_of
from steelyard.domain import Bilingual, Stage
from steelyard.reporting.words import page_words, words_in
from steelyard.reporting.words.labels import label_words
from steelyard.reporting.words.report import REPORT

PAGES = {
    entry.name: entry.read_text("utf-8")
    for entry in (files("steelyard.api") / "pages").iterdir()
    if entry.name.endswith((".js", ".html"))
}
SCRIPTS = "\n".join(text for name, text in PAGES.items() if name.endswith(".js"))
WORDS = page_words()
EVERY = {**WORDS, **REPORT}
VALUES = {"error", "warning", "info", "predicted"}
"""Of documents: severities of findings and the basis of a p99, by which the report asks."""
HOLES = re.compile(r"\$\{[^}]*\}")


def asked_for():
    """Keys that scripts ask for by name, and patterns of those that they put together."""
    names = set(re.findall(r'data-t(?:-\w+)?="(\w+)"', "\n".join(PAGES.values())))
    for argument in re.findall(r"\b(?:t|has)\(((?:`[^`]*`|[^,()`])*)", SCRIPTS):
        names |= set(re.findall(r'"(\w+)"', re.sub(r'[!=]==\s*"\w*"', "", argument)))
    parts = re.findall(r"\b(?:t|has)\([^`\n]{0,60}?`(\w*\$\{[^}`]*\}\w*)`", SCRIPTS)
    return names, {HOLES.sub(r"\\w+", each) for each in parts}


@pytest.fixture
def served():
    router = gated_router(page_entries(), Gate(), lambda request, problem: None)
    with TestClient(router) as client:
        yield client


def test_what_the_scripts_ask_for_is_in_the_table():
    names, patterns = asked_for()

    assert len(names) > 100 and len(patterns) > 10
    assert sorted(names - set(WORDS)) == []
    assert [each for each in patterns if not any(re.fullmatch(each, key) for key in WORDS)] == []


def test_no_sentence_of_the_pages_is_unused():
    _, patterns = asked_for()
    literals = set(re.findall(r'"(\w+)"', "\n".join(PAGES.values())))

    unused = {key for key in set(WORDS) - literals if not any(re.fullmatch(each, key) for each in patterns)}

    assert sorted(unused) == []


def test_no_sentence_of_the_report_is_unused():
    room = files("steelyard.reporting")
    source = "\n".join(entry.read_text("utf-8") for entry in room.iterdir() if entry.name.endswith(".py"))
    literals = set(re.findall(r"""["'](\w+)["']""", source)) | VALUES
    patterns = {re.sub(r"\{[^}]*\}", r"\\w+", each) for each in re.findall(r'f"(\w*\{[^}"]*\}\w*)"', source)}
    patterns.discard(r"\w+")

    unused = {key for key in set(REPORT) - literals if not any(re.fullmatch(each, key) for each in patterns)}

    assert sorted(unused) == []


@pytest.mark.parametrize("key", sorted(EVERY))
def test_a_sentence_is_there_in_both_languages_with_the_same_gaps(key):
    english, chinese = EVERY[key]

    assert english.strip() and chinese.strip()
    assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", chinese))
    assert not re.search(r"\d %", chinese), "Chinese sets no space before the sign"


def test_no_key_has_two_sentences():
    assert set(WORDS) & set(REPORT) == set()


def test_every_stage_of_a_bill_has_a_name():
    for stage in Stage:
        assert f"s_{stage}" in WORDS
    assert (words_in("zh")("s_labelling"), words_in("en")("u_person_hour")) == ("标注", "person-hours")


def test_a_name_in_a_chinese_sentence_is_spaced_as_it_is_typeset():
    say = words_in("zh")

    assert say("like_item", title="Milk 1 l") == "与 Milk 1 l 相似"
    assert say("like_item", title="牛奶") == "与牛奶相似"
    assert say("showing_for", q="milk") == "正在显示 milk 的结果。"
    said = label_words("plan_bounds", unjudged=Bilingual("a few", "少数"), least="-0.1", greatest="0.2")
    assert said.zh == "展示的商品中有少数未评判：在这些查询词上，差异可能在 -0.1 至 0.2 之间"
    assert "filledChinese(pair[1], values)" in PAGES["words.js"]


def test_the_browser_is_served_the_table_as_a_module_once(served):
    answer = served.get("/static/sentences.js")

    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    table = json.loads(answer.text.removeprefix("export default ").rstrip(";\n"))
    assert {key: tuple(pair) for key, pair in table.items()} == WORDS
    again = served.get("/static/sentences.js", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_module_that_a_script_imports_is_served(served):
    for name in set(re.findall(r'from "\./([\w.]+)"', SCRIPTS)):
        assert served.get(f"/static/{name}").status_code == 200, name


def test_a_script_is_short_enough_to_be_read():
    assert {name: n for name, text in PAGES.items() if (n := text.count("\n")) > 400} == {}


def test_every_part_around_the_machines_is_named_as_its_line_is():
    for part in PARTS:
        for row, _, key in part.rows:
            said = words_of(key, row)
            assert (said.en, said.zh) == (f"{part.said.en}, {row}", f"{part.said.zh}，{row.rsplit('/', 1)[-1]}")


def test_no_page_knows_a_line_by_its_sentence():
    assert not any("preparing the data" in text for text in (*PAGES.values(), *map(str, WORDS.values())))
