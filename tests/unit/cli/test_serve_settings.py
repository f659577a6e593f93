"""What the configuration says of a server is what the server is started with."""

from importlib.resources import files

import pytest

from steelyard.cli.opening import open_shop
from steelyard.cli.serve import _find
from steelyard.config import parse
from steelyard.errors import ConfigError

TOML = '[data.items]\npath = "p.csv"\n[data.items.columns]\nitem_id = "id"\ntitle = "title"\n'


@pytest.fixture
def started(tmp_path):
    """From a [serve] section to the settings of the server."""

    def found(section):
        (tmp_path / "steelyard.toml").write_text(TOML + section)
        opened = open_shop(tmp_path)
        opened.store.write_json("bundle", {"path": "bundles/x"})
        return _find(None, tmp_path / "steelyard.toml")[1]

    return found


def test_the_demo_shows_its_households_however_it_is_served(started):
    text = (files("steelyard.cli") / "demo.toml").read_text("utf-8")

    assert parse(text, name="demo.toml").serve.example_users == 12
    assert started(text[text.index("[serve]") :])["example_users"] == 12
    assert started("")["example_users"] == 0


def test_certificates_lie_beside_the_configuration(started, tmp_path):
    found = started('[serve]\nhost = "0.0.0.0"\ntls_cert = "a.pem"\ntls_key = "keys/a.key"\ntrust_user_ids = true\n')

    assert (found["tls_cert"], found["tls_key"]) == (tmp_path / "a.pem", tmp_path / "keys" / "a.key")
    assert (found["behind_proxy"], found["trust_user_ids"]) == (False, True)


def test_a_server_that_follows_is_given_the_folder_of_bundles_even_before_the_run_has_ended(tmp_path):
    (tmp_path / "steelyard.toml").write_text(TOML)
    bundles = open_shop(tmp_path).work / "bundles"

    with pytest.raises(ConfigError, match="no bundle"):
        _find(None, tmp_path / "steelyard.toml", is_followed=True)
    bundles.mkdir()

    assert _find(None, tmp_path / "steelyard.toml", is_followed=True)[0] == bundles


def test_a_server_that_rebuilds_follows_and_knows_the_command_of_a_run(started, tmp_path):
    found = started('[serve]\nrebuild = "when_due"\nrebuild_pause_s = 60\n')

    assert (found["rebuild"], found["rebuild_pause_s"], found["follow"]) == ("when_due", 60, True)
    assert found["run_argv"][-5:] == ("-m", "steelyard", "run", "-c", str(tmp_path / "steelyard.toml"))
    plain = started("")
    assert (plain["rebuild"], plain["follow"]) == ("never", False)


def test_a_server_may_be_told_to_rebuild_when_it_is_started(started, tmp_path):
    started("")
    (tmp_path / ".steelyard" / "bundles").mkdir()

    folder, found = _find(tmp_path, None, is_rebuilt=True)

    assert (folder, found["rebuild"], found["follow"]) == (tmp_path / ".steelyard" / "bundles", "when_due", True)


def test_bundles_without_a_configuration_are_not_rebuilt(tmp_path):
    with pytest.raises(ConfigError, match="needs the shop's configuration"):
        _find(tmp_path, None, is_rebuilt=True)
    assert _find(tmp_path, None, is_followed=True) == (tmp_path, {"follow": True})
