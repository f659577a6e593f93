"""``steelyard evaluate``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from steelyard.assembly import Tools
from steelyard.cli.values import Number
from steelyard.documents.encoding import as_builtins
from steelyard.domain import Surface
from steelyard.errors import ConfigError
from steelyard.workflows.evaluate import evaluate
from steelyard.workflows.evidence.evaluation_cases import (
    AskedBundle,
    EventFile,
    JudgementFile,
    event_cases,
    judgement_cases,
)

__all__ = ["command"]


@click.command("evaluate")
@click.argument("bundle", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--judgements", type=click.Path(path_type=Path, dir_okay=False), help="Query, item and gain by row.")
@click.option("--events", type=click.Path(path_type=Path, dir_okay=False), help="User, item and time by row.")
@click.option("--columns", multiple=True, metavar="ROLE=COLUMN", help="Names of columns; guessed where not given.")
@click.option(
    "--gain-offset",
    type=Number(-(10**6), 10**6, like="-1"),
    default="0",
    show_default=True,
    help="Added to every gain.",
)
@click.option("--since", type=click.DateTime(), help="Events from this time (UTC) on are the answers.")
@click.option("--repeats", is_flag=True, help="All items that a user interacted with before count as answers too.")
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), help="Key file of the pseudonyms.")
@click.option("--k", type=click.IntRange(1, 1000), default=10, show_default=True, help="Cut-off rank.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option("--rows", is_flag=True, help="Add what each request got.")
def command(bundle: Path, judgements: Path | None, events: Path | None, **given: Any) -> None:
    """Judge a bundle on data it never saw; prints JSON.

    With --events, a user's items are asked of the history before them: the bundle's own history of the user where
    the key is found, and then all rows of the file are answers; else each user's last event in the file is. Items that
    a user interacted with before are answers where the shop's rules offer them again, as measured (exclude_seen,
    repeat_categories).
    """
    if (judgements is None) == (events is None):
        raise ConfigError("give --judgements FILE or --events FILE, one of them")
    columns, tools = dict(pair.partition("=")[::2] for pair in given["columns"]), Tools()
    opened = tools.bundles.open(bundle)
    about = opened.about()
    asked = AskedBundle(tuple(opened.cards().item_ids()), about.max_history, about.logged)
    pipeline = opened.engine().require(Surface.SEARCH if judgements else Surface.RECOMMEND)
    _check(judgements or events)
    catalogue = tools.files.read_state(opened.resolve("parts/catalogue"))
    if judgements is not None:
        judged = JudgementFile(path=judgements, columns=columns, offset=float(given["gain_offset"]))
        evaluation = judgement_cases(judged, tools.shop, bundle=asked, catalogue=catalogue)
    else:
        assert events is not None  # one of both was given
        key = _key(given["key"], opened.folder)
        taken = EventFile(path=events, columns=columns, since=given["since"], is_new_only=not given["repeats"], key=key)
        evaluation = event_cases(taken, tools.shop, bundle=asked, catalogue=catalogue, pipeline=pipeline)
    found = evaluate(
        pipeline, evaluation, item_ids=asked.item_ids, k=given["k"], seed=given["seed"], has_rows=given["rows"]
    )
    click.echo(json.dumps({"bundle": opened.digest, **as_builtins(found)}, ensure_ascii=False, indent=1))


def _check(path: Path | None) -> None:
    if path is None or not path.is_file():
        raise ConfigError(f"no file at {path}")


def _key(named: Path | None, folder: Path) -> bytes | None:
    """The key of the pseudonyms: in the file that was named, else in one that lies near the bundle."""
    if named is not None and not named.is_file():
        raise ConfigError(f"no key file at {named}")
    near = (at / "secret.key" for at in (folder.parent, folder.parent.parent))
    file = named or next((path for path in near if path.is_file()), None)
    return None if file is None else file.read_bytes()
