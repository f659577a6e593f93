"""``steelyard labels behaviour``."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.cost.booking import book_after_work
from steelyard.cli.labels.screen import json_option, out_option, print_report
from steelyard.cli.opening import config_option, open_shop
from steelyard.workflows.labelling.behaviour_labels import label_behaviour
from steelyard.workflows.labelling.metered import metered

__all__ = ["command"]


@click.command("behaviour")
@config_option
@out_option
@json_option
def command(path: Path, out: Path | None, as_json: bool) -> None:
    """Label pairs of query and item from what people did after a search, in grades of 0 to 3.

    What a click or a cart says is learnt from later purchases. How likely each place is looked at is estimated from
    the log, and taken out. Use the file as [data.judgements] with origin = "behaviour".
    """
    opened = open_shop(path)
    report = metered(opened, "behaviour", lambda: label_behaviour(opened, out=out))
    book_after_work(opened)
    print_report(report, language=opened.config.shop.language, as_json=as_json)
