"""A data contract of the Open Data Contract Standard (ODCS) v3: tables, columns, rules, service levels.

Only what a shop's data needs of it has a type here; of the rest the reader says that it was not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from steelyard.documents.encoding import as_builtins
from steelyard.errors import DataError

__all__ = [
    "API_VERSION",
    "ContractColumn",
    "ContractServer",
    "ContractTable",
    "CustomProperty",
    "DataContract",
    "EnumValue",
    "QualityRule",
    "Relationship",
    "ServiceLevel",
    "contract_builtins",
    "contract_of",
]

API_VERSION = "v3.1.0"
"""Of the standard, as it is written; every version 3 is read."""
_VERSION = re.compile(r"v?3(\.\d+){0,2}")
_UNUSED = ("authoritativeDefinitions", "context", "price", "roles", "support", "team")
"""What a contract says besides its data."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """As the standard writes names."""


class CustomProperty(_Part, frozen=True):
    """What one tool says for itself."""

    property: str
    value: object = None


class Relationship(_Part, frozen=True):
    """A column whose values are those of another table's."""

    to: str | tuple[str, ...] = ""
    type: str = ""


class EnumValue(_Part, frozen=True):
    """One value that a column may have."""

    value: object = None


class QualityRule(_Part, frozen=True):
    """One rule on a column or a table."""

    name: str = ""
    description: str = ""
    type: str = ""
    """Empty where it is a rule of the library."""
    metric: str = ""
    rule: str = ""
    """What ``metric`` was called before version 3.1."""
    arguments: dict[str, object] = {}
    must_be: object = None
    must_not_be: object = None
    must_be_greater_than: object = None
    must_be_greater_or_equal_to: object = None
    must_be_less_than: object = None
    must_be_less_or_equal_to: object = None
    must_be_between: object = None
    must_not_be_between: object = None
    unit: str = ""
    dimension: str = ""
    severity: str = ""
    engine: str = ""
    implementation: object = None
    query: str = ""
    valid_values: object = None
    """Where versions before 3.1 had the values of ``validValues``."""
    custom_properties: tuple[CustomProperty, ...] = ()
    others: tuple[str, ...] = ()
    """Keys that the standard does not know; they are written by nobody."""


class ContractColumn(_Part, frozen=True):
    """A column, by the standard a property."""

    name: str = ""
    physical_name: str = ""
    logical_type: str = ""
    physical_type: str = ""
    description: str = ""
    required: bool = False
    unique: bool = False
    primary_key: bool = False
    logical_type_options: dict[str, object] = {}
    classification: str = ""
    critical_data_element: bool = False
    tags: tuple[str, ...] = ()
    enum: tuple[EnumValue, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    quality: tuple[QualityRule, ...] = ()
    custom_properties: tuple[CustomProperty, ...] = ()
    properties: tuple[ContractColumn, ...] = ()
    """Inside an object; the reader puts them beside it."""
    items: ContractColumn | None = None
    """What a list holds; as above."""

    @property
    def column(self) -> str:
        """What the file calls it."""
        return self.physical_name or self.name


class ContractTable(_Part, frozen=True):
    """A table, by the standard an object."""

    name: str = ""
    physical_name: str = ""
    logical_type: str = ""
    physical_type: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    properties: tuple[ContractColumn, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    quality: tuple[QualityRule, ...] = ()
    custom_properties: tuple[CustomProperty, ...] = ()


class ContractServer(_Part, frozen=True):
    """Where data lies."""

    server: str = ""
    type: str = ""
    path: str = ""
    location: str = ""
    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    description: str = ""


class ServiceLevel(_Part, frozen=True):
    """What is promised of the data as a whole."""

    property: str = ""
    value: object = None
    unit: str = ""
    element: str = ""
    description: str = ""
    custom_properties: tuple[CustomProperty, ...] = ()


class DataContract(_Part, frozen=True):
    """A whole contract."""

    api_version: str = ""
    kind: str = ""
    id: str = ""
    name: str = ""
    version: str = ""
    status: str = ""
    servers: tuple[ContractServer, ...] = ()
    tables: tuple[ContractTable, ...] = msgspec.field(name="schema", default=())
    sla_properties: tuple[ServiceLevel, ...] = ()
    custom_properties: tuple[CustomProperty, ...] = ()
    unused: tuple[str, ...] = ()
    """Chapters that say nothing of the data itself; they are written by nobody."""


def contract_builtins(contract: DataContract) -> dict[str, Any]:
    """The contract as JSON's own types, in the standard's order and words.

    Args:
        contract: The contract.

    Returns:
        What is not said is left out.
    """
    return as_builtins(contract)


def contract_of(written: object, *, name: str) -> DataContract:
    """The contract in a document of the standard.

    Args:
        written: What a YAML or JSON file holds.
        name: How to call the file in messages.

    Returns:
        The contract.

    Raises:
        DataError: It is no contract, is of another version of the standard, or a value is of another type.
    """
    if not isinstance(written, dict) or written.get("kind") != "DataContract":
        found = f"kind = {written.get('kind')!r}" if isinstance(written, dict) else type(written).__name__
        raise DataError(
            f"{name} is no data contract of the Open Data Contract Standard (ODCS): it must have `kind: DataContract`, "
            f"and {found} was found"
        )
    version = str(written.get("apiVersion", ""))
    if not _VERSION.fullmatch(version):
        raise DataError(f"{name} has apiVersion {version!r}: contracts of version 3 (v3.0.0 to v3.2.0) are read")
    others = sorted({*written} & {*_UNUSED})
    known = {key: value for key, value in _marked(written).items() if key != "unused"} | {"unused": others}
    try:
        read = msgspec.convert(known, DataContract, strict=False)
    except msgspec.ValidationError as error:
        raise DataError(f"{name} is not as the standard has it: {error}") from error
    flat = [replace(table, properties=tuple(_flat(table.properties))) for table in read.tables]
    return replace(read, tables=tuple(flat))


def _flat(columns: Iterable[ContractColumn], above: str = "") -> Iterator[ContractColumn]:
    """Columns and what is inside them, called by their paths."""
    for column in columns:
        name = f"{above}.{column.column}" if above and column.column else above or column.column
        yield (
            replace(column, name=name, physical_name="", properties=(), items=None)
            if above
            else replace(column, properties=(), items=None)
        )
        yield from _flat(column.properties, name)
        if column.items is not None:
            yield from _flat(column.items.properties, name)


_RULE_KEYS = frozenset(field.encode_name for field in msgspec.structs.fields(QualityRule)) - {"others"}
_OF_NO_MEANING = frozenset(
    ("id", "authoritativeDefinitions", "businessImpact", "method", "schedule", "scheduler", "tags")
)
"""What a rule says besides what it asks."""


def _marked(part: Any) -> Any:
    """The document without empty values, each rule with the keys that nobody knows."""
    if isinstance(part, list):
        return [_marked(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {str(key): _marked(value) for key, value in part.items() if value is not None}
    rules = kept.get("quality")
    if isinstance(rules, list):
        kept["quality"] = [_with_others(rule) if isinstance(rule, dict) else rule for rule in rules]
    return kept


def _with_others(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {**rule, "others": sorted({*rule} - _RULE_KEYS - _OF_NO_MEANING)}
