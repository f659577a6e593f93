"""Asks a running server one thing at a time, with a time-out. For checks, not for load."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from steelyard.errors import MeasurementError

__all__ = ["ask"]


def ask(base_url: str, path: str, body: Mapping[str, Any] | None = None, *, time_out_s: float = 10.0) -> Any:
    """The answer to one request: parsed where it is JSON, text otherwise.

    Args:
        base_url: Where the server listens, for example ``http://127.0.0.1:8787``.
        path: From the slash on, query string included.
        body: Sent as JSON by POST; without one the request is a GET.
        time_out_s: Limit on each wait.

    Returns:
        What the JSON holds where the server calls its answer JSON, else the text of the body.

    Raises:
        MeasurementError: The server cannot be reached or answers with another status than 200.
    """
    where = urlsplit(base_url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=time_out_s)
    with closing(connection):
        try:
            content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json"} if content else {}
            connection.request("POST" if content else "GET", path, body=content, headers=headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise MeasurementError(f"{base_url}{path} cannot be asked: {error}") from error
    if response.status != 200:
        text = answer[:300].decode("utf-8", "replace")
        raise MeasurementError(f"{base_url}{path} answered with status {response.status}: {text}")
    is_json = (response.getheader("Content-Type") or "").startswith("application/json")
    return json.loads(answer) if is_json else answer.decode("utf-8", "replace")
