"""``steelyard search``."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steelyard.errors import ConfigError

if TYPE_CHECKING:
    from steelyard.workflows.asking import Rules, SearchAnswer

__all__ = ["command"]

_CONFIG = Path("steelyard.toml")


@click.command("search")
@click.argument("query")
@click.option("--config", "-c", "path", type=click.Path(path_type=Path), help="The shop's configuration file.")
@click.option("--bundle", "-b", type=click.Path(path_type=Path), help="A bundle, or a folder of bundles, instead.")
@click.option("-k", type=click.IntRange(1, 100), default=5, show_default=True, help="Length of the list.")
@click.option("--explain", is_flag=True, help="How the query was read, what the scores are made of, what took time.")
@click.option("--verbatim", is_flag=True, help="Take the words as they are typed; guess none.")
@click.option("--variants", is_flag=True, help="One item a product, as the store front lays lists out.")
@click.option("--audience", default="", help="Whose rules of curation hold.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as the HTTP API answers.")
@click.option("--language", type=click.Choice(["en", "zh"]), help="Of what is printed; the shop's where left out.")
def command(
    query: str, path: Path | None, bundle: Path | None, as_json: bool, language: str | None, **how: Any
) -> None:
    """Ask the newest bundle for QUERY, as a shopper would ask its server.

    With --explain also how the answer came about. The list is the same with and without it.
    """
    if not query.strip():
        raise ConfigError("the query holds no words: give some in quotation marks")
    if bundle is not None and path is not None:
        raise ConfigError("give --bundle or --config, not both")
    from steelyard.cli.cost.grid import wrapped  # noqa: PLC0415 - slow to import
    from steelyard.workflows.asking import Asked, answered  # noqa: PLC0415 - as above

    opened, rules = _opened(path or _CONFIG) if bundle is None else (_bundle(bundle), None)
    about = opened.about()
    answer = answered(opened.engine(), about, Asked(query, **how), clock_s=time.perf_counter, rules=rules)
    if as_json:
        import msgspec  # noqa: PLC0415 - as above

        click.echo(json.dumps(msgspec.to_builtins(answer), ensure_ascii=False, indent=1, allow_nan=False))
        return
    width = max(40, min(80, shutil.get_terminal_size().columns))
    for line in _lines(query, answer, language=language or about.shop.language):
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        for part in wrapped(line, width, indent=indent):
            click.echo(part)


def _lines(query: str, answer: SearchAnswer, *, language: str) -> list[str]:
    from steelyard.reporting.explanation_lines import answer_lines, explanation_lines  # noqa: PLC0415 - slow to import

    read = None if not answer.price else answer.price
    price = None if read is None else (read.phrase, read.applied, read.min, read.max)
    if not answer.explanation:
        rows = [(shown.id, shown.title, shown.price or "", shown.score) for shown in answer.items]
        return answer_lines(query, rows, language=language)
    return explanation_lines(query, answer.explanation, language=language, price=price)


def _bundle(path: Path) -> Any:
    from steelyard.assembly import Tools  # noqa: PLC0415 - slow to import

    return Tools().bundles.open(path)


def _opened(path: Path) -> tuple[Any, Rules | None]:
    """The newest bundle of a shop, and the rules of its merchandisers."""
    from steelyard.cli.opening import open_shop, read_text  # noqa: PLC0415 - slow to import
    from steelyard.config.curation import read_curation  # noqa: PLC0415 - as above
    from steelyard.workflows.asking import Rules  # noqa: PLC0415 - as above

    opened = open_shop(path)
    if not opened.store.has("bundle"):
        raise ConfigError(f"there is no bundle in {opened.work} yet: run `steelyard run` first")
    bundle = opened.tools.bundles.open(opened.work / opened.store.read_json("bundle")["path"])
    name = opened.config.serve.curation
    if not name:
        return bundle, None
    rules = read_curation(read_text(opened.base / name), name=str(name))
    return bundle, Rules(rules, opened.tools.clock.now, timezone=opened.config.shop.timezone)
