"""The description of the operations, made from the same table and types that serve them; and a page to read it."""

from __future__ import annotations

import html
import inspect
import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from steelyard.api.field_words import words_of_fields
from steelyard.api.gate import Group
from steelyard.api.routes import JSON, Operation
from steelyard.api.schemas import ErrorAnswer

__all__ = ["STYLE", "describe", "reference_page"]

_REF = "#/components/schemas/{name}"
_NEEDS_KEY = ((401, "no_key"), (401, "wrong_key"), (403, "through_a_proxy"), (429, "too_many_wrong_keys"))
_SECURITY = {
    "administratorKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "Asked for where more than this machine reaches the server. Printed at its first start.",
    }
}
_ANY_REQUEST = ((403, "foreign_origin"), (408, "deadline"), (421, "bad_host"), (500, "internal"))


def describe(operations: Sequence[Operation], *, title: str, version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of ``operations``."""
    bodies = [row.body for row in operations if row.body is not None]
    answers = [row.answer for row in operations if row.answer is not None]
    asks = [row.query for row in operations if row.query is not None]
    types = _distinct([*bodies, *answers, *asks, ErrorAnswer])
    shapes, components = msgspec.json.schema_components(types, ref_template=_REF)
    shape_of = {str(kind): shape for kind, shape in zip(types, shapes, strict=True)}
    for kind in _structs(types):
        _add_field_words(components[kind.__name__], kind)
    paths: dict[str, dict[str, Any]] = {}
    for row in operations:
        path = re.sub(r":\w+}", "}", row.path)
        paths.setdefault(path, {})[row.method.lower()] = _operation(row, path, shape_of, components)
    unused = {kind.__name__ for kind in asks} - {kind.__name__ for kind in bodies if isinstance(kind, type)}
    kept = {name: component for name, component in components.items() if name not in unused}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {"schemas": kept, "securitySchemes": _SECURITY},
    }


def reference_page(document: dict[str, Any]) -> str:
    """The document as one HTML page that needs nothing from anywhere else."""
    title = html.escape(document["info"]["title"])
    sections = [
        _section(method, path, operation, document)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = [_schema_section(name, schema) for name, schema in document["components"]["schemas"].items()]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}: HTTP API</title><link rel="stylesheet" href="/docs.css"></head><body><main>'
        f'<h1>{title}: HTTP API</h1><p><a href="/openapi.json">openapi.json</a> · <a href="/">store front</a> · '
        f'<a href="/decision">decision</a></p>{"".join(sections)}<h2>Schemas</h2>'
        f"{''.join(schemas)}</main></body></html>"
    )


STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:0;color:#1d2126;background:#fff}
main{max-width:60rem;margin:0 auto;padding:1.5rem}
h2{margin-top:2rem;border-top:1px solid #d8dde3;padding-top:1rem}
h3{margin:1.5rem 0 .25rem}code{font-family:ui-monospace,monospace}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
td,th{border:1px solid #d8dde3;padding:.3rem .5rem;text-align:left;vertical-align:top}
h1,h2,h3,p,td{overflow-wrap:anywhere}
@media (max-width:640px){main{padding:1rem}table{display:block;overflow-x:auto}td,th{min-width:4.5rem}}
@media (prefers-color-scheme:dark){body{background:#14171a;color:#e6e9ec}td,th,h2{border-color:#3a4149}a{color:#8ab4f8}}
"""


def _operation(
    row: Operation, path: str, shape_of: dict[str, Any], components: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]
    if row.query is not None:
        parameters += _parameters(components[row.query.__name__])
    answer = shape_of[str(row.answer)] if row.answer is not None else {"type": "object"}
    responses: dict[str, Any] = {"200": {"description": "Done.", "content": {JSON: {"schema": answer}}}}
    is_inside = row.group is Group.ADMINISTRATOR
    errors = dict.fromkeys((*row.errors, *(_NEEDS_KEY if is_inside else ()), *_ANY_REQUEST))
    for status in sorted({status for status, _ in errors}):
        codes = [code for found, code in errors if found == status]
        responses[str(status)] = {
            "description": f"{HTTPStatus(status).phrase}: {', '.join(f'`{code}`' for code in codes)}",
            "content": {JSON: {"schema": {"$ref": _REF.format(name="ErrorAnswer")}}},
        }
    name = re.sub(r"\W+", "_", f"{row.method.lower()}{path}").strip("_")
    found: dict[str, Any] = {"operationId": name, "summary": row.summary, "responses": responses}
    if is_inside:
        found["security"] = [{"administratorKey": []}]
    if parameters:
        found["parameters"] = parameters
    if row.body is not None:
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": shape_of[str(row.body)]}}}
    return found


def _parameters(schema: dict[str, Any]) -> list[dict[str, Any]]:
    required = set(schema.get("required", ()))
    found = []
    for name, shape in schema.get("properties", {}).items():
        inner = {key: value for key, value in shape.items() if key != "description"}
        words = shape.get("description", "")
        found.append({"name": name, "in": "query", "required": name in required, "description": words, "schema": inner})
    return found


def _distinct(types: Iterable[Any]) -> list[Any]:
    found: dict[str, Any] = {}
    for kind in types:
        found.setdefault(str(kind), kind)
    return list(found.values())


def _structs(types: Iterable[Any]) -> list[type[msgspec.Struct]]:
    """All structs the types are made of."""
    found: dict[str, type[msgspec.Struct]] = {}
    waiting = list(types)
    while waiting:
        kind = waiting.pop()
        waiting.extend(getattr(kind, "__args__", ()))
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__name__ not in found:
            found[kind.__name__] = kind
            waiting.extend(inspect.get_annotations(kind, eval_str=True).values())
    return list(found.values())


def _add_field_words(component: dict[str, Any], kind: type[msgspec.Struct]) -> None:
    """Put the strings that stand below a struct's fields into its schema as their descriptions."""
    for owner in reversed(kind.__mro__):
        if not issubclass(owner, msgspec.Struct) or owner is msgspec.Struct:
            continue
        for field, words in words_of_fields(owner).items():
            shape = component.get("properties", {}).get(field)
            if shape is not None and "$ref" not in shape:
                shape.setdefault("description", words)


def _section(method: str, path: str, operation: dict[str, Any], document: dict[str, Any]) -> str:
    head = f"<h2><code>{method.upper()} {html.escape(path)}</code></h2><p>{html.escape(operation['summary'])}</p>"
    head += "<p>With the administrator’s key.</p>" if "security" in operation else ""
    rows = [
        (p["name"], p["in"], "yes" if p["required"] else "no", _kind(p["schema"]), p.get("description", ""))
        for p in operation.get("parameters", ())
    ]
    if rows:
        head += _table(("parameter", "in", "required", "type", "meaning"), rows)
    if "requestBody" in operation:
        head += f"<p>Body: {_linked(_kind(operation['requestBody']['content'][JSON]['schema']))}</p>"
    answers = [
        (status, response["description"].replace("`", ""), _kind(response["content"][JSON]["schema"]))
        for status, response in operation["responses"].items()
    ]
    return head + _table(("status", "meaning", "body"), answers)


def _schema_section(name: str, schema: dict[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = [
        (field, _kind(shape), "yes" if field in required else "no", shape.get("description", ""))
        for field, shape in schema.get("properties", {}).items()
    ]
    words = html.escape(schema.get("description", ""))
    body = _table(("field", "type", "required", "meaning"), rows) if rows else f"<p>{html.escape(_kind(schema))}</p>"
    return f'<h3 id="{html.escape(name)}">{html.escape(name)}</h3><p>{words}</p>{body}'


def _kind(shape: dict[str, Any]) -> str:
    if "$ref" in shape:
        return str(shape["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in shape:
        return " or ".join(_kind(one) for one in shape["anyOf"])
    if "enum" in shape:
        return " | ".join(str(value) for value in shape["enum"])
    kind = str(shape.get("type", "any"))
    if kind == "array" and isinstance(shape.get("items"), dict):
        return f"list of {_kind(shape['items'])}"
    limits = ", ".join(
        f"{key} {shape[key]}" for key in ("minimum", "maximum", "minLength", "maxLength") if key in shape
    )
    return f"{kind} ({limits})" if limits else kind


def _linked(kind: str) -> str:
    return re.sub(r"\b([A-Z]\w+)\b", r'<a href="#\1">\1</a>', html.escape(kind))


def _cell(head: str, text: str) -> str:
    """Only a type links to its schema; a word with a capital letter is no schema."""
    if head in ("type", "body"):
        return _linked(text)
    return f"<code>{html.escape(text)}</code>" if head in ("parameter", "status", "field") else html.escape(text)


def _table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    head = "".join(f"<th>{html.escape(str(cell))}</th>" for cell in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{_cell(head, str(cell))}</td>' for head, cell in zip(heads, row, strict=True))}</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
