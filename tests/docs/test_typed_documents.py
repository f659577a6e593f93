"""What rooms hand each other has a type: mappings of anything in signatures may become fewer, never more."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "steelyard"
ALLOWED = {"workflows": 5, "reporting": 0, "api": 13, "cli": 3}
"""Lower a number where the count fell."""
UNTYPED = ("dict[str, Any]", "Mapping[str, Any]")


def signatures(room):
    """Every annotation of an argument or an answer that is, or holds, a mapping of anything."""
    for path in sorted((SOURCE / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            found = [each.annotation for each in given if each is not None and each.annotation] + [node.returns]
            for each in found:
                if each is not None and any(kind in ast.unparse(each) for kind in UNTYPED):
                    yield f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}"


@pytest.mark.parametrize("room", ALLOWED)
def test_no_more_mappings_of_anything_cross_a_signature(room):
    found = list(signatures(room))

    assert len(found) <= ALLOWED[room], found


@pytest.mark.parametrize(
    "document", ["decision", "bills", "readings", "scenario", "forecast", "quality", "promises", "budgets", "split"]
)
def test_every_document_has_one_reader_and_one_writer(document):
    tree = ast.parse((SOURCE / "documents" / f"{document}.py").read_text("utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]

    assert [name for name in names if name.startswith("read_")] == [f"read_{document}"]
    assert [name for name in names if name.endswith("_builtins")] == [f"{document}_builtins"]
