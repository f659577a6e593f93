"""R20: small files made to exhaust memory or time, each beside a harmless one of its form."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fault_shop import Ended, Row, verb

MAX_S, MAX_MIB = 1.0, 64.0
_TOML = """
[shop]
name = "Bombs"
[data.items]
path = "{name}"
columns = {{ item_id = "{item_id}", title = "title" }}
{more}
[models]
search = ["lexical"]
"""
_ROWS = [(f"A-{n}", f"thing {n} of kind {n % 7}") for n in range(50)]
_PLAIN = "sku,title\n" + "".join(f"{sku},{title}\n" for sku, title in _ROWS)


@dataclass(frozen=True, slots=True)
class Bomb:
    """A file, and one of the same form that does nobody harm."""

    name: str
    what: str
    content: Callable[[], bytes]
    harmless: Callable[[], bytes]
    more: str = ""
    """Lines of the configuration."""
    refuses_row: bool = False
    """The value is put in quarantine, and the rest of the file is read: that is the refusal meant."""


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


def _xlsx(sheet: str, before: str = "") -> bytes:
    """A workbook of one sheet, whose cells are written by hand."""
    import openpyxl

    made, out = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(made)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    content = f'<?xml version="1.0"?>{before}<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>'
    with zipfile.ZipFile(made) as usual, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in usual.namelist():
            packed.writestr(name, content if name == "xl/worksheets/sheet1.xml" else usual.read(name))
    return out.getvalue()


def _row(*cells: str) -> str:
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"


def _sheet() -> str:
    return _row("sku", "title") + "".join(_row(*row) for row in _ROWS)


def _parquet(n: int, title: str = "") -> bytes:
    out = pa.BufferOutputStream()
    if not title:
        table = pa.table({"sku": [sku for sku, _ in _ROWS], "title": [text for _, text in _ROWS]})
    else:
        same = pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), [title])
        table = pa.table({"sku": same, "title": same})
    pq.write_table(table, out, compression="snappy")
    return out.getvalue().to_pybytes()


def _png(side: int) -> bytes:
    """A picture whose head says that it is enormous, and whose pixels unpack into half a gigabyte."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    pixels = zlib.compress(b"\0" * min(side * side, 512 << 20), 9)
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _npy(shape: str) -> bytes:
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + b"\0" * 800


def _wide() -> bytes:
    names = ",".join(f"c{n}" for n in range(300_000))
    return f"sku,title,{names}\n1,thing,{names}\n".encode()


def _lol() -> str:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    return f"<!DOCTYPE a [{entities}]>"


def _feed(item: str, before: str = "") -> bytes:
    return f'<?xml version="1.0"?>{before}<rss><channel>{item}</channel></rss>'.encode()


def _nested_zip(depth: int) -> bytes:
    content = _zip(a_csv=b"sku,title\n" + b"1,thing\n" * 9_000_000)
    for _ in range(depth):
        content = _zip(a_zip=content)
    return content


def _priced(last: str) -> bytes:
    lines = [f"{sku},{title},1.5" for sku, title in _ROWS]
    return "\n".join(["sku,title,price", *lines, f"B-1,huge,{last}", ""]).encode()


def _json(rows: str) -> bytes:
    return rows.encode()


def _items(*more: str) -> str:
    return ",".join([*(json.dumps({"sku": sku, "title": title}) for sku, title in _ROWS), *more])


def bombs() -> list[Bomb]:
    """All of them."""
    plain = _PLAIN.encode
    zeros = b"sku,title\n" + b"1,a\n" * (100 << 18)
    expect = '[[data.expect]]\ntable = "items"\ncolumn = "title"\nmatches = "{}"\n'
    sound = expect.format("[a-z0-9 ]+")
    nested = expect.format("((((a{99}){99}){99}){99})")
    repeated = expect.format("((((a{1000}){1000}){1000}){1000})")
    backtracking = expect.format("(a+)+(a+)+(a+)+b")
    long = ("sku,title\n" + "".join(f"A-{n},{'a' * 2000}!\n" for n in range(50))).encode
    feed = "".join(f"<item><sku>{sku}</sku><title>{title}</title></item>" for sku, title in _ROWS)
    return [
        Bomb("items.csv", "CSV of 300,000 columns", _wide, plain),
        Bomb("items.parquet", "Parquet, one value in a dictionary 20M times",
             lambda: _parquet(20_000_000, "x" * 400), lambda: _parquet(50)),
        Bomb("items.csv.gz", "gzip of 100 MiB of equal rows",
             lambda: gzip.compress(zeros), lambda: gzip.compress(plain())),
        Bomb("items.zip", "zip of 100 MiB of equal rows", lambda: _zip(a_csv=zeros), lambda: _zip(a_csv=plain())),
        Bomb("items.zip", "zip of zips of zips", lambda: _nested_zip(3), lambda: _zip(a_csv=plain())),
        Bomb("items.json", "JSON nested 100,000 deep", lambda: b'[{"sku":' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
             lambda: _json(f"[{_items()}]")),
        Bomb("items.jsonl", "JSON lines nested 100,000 deep",
             lambda: b'{"sku":' * 100_000 + b"1" + b"}" * 100_000 + b"\n",
             lambda: _json(_items().replace("},{", "}\n{"))),
        Bomb("items.json", "an id of a million digits",
             lambda: _json("[" + _items('{"sku": ' + "9" * 1_000_000 + ', "title": "huge"}') + "]"),
             lambda: _json(f"[{_items()}]"), refuses_row=True),
        Bomb("items.json", "a price of a million digits, JSON",
             lambda: _json("[" + _items('{"sku": 1, "title": "huge", "price": ' + "9" * 1_000_000 + "}") + "]"),
             lambda: _json("[" + _items('{"sku": 1, "title": "huge", "price": 9}') + "]"),
             more="price", refuses_row=True),
        Bomb("items.csv", "a price of a million digits", lambda: _priced("9" * 1_000_000), lambda: _priced("9"),
             more="price", refuses_row=True),
        Bomb("items.npy", "npy whose head says 8 EiB", lambda: _npy(f"({2**60},)"), lambda: _npy("(100,)")),
        Bomb("items.csv", "npy called .csv", lambda: _npy(f"({2**60},)"), plain),
        Bomb("items.png", "PNG of 60,000 × 60,000", lambda: _png(60_000), lambda: _png(8)),
        Bomb("items.csv", "PNG called .csv", lambda: _png(60_000), plain),
        Bomb("items.csv", "expectation with a pattern of 10^12 letters", long, long, more=f"{repeated}|{sound}"),
        Bomb("items.csv", "expectation with a pattern of 10^8 letters", long, long, more=f"{nested}|{sound}"),
        Bomb("items.csv", "expectation with a pattern that goes back and forth", long, long,
             more=f"{backtracking}|{sound}", refuses_row=True),
        Bomb("items.xml", "billion laughs", lambda: _feed("<item><sku>1</sku><title>&e9;</title></item>", _lol()),
             lambda: _feed(feed)),
        Bomb("items.xml", "XML nested 100,000 deep",
             lambda: _feed("<a>" * 100_000 + "</a>" * 100_000), lambda: _feed(feed)),
        Bomb("items.xlsx", "xlsx of 150 MiB of equal cells", lambda: _xlsx(_sheet() + _row("A", "a") * (150 << 14)),
             lambda: _xlsx(_sheet())),
        Bomb("items.xlsx", "xlsx with billion laughs", lambda: _xlsx(_row("sku", "title") + _row("1", "&e9;"), _lol()),
             lambda: _xlsx(_sheet())),
        Bomb("items.xlsx", "xlsx whose one cell stands in row 1,048,576, column XFD",
             lambda: _xlsx(_sheet() + '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row>'),
             lambda: _xlsx(_sheet())),
        Bomb("items.xlsx", "xlsx whose one cell stands in row 1,048,576",
             lambda: _xlsx(_sheet() + '<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>far</t></is></c></row>'),
             lambda: _xlsx(_sheet()), refuses_row=True),
    ]  # fmt: skip


def bomb_rows(*, quick: bool) -> list[Row]:
    """Feed each to ``prepare`` (and, in the long form, to ``init``)."""
    chosen, doors = (bombs()[1::5], ["prepare"]) if quick else (bombs(), ["prepare", "init"])
    found, kept, total, n = [], 0, 0, len(chosen)
    worst_s = worst_mib = 0.0
    for bomb in chosen:
        for door in doors[: 1 if "expect" in bomb.more else None]:  # init asks no expectations
            with tempfile.TemporaryDirectory() as name:
                seconds, mib, wrong = _fed(bomb, door, Path(name))
            total, kept = total + 1, kept + (not wrong)
            worst_s, worst_mib = max(worst_s, seconds), max(worst_mib, mib)
            found.append(f"{door} {bomb.what}: {seconds:+.2f} s, {mib:+.0f} MiB{', ' + wrong if wrong else ''}")
    for line in found:
        print(f"     R20 {line}", flush=True)
    return [
        Row(
            "R20",
            f"{n} bombs fed to {' and '.join(doors)}, each beside a harmless file of its form",
            "refused 100 %, ≤ 1 s and ≤ 64 MiB beyond the harmless file",
            f"{kept} of {total} as meant; at most {worst_s:+.2f} s of processor, {worst_mib:+.0f} MiB",
            kept == total,
        )
    ]


def _fed(bomb: Bomb, door: str, folder: Path) -> tuple[float, float, str]:
    """Processor seconds and memory beyond the harmless file, and what is wrong."""
    ends = []
    for part, content in (("harmless", bomb.harmless), ("bomb", bomb.content)):
        own = folder / part
        own.mkdir()
        (own / bomb.name).write_bytes(content())
        ends.append(_through(door, bomb, own, is_harmless=part == "harmless"))
    harmless, bombed = ends
    seconds, mib = bombed.cpu_s - harmless.cpu_s, bombed.peak_mib - harmless.peak_mib
    problems = []
    if "Traceback" in bombed.said or not bombed.said.strip():
        problems.append("traceback or nothing said")
    elif not bomb.refuses_row and not bombed.is_refusal:
        problems.append(f"not refused (ended with {bombed.code})")
    elif bombed.code not in (0, 1, 2):
        problems.append(f"ended with {bombed.code}")
    if seconds > MAX_S:
        problems.append("slow")
    if mib > MAX_MIB:
        problems.append("large")
    if problems:
        problems.append(" / ".join(bombed.said.strip().splitlines()[-3:])[-300:])
    return seconds, mib, ", ".join(problems)


def _through(door: str, bomb: Bomb, folder: Path, *, is_harmless: bool) -> Ended:
    if door == "init":
        return verb("init", folder, "--out", folder / "new", folder=folder)
    first, _, second = bomb.more.partition("|")
    more = (second or first) if is_harmless else first
    # refused for a column that is not there, a harmless file goes as far as a bomb that is refused
    text = _TOML.format(name=bomb.name, item_id="sku", more="")
    if bomb.more.startswith("price"):
        text = text.replace('title = "title"', 'title = "title", price = "price"')
    else:
        text = text.replace("[models]", f"{more}\n[models]")
    if is_harmless and not bomb.refuses_row and not bomb.more:
        text = text.replace('item_id = "sku"', 'item_id = "nowhere"')
    (folder / "steelyard.toml").write_text(text)
    return verb("prepare", "-c", folder / "steelyard.toml", folder=folder)
