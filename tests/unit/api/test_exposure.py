"""Which address may be listened on, and when a key is asked for."""

import socket
import subprocess

import pytest

from steelyard.api.exposure import check_tls, exposure_of, listen
from steelyard.errors import ConfigError


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_on_an_address_of_this_machine_alone_nothing_is_asked(host):
    found = exposure_of(host, 0, has_tls=False, is_behind_proxy=False, names=("localhost",))

    assert (found.is_loopback, found.is_guarded) == (True, False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "0", "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"])
def test_an_address_that_others_reach_is_refused_in_the_clear(host):
    with pytest.raises(ConfigError, match=r"unencrypted.*--tls-cert.*--behind-proxy.*127\.0\.0\.1"):
        exposure_of(host, 0, has_tls=False, is_behind_proxy=False)
    for has_tls in (True, False):
        assert exposure_of(host, 0, has_tls=has_tls, is_behind_proxy=not has_tls).is_guarded


@pytest.mark.parametrize("more", [{"is_behind_proxy": True}, {"names": ("shop.example",)}, {"names": ("*",)}])
def test_a_key_is_asked_for_on_loopback_too_where_others_come_through_it(more):
    found = exposure_of("127.0.0.1", 0, has_tls=False, **{"is_behind_proxy": False, **more})

    assert (found.is_loopback, found.is_guarded) == (True, True)


@pytest.mark.parametrize("host", ["no.such.name.invalid", "x" * 300, "256.1.1.1.1"])
def test_a_host_that_is_none_is_refused_with_a_way_out(host):
    with pytest.raises(ConfigError, match=r"cannot listen on .*use 127\.0\.0\.1"):
        exposure_of(host, 0, has_tls=False, is_behind_proxy=False)


def test_a_taken_port_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port {port} on 127\.0\.0\.1 is taken"):
            listen(exposure_of("127.0.0.1", port, has_tls=False, is_behind_proxy=False), port)


def make_certificate(folder, name="a"):
    """A certificate that signed itself, and its key."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    argv += ["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"]
    try:
        subprocess.run(argv, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed: no certificate to try")
    return cert, key


def test_a_certificate_needs_its_own_key_in_pem_form(tmp_path):
    cert, key = make_certificate(tmp_path)
    other = make_certificate(tmp_path, "b")[1]

    assert check_tls(cert, key) is True
    assert check_tls(None, None) is False
    for wrong in ((cert, None), (None, key), (cert, tmp_path / "none"), (cert, other), (key, cert)):
        with pytest.raises(ConfigError, match=r"--tls-key|PEM"):
            check_tls(*wrong)
