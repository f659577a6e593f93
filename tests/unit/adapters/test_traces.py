"""People are found in files of any kind, and only where they are (R1.7, P1)."""

import gzip
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from steelyard.adapters.privacy.traces import find_traces
from steelyard.data.privacy import Pseudonyms
from steelyard.data.privacy.change import pseudonyms_in

NAME = Pseudonyms(b"k" * 32)("somebody")
RAW = "marker-77@post.example"


def plain(path):
    path.write_text(f"…{RAW}, and 0123456789abcdef{NAME}fedcba\n")


def packed(path):
    with gzip.open(path, "wt") as file:
        file.write(f"{RAW} {NAME}")


def archived(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", f"{RAW} {NAME}")


def table(path):
    pq.write_table(pa.table({"n": [1, 2], "user": [NAME, None], "tags": [["x"], [RAW]]}), path, compression="zstd")


def untrue(path):
    path.write_text(f"not what the name says: {RAW} {NAME}")


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.log", plain),
        ("a.gz", packed),
        ("a.zip", archived),
        ("a.parquet", table),
        ("b.gz", untrue),
        ("b.parquet", untrue),
    ],
)
def test_a_person_is_found_in(tmp_path, name, write):
    write(tmp_path / name)

    by_name = find_traces([tmp_path], pseudonyms=[NAME, "f" * 32])
    as_written = find_traces([tmp_path], raw=[RAW, "nowhere@post.example"])

    assert list(by_name.found) == list(as_written.found) == [str(tmp_path / name)]
    assert find_traces([tmp_path], pseudonyms=["f" * 32], raw=["nowhere@post.example"]).found == {}
    assert find_traces([tmp_path], pseudonyms=[NAME], without=[tmp_path / name]).found == {}


def test_short_identifiers_are_not_looked_for_and_said_so(tmp_path):
    (tmp_path / "a").write_text("12 12 12 1234567")

    looked = find_traces([tmp_path], raw=["12", "1234567"])

    assert (looked.n_too_short, sum(looked.found.values())) == (1, 1)


def test_many_identifiers_are_counted_as_one_by_one(tmp_path):
    names = [f"user-{n:05}" for n in range(3000)]
    text = " ".join([*names[::7], *names[::3]])
    (tmp_path / "a").write_text(text)

    assert sum(find_traces([tmp_path], raw=names).found.values()) == len(names[::7]) + len(names[::3])


def test_stretches_that_could_be_pseudonyms_overlap():
    assert list(pseudonyms_in(f"x{NAME}0 {NAME[:31]}")) == [NAME, f"{NAME[1:]}0"]
