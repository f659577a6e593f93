"""Where people's data lies: the register, all that is stored, the keys, and the search for what is left of somebody."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard import registry
from steelyard.data.privacy.change import Change

if TYPE_CHECKING:
    from steelyard.workflows.privacy.ports import Holdings, Keys, Looked, Register

__all__ = ["PrivacyFiles"]

_TABLES = "changing the shop's tables"


@dataclass(frozen=True, slots=True)
class PrivacyFiles:
    """Opens what people's data lies in."""

    def register(self, folder: Path) -> Register:
        """The register in a folder: who was erased, receipts, the log of readings."""
        from steelyard.adapters.privacy.register import Register

        return Register(folder)

    def holdings(self, work: Path, states: Sequence[Path] = ()) -> Holdings:
        """All that is stored for a shop.

        Args:
            work: Its work folder.
            states: Folders of event logs that lie elsewhere.

        Returns:
            Nothing is opened yet.

        Raises:
            MissingExtra: The reader of tables is not installed.
        """
        with registry.naming_extra(_TABLES):
            from steelyard.adapters.privacy.holdings import Holdings

        return Holdings(work, states)

    def keys(self, work: Path) -> Keys:
        """The keys of the pseudonyms in a work folder."""
        from steelyard.adapters.privacy.keys import Keys

        return Keys(work)

    def people_by(self, folder: Path, column: str, *, most_groups: int | None = None) -> dict[str, int]:
        """Distinct people of each group of the prepared log."""
        with registry.naming_extra(_TABLES):
            from steelyard.adapters.privacy.counts import people_by

        return people_by(folder, column, most_groups=most_groups)

    def noise(self, n: int, *, scale: float) -> Sequence[int]:
        """Whole numbers with the discrete Laplace distribution."""
        with registry.naming_extra(_TABLES):
            from steelyard.adapters.privacy.counts import draw_noise

        return draw_noise(n, scale=scale)

    def traces(
        self,
        roots: Sequence[Path],
        *,
        pseudonyms: Collection[str] = (),
        raw: Collection[str] = (),
        without: Collection[Path] = (),
    ) -> Looked:
        """Where pseudonyms and raw identifiers stand in files; see ``steelyard.adapters.privacy.traces``."""
        with registry.naming_extra(_TABLES):
            from steelyard.adapters.privacy.traces import find_traces

        return find_traces(roots, pseudonyms=pseudonyms, raw=raw, without=without)

    def erase_events(self, state: Path, people: Collection[str]) -> int:
        """Delete people from the event log in a folder that nobody has open; how many rows went."""
        from steelyard.adapters.privacy.event_log import erase_once

        return erase_once(state, people)

    def rename_events(self, state: Path, renamed: Mapping[str, str]) -> int:
        """Give people other pseudonyms in an event log that this process has open; how many rows were changed."""
        from steelyard.adapters.privacy.event_log import change_event_log

        return change_event_log(state, Change(renamed=renamed), is_open_here=True)
