"""A server that others may reach: refused in the clear, its key shown once, and nothing left behind by a refusal."""

import contextlib
import json
import re
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from packed import package

from steelyard.workflows.bundles.package import Details


@pytest.fixture
def bundles(toy_store, search, recommend, toy_decision, toy_key, tmp_path):
    out = tmp_path / "shop" / "bundles"
    details = Details(query_examples=("green tea",), max_history=20)
    package(toy_store, search=search, recommend=recommend, out=out, decision=toy_decision, details=details)
    (tmp_path / "shop" / "secret.key").write_bytes(toy_key)
    return out


def start(bundles, *more):
    argv = [sys.executable, "-m", "steelyard", "serve", str(bundles), "--answer-within-ms", "5000", *map(str, more)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextlib.contextmanager
def running(bundles, *more):
    """The server's address and what it said until it answered."""
    process, said = start(bundles, "--port", "0", *more), ""
    try:
        while not (found := re.search(r"answers at (https?://\S+)", said)):
            line = process.stdout.readline()
            assert line, said + process.stderr.read()
            said += line
        yield found.group(1), said
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)
    finally:
        process.kill()
        process.communicate()


def status(url, key=None):
    request = urllib.request.Request(url, headers={} if key is None else {"authorization": f"Bearer {key}"})
    unverified = ssl.create_default_context()
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(request, timeout=10, context=unverified) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def key_in(said):
    found = re.findall(r"administrator's key: (\S+)", said)
    return found[0] if found else None


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if "bundle-" not in str(path))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--host", "0.0.0.0"], "--behind-proxy"),
        (["--host", "0.0.0.0", "--tls-cert", "none.pem"], "--tls-key"),
        (["--host", "0.0.0.0", "--tls-cert", "none.pem", "--tls-key", "none.key"], "no file at none.pem"),
        (["--host", "no.such.name.invalid"], "cannot listen"),
        (["--key", "none.key"], "no key file"),
        (["--host", "0.0.0.0", "--new-admin-key"], "--behind-proxy"),
    ],
)
def test_a_refused_server_leaves_nothing_behind(bundles, more, words):
    before = files(bundles.parent)

    process = start(bundles, "--state", bundles.parent / "state", "--port", "0", *more)
    _, said = process.communicate(timeout=30)

    assert process.returncode == 1
    assert words in said
    assert "Traceback" not in said
    assert [name for name in files(bundles.parent) if name not in before and not name.startswith("state/events")] in (
        [], ["state"],
    )  # fmt: skip
    assert not list(bundles.parent.rglob("*.key.tmp")) and not (bundles.parent / "state" / "admin.key").exists()


@pytest.mark.parametrize("name", ["nowhere", "nowhere/deeper"])
def test_a_mistyped_bundle_makes_no_folder(tmp_path, name):
    process = start(tmp_path / name, "--port", "0")
    _, said = process.communicate(timeout=30)

    assert process.returncode == 1
    assert name in said
    assert files(tmp_path) == []


def test_a_damaged_bundle_makes_no_key(bundles):
    (bundles.parent / "secret.key").unlink()
    folder = next(path for path in bundles.iterdir() if path.is_dir())
    (folder / "decision.json").write_text("{}")
    before = sorted(bundles.parent.rglob("*"))

    process = start(bundles, "--port", "0")
    process.communicate(timeout=30)

    assert process.returncode == 1
    assert sorted(bundles.parent.rglob("*")) == before


def test_a_key_is_shown_once_opens_what_is_inside_and_can_be_changed(bundles):
    kept = bundles / "state" / "admin.key"
    with running(bundles, "--host", "127.0.0.1", "--behind-proxy") as (url, said):
        key = key_in(said)
        first = [status(f"{url}/v1/decision", each) for each in (None, "wrong", key)]
        assert status(f"{url}/v1/search?q=tea") == 200
    with running(bundles, "--behind-proxy") as (url, again):
        second = status(f"{url}/v1/decision", key)
    with running(bundles, "--behind-proxy", "--new-admin-key") as (url, rotated):
        third = [status(f"{url}/v1/decision", each) for each in (key, key_in(rotated))]

    assert first == [401, 401, 200]
    assert (key_in(again), second) == (None, 200)
    assert third == [401, 200]
    assert kept.stat().st_mode & 0o777 == 0o600
    assert key not in kept.read_text()
    assert json.loads(kept.read_text()).keys() == {"salt", "scrypt", "made_at"}


def test_on_loopback_no_key_is_made_and_nothing_is_asked(bundles):
    with running(bundles) as (url, said):
        assert status(f"{url}/v1/decision") == 200

    assert key_in(said) is None
    assert not (bundles / "state" / "admin.key").exists()


def test_a_server_with_a_certificate_speaks_tls_on_every_address(bundles, tmp_path):
    cert, key = tmp_path / "a.pem", tmp_path / "a.key"
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    try:
        subprocess.run([*argv, "-keyout", key, "-out", cert, "-subj", "/CN=x"], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed: no certificate to try")

    with running(bundles, "--host", "0.0.0.0", "--tls-cert", cert, "--tls-key", key) as (url, said):
        found = [status(f"{url}/v1/decision", each) for each in (None, key_in(said))]

    assert url.startswith("https://")
    assert found == [401, 200]
