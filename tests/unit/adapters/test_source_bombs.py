"""Files made to exhaust memory are refused before they do, and no file at all ends in a traceback."""

import gzip
import io
import json
import random
import resource
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.adapters.table_files import Files

from steelyard.errors import DataError, SourceError


@pytest.fixture
def files(tmp_path):
    opened = Files(tmp_path)
    yield opened
    opened.close()


def zipped(content, times=1):
    for _ in range(times):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("a.csv" if times == 1 else "a.zip", content)
        content = out.getvalue()
    return content


def sheet(cells):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", cells)
    return out.getvalue()


def bombs():
    wide = ",".join(f"c{i}" for i in range(300_000))
    zeros = b"id,name\n" + b"0," * (40 << 20)
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "lol"}">' for i in range(9))
    yield "wide.csv", (wide + "\n").encode(), "columns"
    yield "wide.tsv", ("title\n" + wide.replace(",", "\t") + "\n").encode(), "columns"
    yield "a.csv.gz", gzip.compress(zeros), "exhaust memory"
    yield "a.zip", zipped(zeros), "exhaust memory"
    yield "b.zip", zipped(zipped(b"id\n1\n"), 3), "packed file inside"
    yield "a.json", b"[" * 200_000, "nested too deeply|breaks off"
    yield "b.json", b'[{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}]", "nested too deeply"
    yield "c.jsonl", b'{"a":' * 100_000 + b"}" * 100_000, "nested|no list|breaks off"
    yield "a.xml", f"<!DOCTYPE a [{entities}]><a><item><b>&e8;</b></item></a>".encode(), "declares entities"
    yield "b.xml", b"<a>" * 5_000, "nested more than"
    yield "a.xlsx", sheet(b"<c>0</c>" * (10 << 20)), "exhaust memory"


@pytest.mark.parametrize(
    ("name", "content", "says"), list(bombs()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_bomb_is_refused_before_it_takes_memory(files, name, content, says):
    files.write(name, content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(SourceError, match=says):
        files.read(name, "id")

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_a_number_of_a_hundred_thousand_digits_costs_its_own_value_only(files):
    huge = "9" * 100_000
    files.write("a.json", f'[{{"id": {huge}, "name": "x"}}, {{"id": 2, "name": "y"}}]')
    files.write("b.csv", f"id,name\n{huge},x\n2,y\n")

    assert files.read("a.json", "name") == files.read("b.csv", "name") == [("x",), ("y",)]
    assert files.read("b.csv", "id", numbers=("id",)) == [(None,), (2.0,)]


def parquet_of(n_rows, texts, folder):
    """Rows that all name a few long texts, which stand in the file once."""
    places = pa.array([n % len(texts) for n in range(n_rows)], pa.int32())
    same = pa.DictionaryArray.from_arrays(places, texts)
    pq.write_table(pa.table({"id": pa.array(range(n_rows)), "name": same}), folder)


def test_a_parquet_file_whose_dictionary_unfolds_to_gigabytes_is_refused(files, tmp_path):
    parquet_of(400_000, ["x" * 50_000], tmp_path / "a.parquet")

    with pytest.raises(SourceError, match="made to exhaust memory"):
        files.read("a.parquet", "id")


def test_a_parquet_file_whose_texts_are_shared_by_many_rows_is_read(files, tmp_path):
    parquet_of(300_000, [f"{n} " * 60 for n in range(900)], tmp_path / "a.parquet")

    assert len(files.read("a.parquet", "id")) == 300_000


@pytest.mark.parametrize(
    "suffix", ["csv", "tsv", "jsonl", "json", "parquet", "xlsx", "xml", "csv.gz", "zip", "csv.zst"]
)
def test_no_file_of_random_bytes_ends_in_a_traceback(files, suffix):
    draw = random.Random(suffix)
    table = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": ["a", "b"] * 50, "name": ["x"] * 100}), table)
    sound = {
        "parquet": table.getvalue().to_pybytes(),
        "json": json.dumps([{"id": i, "name": "n"} for i in range(50)]).encode(),
        "xml": b"<a>" + b"<item><id>1</id></item>" * 50 + b"</a>",
        "csv.gz": gzip.compress(b"id,name\n" + b"1,x\n" * 99),
        "zip": zipped(b"id,name\n" + b"1,x\n" * 99),
    }
    usual = sound.get(suffix, b'id,name\n1,"x"\n' + b"2,y\r\n3,z\n" * 60)
    for n in range(10):
        damaged = bytearray(usual)
        for _ in range(draw.randrange(1, 30)):
            damaged[draw.randrange(len(damaged))] = draw.choice([0, 10, 13, 34, 92, 255, draw.randrange(256)])
        content = bytes(damaged) if n % 3 else draw.randbytes(draw.randrange(1, 3000))
        files.write(f"{n}.{suffix}", content)
        try:
            files.read(f"{n}.{suffix}", files.sources.columns(f"{n}.{suffix}")[0])
        except DataError as error:
            assert str(error)
