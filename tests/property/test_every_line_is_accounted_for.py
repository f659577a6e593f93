"""Σ lines in = kept + repaired + quarantined, in physical lines, whatever damage a file has taken."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.adapters.table_files import Files

from steelyard.adapters.shop.cutting.cut_text import cut_text
from steelyard.adapters.shop.cutting.dialects import Dialect
from steelyard.adapters.shop.cutting.records import Records, Shape
from steelyard.adapters.shop.cutting.source_files import look
from steelyard.adapters.shop.cutting.source_text import LineReader
from steelyard.errors import SourceError

WORDS = st.sampled_from(
    ["pan", "lid, red", 'the "good" cup', "12 inch", "two\nlines", "", "Größe", "杯子", "a;b", "x\ty"]
)
DAMAGE = st.sampled_from(
    [
        "none",
        "stray quote",
        "open quote",
        "inch mark",
        "short",
        "very short",
        "surplus empty",
        "surplus",
        "blank after",
        "fragment",
        "backslash",
        "broken byte",
        "zero byte",
    ]
)
ROWS = st.lists(st.tuples(WORDS, st.integers(0, 999), DAMAGE), min_size=1, max_size=25)


def quoted(cell, delimiter):
    text = str(cell)
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in f'{delimiter}"\n') else text


def line(number, word, price, damage, delimiter):
    cells = [f"ID{number:03}", quoted(word, delimiter), str(price), "note"]
    flat = word.replace("\n", " ").replace('"', "").replace(delimiter, " ")
    changes = {
        "stray quote": [cells[0], f'{flat}" more', *cells[2:]],
        "open quote": [cells[0], f'"{flat}', *cells[2:]],
        "inch mark": [cells[0], f'{flat} 5"', *cells[2:]],
        "short": cells[:3],
        "very short": cells[:1],
        "surplus empty": [*cells, "", ""],
        "surplus": [*cells, "one", "more"],
        "backslash": [cells[0], f'"{flat} 5\\" wide"', *cells[2:]],
    }
    text = delimiter.join(changes.get(damage, cells))
    text += {"blank after": "\n", "fragment": "\na piece of text"}.get(damage, "")
    return text.encode() + {"broken byte": b"\xff\xfe", "zero byte": b"\0"}.get(damage, b"")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    opened = Files(tmp_path_factory.mktemp("damaged"))
    yield opened
    opened.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS, st.sampled_from([",", ";", "\t"]), st.sampled_from([b"\n", b"\r\n", b"\r"]), st.booleans())
def test_every_row_of_a_damaged_file_is_a_row_or_a_bad_line(files, rows, delimiter, end, is_ended):
    lines = [line(i, *row, delimiter) for i, row in enumerate(rows)]
    content = delimiter.join(["id", "name", "price", "note"]).encode() + b"\n" + b"\n".join(lines)
    content = (content + b"\n" * is_ended).replace(b"\n", end)
    files.write("a.csv", content)
    engine = files.sources._engine.db
    try:
        cut = cut_text(engine, files.sources._cutter.copies, look(files.folder / "a.csv", max_columns=100))
    except SourceError as error:
        assert str(error)
        return
    cut_rows = engine.sql(cut.sql).fetchall()
    ids = [row[0] for row in cut_rows]
    known = [f"ID{i:03}" for i in range(len(rows))]
    assert len(ids) == cut.n_rows
    assert [found for found in ids if found in known] == sorted(found for found in ids if found in known)
    assert len(known) - len(set(ids) & set(known)) <= len(cut.bad)  # none vanished without a line that tells of it
    assert sum(note.count for note in cut.notes if note.action == "quarantine") == len(cut.bad)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='a1",;\\\n\r \t', max_size=200), st.sampled_from(['"', ""]), st.booleans(), st.integers(1, 4))
def test_whatever_the_text_is_each_physical_line_is_counted_once(text, quote, is_backslash, n_columns):
    lines = LineReader(io.BytesIO(text.encode()))
    found = Records(lines, Dialect(",", quote, is_backslash), Shape(n_columns))

    rows = list(found)

    counts = found.counts
    assert all(len(row) == n_columns for row in rows)
    assert counts.n_record_lines + counts.n_blank + len(counts.bad) == lines.number
    assert lines.number == text.count("\n") + (bool(text) and not text.endswith("\n")) + counts.n_returns
