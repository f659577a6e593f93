"""A table or a query of a database, by its SQLAlchemy URL, into rows of texts."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from steelyard import registry
from steelyard.adapters.shop.cutting.row_store import Copies, store_rows
from steelyard.data.schema import Reading
from steelyard.errors import SourceError

if TYPE_CHECKING:
    import sqlalchemy

__all__ = ["database_rows", "is_database"]

_URL = re.compile(r"[a-z][a-z0-9]*(\+[a-z0-9_]+)?://")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NAME = re.compile(r"[\w.]+")


def is_database(path: str) -> bool:
    """Whether a path of a configuration is the URL of a database."""
    return _URL.match(path) is not None


def database_rows(path: str, base: Path, copies: Copies, reading: Reading, *, max_columns: int) -> Path:
    """Store the rows of a table or a query as Parquet.

    Args:
        path: The URL; ``${NAME}`` stands for a variable of the environment, so that no password is written down.
        base: Folder that the file of an SQLite database is relative to.
        copies: For the rows.
        reading: Its ``sql`` is the table or the query.
        max_columns: Most columns a table may have.

    Returns:
        Where the copy is.

    Raises:
        SourceError: The database cannot be opened or asked, or ``sql`` does not say what to read.
        MissingExtra: SQLAlchemy is not installed.
    """
    with registry.naming_extra("reading a database"):
        sqlalchemy = importlib.import_module("sqlalchemy")
    engine, shown = _engine(sqlalchemy, _filled(path), base)
    file = copies.new()
    try:
        with engine.connect() as connection:
            statement = _statement(sqlalchemy, engine, reading.sql, shown)
            result = connection.execution_options(stream_results=True, yield_per=5000).execute(statement)
            columns = list(result.keys())
            if len(columns) > max_columns:
                raise SourceError(f"{shown} gives {len(columns):,} columns, at most {max_columns:,} are allowed")
            if len({column.lower() for column in columns}) < len(columns):
                raise SourceError(f"{shown} gives columns of the same name: rename them with AS in sql")
            if not store_rows(_texts(result), columns, file):
                raise SourceError(f"{shown} gives no rows")
    except sqlalchemy.exc.SQLAlchemyError as error:
        why = str(getattr(error, "orig", None) or error).split("\n", 1)[0][:200]
        raise SourceError(f"{shown} cannot be read: {why}") from error
    finally:
        engine.dispose()
    return copies.path(file)


def _filled(path: str) -> str:
    missing = [name for name in _VARIABLE.findall(path) if name not in os.environ]
    if missing:
        raise SourceError(f"path names variables that are not set in the environment: {', '.join(missing)}")
    return _VARIABLE.sub(lambda found: os.environ[found[1]], path)


def _engine(module: Any, url: str, base: Path) -> tuple[sqlalchemy.Engine, str]:
    try:
        parsed = module.engine.make_url(url)
        shown = parsed.render_as_string(hide_password=True)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            file = base / parsed.database
            if not file.is_file():
                raise SourceError(f"no database {file}. Paths are relative to the configuration file's folder")
            parsed = parsed.set(database=f"file:{file}", query={"mode": "ro", "uri": "true"})
        engine: sqlalchemy.Engine = module.create_engine(parsed)
    except (module.exc.ArgumentError, module.exc.NoSuchModuleError) as error:
        raise SourceError(f"path is no URL of a database that is known: {str(error)[:150]}") from error
    except ModuleNotFoundError as error:
        raise SourceError(f"the database's driver is not installed: pip install {error.name}") from error
    return engine, shown


def _statement(module: Any, engine: sqlalchemy.Engine, sql: str, shown: str) -> Any:
    if sql and not _NAME.fullmatch(sql):
        return module.text(sql)
    tables = module.inspect(engine)
    names = [*tables.get_table_names(), *tables.get_view_names()]
    if not sql and len(names) == 1:
        sql = names[0]
    if sql.rsplit(".", 1)[-1] not in names and "." not in sql:
        listed = ", ".join(names[:20]) or "no tables"
        raise SourceError(f'{shown} has {listed}: name one, or write a query, as sql = "SELECT …"')
    quote = engine.dialect.identifier_preparer.quote
    return module.text("SELECT * FROM " + ".".join(quote(part) for part in sql.split(".")))  # noqa: S608


def _texts(result: Any) -> Iterator[list[str | None]]:
    for row in result:
        yield [_text(value) for value in row]


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
