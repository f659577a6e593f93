"""Columns inside other columns: named by their path (``items.item_id``), a list of objects given as one row an element.

A value is either of the engine's own nested types (Parquet) or a text of JSON (JSON lines); both are walked alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from steelyard.adapters.shop.sql_words import literal, quoted
from steelyard.data.schema import CuttingNote, Role, Wanted
from steelyard.errors import SourceError

__all__ = ["LISTS_OF_ROWS", "ROW", "addressed", "readable"]

LISTS_OF_ROWS = ("items", "products", "line_items", "lineItems", "order_items", "orderItems", "lines", "hits")
"""Lists whose elements are events of their own, where nothing names one of them."""
Type = duckdb.sqltypes.DuckDBPyType

ROW = "file_row_number"
"""Column that numbers the rows of a file from 0, where its reader gives one."""
_PRICE_KEYS = ("value", "amount", "price", "number", "gross")
_TEXT_KEYS = ("name", "value", "label", "title", "@value", "text", "id")
_MINOR_KEYS = (
    "precision",
    "fractiondigits",
    "fraction_digits",
    "exponent",
    "currency_minor_unit",
    "minor_unit",
    "scale",
)
"""What tells that an amount beside it is in the currency's smaller unit."""
_SAMPLE = 2000


@dataclass(frozen=True, slots=True)
class Node:
    """An expression of the engine and its type; ``None`` where it is a text of JSON."""

    sql: str
    type: Type | None

    @property
    def is_json(self) -> bool:
        """Whether it is JSON."""
        return self.type is None

    def fields(self) -> dict[str, Type]:
        """Of a struct, its fields."""
        return _children(self.type) if self.type is not None and self.type.id == "struct" else {}

    def field(self, name: str) -> Node:
        """What an object has under a name."""
        if self.is_json:
            path = '$."' + name.replace('"', '\\"') + '"'
            return Node(f"json_extract({self.sql}, {literal(path)})", None)
        return Node(f"struct_extract({self.sql}, {literal(name)})", self.fields()[name])

    def text(self) -> str:
        """SQL for what is written in it."""
        if not self.is_json:
            return self.sql
        whole = f"nullif({self.sql}::VARCHAR, 'null')"
        return (
            f"CASE WHEN json_type({self.sql}) IN ('OBJECT', 'ARRAY') THEN {whole} "
            f"ELSE json_extract_string({self.sql}, '$') END"
        )

    def elements(self) -> Node:
        """Its elements, one row each; a list of none gives one row of nothing."""
        if self.is_json:
            whole = f"from_json({self.sql}, '[\"JSON\"]')"
            one = f"CASE WHEN json_type({self.sql}) = 'ARRAY' AND json_array_length({self.sql}) > 0 THEN {whole} "
            return Node(
                f"unnest({one} ELSE [CASE WHEN json_type({self.sql}) = 'ARRAY' THEN NULL ELSE {self.sql} END] END)",
                None,
            )
        inner = next(iter(_children(self.type).values())) if self.type is not None else None
        return Node(f"unnest(CASE WHEN len({self.sql}) > 0 THEN {self.sql} ELSE [NULL] END)", inner)


def _children(type_: Type) -> dict[str, Type]:
    """Of a nested type, what it holds by name."""
    return {name: inner for name, inner in type_.children if isinstance(inner, Type)}


@dataclass(slots=True)
class _Rows:
    """A relation, and what is known of it."""

    db: duckdb.DuckDBPyConnection
    source: duckdb.DuckDBPyRelation
    name: str
    is_json: bool
    notes: list[CuttingNote] = field(default_factory=list)

    def column(self, name: str) -> Node:
        """A column as a node."""
        if self.is_json:
            return Node(f"try_cast({quoted(name)} AS JSON)", None)
        return Node(quoted(name), dict(zip(self.source.columns, self.source.types, strict=True))[name])

    def asked(self, sql: str) -> list[tuple[Any, ...]]:
        """What the engine answers of the rows, which the query calls ``source``."""
        found = self.source.query("source", sql)
        return found.fetchall() if found is not None else []

    def kinds(self, node: Node) -> set[str]:
        """Kinds of JSON a node holds in the first rows: OBJECT, ARRAY and others."""
        if not node.is_json:
            return {"ARRAY" if node.type is not None and node.type.id == "list" else "OTHER"}
        sql = f"SELECT DISTINCT json_type({node.sql}) FROM (FROM source LIMIT {_SAMPLE})"  # noqa: S608
        return {row[0] for row in self.asked(sql) if row[0] and row[0] != "NULL"}

    def keys(self, node: Node) -> dict[str, str]:
        """Names inside the objects of the first rows, and the kind of what stands under each."""
        if not node.is_json:
            return {name: str(type_) for name, type_ in node.fields().items()}
        sql = (
            f"SELECT DISTINCT k, json_type(json_extract(j, '$.\"' || k || '\"')) FROM (SELECT {node.sql} AS j, "  # noqa: S608
            f"unnest(json_keys({node.sql})) AS k FROM (FROM source LIMIT {_SAMPLE}) "
            f"WHERE json_type({node.sql}) = 'OBJECT')"
        )
        found: dict[str, str] = {}
        for name, kind in self.asked(sql):
            found[name] = kind if kind != "NULL" else found.get(name, "")
        return found


def addressed(
    db: duckdb.DuckDBPyConnection, source: duckdb.DuckDBPyRelation, wanted: Wanted, *, name: str, is_json: bool
) -> tuple[duckdb.DuckDBPyRelation, list[CuttingNote]]:
    """The rows with the columns that are named by a path, and with values that are given as objects.

    Args:
        db: The table engine.
        source: The file's rows.
        wanted: What is read of them.
        name: Of the file, in messages.
        is_json: Whether the texts of the columns are JSON.

    Returns:
        The rows, one an element where a path leads through a list, and what was decided.

    Raises:
        SourceError: A path leads nowhere or through two lists that do not lie in each other, or a column holds objects
            in which more than one value could be meant.
    """
    rows = _Rows(db, source, name, is_json)
    paths = {column: path for column in wanted.columns if (path := _path(column, source.columns))}
    if paths:
        _unfold(rows, paths)
    for role in wanted.roles if wanted.table != "sample" else ():
        for column in role.columns if not role.is_list or role.name == "title" else ():
            if column in source.columns and column not in paths:
                _read_object(rows, role, column)
    return rows.source, rows.notes


def _path(column: str, columns: Sequence[str]) -> tuple[str, ...]:
    """The column a path begins at and the names after it; empty where it is a column itself."""
    if column in columns:
        return ()
    steps = column.split(".")
    for n in range(len(steps) - 1, 0, -1):
        head = ".".join(steps[:n])
        if head in columns:
            return (head, *steps[n:])
    return ()


def _unfold(rows: _Rows, paths: dict[str, tuple[str, ...]]) -> None:
    """Add a column for each path; lists on the way are unnested, the outer ones first."""
    done: dict[tuple[str, ...], str] = {}
    while through := _next_list(rows, paths, done):
        prefix, node = through
        if done and prefix[: len(list(done)[-1])] != list(done)[-1]:
            first, second = ".".join(list(done)[-1]), ".".join(prefix)
            raise SourceError(
                f"{rows.name}: {first} and {second} are two lists side by side; a row holds one element of one list"
            )
        alias = f"element_of_{len(done)}"
        n_before = int(rows.source.aggregate("count(*)").fetchall()[0][0])
        element = node.elements()
        rows.source = rows.source.project(f"*, {element.sql} AS {quoted(alias)}")
        n = int(rows.source.aggregate("count(*)").fetchall()[0][0])
        done[prefix] = alias
        says = f"rows are unfolded: one for each element of {'.'.join(prefix)}"
        rows.notes.append(CuttingNote("list_unfolded", "info", "flag", n, says, values={"rows before": n_before}))
    added = [f"{_value(rows, path, done, column).text()} AS {quoted(column)}" for column, path in paths.items()]
    hidden = ", ".join(quoted(alias) for alias in (*done.values(), *([ROW] if ROW in rows.source.columns else [])))
    everything = f"* EXCLUDE ({hidden})" if done else "*"
    rows.source = rows.source.project(", ".join([everything, *added]))


def _next_list(
    rows: _Rows, paths: dict[str, tuple[str, ...]], done: dict[tuple[str, ...], str]
) -> tuple[tuple[str, ...], Node] | None:
    """The outermost list on the way of a path that is not unnested yet."""
    for column, path in sorted(paths.items(), key=lambda pair: len(pair[1])):
        for prefix, node, rest in _steps(rows, path, done, column):
            if prefix not in done and rest and "ARRAY" in rows.kinds(node) and not _has_keys_and_values(rows, node):
                return prefix, node
    return None


def _steps(
    rows: _Rows, path: tuple[str, ...], done: dict[tuple[str, ...], str], column: str
) -> Iterator[tuple[tuple[str, ...], Node, tuple[str, ...]]]:
    """The nodes on the way of a path: its beginning, what stands there, and what is left of it."""
    start = max((prefix for prefix in done if path[: len(prefix)] == prefix), key=len, default=path[:1])
    node = _element(rows, done[start]) if start in done else rows.column(path[0])
    for n in range(len(start), len(path) + 1):
        yield path[:n], node, path[n:]
        if n == len(path):
            return
        if _has_keys_and_values(rows, node):
            yield path, _of_key(node, path[n:]), ()
            return
        if not node.is_json and path[n] not in node.fields():
            if node.type is not None and node.type.id == "list":
                return
            raise SourceError(
                f"{rows.name} has no {column!r}: {'.'.join(path[:n])} holds {', '.join(node.fields()) or 'no objects'}"
            )
        node = node.field(path[n])


def _element(rows: _Rows, alias: str) -> Node:
    if rows.is_json:
        return Node(quoted(alias), None)
    return rows.column(alias)


def _value(rows: _Rows, path: tuple[str, ...], done: dict[tuple[str, ...], str], column: str) -> Node:
    return list(_steps(rows, path, done, column))[-1][1]


def _has_keys_and_values(rows: _Rows, node: Node) -> bool:
    """Whether a list is a table of keys and values, as the parameters of an event are."""
    if node.is_json or node.type is None or node.type.id != "list":
        return False
    inner = next(iter(_children(node.type).values()))
    return inner.id == "struct" and set(_children(inner)) == {"key", "value"}


def _of_key(node: Node, rest: tuple[str, ...]) -> Node:
    """The value of the key that a path names in such a list: whichever of its typed forms is filled."""
    assert node.type is not None
    value = _children(next(iter(_children(node.type).values())))["value"]
    found = f"list_filter({node.sql}, lambda x: x.key = {literal(rest[0])})[1].value"
    names = [rest[1]] if len(rest) > 1 else list(_children(value)) if value.id == "struct" else []
    parts = [f"CAST(struct_extract({found}, {literal(name)}) AS VARCHAR)" for name in names]
    return Node(f"coalesce({', '.join(parts)})" if parts else found, duckdb.sqltypes.VARCHAR)


def _read_object(rows: _Rows, role: Role, column: str) -> None:
    """Read the one value that is meant where a column of single values holds objects."""
    node = rows.column(column)
    if not node.is_json and not node.fields():
        return
    if node.is_json and not _holds_objects(rows, column):
        return
    keys = rows.keys(node)
    usual = _PRICE_KEYS if role.kind == "number" else _TEXT_KEYS
    plain = {key for key, kind in keys.items() if kind not in ("OBJECT", "ARRAY") and "STRUCT" not in kind}
    meant = [key for key in usual if key in plain]
    if role.kind != "number":
        meant = meant[:1]
    shown = ", ".join(f"{column}.{key}" for key in list(keys)[:8])
    minor = next((key for key in keys if role.name == "price" and key.lower() in _MINOR_KEYS), None)
    if minor:
        raise SourceError(
            f"{rows.name}: column {column!r} holds amounts whose unit is told by {column}.{minor}, as cents: name the "
            f"amount, one of {shown}, and set price_divisor = 100 where it is in hundredths"
        )
    if len(meant) != 1:
        raise SourceError(
            f"{rows.name}: column {column!r} holds objects, not single values: name what is meant, one of {shown}"
        )
    inside, whole = node.field(meant[0]).text(), quoted(column)
    if node.is_json:
        inside = f"CASE WHEN json_type({node.sql}) = 'OBJECT' THEN {inside} ELSE {whole} END"
    rows.source = rows.source.project(f"* REPLACE ({inside} AS {whole})")
    says = f"the column holds objects; {column}.{meant[0]} is read of each"
    rows.notes.append(CuttingNote("object_read", "info", "flag", 1, says, values={f"{column}.{meant[0]}": 1}))


def _holds_objects(rows: _Rows, column: str) -> bool:
    starts = f"starts_with(ltrim({quoted(column)}), '{{')"
    some = f"FROM source WHERE {quoted(column)} IS NOT NULL LIMIT {_SAMPLE}"
    sql = f"SELECT count(*) FILTER ({starts}) FROM ({some})"  # noqa: S608
    return bool(rows.asked(sql)[0][0])


def readable(
    source: duckdb.DuckDBPyRelation, decode: Callable[[bytes], str] | None, *, name: str, db: duckdb.DuckDBPyConnection
) -> duckdb.DuckDBPyRelation:
    """The rows with columns of bytes as the texts they are.

    Args:
        source: Rows of a Parquet file.
        decode: Reads bytes that are not UTF-8; ``None`` refuses them.
        name: Of the file, in messages.
        db: The table engine.

    Returns:
        No column is of bytes.

    Raises:
        SourceError: Bytes are not UTF-8, and nothing says what they are.
    """
    types = dict(zip(source.columns, source.types, strict=True))
    binary = [column for column, type_ in types.items() if _has_bytes(type_)]
    if not binary:
        return source
    plain = {column: _as_text(quoted(column), types[column], "decode") for column in binary}
    odd = [f"count(*) FILTER ({quoted(c)} IS NOT NULL AND TRY({plain[c]}) IS NULL)" for c in binary]
    counts = dict(zip(binary, source.aggregate(", ".join(odd)).fetchall()[0], strict=True))
    bad = [column for column, n in counts.items() if n]
    deep = [column for column in bad if types[column].id != "blob"]
    if bad and (decode is None or deep):
        todo = "write them as text" if deep else 'set encoding = "NAME" in its section'
        shown = ", ".join(deep or bad)
        raise SourceError(
            f"{name}: columns {shown} hold bytes that are not UTF-8 ({counts[(deep or bad)[0]]:,} values of the "
            f"first): {todo}"
        )
    known = db.execute("SELECT 1 FROM duckdb_functions() WHERE function_name = 'bytes_as_text'").fetchall()
    if bad and decode is not None and not known:
        db.create_function("bytes_as_text", decode, [duckdb.sqltypes.BLOB], duckdb.sqltypes.VARCHAR)
    parts = [f"{f'bytes_as_text({quoted(c)})' if c in bad else plain[c]} AS {quoted(c)}" for c in binary]
    return source.project(f"* REPLACE ({', '.join(parts)})")


def _has_bytes(type_: Type) -> bool:
    """Whether values are bytes, or hold some."""
    if type_.id in ("list", "struct"):
        return any(_has_bytes(inner) for inner in _children(type_).values())
    return bool(type_.id == "blob")


def _as_text(sql: str, type_: Type, decode: str, depth: int = 0) -> str:
    """SQL for a value with the bytes in it as texts."""
    if not _has_bytes(type_):
        return sql
    if type_.id == "list":
        one = f"x{depth}"
        inner = _as_text(one, next(iter(_children(type_).values())), decode, depth + 1)
        return f"list_transform({sql}, lambda {one}: {inner})"
    if type_.id == "struct":
        fields = (
            f"{quoted(name)} := {_as_text(f'struct_extract({sql}, {literal(name)})', inner, decode, depth + 1)}"
            for name, inner in _children(type_).items()
        )
        return f"CASE WHEN {sql} IS NULL THEN NULL ELSE struct_pack({', '.join(fields)}) END"
    return f"{decode}({sql})"
