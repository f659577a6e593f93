"""Sentences and tables of labels on a screen of 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

__all__ = ["print_sentences"]

_WIDTH = 80
_ENDS = (".", "。", ":", "：")


def print_sentences(lines: Sequence[str]) -> None:
    """Show sentences, each with its full stop, broken between words."""
    out = Console(width=_WIDTH)
    for line in lines:
        is_chinese = any("\u4e00" <= letter <= "\u9fff" for letter in line)
        out.print(Text(line if line.endswith(_ENDS) else f"{line}{'。' if is_chinese else '.'}"), highlight=False)
