"""The built-in term index, and the one in memory, keep the promises of an index."""

import pytest

from steelyard import registry
from steelyard.errors import ArtefactError
from steelyard.testing import IndexContract
from steelyard.testing.memory_bench import TermIndex


class TestTantivy(IndexContract):
    def engine(self):
        return registry.load("indexes", "tantivy")


class TestInMemory(IndexContract):
    """The suite fits an engine that has nothing to do with tantivy."""

    @pytest.fixture(autouse=True)
    def shelf(self):
        self.held = Held({})

    def engine(self):
        return self.held


class Held:
    def __init__(self, shelf):
        self.shelf = shelf

    def build(self, folder, documents):
        self.shelf[folder] = TermIndex(documents)

    def open(self, folder):
        if folder not in self.shelf:
            raise ArtefactError(f"{folder} holds no term index: make it again")
        return self.shelf[folder]
