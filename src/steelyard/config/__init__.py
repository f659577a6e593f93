"""The configuration: one strict schema, and the reading of it. Opens no files: it is given text."""

from steelyard.config.schema import Config

__all__ = ["Config"]
