"""Keys of joined files inside the table engine.

The engine never sees a key: a key may name a person. It compares hashes, made while a file is scanned with a salt that
is forgotten when the run ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import ARROW

from steelyard.adapters.shop.source_sql import written_text
from steelyard.adapters.shop.sql_words import answered, literal
from steelyard.data.join_keys import FORMS, SEPARATOR, key_forms

__all__ = ["KeyHash", "kinds_of", "repairs"]

_FORM_NAMES = ("normal", "closed", "folded", "is_number", "is_padded")
_END = "\x1e"
_KIND = """CASE WHEN u.is_number OR k.is_number THEN 'number' WHEN u.closed = k.closed THEN 'marks'
WHEN u.folded = k.folded THEN 'case' ELSE 'zeros' END"""


class KeyHash:
    """Makes the hashes of a run.

    Args:
        db: The table engine.
        salt: Secret of the run.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, salt: str) -> None:
        self._salt = salt
        self._forms = "forms_of_key"
        db.create_function(self._forms, _forms, ["VARCHAR"], "VARCHAR", type=ARROW)

    def text(self, columns: Sequence[str], types: Mapping[str, str]) -> str:
        """SQL for a key as it is written; null where a part of it is empty."""
        parts = [written_text(column, types[column], "names") for column in columns]
        return f" || {literal(SEPARATOR)} || ".join(parts)

    def of(self, text: str) -> str:
        """SQL for the hash of a text."""
        return f"unhex(md5({literal(self._salt)} || ({text})))"

    def forms(self, source: duckdb.DuckDBPyRelation, text: str) -> duckdb.DuckDBPyRelation:
        """Distinct hashes of the keys in some rows, each with the hashes of its forms and its flags."""
        split = source.project(f"{self.of(text)} AS h, string_split({self._forms}({text}), {literal(_END)}) AS f")
        hashes = [f"CASE WHEN f[{i + 1}] <> '' THEN {self.of(f'f[{i + 1}]')} END AS {_FORM_NAMES[i]}" for i in range(3)]
        flags = [f"f[{i + 1}] = '1' AS {_FORM_NAMES[i]}" for i in range(3, FORMS)]
        return split.filter("h IS NOT NULL").project(", ".join(["h", *hashes, *flags])).distinct()


def _forms(raw: Any) -> Any:
    return pa.array([None if text is None else _END.join(key_forms(text)) for text in raw.to_pylist()], pa.string())


def repairs(db: duckdb.DuckDBPyConnection, asked: str, known: str, *, target: str) -> dict[str, int]:
    """Store which key is meant by one that is written otherwise, by the rules for item ids.

    One is meant where exactly one known key has the same normal form. Zeros and case are repaired only where no key
    that was found, or for case none that is known, shows that they are part of the name.

    Args:
        db: The table engine.
        asked: Parquet file of the forms of the keys that were asked for.
        known: Of those that there are.
        target: Parquet file that gets the hashes: ``written`` and ``meant``.

    Returns:
        How many keys are repaired, by the kind of repair.
    """
    u, k = (f"read_parquet({literal(path)})" for path in (asked, known))
    found = f"SELECT u.* FROM {u} u SEMI JOIN {k} k USING (h)"  # noqa: S608
    keeps_zeros = f"SELECT coalesce(bool_or(is_padded), false) FROM ({found})"  # noqa: S608
    keeps_case = f"SELECT count(*) > 0 FROM (SELECT folded FROM {k} GROUP BY folded HAVING count(*) > 1)"  # noqa: S608
    kept = [kind for kind, sql in (("zeros", keeps_zeros), ("case", keeps_case)) if db.execute(sql).fetchall()[0][0]]
    shut = ", ".join(literal(kind) for kind in ("", *kept))
    owners = f"SELECT * FROM {k} QUALIFY count(*) OVER (PARTITION BY normal) = 1"  # noqa: S608
    unknown = f"SELECT u.* FROM {u} u ANTI JOIN {k} k USING (h)"  # noqa: S608
    pairs = f"SELECT u.h AS written, k.h AS meant, {_KIND} AS kind FROM ({unknown}) u JOIN ({owners}) k USING (normal)"  # noqa: S608
    db.execute(f"COPY (SELECT * FROM ({pairs}) WHERE kind NOT IN ({shut})) TO {literal(target)} (FORMAT parquet)")  # noqa: S608
    return kinds_of(db, target)


def kinds_of(db: duckdb.DuckDBPyConnection, path: str) -> dict[str, int]:
    """Keys by kind of repair, in a file that ``repairs`` stored."""
    stored = db.read_parquet(path)
    return {kind: int(n) for kind, n in answered(stored, "SELECT kind, count(*) FROM raw GROUP BY 1 ORDER BY 1")}
