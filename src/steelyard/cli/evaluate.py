"""``steelyard evaluate``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

import click

from steelyard.assembly import Tools
from steelyard.cli.values import Number
from steelyard.config.schema import EventColumns, EventsSource, JudgementColumns, JudgementsSource
from steelyard.data.guess import TableProfile, guess
from steelyard.data.privacy import Pseudonyms
from steelyard.data.roles import profile
from steelyard.data.schema import Wanted, wanted_events, wanted_judgements
from steelyard.domain import Surface
from steelyard.errors import ConfigError, DataError
from steelyard.models.pipeline import catalogue_from_state
from steelyard.workflows.evaluate import Evaluation, cases_from_events, cases_from_judgements, evaluate

__all__ = ["command"]

SAMPLE_ROWS = 5000


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
@click.option("--repeats", is_flag=True, help="Items that a user interacted with before count as answers too.")
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), help="Key file of the pseudonyms.")
@click.option("--k", type=click.IntRange(1, 1000), default=10, show_default=True, help="Cut-off rank.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option("--rows", is_flag=True, help="Add what each request got.")
def command(bundle: Path, judgements: Path | None, events: Path | None, **given: Any) -> None:
    """Judge a bundle on data it never saw; prints JSON.

    With --events, a user's items are asked of the history before them: the bundle's own history of the user where
    the key is found, and then all rows of the file are answers; else each user's last event in the file is.
    """
    if (judgements is None) == (events is None):
        raise ConfigError("give --judgements FILE or --events FILE, one of them")
    columns = dict(pair.partition("=")[::2] for pair in given["columns"])
    opened = Tools().bundles.open(bundle)
    item_ids = tuple(opened.cards().item_ids())
    surface = Surface.SEARCH if judgements else Surface.RECOMMEND
    pipeline = opened.engine().require(surface)
    if judgements is not None:
        rows = _judged(judgements, columns, offset=float(given["gain_offset"]))
        facts = catalogue_from_state(Tools().files.read_state(opened.resolve("parts/catalogue")))
        evaluation = cases_from_judgements(rows, item_ids=item_ids, facts=facts)
    else:
        assert events is not None  # one of both was given
        evaluation = _from_events(events, columns, opened, item_ids, given)
    found = evaluate(pipeline, evaluation, item_ids=item_ids, k=given["k"], seed=given["seed"], has_rows=given["rows"])
    click.echo(json.dumps({"bundle": opened.digest, **found}, ensure_ascii=False, indent=1))


def _judged(path: Path, columns: Mapping[str, str], *, offset: float) -> Iterator[tuple[str, str, float]]:
    roles = _roles(path, columns, "judgement_roles", ("query", "item_id", "gain"))
    wanted = wanted_judgements(JudgementsSource(path=path.name, columns=JudgementColumns(**roles)))
    for row in _rows(path, wanted, lambda raw: raw):
        if row["query"] is not None and row["item_id"] is not None and row["gain"] is not None:
            yield row["query"], row["item_id"], float(row["gain"]) + offset


def _from_events(
    path: Path, columns: Mapping[str, str], opened: Any, item_ids: tuple[str, ...], given: Mapping[str, Any]
) -> Evaluation:
    roles = _roles(path, columns, "event_roles", ("user", "item_id", "time"))
    wanted = wanted_events(EventsSource(path=path.name, columns=EventColumns(**roles)))
    key_file = _key(given["key"], opened.folder)
    hide = Pseudonyms(key_file.read_bytes()) if key_file else Pseudonyms(bytes(32))
    needed = ("user", "item_id", "time")
    events = [
        (row["user"], row["item_id"], float(row["time"]))
        for row in _rows(path, wanted, hide)
        if all(row[name] is not None for name in needed)
    ]
    if not events:
        raise DataError(f"{path} has no row with user, item and time: name its columns with --columns")
    about = opened.about()
    first_s = min(time_s for _, _, time_s in events)
    known = _known(about.logged, {user for user, _, _ in events}, item_ids, before_s=first_s) if key_file else []
    since = given["since"]
    cut_s = since.replace(tzinfo=UTC).timestamp() if since else (first_s if known else None)
    return cases_from_events(
        known + events,
        item_ids=item_ids,
        max_history=about.max_history,
        cut_s=cut_s,
        is_new_only=not given["repeats"],
    )


def _known(logged: Any, users: set[str], item_ids: tuple[str, ...], *, before_s: float) -> list[tuple[str, str, float]]:
    """The bundle's histories of these users, as events just before the file's first one."""
    found = []
    for user in sorted(users):
        history = logged.of(user) if logged is not None else ()
        found += [(user, item_ids[item], before_s - (len(history) - at)) for at, item in enumerate(history)]
    return found


def _key(named: Path | None, folder: Path) -> Path | None:
    if named is not None and not named.is_file():
        raise ConfigError(f"no key file at {named}")
    near = (at / "secret.key" for at in (folder.parent, folder.parent.parent))
    return named or next((path for path in near if path.is_file()), None)


def _roles(path: Path, columns: Mapping[str, str], of: str, needed: tuple[str, ...]) -> dict[str, str]:
    """The column of each needed role: as given, else of that very name, else guessed."""
    unknown = sorted(set(columns) - set(needed))
    if unknown:
        raise ConfigError(f"--columns knows no role {', '.join(unknown)}; it knows {', '.join(needed)}")
    if not path.is_file():
        raise ConfigError(f"no file at {path}")
    with Tools().shop.sources(path.resolve().parent) as sources:
        n_rows, sample, numbers = sources.sample(path.name, SAMPLE_ROWS)
    profiles = tuple(profile(name, values, numbers.get(name, ())) for name, values in sample.items())
    table = TableProfile(path.name, n_rows, profiles)
    guessed = {role: one.columns[0] for role, one in getattr(guess([table]), of).items()}
    same = {role: role for role in needed if role in sample}
    found = {role: column for role, column in {**guessed, **same, **columns}.items() if role in needed}
    missing = [role for role in needed if role not in found]
    if missing:
        raise DataError(
            f"{path} has columns {', '.join(sample)}; none was taken for {', '.join(missing)}: "
            f"name it, as --columns {missing[0]}=COLUMN"
        )
    return found


def _rows(path: Path, wanted: Wanted, hide: Any) -> Iterator[dict[str, Any]]:
    with Tools().shop.sources(path.resolve().parent) as sources:
        sources.check([wanted])
        for batch in sources.batches(sources.scan(wanted, pseudonym=hide)):
            names = list(batch)
            for values in zip(*batch.values(), strict=True):
                yield dict(zip(names, values, strict=True))
