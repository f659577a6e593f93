"""The pages, from the package's own data, read once: no request names a file. Their sentences are one module more."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from mimetypes import guess_type

from starlette.requests import Request
from starlette.responses import Response

from steelyard.api.gate import Entry, Group
from steelyard.reporting.words import page_words

__all__ = ["page_entries"]

_PAGES = {
    "index.html": ("/", Group.SHOPPER),
    "decision.html": ("/decision", Group.ADMINISTRATOR),
    "promises.html": ("/promises", Group.ADMINISTRATOR),
}
_SENTENCES = "sentences.js"
_MISSING = (
    '<!doctype html><html lang="en"><title>Steelyard</title>'
    '<p>The pages are not installed; the HTTP API is at <a href="/docs">/docs</a>.</p></html>'
)


def page_entries() -> list[Entry]:
    """``/``, ``/decision``, ``/promises`` and all that is below ``/static/``, which holds no figure of the shop's."""
    folder = files("steelyard.api") / "pages"
    found = dict(_files(folder, "")) if folder.is_dir() else {}
    pages = [Entry(path, _page(found.get(name), name), group) for name, (path, group) in _PAGES.items()]
    statics = {name.removeprefix("static/"): content for name, content in found.items() if name not in _PAGES}
    statics[_SENTENCES] = _sentences()
    return pages + [Entry(f"/static/{name}", _page(content, name), Group.SHOPPER) for name, content in statics.items()]


def _sentences() -> bytes:
    """The one table of sentences as the module that ``words.js`` imports."""
    return f"export default {json.dumps(page_words(), ensure_ascii=False)};\n".encode()


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and not entry.name.startswith("__"):
            yield from _files(entry, f"{prefix}{entry.name}/")
        elif entry.is_file() and not entry.name.endswith((".py", ".pyc")):
            yield f"{prefix}{entry.name}", entry.read_bytes()


def _page(content: bytes | None, name: str) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for one file; what the browser has already is not sent again."""
    body = _MISSING.encode() if content is None else content
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kind = guess_type(name)[0] or "application/octet-stream"
    headers = {"etag": tag, "cache-control": "no-cache"}

    async def page(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=kind, headers=headers)

    return page
