"""Every error Steelyard raises on purpose.

SteelyardError
├── ConfigError         the configuration is wrong; no work was begun
├── DataError           the data breaks a rule, and going on would give wrong answers
│   └── SourceError     a file is missing, unreadable, of the wrong kind, or too large to be honest
├── ArtefactError       a stored artefact is missing, damaged, or made by something else
├── StorageError        the disk is full or refuses to write; what was there before is untouched
├── PluginError
│   ├── UnknownPlugin   no plugin of that kind has that name
│   └── MissingExtra    the plugin exists, its optional dependency does not
├── PriceError          a price is missing, stale, or in another currency
├── AskError            a question to the shop cannot be answered as it was asked
├── MeasurementError    a measurement broke its own rules and may not be used
└── StageError          a stage was asked for before the stage it needs

A message says what was found, where, and what to do next.
"""

from __future__ import annotations

__all__ = [
    "ArtefactError",
    "AskError",
    "ConfigError",
    "DataError",
    "MeasurementError",
    "MissingExtra",
    "PluginError",
    "PriceError",
    "SourceError",
    "StageError",
    "SteelyardError",
    "StorageError",
    "UnknownPlugin",
]


class SteelyardError(Exception):
    """Root of all errors raised on purpose; catch this at the edges only."""


class ConfigError(SteelyardError):
    """The configuration is wrong; the message lists every problem found, not only the first."""


class DataError(SteelyardError):
    """The data breaks a rule, and going on would give wrong answers."""


class SourceError(DataError):
    """A source cannot be read: missing, of the wrong kind, malformed, or far larger than its file suggests."""


class ArtefactError(SteelyardError):
    """A stored artefact is missing, damaged, or made by something else; it was not parsed."""


class StorageError(SteelyardError):
    """The disk is full or refuses to write; what was stored before is untouched."""


class PluginError(SteelyardError):
    """A plugin cannot be used."""


class UnknownPlugin(PluginError):
    """No plugin of that kind has that name."""


class MissingExtra(PluginError):
    """The plugin exists, but an optional dependency is not installed."""


class PriceError(SteelyardError):
    """A price is missing, stale, or in another currency."""


class AskError(SteelyardError):
    """A question to the shop cannot be answered as it was asked; it says what to ask instead.

    Args:
        code: Stable name of the problem, for programs.
        message: What was found, and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class MeasurementError(SteelyardError):
    """A measurement broke its own rules (a lagging load generator, too few requests) and may not be used."""


class StageError(SteelyardError):
    """A stage was asked for before the stage whose result it needs."""
