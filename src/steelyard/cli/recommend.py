"""``steelyard recommend``."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import click

from steelyard import __version__
from steelyard.cli.opening import config_option, open_shop
from steelyard.errors import ConfigError

__all__ = ["command"]


@click.command("recommend")
@config_option
@click.option("--all", "is_all", is_flag=True, help="For every user of the log.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Parquet file to write.")
@click.option("-k", type=click.IntRange(1, 1000), default=10, show_default=True, help="Length of the lists.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; as many as cores where not given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(path: Path, is_all: bool, out: Path, k: int, workers: int | None, as_json: bool) -> None:
    """Write the lists of all users of the log to a Parquet file, as the newest bundle would serve them.

    A row for each item of a list: user (a pseudonym), rank from 1, item_id, score. The rules are those of the server.
    The file is there whole or not at all.
    """
    if not is_all:
        raise ConfigError("lists are made for all users of the log: add --all; one user's list is GET /v1/recommend")
    if out.suffix != ".parquet":
        raise ConfigError(f"--out {out}: lists are written as Parquet; call it {out.stem}.parquet")
    opened = open_shop(path)
    if not opened.store.has("bundle"):
        raise ConfigError(f"there is no bundle in {opened.work} yet: run `steelyard run` first")
    from steelyard.workflows.batch import recommend_all  # noqa: PLC0415 - slow to import, and not needed to refuse

    tools = opened.tools
    bundle = tools.bundles.open(opened.work / opened.store.read_json("bundle")["path"])
    how = {"k": k, "workers": workers or os.cpu_count() or 1}
    parts = tools.bundles.lists(bundle, erased=opened.erased, now_s=tools.clock.now().timestamp(), **how)
    with tools.bundles.writing_lists(out, bundle, facts={"k": k, "steelyard": __version__}) as writer:
        done = recommend_all(parts, writer, told=_told(as_json))
    found = {"out": str(out), "bundle": bundle.digest, "users": done.users, "rows": done.rows, "short": done.short}
    if as_json:
        click.echo(json.dumps({**found, "empty": done.empty}, ensure_ascii=False, indent=1))
        return
    click.echo(_sentence(out, (done.users, done.rows, done.short, done.empty), opened.config.shop.language))


def _told(is_quiet: bool) -> Callable[[int], None]:
    def told(n_users: int) -> None:
        if not is_quiet and n_users % 100_000 < 1_000:
            click.echo(f"{n_users:,} …", err=True)

    return told


def _sentence(out: Path, counts: tuple[int, int, int, int], language: str) -> str:
    users, rows, short, empty = counts
    if language == "zh":
        return f"已写入 {out}：{users:,} 位用户，{rows:,} 行；{short:,} 份列表较短，{empty:,} 位用户没有可推荐的商品"
    return f"{out}: lists of {users:,} users, {rows:,} rows; {short:,} lists are short, {empty:,} users have none"
