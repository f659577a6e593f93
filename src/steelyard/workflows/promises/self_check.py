"""Serves a bundle, asks it real questions, and says what came back. A failed check raises; nothing is assumed."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steelyard.errors import MeasurementError
from steelyard.workflows.measuring_ports import Call, Measuring

__all__ = ["self_check", "serve_argv"]


def serve_argv(bundle: Path, state: Path) -> list[str]:
    """The command that serves ``bundle`` on a port chosen by the caller; ``{port}`` stands for it."""
    here = [sys.executable, "-P", "-m", "steelyard", "serve", str(bundle)]
    return [*here, "--host", "127.0.0.1", "--port", "{port}", "--state", str(state)]


def self_check(bundle: Path, *, state: Path, measuring: Measuring) -> Iterator[str]:
    """Start the server of ``bundle`` and try every route a shopper touches.

    Args:
        bundle: A sealed bundle.
        state: Folder for the events of the check; kept apart from a running shop's.
        measuring: Starts the server and asks it.

    Yields:
        One line for each thing that was tried and held.

    Raises:
        MeasurementError: Something did not answer, or answered wrongly.
    """
    with measuring.serve(serve_argv(bundle, state)) as server:
        yield from _Check(measuring, server.url).all()


@dataclass(frozen=True, slots=True)
class _Check:
    measuring: Measuring
    url: str

    def ask(self, path: str, body: Mapping[str, Any] | None = None, **parameters: str | int) -> Any:
        return self.measuring.ask(self.url, Call(path, parameters, body))

    def all(self) -> Iterator[str]:
        health = self.ask("/health")
        yield f"health: {health['status']}, bundle {health['bundle'][:12]}"
        shop = self.ask("/v1/shop")
        surfaces = {entry["surface"] for entry in self.ask("/v1/decision")["surfaces"] if entry["chosen"]}
        if "search" in surfaces:
            yield from self.search(shop["query_examples"])
        if "recommend" in surfaces:
            yield from self.recommend(shop["users"])
        for page in ("/", "/decision", "/promises", "/docs"):
            _hold("<html" in self.ask(page).lower(), f"page {page}")
        yield f"pages: /, /decision, /promises, /docs; {len(self.ask('/openapi.json')['paths'])} paths described"

    def search(self, examples: Sequence[str]) -> Iterator[str]:
        _hold(examples, "the bundle proposes no query to try: name one in the shop's log or categories")
        found = self.ask("/v1/search", q=examples[0], k=5)
        _hold(found["items"], f"search {examples[0]!r} found nothing")
        first = found["items"][0]
        yield f"search {examples[0]!r}: {first['title']} … in {found['took_ms']:.1f} ms"
        similar = self.ask("/v1/similar", item=first["id"], k=5)["items"]
        _hold(similar, f"nothing is similar to {first['title']!r}")
        _hold(all(item["id"] != first["id"] for item in similar), "similar items hold the item itself")
        yield f"similar to it: {similar[0]['title']}"

    def recommend(self, users: Sequence[Any]) -> Iterator[str]:
        user = f"a new visitor of check {uuid.uuid4()}"  # events of an earlier check are kept
        before = self.ask("/v1/recommend", user=user, k=5)["items"]
        _hold(before, "nothing is recommended to a new visitor")
        event = {"user": user, "item_id": before[0]["id"], "kind": "purchase"}
        self.ask("/v1/events", event)
        after = self.ask("/v1/recommend", user=user, k=5)["items"]
        _hold([i["id"] for i in after] != [i["id"] for i in before], "an event did not change the next recommendation")
        yield f"for you: {before[0]['title']}; after buying it: {after[0]['title']} ({len(users)} example users)"


def _hold(is_so: Any, what: str) -> None:
    if not is_so:
        raise MeasurementError(f"the self-check failed: {what}")
