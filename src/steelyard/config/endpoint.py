"""Addresses of models that speak as OpenAI's do: what may stand in a file, and how they may be reached."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

__all__ = ["EndpointAddress"]

_LOCAL = ("http://127.0.0.1", "http://localhost", "http://[::1]")


def _checked(value: str) -> str:
    """Refuse what is no address, what holds a secret, and plain HTTP to another machine."""
    is_local = any(value == each or value.startswith((f"{each}:", f"{each}/")) for each in _LOCAL)
    if value and not (value.startswith("https://") or is_local):
        raise PydanticCustomError("secret", "it must begin with https:// (http:// only for 127.0.0.1)")
    if "@" in value or "?" in value:
        raise PydanticCustomError("secret", "it holds a secret or options: the key belongs into key_env")
    return value.rstrip("/")


EndpointAddress = Annotated[str, AfterValidator(_checked)]
"""Up to and with ``/v1``; empty for none."""
