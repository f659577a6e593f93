import errno
import os

import click
import pytest
from click.testing import CliRunner

from steelyard.cli import _Verbs
from steelyard.cli.printing import _cells


class Refusing(_Verbs):
    """A command line whose only verb meets an error of the system."""

    def __init__(self, code):
        super().__init__()
        self.code = code

    def get_command(self, ctx, cmd_name):
        @click.command(cmd_name)
        def command():
            raise OSError(self.code, os.strerror(self.code), "/shop/report.html")

        return command


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_disk_that_refuses_is_told_without_a_traceback(code):
    done = CliRunner().invoke(Refusing(code), ["report"])

    assert done.exit_code == 1
    assert "/shop/report.html" in done.stderr
    assert "free some space" in done.stderr


def test_another_error_of_the_system_is_not_hidden():
    done = CliRunner().invoke(Refusing(errno.EBADF), ["report"])

    assert isinstance(done.exception, OSError)


def test_a_quality_of_one_request_is_printed_without_an_interval():
    candidate = {
        "name": "popularity",
        "verdict": "chosen",
        "quality": {"mean": 0.5, "low": None, "high": None},
        "cpu_ms": {"mean": 1.0},
        "rss_mb": 50.0,
        "disk_mb": 0.1,
        "monthly": "10.00",
    }

    cells = _cells(candidate)

    assert cells[1:3] == ("0.5000", "–")
