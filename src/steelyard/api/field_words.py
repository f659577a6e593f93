"""What the strings below a struct's fields say, read from its source.

The source is read as tokens and never as a syntax tree: Python up to 3.11.7 counts the depth of trees once for the
whole process, so that two threads that read trees at the same time, two servers that start, can fail with "AST
constructor recursion depth mismatch".
"""

import inspect
import linecache
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from sys import modules

Words = dict[str, dict[str, str]]
"""Words by field by class."""


def words_of_fields(kind: type) -> dict[str, str]:
    """Return what stands below each field of a class as a string, by the field's name."""
    return _words_of_module(kind.__module__).get(kind.__name__, {})


@cache
def _words_of_module(name: str) -> Words:
    path = inspect.getsourcefile(modules[name])
    return words_in(linecache.getlines(path)) if path else {}


def words_in(lines: Iterable[str]) -> Words:
    """Return the words below the fields of each class that a module's lines define, classes within classes left out."""
    found: Words = {}
    owner = field = ""
    for depth, statement in _statements(lines):
        first = statement[0]
        if depth == 0:
            owner, field = statement[1].string if first.string == "class" else "", ""
        elif depth == 1 and owner:
            if field and len(statement) == 1 and first.type == tokenize.STRING:
                found.setdefault(owner, {})[field] = inspect.cleandoc(_text(first.string))
            is_field = first.type == tokenize.NAME and len(statement) > 1 and statement[1].string == ":"
            field = first.string if is_field else ""
    return found


def _statements(lines: Iterable[str]) -> Iterator[tuple[int, list[tokenize.TokenInfo]]]:
    """Yield each statement's tokens with the number of blocks it stands in."""
    depth, statement = 0, list[tokenize.TokenInfo]()
    for token in tokenize.generate_tokens(iter(lines).__next__):
        if token.type in (tokenize.INDENT, tokenize.DEDENT):
            depth += 1 if token.type == tokenize.INDENT else -1
        elif token.type == tokenize.NEWLINE and statement:
            yield depth, statement
            statement = []
        elif token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.NEWLINE, tokenize.ENDMARKER):
            statement.append(token)


def _text(literal: str) -> str:
    """Return the text that a literal of Python stands for."""
    return str(compile(literal, "<words>", "eval").co_consts[0])
