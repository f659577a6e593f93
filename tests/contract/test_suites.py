"""The suites themselves: what they need of whoever imports them."""

import subprocess
import sys

import steelyard.testing


def test_the_toy_shop_and_the_suites_are_imported_without_pytest():
    script = "import sys; sys.modules['pytest'] = None; import steelyard.testing; steelyard.testing.toy_shop(seed=1)"

    subprocess.run([sys.executable, "-c", script], check=True)


def test_every_suite_can_be_imported_from_the_room():
    import ast
    from pathlib import Path

    room = Path(steelyard.testing.__file__).parent
    trees = [ast.parse(path.read_text("utf-8")) for path in room.glob("*.py")]
    suites = {node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)}

    assert {name for name in suites if name.endswith("Contract")} <= set(steelyard.testing.__all__)
