"""``steelyard privacy verify``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from steelyard.cli.opening import config_option, open_shop
from steelyard.errors import DataError
from steelyard.workflows.privacy.erase import verify_receipt

__all__ = ["command"]


@click.command("verify")
@click.argument("receipt", type=click.Path(path_type=Path, dir_okay=False))
@config_option
def command(receipt: Path, path: Path) -> None:
    """Check that the shop's key sealed RECEIPT, and that nothing of the erased is stored now.

    Exit code 1 where the receipt was changed, or traces are found.
    """
    try:
        content = receipt.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {receipt}: {error.strerror}") from error
    found = verify_receipt(open_shop(path), content)
    if not found.is_genuine:
        click.echo("not genuine: the seal is not this shop's, or the receipt was changed after it was written")
        sys.exit(1)
    click.echo(f"genuine: {found.receipt.n_people:,} people erased at {found.receipt.erased_at}")
    click.echo(f"{found.n_traces} traces of erased people in all that is stored now")
    if found.models_left:
        click.echo(f"not fitted again yet: {', '.join(found.models_left)} (due {found.receipt.retrain_by})")
    if found.n_traces:
        click.echo("was a backup restored? `steelyard privacy erase --again` erases them once more")
        sys.exit(1)
