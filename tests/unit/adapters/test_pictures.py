"""Pictures from a folder: what lies in it is shown, and nothing else, whatever is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.adapters.shop.pictures import PictureFolder
from steelyard.errors import ConfigError


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    root = tmp_path_factory.mktemp("shop")
    (root / "pictures/shoes").mkdir(parents=True)
    (root / "pictures/shoes/trail 1.webp").write_bytes(b"shoe")
    (root / "pictures/.hidden.png").write_bytes(b"hidden")
    (root / "pictures/page.svg").write_bytes(b"<svg onload='x'/>")
    (root / "pictures/notes.txt").write_bytes(b"notes")
    (root / "secret.png").write_bytes(b"secret")
    (root / "pictures/out.png").symlink_to(root / "secret.png")
    return root


@pytest.fixture(scope="module")
def folder(shop):
    return PictureFolder(shop / "pictures")


def test_a_picture_is_read_with_its_kind_and_not_again_while_it_is_the_same(folder):
    picture = folder.read("shoes/trail 1.webp")

    assert (picture.kind, picture.content) == ("image/webp", b"shoe")
    assert folder.read("shoes/trail 1.webp", known=picture.tag).content is None
    assert folder.read("shoes/trail 1.webp", known='"another"').content == b"shoe"


def test_a_changed_picture_has_another_tag(tmp_path):
    (tmp_path / "a.png").write_bytes(b"one")
    folder = PictureFolder(tmp_path)
    before = folder.read("a.png").tag

    (tmp_path / "a.png").write_bytes(b"other")

    assert folder.read("a.png").tag != before


@pytest.mark.parametrize(
    "name",
    [
        "../secret.png", "shoes/../../secret.png", "/etc/passwd", "//secret.png", "shoes//trail 1.webp",
        "..\\secret.png",
        "out.png", ".hidden.png", "page.svg", "notes.txt", "shoes", "shoes/", "", ".", "..", "no.png", "a\0.png",
        "x" * 5000 + ".png",
    ],
)  # fmt: skip
def test_nothing_outside_the_folder_nothing_hidden_and_nothing_that_can_act_is_read(folder, name):
    assert folder.read(name) is None


@given(
    st.lists(st.sampled_from(["..", ".", "", "shoes", "secret.png", "pictures", "~", "%2e%2e", "out.png"]), max_size=6)
)
def test_no_path_leads_to_what_lies_beside_the_folder(folder, parts):
    found = folder.read("/".join(parts))

    assert found is None or found.content == b"shoe"


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match="is no folder"):
        PictureFolder(tmp_path / "none")
