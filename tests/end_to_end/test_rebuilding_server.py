"""A server that makes its next bundle itself: what it says of a run that fails, and of one that it must stop."""

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.request

import pytest

from steelyard.adapters.rebuild_folder import RebuildFolder

NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PATIENCE_S = 60


class Shop:
    """A shop's folder, and the server that is started over it."""

    def __init__(self, folder):
        self.folder, self.bundles = folder, folder / ".steelyard" / "bundles"
        argv = [sys.executable, "-m", "steelyard", "serve", "-c", str(folder), "--port", "0", "--rebuild"]
        self.server = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = re.search(r"http://[\d.:]+", self.server.stdout.readline())[0]

    def ask(self, path, body=None):
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, content, {"content-type": "application/json"})
        with NO_PROXY.open(request, timeout=30) as answer:
            return json.load(answer)

    def rebuild(self, **wanted):
        """What is said of rebuilds, once it is so."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            found = self.ask("/v1/changes")["rebuild"]
            if found | wanted == found:
                return found
            time.sleep(0.05)
        raise AssertionError(f"never {wanted}, but {found}")

    def close(self):
        self.server.terminate()
        self.server.wait(30)
        self.server.stdout.close()


@pytest.fixture
def served(shop, tmp_path):
    folder = shutil.copytree(shop[0], tmp_path / "shop", symlinks=True)
    with (folder / "steelyard.toml").open("a", encoding="utf-8") as file:
        file.write("[serve]\nrebuild_share = 0.01\nrebuild_pause_s = 1\n")
    (folder / "products.csv").rename(folder / "products.gone")
    opened = Shop(folder)
    yield opened
    opened.close()


def test_a_failed_run_is_told_while_answers_go_on_and_the_next_ends_with_its_server(served):
    assert served.ask("/health")["changes"]["rebuild"]["state"] == "idle"
    new = [{"id": f"NEW {n}", "title": f"Zorblax lamp {n}", "category": "office > lamp"} for n in range(3)]
    served.ask("/v1/changes", {"changes": new, "wait": True})

    failed = served.rebuild(failures=1)
    assert re.fullmatch(r"the run ended with status [1-9]", failed["trouble"])
    assert "products.csv" in " ".join(failed["last_lines"])
    assert "products.csv" in (served.bundles / "rebuild" / "run.log").read_text("utf-8")
    told = served.ask("/health")["changes"]["rebuild"]
    assert (told["trouble"], told["last_lines"]) == (failed["trouble"], [])
    assert len(served.ask("/v1/search?q=zorblax")["items"]) == 3

    (served.folder / "products.gone").rename(served.folder / "products.csv")
    served.rebuild(state="running")
    served.close()

    folder = RebuildFolder(served.bundles / "rebuild", ())
    assert folder.take()  # nothing runs any more
    folder.release()
    assert folder.read().outcome == "stopped"
