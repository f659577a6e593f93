"""The pages on explanations show what the example prints, but for the times of one run."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "explained_queries.py"


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    names = runpy.run_path(str(EXAMPLE))
    return names, names["engine"](tmp_path_factory.mktemp("index"))


def timeless(text):
    return re.sub(r"[\d,.]+ (?=ms|µs)", "– ", text)


@pytest.mark.parametrize(("page", "language"), [("docs/howto/explain.md", "en"), ("docs/zh/explain.md", "zh")])
def test_each_query_of_the_page_is_explained_as_shown(example, page, language):
    names, engine = example
    shown = dict(re.findall(r"```text\n== (.*?)\n(.*?)\n```", (ROOT / page).read_text("utf-8"), re.DOTALL))

    assert list(shown) == list(names["QUERIES"])
    for query, expected in shown.items():
        printed = "\n".join(line.rstrip() for line in names["explained"](engine, query, language=language))
        assert timeless(printed) == timeless(expected), query
