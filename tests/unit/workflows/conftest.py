"""A toy shop that went through a whole run once, and a copy of it for each test that changes it."""

import shutil

import pytest
from tests.unit.workflows.toy_run import WORDS, live_of, open_run, shown, write_shop

from steelyard.workflows.run import run_all


@pytest.fixture(scope="session")
def toy_done(tmp_path_factory):
    """Folder of a shop after a whole run: two surfaces decided, checked and packaged. Not to be changed."""
    folder = write_shop(tmp_path_factory.mktemp("toy") / "shop")
    run = open_run(folder)
    run_all(run, shown, live=live_of(run))
    return folder


@pytest.fixture
def done(toy_done, tmp_path):
    """A copy of that shop, to be opened and changed."""
    return shutil.copytree(toy_done, tmp_path / "shop", symlinks=True)


@pytest.fixture(scope="session")
def words_done(tmp_path_factory):
    """Folder of a shop with one model of search and no log, after a whole run. Not to be changed."""
    folder = write_shop(tmp_path_factory.mktemp("words") / "shop", WORDS)
    run = open_run(folder)
    run_all(run, shown, live=live_of(run))
    return folder


@pytest.fixture
def words(words_done, tmp_path):
    """A copy of that shop, to be opened and changed: what it decides, it decides fast."""
    return shutil.copytree(words_done, tmp_path / "shop", symlinks=True)
