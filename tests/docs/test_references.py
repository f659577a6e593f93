import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = script("generate")


@pytest.mark.parametrize("path", list(generate.pages()), ids=lambda path: path.name)
def test_generated_pages_are_up_to_date(path):
    assert path.is_file() and path.read_text("utf-8") == generate.pages()[path], "run `make docs`"


def test_every_link_between_documents_leads_somewhere():
    import re

    broken = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")

    assert broken == []


def test_every_room_is_named_in_the_architecture():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")

    rooms = {p.name for p in (ROOT / "src" / "steelyard").iterdir() if p.is_dir() and p.name != "__pycache__"}

    assert {room for room in rooms if room not in text} == set()


def test_no_module_is_longer_than_400_lines():
    long = {
        str(p.relative_to(ROOT)): n
        for p in (ROOT / "src").rglob("*.py")
        if (n := len(p.read_text("utf-8").splitlines())) > 400
    }

    assert long == {}


def test_the_diagram_of_rooms_is_up_to_date():
    rooms = script("rooms")

    drawn = rooms.between((ROOT / "ARCHITECTURE.md").read_text("utf-8"))

    assert rooms.without_lines(drawn) == rooms.without_lines(rooms.block()), "run `python docs/rooms.py --write`"


def test_every_option_of_our_models_is_in_the_settings_and_in_the_schema():
    import json

    tables = json.loads((ROOT / "docs/reference/steelyard.schema.json").read_text())["$defs"]["Models"]["properties"]
    settings = (ROOT / "docs/reference/settings.md").read_text("utf-8")

    for name, options in generate.own_tables().items():
        assert set(tables[name].get("properties", {})) == set(options.model_fields)
        assert not options.model_fields or f"## `[models.{name}]`" in settings
