"""A language model behind an endpoint that speaks as OpenAI's does: one question, one bounded answer.

Redirects are not followed, the key is sent to the configured address only and never shown, and an answer is read only
so far.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from steelyard.data.labels.asked import Busy, Said
from steelyard.errors import ArtefactError, ConfigError

__all__ = ["ChatEndpoint", "open_chat_model"]

_MAX_ANSWER = 1_000_000
_SHOWN = 200
_WORTH_ASKING_AGAIN = (408, 409, 425, 429)
_MOST_WAIT_S = 600.0
_LEAST_S = 0.001


class ChatEndpoint:
    """One model at one address.

    Args:
        address: Up to and with ``/v1``, as the configuration checked it.
        model: As the endpoint calls it.
        key: Sent as bearer token; none where it is empty.
        timeout_s: For each step of an exchange.
        table: Where it is configured, for messages.

    Raises:
        ConfigError: There is no address or no model.
    """

    def __init__(
        self, address: str, model: str, *, key: str = "", timeout_s: float = 60.0, table: str = "[labels.model]"
    ) -> None:
        if not address or not model:
            raise ConfigError(f"no language model to ask: set endpoint and name in {table}")
        self._url, self._model, self._key, self._timeout_s = urlsplit(address), model, key.strip(), timeout_s
        self._table, self._rests_until_s = table, 0.0
        if "\n" in self._key or "\r" in self._key or not self._key.isascii():
            raise ConfigError(f"{table} key_env: the variable does not hold one line of plain letters")

    def ask(
        self,
        system: str,
        user: str,
        *,
        max_tokens: int,
        within_s: float | None = None,
        schema: Mapping[str, Any] | None = None,
    ) -> Said:
        """One answer, at temperature 0.

        Args:
            system: What it is told to do.
            user: What it is asked.
            max_tokens: Most that it may write.
            within_s: The whole answer must be there by then, however slowly it comes. An endpoint that asks to wait is
                asked again where there is time, and left alone meanwhile where there is not. None: no end but that of
                each step, and whoever asks waits.
            schema: JSON schema that the endpoint is to keep the answer to.

        Returns:
            Its words and the tokens that are paid for.

        Raises:
            Busy: It did not answer in time, is busy or broken.
            ConfigError: The address, the key or the model is refused.
        """
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        body = {"model": self._model, "messages": messages, "temperature": 0, "max_tokens": max_tokens}
        if schema is not None:
            named = {"name": "answer", "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        return self._asked(body, within_s)

    def _asked(self, body: Mapping[str, Any], within_s: float | None) -> Said:
        """The answer in time, asked for a second time where the endpoint asks to wait and there is time."""
        if within_s is None:
            return self._exchange(body, None)
        ends_s = time.monotonic() + within_s
        self._wait(self._rests_until_s, ends_s)
        try:
            return self._exchange(body, ends_s)
        except Busy as error:
            if not error.after_s:
                raise
            self._rests_until_s = time.monotonic() + error.after_s
            self._wait(self._rests_until_s, ends_s)
            return self._exchange(body, ends_s)

    def _wait(self, until_s: float, ends_s: float) -> None:
        """Leave the endpoint alone as long as it asked; ``Busy`` where that is too long."""
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            return
        if until_s >= ends_s:
            raise Busy(f"{self._shown} asked to be left alone for another {left_s:.1f} s")
        time.sleep(left_s)

    def _exchange(self, body: Mapping[str, Any], ends_s: float | None) -> Said:
        headers = {"Content-Type": "application/json", "User-Agent": "steelyard", "Connection": "close"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            with closing(self._connection(ends_s)) as connection, self._ended(connection, ends_s):
                connection.request("POST", f"{self._url.path}/chat/completions", json.dumps(body).encode(), headers)
                with closing(connection.getresponse()) as answer:
                    status, after = answer.status, answer.headers.get("Retry-After", "")
                    content = answer.read(_MAX_ANSWER + 1)
                    if answer.length and len(content) <= _MAX_ANSWER:
                        raise http.client.IncompleteRead(content, answer.length)
        except (OSError, http.client.HTTPException) as error:
            is_late = isinstance(error, TimeoutError) or (ends_s is not None and time.monotonic() >= ends_s)
            raise Busy(f"{self._shown} did not answer: {type(error).__name__}", is_late=is_late) from error
        if ends_s is not None and time.monotonic() >= ends_s:
            raise Busy(f"{self._shown} did not answer in time", is_late=True)
        if status != http.client.OK:
            self._refuse(status, after, content)
        return self._said(content)

    def _connection(self, ends_s: float | None) -> http.client.HTTPConnection:
        host, timeout_s = self._url.hostname or "", self._timeout_s
        if ends_s is not None:
            timeout_s = max(min(timeout_s, ends_s - time.monotonic()), _LEAST_S)
        if self._url.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, self._url.port, timeout=timeout_s, context=context)
        return http.client.HTTPConnection(host, self._url.port, timeout=timeout_s)

    @staticmethod
    @contextlib.contextmanager
    def _ended(connection: http.client.HTTPConnection, ends_s: float | None) -> Iterator[None]:
        """Hang up at the end of the time: one letter a second would keep each step within its own limit for ever."""
        if ends_s is None:
            yield
            return
        connection.connect()
        line = connection.sock

        def hang_up() -> None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(max(ends_s - time.monotonic(), 0.0), hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @property
    def _shown(self) -> str:
        return f"{self._url.scheme}://{self._url.netloc}"

    def _refuse(self, status: int, after: str, content: bytes) -> None:
        if status in _WORTH_ASKING_AGAIN or status >= http.client.INTERNAL_SERVER_ERROR:
            after_s = min(float(after), _MOST_WAIT_S) if after.isdecimal() else 0.0
            raise Busy(f"{self._shown} answered with status {status}", after_s)
        what = content[:_SHOWN].decode("utf-8", "replace").replace(self._key or "\0", "…")
        todo = {401: "check the key in key_env", 403: "check the key in key_env", 404: "check endpoint and name"}
        hint = todo.get(status, f"check {self._table}")
        raise ConfigError(f"{self._shown} refuses {self._model} with status {status}: {hint}. It says: {what!r}")

    def _said(self, content: bytes) -> Said:
        if len(content) > _MAX_ANSWER:
            raise Busy(f"{self._shown} answered with more than {_MAX_ANSWER:,} bytes")
        try:
            document = json.loads(content)
            text = document["choices"][0]["message"]["content"]
            usage = document.get("usage") or {}
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise Busy(f"{self._shown} answered with something that is no chat completion") from error
        tokens = [_count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens")]
        return Said(text if isinstance(text, str) else "", *tokens)


def open_chat_model(facts: Mapping[str, Any]) -> ChatEndpoint:
    """The model that a stored part names; nothing is contacted yet.

    Args:
        facts: ``endpoint``, ``model``, ``timeout_s``, ``key_env``: name of the environment variable, never the key.

    Returns:
        With the key of the environment; without one where the variable is not set.

    Raises:
        ArtefactError: The part names no model.
    """
    try:
        address, model, name = str(facts["endpoint"]), str(facts["model"]), str(facts["key_env"])
        timeout_s = float(facts["timeout_s"])
    except (KeyError, ValueError) as error:
        raise ArtefactError(f"the part names no language model ({error}): build it again") from error
    key = os.environ.get(name, "") if name else ""
    return ChatEndpoint(address, model, key=key, timeout_s=timeout_s, table="[models.llm]")


def _count(value: Any) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_count else None
