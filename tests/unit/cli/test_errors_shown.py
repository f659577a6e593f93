import errno
import os

import click
import pytest
from click.testing import CliRunner
from tests.documents_of import candidate_of, surface_of, surface_value

from steelyard.cli import _Verbs, main
from steelyard.cli.decision_table import decision_table


class Refusing(_Verbs):
    """A command line whose only verb meets an error of the system."""

    def __init__(self, code):
        super().__init__(verbs={"report": "Refuses."}, package="steelyard.cli")
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
    candidate = candidate_of("popularity", verdict="chosen", quality={"mean": 0.5, "low": None, "high": None})

    table = decision_table(surface_value(surface_of("search", "popularity", candidate)), width=170, rows=9)

    assert [str(next(iter(column.cells))) for column in table.columns[1:3]] == ["0.5000", "–"]


@pytest.mark.parametrize(("typed", "meant"), [("runn", "run"), ("decied", "decide"), ("servre", "serve")])
def test_a_verb_with_a_typing_error_is_answered_with_the_nearest(typed, meant):
    done = CliRunner().invoke(main, [typed], prog_name="steelyard")

    assert done.exit_code == 2
    assert f"Did you mean `steelyard {meant}`?" in done.stderr


def test_a_verb_that_is_near_none_is_answered_with_where_they_are_listed():
    done = CliRunner().invoke(main, ["xyzzy"], prog_name="steelyard")
    cost = CliRunner().invoke(main, ["cost", "bil"], prog_name="steelyard")

    assert "steelyard --help" in done.stderr
    assert "Did you mean `steelyard cost bill`?" in cost.stderr
