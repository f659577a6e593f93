"""The configuration: one strict schema, and the reading of it. Opens no files: it is given text."""

from steelyard.config.reading import check_names, json_schema, parse
from steelyard.config.schema import Config

__all__ = ["Config", "check_names", "json_schema", "parse"]
