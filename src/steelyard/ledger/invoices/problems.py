"""What is wrong with the lines of a file: all of it is collected, then said once. Nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from steelyard.errors import DataError

__all__ = ["BillProblems"]

_SHOWN = 5


@dataclass
class BillProblems:
    """Problems of one file, by reason."""

    where: str
    """The file."""
    found: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """By reason: line and what was found there. Line 0 is the file as a whole."""
    noted: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """By what is worth knowing: likewise. It does not keep the lines from being booked."""

    def add(self, reason: str, line: int, says: str) -> None:
        """Note a problem.

        Args:
            reason: In words, the same for all problems of its kind; it says what to do.
            line: In the file, the header being line 1; 0 for the whole file.
            says: What was found.
        """
        self.found.setdefault(reason, []).append((line, says))

    def note(self, what: str, line: int, says: str) -> None:
        """Note what does not keep a line from being booked, and should be known.

        Args:
            what: In words, the same for all of its kind; it says what was done.
            line: As ``add``.
            says: What was found.
        """
        self.noted.setdefault(what, []).append((line, says))

    @property
    def bad_lines(self) -> set[int]:
        """Lines that cannot be booked."""
        return {line for found in self.found.values() for line, _ in found if line}

    @property
    def n(self) -> int:
        """How many there are."""
        return sum(map(len, self.found.values()))

    def sentences(self) -> list[str]:
        """One for each reason, with its count and first lines."""
        return self._sentences(self.found)

    def notes(self) -> list[str]:
        """One for each thing that is worth knowing, likewise."""
        return self._sentences(self.noted)

    def _sentences(self, several: Mapping[str, list[tuple[int, str]]]) -> list[str]:
        return [
            f"{self.where}: {reason} ({len(found)}): {'; '.join(map(_said, found[:_SHOWN]))}"
            + (" …" if len(found) > _SHOWN else "")
            for reason, found in several.items()
        ]

    @staticmethod
    def refuse(several: Sequence[BillProblems]) -> None:
        """Raise everything that was found in several files.

        Args:
            several: One for each file.

        Raises:
            DataError: There is any problem.
        """
        sentences = [sentence for each in several for sentence in each.sentences()]
        if sentences:
            n = sum(each.n for each in several)
            raise DataError(
                f"{n} problem{'s' if n > 1 else ''}, nothing was booked:\n"
                + "\n".join(f"- {sentence}" for sentence in sentences)
            )


def _said(found: tuple[int, str]) -> str:
    line, says = found
    return f"line {line}: {says}" if line else says
