"""Sentences: where they begin with a capital and where with a name; how Chinese is spaced around what is filled in."""

import json
import re
import shutil
import subprocess
from importlib.resources import files

import pytest

from steelyard.domain import Bilingual, bilingual, capitalised, filled_zh

NAMES = {"ials", "hybrid-fp32"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ials would be chosen", "ials would be chosen"),
        ("ials: measured", "ials: measured"),
        ("hybrid-fp32 is cheapest", "hybrid-fp32 is cheapest"),
        ("people cost nothing", "People cost nothing"),
        ("ialsx is a word", "Ialsx is a word"),
        ("stores.csv has 3 values twice", "stores.csv has 3 values twice"),
        ("sale_price: 4 % are missing", "sale_price: 4 % are missing"),
        ("nDCG@10 is skewed", "nDCG@10 is skewed"),
        ("p99 is above the limit", "p99 is above the limit"),
        ("", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_with_a_name(text, wanted):
    assert capitalised(text, NAMES) == wanted


SPACED = [
    ("与{x}一起购买", "Bananas", "与 Bananas 一起购买"),
    ("与 {x} 一起购买", "Bananas", "与 Bananas 一起购买"),
    ("与{x}一起购买", "牛奶", "与牛奶一起购买"),
    ("与 {x} 一起购买", "牛奶", "与牛奶一起购买"),
    ("与{x}一起购买", "iPhone 16 手机", "与 iPhone 16 手机一起购买"),
    ("与{x}一起购买", "手机 iPhone 16", "与手机 iPhone 16 一起购买"),
    ("因为您看过{x}，以及同类商品", "Milk", "因为您看过 Milk，以及同类商品"),
    ("因为您看过 {x}", "《三体》", "因为您看过《三体》"),
    ("《{x}》的读者", "Dune", "《Dune》的读者"),
    ("“{x}”的结果", "milk", "“milk”的结果"),
    ("正在显示 {x} 的结果", "“milk”", "正在显示“milk”的结果"),
    ("与{x}相近", "牛奶（1 升）", "与牛奶（1 升）相近"),
    ("与{x}相近", "Milk (1 l)", "与 Milk (1 l) 相近"),
    ("与{x}相近", "Vitamin C+", "与 Vitamin C+ 相近"),
    ("与{x}相近", "カメラ", "与カメラ相近"),
    ("与{x}相近", "Чай", "与 Чай 相近"),
    ("另有{x}件", "12", "另有 12 件"),
    ("SKU {x}", "牛奶", "SKU 牛奶"),
    ("SKU{x}", "牛奶", "SKU 牛奶"),
    ("({x})", "牛奶", "(牛奶)"),
    ("{x}%，较好", "95", "95%，较好"),
    ("共{x}", ", 3", "共, 3"),
    ("与 {x} 相似", "", "与  相似"),
    ("行：\n{x}  个", "牛", "行：\n牛  个"),
    ("{x}", "Milk", "Milk"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "wanted"), SPACED)
def test_a_name_stands_in_chinese_as_it_is_typeset(text, name, wanted):
    assert filled_zh(text, x=name) == wanted


def test_both_sentences_are_filled_in_and_only_the_chinese_one_is_spaced_anew():
    said = Bilingual("{n:,} of {x}", "{x}中的{n:,}件 {{x}}")

    assert said.filled(x="Milk", n=1200) == ("1,200 of Milk", "Milk 中的 1,200 件 {x}")


SCRIPT = files("steelyard.api") / "pages" / "typeset.js"


def test_the_browser_knows_the_same_characters():
    def ranges(text):
        plain = re.sub(r"\\u\{?([0-9a-f]{4,5})\}?", lambda at: chr(int(at[1], 16)), text)
        return sorted(re.findall(r".-.|.", plain))

    scripts = dict(re.findall(r"const (\w+) = /\[(.*)\]/u;", SCRIPT.read_text("utf-8")))
    known = {"WIDE": bilingual._WIDE, "MARKS": bilingual._MARKS}
    assert {name: ranges(text) for name, text in scripts.items()} == {
        name: ranges(text) for name, text in known.items()
    }


@pytest.mark.skipif(shutil.which("node") is None, reason="no node here: apt-get install nodejs to run the script")
def test_the_browser_sets_the_same_sentences(tmp_path):
    module = tmp_path / "typeset.mjs"
    module.write_bytes(SCRIPT.read_bytes())
    rows = json.dumps([(text, name) for text, name, _ in SPACED])
    code = f"import {{ filledChinese }} from '{module.as_uri()}';"
    code += f"console.log(JSON.stringify({rows}.map(([text, x]) => filledChinese(text, {{ x }}))))"

    done = subprocess.run(["node", "--input-type=module", "-e", code], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == [wanted for *_, wanted in SPACED]
