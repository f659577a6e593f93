import pytest
from small_shop import Shop


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)
