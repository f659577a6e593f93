"""Nothing that we import writes down who uses it, or tells anybody."""

import os
import subprocess
import sys


def test_the_runtime_of_networks_keeps_no_identifier_of_the_device(tmp_path):
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    others = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    script = "import steelyard, onnxruntime; print(onnxruntime.get_device())"

    done = subprocess.run(
        [sys.executable, "-c", script], env=others | home, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
