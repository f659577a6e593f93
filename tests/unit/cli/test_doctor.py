"""What the doctor says of a machine, to be read by people."""

import json

import pytest
from click.testing import CliRunner

from steelyard.cli import main
from steelyard.cli.doctor import readable, verdict


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("memory_bytes", 25276063744, ("memory", "25.3 GB")),
        ("cpu_flags", ["avx", "avx2"], ("cpu flags", "avx, avx2")),
        ("gpus", [], ("gpus", "none")),
        ("os", "Linux 6.1", ("os", "Linux 6.1")),
    ],
)
def test_a_row_is_written_for_people(name, value, says):
    assert readable(name, value) == says


@pytest.mark.parametrize(
    ("train", "demo", "encoder", "says"),
    [
        ("ok", "ok", "ok", "Ready for `steelyard run` and `steelyard demo`."),
        ("ok", "missing x: pip install a", "ok", "Ready for `steelyard run`; for the rest: pip install a."),
        ("missing t: pip install b", "ok", "missing: pip install c",
         "Not ready for `steelyard run` yet: pip install b; pip install c."),
    ],
)  # fmt: skip
def test_the_last_line_says_what_can_be_done_now(train, demo, encoder, says):
    assert verdict({"extras": {"train": train, "demo": demo, "English encoder": encoder}}) == says


def test_programs_get_the_raw_figures():
    found = json.loads(CliRunner().invoke(main, ["doctor", "--json"]).stdout)
    shown = CliRunner().invoke(main, ["doctor"]).stdout

    assert isinstance(found["machine"]["memory_bytes"], int)
    assert "_bytes" not in shown
    assert "eady for `steelyard run`" in shown.splitlines()[-1]
