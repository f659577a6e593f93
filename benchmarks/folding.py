"""Traditional characters folded to simplified ones: the share of real Chinese texts that come back right.

Run: python benchmarks/folding.py FILE ... (needs OpenCC: pip install OpenCC)

Every different text of the files that has a Chinese character (of Parquet all columns of texts, else lines) is written
in traditional characters by OpenCC (``s2t``) and folded back, by the table that search uses and by OpenCC itself; right
is what OpenCC makes of the text (``t2s``).
"""

import argparse
import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import opencc
import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.data.values.traditional import SIMPLIFIED_OF

_TEXTS = ("string", "large_string", "string_view", "binary", "large_binary")
_HAN = re.compile("[\u4e00-\u9fff]")


def measured(fold: Callable[[str], str], written: list[str], right: list[str]) -> dict[str, object]:
    """How many texts come back right, and the processor time of folding them."""
    started = time.process_time()
    n_right = sum(fold(text) == wanted for text, wanted in zip(written, right, strict=True))
    return {
        "texts": len(right),
        "right": round(n_right / len(right), 4),
        "cpu_s": round(time.process_time() - started, 2),
    }


def texts_of(path: Path) -> list[str]:
    """The texts of a file."""
    if path.suffix != ".parquet":
        return path.read_text("utf-8", "replace").splitlines()
    table = pq.read_table(path)
    columns = [table[name] for name in table.column_names if str(table.schema.field(name).type) in _TEXTS]
    return [text for column in columns for text in column.cast(pa.string()).to_pylist()]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+", type=Path)
    found = {text for path in parser.parse_args().files for text in texts_of(path) if text and _HAN.search(text)}
    texts = sorted(found)
    to_traditional, to_simplified = opencc.OpenCC("s2t").convert, opencc.OpenCC("t2s").convert
    written, right = [to_traditional(text) for text in texts], [to_simplified(text) for text in texts]
    ways = {"table": lambda text: text.translate(SIMPLIFIED_OF), "OpenCC": to_simplified}
    for name, fold in ways.items():
        print(json.dumps({"by": name, **measured(fold, written, right)}), flush=True)


if __name__ == "__main__":
    main()
