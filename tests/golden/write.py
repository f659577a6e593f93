"""Writes the golden documents anew, by the code that writes the real ones: ``python -m tests.golden.write``."""

import json
from pathlib import Path

from tests.golden.world import WORLD

from steelyard.documents.decision import decision_builtins

__all__ = ["GOLDEN", "as_text"]

GOLDEN = Path(__file__).parent / "decision.json"


def as_text(decision):
    """A decision as it stands in its file."""
    return json.dumps(decision_builtins(decision), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(as_text(WORLD.decision), "utf-8")
