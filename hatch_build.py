"""Compiles what is in C when the package is installed or a wheel is made; without a compiler all goes on, slower."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FOLDER = Path("src/steelyard/models/retrieval")
_SOURCES = (_FOLDER / "lexical_kernel.c", _FOLDER / "vector_kernel.c")
_LIBRARY = _FOLDER / "libsteelyard.so"
_FLAGS = ("-std=c11", "-O3", "-ffp-contract=off", "-fPIC", "-shared")


class CompiledCode(BuildHookInterface):
    """Puts the shared library beside its sources. It needs no header of Python, so that it fits every version of it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and mark the wheel as one of this platform.

        Args:
            version: ``standard`` or ``editable``.
            build_data: What the wheel is to hold and to be called.
        """
        problem = self._compile()
        if problem:
            self.app.display_warning(f"search is not compiled ({problem}): it works, but takes longer")
            return
        build_data["artifacts"].append(f"/{_LIBRARY}")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"

    def _compile(self) -> str:
        """What went wrong; empty where the library is there."""
        root = Path(self.root)
        if sys.platform == "win32":
            return "there is no build for Windows"
        compiler = (
            shlex.split(os.environ.get("CC", "")) or [name for name in ("cc", "gcc", "clang") if shutil.which(name)][:1]
        )
        if not compiler:
            return "no C compiler was found: on Debian, apt-get install gcc"
        made = root / f"{_LIBRARY}.new"
        command = [*compiler, *_FLAGS, "-o", str(made), *(str(root / source) for source in _SOURCES)]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (who installs names it)
        except (OSError, subprocess.CalledProcessError) as error:
            return f"{shlex.join(command)}: {getattr(error, 'stderr', '') or error}".strip()
        made.replace(root / _LIBRARY)  # a server that runs keeps the file it has opened
        return ""
