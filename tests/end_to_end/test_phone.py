"""Pages that are written without scripts fit a phone: what is too wide scrolls inside the page, not the page itself."""

import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

from steelyard.api.cost_routes import CostOperations
from steelyard.api.openapi import STYLE, describe, reference_page
from steelyard.api.routes import Operations
from steelyard.documents.decision import read_decision
from steelyard.documents.quality import read_quality
from steelyard.reporting.report import report
from steelyard.serving.service import About

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
DECISION = read_decision((Path(__file__).parents[1] / "golden" / "decision.json").read_bytes())

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium to look at pages with")


def reference():
    rows = (*Operations(None).table(), *CostOperations(About("x")).table())
    text = reference_page(describe(rows, title="Shop", version="1"))
    return text.replace('<link rel="stylesheet" href="/docs.css">', f"<style>{STYLE}</style>")


def width_on_a_phone(text, folder):
    """How wide the page is in a frame of 390 pixels, and how wide the frame is inside."""
    measured = "const page = document.getElementById('f').contentDocument.documentElement;"
    told = "document.title = page.scrollWidth + ' ' + page.clientWidth;"
    (folder / "page.html").write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text), "utf-8")
    (folder / "frame.html").write_text(
        '<iframe id="f" width="390" height="800" src="page.html"></iframe>'
        f"<script>onload = () => {{ {measured}{told} }}</script>"
    )
    argv = [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files",
            f"--user-data-dir={folder / 'browser'}", "--virtual-time-budget=5000", "--dump-dom",
            f"file://{folder / 'frame.html'}"]  # fmt: skip
    shown = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=True).stdout
    found = re.search(r"<title>(\d+) (\d+)</title>", unescape(shown))
    assert found, shown[:2000]
    return int(found[1]), int(found[2])


QUALITY = {
    "rows": {"items": {"in": 92331, "kept": 92331, "quarantined": 0, "merged": 41, "is_balanced": True}},
    "findings": [
        {"table": "items", "reason": "price_is_not_a_number_and_was_left_out", "severity": "warning", "count": 12,
         "share": 0.0001, "action": "quarantine", "says": "not read", "says_zh": "价格无法读取", "samples": []},
    ],
}  # fmt: skip
PAGES = {
    "reference": reference,
    "report": lambda: report(DECISION, read_quality(QUALITY), language="en"),
    "report in Chinese": lambda: report(DECISION, read_quality(QUALITY), language="zh"),
}


@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_a_phone(name, tmp_path):
    page, frame = width_on_a_phone(PAGES[name](), tmp_path)

    assert 300 < frame <= 390
    assert page <= frame
