"""``steelyard labels rules``."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.cost.booking import book_after_work
from steelyard.cli.labels.screen import json_option, out_option, print_report
from steelyard.cli.opening import config_option, open_shop
from steelyard.workflows.labelling.metered import metered
from steelyard.workflows.labelling.rule_labels import label_by_rules

__all__ = ["command"]


@click.command("rules")
@config_option
@click.option("--per-query", type=click.IntRange(1, 1000), default=30, show_default=True, help="Items of each query.")
@out_option
@json_option
def command(path: Path, per_query: int, out: Path | None, as_json: bool) -> None:
    """Label pairs by weak rules: words of the title, category, brand, clicks and purchases after the query.

    How often each rule is right is estimated from how they agree, and shown beside people's judgements where there are
    some. Use the file as [data.judgements] with origin = "rules".
    """
    opened = open_shop(path)
    report = metered(opened, "rules", lambda: label_by_rules(opened, per_query=per_query, out=out))
    book_after_work(opened)
    print_report(report, language=opened.config.shop.language, as_json=as_json)
