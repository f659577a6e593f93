"""A language model behind an endpoint that speaks as OpenAI's does: one question, one bounded answer.

Redirects are not followed, the key is sent to the configured address only and never shown, and an answer is read only
so far.
"""

from __future__ import annotations

import http.client
import json
import ssl
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from steelyard.data.labels.asked import Busy, Said
from steelyard.errors import ConfigError

__all__ = ["ChatEndpoint"]

_MAX_ANSWER = 1_000_000
_SHOWN = 200
_WORTH_ASKING_AGAIN = (408, 409, 425, 429)
_MOST_WAIT_S = 600.0


class ChatEndpoint:
    """One model at one address.

    Args:
        address: Up to and with ``/v1``, as the configuration checked it.
        model: As the endpoint calls it.
        key: Sent as bearer token; none where it is empty.
        timeout_s: For each step of an exchange.

    Raises:
        ConfigError: There is no address or no model.
    """

    def __init__(self, address: str, model: str, *, key: str = "", timeout_s: float = 60.0) -> None:
        if not address or not model:
            raise ConfigError("no language model to ask: set endpoint and name in [labels.model]")
        self._url, self._model, self._key, self._timeout_s = urlsplit(address), model, key.strip(), timeout_s
        if "\n" in self._key or "\r" in self._key or not self._key.isascii():
            raise ConfigError("[labels.model] key_env: the variable does not hold one line of plain letters")

    def ask(self, system: str, user: str, *, max_tokens: int) -> Said:
        """One answer, at temperature 0.

        Args:
            system: What it is told to do.
            user: What it is asked.
            max_tokens: Most that it may write.

        Returns:
            Its words and the tokens that are paid for.

        Raises:
            Busy: It did not answer in time, is busy or broken.
            ConfigError: The address, the key or the model is refused.
        """
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        body = {"model": self._model, "messages": messages, "temperature": 0, "max_tokens": max_tokens}
        headers = {"Content-Type": "application/json", "User-Agent": "steelyard", "Connection": "close"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            with closing(self._connection()) as connection:
                connection.request("POST", f"{self._url.path}/chat/completions", json.dumps(body).encode(), headers)
                answer = connection.getresponse()
                status, after = answer.status, answer.headers.get("Retry-After", "")
                content = answer.read(_MAX_ANSWER + 1)
        except (OSError, http.client.HTTPException) as error:
            raise Busy(f"{self._shown} did not answer: {type(error).__name__}") from error
        if status != http.client.OK:
            self._refuse(status, after, content)
        return self._said(content)

    def _connection(self) -> http.client.HTTPConnection:
        host = self._url.hostname or ""
        if self._url.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, self._url.port, timeout=self._timeout_s, context=context)
        return http.client.HTTPConnection(host, self._url.port, timeout=self._timeout_s)

    @property
    def _shown(self) -> str:
        return f"{self._url.scheme}://{self._url.netloc}"

    def _refuse(self, status: int, after: str, content: bytes) -> None:
        if status in _WORTH_ASKING_AGAIN or status >= http.client.INTERNAL_SERVER_ERROR:
            after_s = min(float(after), _MOST_WAIT_S) if after.isdecimal() else 0.0
            raise Busy(f"{self._shown} answered with status {status}", after_s)
        what = content[:_SHOWN].decode("utf-8", "replace").replace(self._key or "\0", "…")
        todo = {401: "check the key in key_env", 403: "check the key in key_env", 404: "check endpoint and name"}
        hint = todo.get(status, "check [labels.model]")
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


def _count(value: Any) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_count else None
