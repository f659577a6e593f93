import pytest

from steelyard.testing.shelf import shelf_cards, shelf_engine


@pytest.fixture
def cards():
    return shelf_cards(200)


@pytest.fixture
def engine():
    return shelf_engine(200)
