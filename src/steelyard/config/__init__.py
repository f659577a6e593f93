"""The configuration: one strict schema, and the reading of it. Opens no files: it is given text."""

from steelyard.config.model_tables import ModelTables
from steelyard.config.older import moved_keys
from steelyard.config.reading import check_names, json_schema, parse
from steelyard.config.schema import Config

__all__ = ["Config", "ModelTables", "check_names", "json_schema", "moved_keys", "parse"]
