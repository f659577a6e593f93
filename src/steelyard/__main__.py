"""Where the program starts: hands the server to the command line. ``python -m steelyard`` is ``steelyard``."""

from __future__ import annotations

from typing import Any

from steelyard import cli

__all__ = ["main"]


def main() -> None:
    """The command ``steelyard``; its two doors know nothing of each other and meet here."""
    cli.main(obj=serve)


def serve(**settings: Any) -> None:
    """Serve a bundle over HTTP; see ``steelyard.api.server.serve``."""
    from steelyard.api.server import serve as serve_bundle  # noqa: PLC0415 - slow to import, and one verb needs it

    serve_bundle(**settings)


if __name__ == "__main__":
    main()
