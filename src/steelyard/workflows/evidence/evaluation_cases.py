"""``evaluate``: requests with their answers, read from files of judgements or events that the shop gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from steelyard.config.schema import EventColumns, EventsSource, JudgementColumns, JudgementsSource
from steelyard.data.dividing.repeatable import items_in
from steelyard.data.guessing.guess import TableProfile, guess
from steelyard.data.guessing.roles import profile
from steelyard.data.privacy import Pseudonyms
from steelyard.data.schema import Wanted, wanted_events, wanted_judgements
from steelyard.domain import State
from steelyard.errors import ConfigError, DataError
from steelyard.models.pipeline import catalogue_from_state
from steelyard.models.ranking.rules import Rules
from steelyard.serving.list_rules import rules_of
from steelyard.workflows.evaluate import Evaluation, cases_from_events, cases_from_judgements

if TYPE_CHECKING:
    from steelyard.serving.pipelines import Pipeline
    from steelyard.workflows.ports import ShopFiles

__all__ = ["AskedBundle", "EventFile", "Histories", "JudgementFile", "event_cases", "judgement_cases"]

SAMPLE_ROWS = 5000


class Histories(Protocol):
    """What users took in the log that the models learnt from."""

    def of(self, user: str) -> Sequence[int]:
        """Item numbers, oldest first; none where the user is not known."""
        ...


@dataclass(frozen=True, slots=True)
class AskedBundle:
    """As much of a bundle as its requests are made with."""

    item_ids: tuple[str, ...]
    """Item number to the shop's identifier."""
    max_history: int
    """Latest distinct items of a history that are given to the pipeline."""
    logged: Histories | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementFile:
    """Query, item and gain by row."""

    path: Path
    columns: Mapping[str, str]
    """Names of columns by role; guessed where not given."""
    offset: float
    """Added to every gain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFile:
    """User, item and time by row."""

    path: Path
    columns: Mapping[str, str]
    since: datetime | None
    """Events from this time (UTC) on are the answers."""
    is_new_only: bool
    """Whether items that a user took before, and that the rules do not offer again, are no answers."""
    key: bytes | None
    """Key of the pseudonyms, with which the bundle's histories are found; ``None`` where there is none."""


def judgement_cases(file: JudgementFile, files: ShopFiles, *, bundle: AskedBundle, catalogue: State) -> Evaluation:
    """Search requests from a file of judgements.

    Args:
        file: The file.
        files: Opens it.
        bundle: What will answer.
        catalogue: Its catalogue, which says which item stands for a product text.

    Returns:
        One request a distinct query.

    Raises:
        ConfigError: A column was given for a role that is not needed.
        DataError: A column is missing, a gain is negative, or there are no rows.
    """
    facts = catalogue_from_state(catalogue)
    return cases_from_judgements(_judged(file, files), item_ids=bundle.item_ids, facts=facts)


def event_cases(
    file: EventFile, files: ShopFiles, *, bundle: AskedBundle, catalogue: State, pipeline: Pipeline
) -> Evaluation:
    """Recommendation requests from a file of events.

    Args:
        file: The file.
        files: Opens it.
        bundle: What will answer.
        catalogue: Its catalogue, which says which items are of the categories that are offered again.
        pipeline: That recommends: its rules say what of what a user took before is to be found.

    Returns:
        One request a user with something to answer; the bundle's own history of the user where the key is known.

    Raises:
        ConfigError: A column was given for a role that is not needed.
        DataError: A column is missing, or no row has all three.
    """
    needed = ("user", "item_id", "time")
    roles = _roles(file.path, files, file.columns, of="event_roles", needed=needed)
    wanted = wanted_events(EventsSource(path=file.path.name, columns=EventColumns(**roles)))
    hide = Pseudonyms(file.key or bytes(32))
    events = list(_rows(file.path, files, wanted, columns=needed, hide=hide))
    if not events:
        raise DataError(f"{file.path} has no row with user, item and time: name its columns with --columns")
    first_s = min(time_s for _, _, time_s in events)
    known = _known(bundle, {user for user, _, _ in events}, before_s=first_s) if file.key else []
    rules, since = rules_of(pipeline) or Rules(), file.since
    cut_s = since.replace(tzinfo=UTC).timestamp() if since else (first_s if known else None)
    return cases_from_events(
        known + events,
        item_ids=bundle.item_ids,
        max_history=bundle.max_history,
        cut_s=cut_s,
        excludes_seen=rules.exclude_seen,
        again=_again(rules, catalogue),
        is_new_only=file.is_new_only,
        n_known=len(known),
    )


def _again(rules: Rules, catalogue: State) -> frozenset[int]:
    """Items that are offered again although they were seen, as ``measure`` judges them."""
    is_some = rules.exclude_seen and rules.repeat_categories
    return items_in(catalogue_from_state(catalogue), rules.repeat_categories) if is_some else frozenset()


def _judged(file: JudgementFile, files: ShopFiles) -> Iterator[tuple[str, str, float]]:
    needed = ("query", "item_id", "gain")
    roles = _roles(file.path, files, file.columns, of="judgement_roles", needed=needed)
    wanted = wanted_judgements(JudgementsSource(path=file.path.name, columns=JudgementColumns(**roles)))
    for query, item_id, gain in _rows(file.path, files, wanted, columns=needed, hide=lambda raw: raw):
        yield query, item_id, gain + file.offset


def _known(bundle: AskedBundle, users: set[str], *, before_s: float) -> list[tuple[str, str, float]]:
    """The bundle's histories of these users, as events just before the file's first one."""
    found = []
    for user in sorted(users):
        history = bundle.logged.of(user) if bundle.logged is not None else ()
        found += [(user, bundle.item_ids[item], before_s - (len(history) - at)) for at, item in enumerate(history)]
    return found


def _roles(
    path: Path, files: ShopFiles, columns: Mapping[str, str], *, of: str, needed: tuple[str, ...]
) -> dict[str, str]:
    """The column of each needed role: as given, else of that very name, else guessed."""
    unknown = sorted(set(columns) - set(needed))
    if unknown:
        raise ConfigError(f"--columns knows no role {', '.join(unknown)}; it knows {', '.join(needed)}")
    with files.sources(path.resolve().parent) as sources:
        n_rows, sample, numbers = sources.sample(path.name, SAMPLE_ROWS)
    profiles = tuple(profile(name, values, numbers.get(name, ())) for name, values in sample.items())
    table = TableProfile(path.name, n_rows, profiles)
    guessed = {role: one.columns[0] for role, one in getattr(guess([table]), of).items()}
    same = {role: role for role in needed if role in sample}
    found = {role: column for role, column in {**guessed, **same, **columns}.items() if role in needed}
    missing = [role for role in needed if role not in found]
    if missing and not n_rows:
        raise DataError(f"{path} has a header but no rows: export it again")
    if missing:
        raise DataError(
            f"{path} has columns {', '.join(sample)}; none was taken for {', '.join(missing)}: "
            f"name it, as --columns {missing[0]}=COLUMN"
        )
    return found


def _rows(
    path: Path, files: ShopFiles, wanted: Wanted, *, columns: tuple[str, str, str], hide: Callable[[str], str]
) -> Iterator[tuple[str, str, float]]:
    """Two texts and a number of each row that has all three."""
    with files.sources(path.resolve().parent) as sources:
        sources.check([wanted])
        for batch in sources.batches(sources.scan(wanted, pseudonym=hide)):
            for one, other, number in zip(*(batch[name] for name in columns), strict=True):
                if one is not None and other is not None and number is not None:
                    yield one, other, float(number)
