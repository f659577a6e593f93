import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.api.app import create_app
from steelyard.data.privacy import Pseudonyms
from steelyard.serving.admission import Limits
from steelyard.serving.service import About, Service, Shop
from steelyard.testing.shelf import shelf_engine

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def service(tmp_path):
    about = About(
        digest="d" * 64,
        shop=Shop("Toy shop", "EUR", "en"),
        query_examples=("7",),
        decision=b'{"shop": {"name": "Toy shop"}, "surfaces": []}',
    )
    found = Service(
        shelf_engine(200),
        about,
        events=SqliteEvents(tmp_path / "state", retry_s=0.05),
        pseudonym=Pseudonyms(b"k" * 32),
        now=lambda: NOON,
        limits=Limits(answer_within_s=5),
    )
    yield found
    found.close()


class Shopper:
    """Sends requests to the application without a socket."""

    def __init__(self, app, base_url="http://127.0.0.1"):
        self.app = app
        self.base_url = base_url

    def ask(self, method, path, **more):
        async def once():
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url=self.base_url) as client:
                return await client.request(method, path, **more)

        return asyncio.run(once())

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body, **more):
        return self.ask("POST", path, json=body, **more)


@pytest.fixture
def shopper_at():
    """From an application to somebody who asks it."""
    return Shopper


@pytest.fixture
def shopper_of():
    """From what a bundle says of itself to somebody who asks its server."""

    def opened(about):
        service = Service(shelf_engine(9), about, events=None, pseudonym=str, now=lambda: NOON)
        services.append(service)
        return Shopper(create_app(service))

    services = []
    yield opened
    for service in services:
        service.close()


@pytest.fixture
def shopper(service):
    return Shopper(create_app(service))
