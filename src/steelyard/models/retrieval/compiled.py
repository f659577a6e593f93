"""The compiled code of this folder, opened once.

Its sources, ``*_kernel.c``, are compiled when the package is installed on a machine with a C compiler. Who calls it has
another way where it is missing.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy.typing as npt

__all__ = ["address_of", "is_compiled", "library", "scanner"]

_LIBRARY = "libsteelyard.so"
_FORMAT = 1
"""Of what is passed; code that was compiled for another one is not called."""
_POINTER, _NUMBER, _BYTES = ctypes.c_void_p, ctypes.c_int64, ctypes.c_char_p
_PLAN = (_BYTES, _NUMBER, _NUMBER, _NUMBER)
_RESULTS = (_POINTER, _POINTER, _POINTER)
_LOCKED = {
    "steelyard_format": ((), _NUMBER),
    "steelyard_score": ((_POINTER, _POINTER, *_PLAN, _POINTER, _NUMBER, *_RESULTS), None),
    "steelyard_best": ((_POINTER, _POINTER, *_PLAN, _POINTER, _NUMBER, _NUMBER, *_RESULTS), _NUMBER),
    "steelyard_held": ((_POINTER, *_PLAN, _POINTER, _NUMBER, _POINTER), None),
    "steelyard_first": ((*[_POINTER] * 3, _BYTES, _NUMBER, _NUMBER, *_RESULTS), _NUMBER),
    "steelyard_can_scan": ((), _NUMBER),
}
_UNLOCKED = {
    "steelyard_products": ((_POINTER, _NUMBER, _NUMBER, _BYTES, _POINTER, _NUMBER, _POINTER), _NUMBER),
    "steelyard_scan": (
        (*[_POINTER] * 3, _NUMBER, _POINTER, _NUMBER, _POINTER, _BYTES, _NUMBER, _NUMBER, *_RESULTS),
        _NUMBER,
    ),
}


@cache
def library() -> ctypes.PyDLL | None:
    """Code that keeps the interpreter's lock: to hand it over takes longer than most calls.

    Returns:
        None where there is none, or one of another version.
    """
    try:
        opened = ctypes.PyDLL(_path())
    except OSError:
        return None
    for name, (arguments, result) in _LOCKED.items():
        function = getattr(opened, name, None)
        if function is None:
            return None
        function.argtypes, function.restype = arguments, result
        if name == "steelyard_format" and function() != _FORMAT:
            return None
    return opened


@cache
def scanner() -> ctypes.CDLL | None:
    """Code that looks at all vectors and lets other threads go on.

    Returns:
        None where there is none, or where this processor lacks the instructions it is written for.
    """
    found = library()
    if found is None or not found.steelyard_can_scan():
        return None
    opened = ctypes.CDLL(_path())
    for name, (arguments, result) in _UNLOCKED.items():
        function = getattr(opened, name)
        function.argtypes, function.restype = arguments, result
    return opened


def is_compiled() -> bool:
    """Whether the compiled code is there."""
    return library() is not None


def address_of(array: npt.NDArray[Any] | None) -> int | None:
    """Where the numbers of an array are; who passes it on keeps the array."""
    return None if array is None else array.ctypes.data


def _path() -> str:
    return __file__.rpartition("compiled")[0] + _LIBRARY
