"""Model numbers: the runs of letters and digits that they are made of, however they are joined."""

from __future__ import annotations

import re

__all__ = ["atoms", "code_parts"]

_ATOM = re.compile(r"[0-9]+(?:\.[0-9]+)?|[^\W\d_]+")
_MAX_ATOMS = 8
_LONG = 6
_NAME = range(4, 11)
"""Letters of a name that the first letter of a model number was written against: oppo and a59s."""
_MAX_LETTERS = 40
_TYRE = re.compile(r"\d{3}/\d{2}")


def atoms(core: str) -> list[str]:
    """Runs of letters and of digits.

    Args:
        core: A word or a model number, lower case.

    Returns:
        In reading order: ``1000xm5`` is ``1000``, ``xm``, ``5``. A fraction is one atom, the size of a tyre is two.
    """
    if "/" in core and not _TYRE.search(core):
        return [core]
    return _ATOM.findall(core)


def code_parts(cores: list[str]) -> list[str]:
    """All pieces of a model number that begin and end where letters meet digits or a sign stands.

    Args:
        cores: Its words and numbers, without what joins them.

    Returns:
        Without the whole, and with a59 of oppoa59; of a very long one those at its ends and short ones. Empty where it
        does not mix letters and digits, or is too long to be one.
    """
    found = [atom for core in cores for atom in atoms(core)]
    has_digits = any(atom[0].isdigit() for atom in found)
    has_letters = any(not atom[0].isdigit() for atom in found) or any(_TYRE.search(core) for core in cores)
    if not (has_digits and has_letters) or not 1 < len(found) <= _MAX_ATOMS or sum(map(len, found)) > _MAX_LETTERS:
        return []
    pieces = []
    for first in range(len(found)):
        piece = ""
        for last in range(first, len(found)):
            if piece and piece[-1].isdigit() and found[last][0].isdigit():
                break  # 205/55 is not 20555
            piece += found[last]
            if len(found) > _LONG and 0 < first and last < len(found) - 1 and last - first > 1:
                continue
            if (first, last) != (0, len(found) - 1) and len(piece) > 1:
                pieces.append(piece)
            if last > first and len(found[first]) in _NAME and found[first].isalpha():
                pieces.append(piece[len(found[first]) - 1 :])
    return pieces
