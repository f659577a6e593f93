"""``steelyard curation``."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import click

from steelyard.cli.opening import config_option, open_shop, read_text
from steelyard.errors import ConfigError

__all__ = ["command"]


@click.command("curation")
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--language", type=click.Choice(["en", "zh"]), help="Of what is printed; the shop's where left out.")
def command(path: Path, as_json: bool, language: str | None) -> None:
    """Show what each rule of merchandisers does: whether it holds, what it gains on judged queries, what it costs.

    The rules are those of [serve] curation. Each is tried by itself over the newest bundle, on the judged queries that
    it holds for; a rule that never holds again, or means nothing of the catalogue, may be deleted.
    """
    opened = open_shop(path)
    name, shop = opened.config.serve.curation, opened.config.shop
    if not name:
        raise ConfigError('no file of rules is named: set curation = "curation.toml" in [serve]')
    from steelyard.cli.cost.grid import wrapped  # noqa: PLC0415 - slow to import
    from steelyard.config.curation import read_curation  # noqa: PLC0415 - as above
    from steelyard.documents.curation_report import curation_report_builtins  # noqa: PLC0415 - as above
    from steelyard.reporting.curation_lines import curation_lines  # noqa: PLC0415 - as above
    from steelyard.workflows.curating import Clocks, curation_report  # noqa: PLC0415 - as above
    from steelyard.workflows.session import Run  # noqa: PLC0415 - as above

    rules = read_curation(read_text(opened.base / name), name=name)
    if not opened.store.has("bundle"):
        raise ConfigError(f"there is no bundle in {opened.work} yet: run `steelyard run` first")
    bundle = opened.tools.bundles.open(opened.work / opened.store.read_json("bundle")["path"])
    clocks = Clocks(opened.tools.clock.now, time.process_time)
    cases = Run.of(opened).bench.shop.search_test
    report = curation_report(bundle.engine(), rules, cases, clocks, timezone=shop.timezone)
    if as_json:
        click.echo(json.dumps(curation_report_builtins(report), ensure_ascii=False, indent=1, allow_nan=False))
        return
    width = max(40, shutil.get_terminal_size().columns)
    for line in curation_lines(report, language=language or shop.language):
        for part in wrapped(line, width, indent="    "):
            click.echo(part)
