"""``steelyard build``."""

from __future__ import annotations

from steelyard.cli.stage_verbs import stage_command

__all__ = ["command"]

command = stage_command("build")
