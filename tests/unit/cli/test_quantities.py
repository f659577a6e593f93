"""Every number that an option takes has two ends."""

from collections.abc import Iterator
from decimal import Decimal

import click
import pytest
from click.testing import CliRunner

from steelyard.cli import main
from steelyard.cli.values import Number


def options(command: click.Command, context: click.Context, name: str) -> Iterator[tuple[str, click.Parameter]]:
    """Every parameter of a command and of all commands below it."""
    yield from ((f"{name} {parameter.name}", parameter) for parameter in command.params)
    if isinstance(command, click.Group):
        for verb in command.list_commands(context):
            below = command.get_command(context, verb)
            assert below is not None
            yield from options(below, context, f"{name} {verb}")


def test_every_number_of_the_command_line_has_two_ends():
    found = list(options(main, click.Context(main), "steelyard"))
    numbers = [(name, each.type) for name, each in found if each.type.name.startswith(("int", "float"))]
    numbers += [
        (name, part) for name, each in found if isinstance(each.type, click.Tuple) for part in each.type.types
        if part.name.startswith(("int", "float"))
    ]  # fmt: skip

    endless = [name for name, kind in numbers if getattr(kind, "min", None) is None or kind.max is None]

    assert len(numbers) > 15
    assert endless == []


@pytest.mark.parametrize("given", ["nan", "inf", "-inf", "1e308", "-1", "2,5"])
def test_a_number_that_is_none_is_no_quantity(given: str):
    @click.command()
    @click.option("--rate", type=Number(0, 10**6))
    def verb(rate: Decimal) -> None:
        click.echo(rate)

    assert CliRunner().invoke(verb, ["--rate", given]).exit_code == 1
    assert CliRunner().invoke(verb, ["--rate", "2.5"]).output == "2.5\n"
