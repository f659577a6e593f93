"""Tells a refusal from another error, for suites that run without importing a test framework."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["refused"]


@contextmanager
def refused(kind: type[Exception], *said: str) -> Iterator[None]:
    """Passes where the block is refused, and fails where it goes through or breaks in another way.

    Args:
        kind: The error that is a refusal.
        said: What its message must hold.

    Yields:
        Nothing; what is to be refused stands in the block.

    Raises:
        AssertionError: It was taken, or the message leaves something out.
    """
    try:
        yield
    except kind as error:
        left_out = [words for words in said if words not in str(error)]
        assert not left_out, f"the message leaves out {left_out}: {error}"
    else:
        raise AssertionError(f"it was taken, and should have been refused with {kind.__name__} ({', '.join(said)})")
