"""The progress of a run as a file."""

from datetime import UTC, datetime

import pytest

from steelyard.adapters.progress_file import ProgressFile
from steelyard.documents.progress import Progress
from steelyard.errors import ArtefactError, StorageError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_each_document_replaces_the_one_before(tmp_path):
    run, server = (ProgressFile(tmp_path / "work" / "progress.json") for _ in range(2))

    none = server.read()
    run.write(Progress("Toy", NOON, NOON))
    first = server.read()
    run.write(Progress("Toy", NOON, NOON, is_done=True))

    assert none is None
    assert (first.is_done, server.read().is_done) == (False, True)
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["progress.json"]


def test_a_file_that_has_not_changed_is_not_read_again(tmp_path):
    file = ProgressFile(tmp_path / "progress.json")
    file.write(Progress("Toy", NOON, NOON))

    assert file.read() is file.read()


def test_what_is_damaged_is_said_and_read_again_once_it_is_mended(tmp_path):
    file = ProgressFile(tmp_path / "progress.json")
    (tmp_path / "progress.json").write_text("{")

    with pytest.raises(ArtefactError, match="no progress document"):
        file.read()
    file.write(Progress("Toy", NOON, NOON))

    assert file.read().shop == "Toy"


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "work").write_text("a file")

    with pytest.raises(StorageError, match=r"progress\.json"):
        ProgressFile(tmp_path / "work" / "progress.json").write(Progress("Toy", NOON, NOON))
