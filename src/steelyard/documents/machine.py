"""Facts of the machine that everything was measured on: they go with measurements and with the decision."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from steelyard.documents.encoding import as_builtins

__all__ = ["MachineFacts", "machine_builtins"]


class MachineFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Processor, memory, system and versions: what tells whether two measurements may be compared."""

    cpu_model: str = ""
    cpu_flags: tuple[str, ...] | UnsetType = UNSET
    """Instruction sets that matter; empty where they are not known."""
    architecture: str = ""
    """As the system calls it: ``x86_64``, ``aarch64``."""
    cores: int = 0
    usable_cores: int = 0
    """Those that this process may use."""
    memory_bytes: int = 0
    os: str = ""
    python: str = ""
    steelyard: str = ""
    """Version of the product."""
    libraries: dict[str, str] = {}
    """Version by name."""
    git_commit: str | UnsetType | None = UNSET
    """``None`` outside a working copy."""

    def without_commit(self) -> MachineFacts:
        """What makes two machines alike for a measurement: all that is known but the commit of the code."""
        return msgspec.structs.replace(self, git_commit=UNSET)


def machine_builtins(machine: MachineFacts) -> dict[str, Any]:
    """The facts as JSON's own types; what is not known is left out."""
    return as_builtins(machine)
