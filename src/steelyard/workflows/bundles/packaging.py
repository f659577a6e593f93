"""``package``: the chosen configurations, or those named, in a sealed bundle; what keeps no floor stays out of it."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from steelyard.documents.bills import BillDocument
from steelyard.documents.decision import Decision
from steelyard.documents.promises import PromiseRecord
from steelyard.domain import Configuration, Surface
from steelyard.errors import StageError
from steelyard.workflows.build import load_configurations
from steelyard.workflows.bundles.package import Details, package
from steelyard.workflows.bundles.personal_search import fitted_search, personal_line, stored_fit
from steelyard.workflows.changing import retire_changes
from steelyard.workflows.deciding.unjudged import served_unjudged
from steelyard.workflows.examples import N_EXAMPLES, store_examples
from steelyard.workflows.ports import Progress
from steelyard.workflows.promises.promises import summary
from steelyard.workflows.promises.record import PROMISES, read_record
from steelyard.workflows.session import Run
from steelyard.workflows.stored import stored_bills, stored_decision

__all__ = [
    "bundle_of_pair",
    "feasible_choice",
    "named_configurations",
    "nothing_packaged",
    "package_held",
    "package_named",
    "package_stage",
]


_COUNTED = 1_000_000
"""Events counted at a time."""
_FORM = 5
"""Of what goes into a bundle beside the choice: raised where the same choice has to be packaged again."""


def bundle_of_pair(
    run: Run,
    chosen: Mapping[Surface, Configuration],
    out: Path,
    *,
    decision: Decision,
    bills: BillDocument | None = None,
    promises: PromiseRecord | None = None,
) -> Path:
    """A sealed bundle of these configurations.

    Args:
        run: Configuration and everything open.
        chosen: At most one configuration of each surface.
        out: Folder of bundles.
        decision: The decision document that goes with it.
        bills: The bills that go with it.
        promises: The record of promises that goes with it.

    Returns:
        The bundle's folder.
    """
    details = Details(
        made_at=decision.made_at,
        query_examples=_examples(run),
        max_history=run.config.models.max_history,
        log_kind=_log_kind(run),
        bills=bills,
        promises=promises,
        personal=stored_fit(run, chosen.get(Surface.SEARCH)),
    )
    return package(
        run.config,
        run.store,
        run.tools.bundles,
        chosen=chosen,
        out=out,
        decision=decision,
        details=details,
    )


def _log_kind(run: Run) -> str:
    """The kind of event of a log without a column for it: all of it is of that kind."""
    events = run.config.data.events
    return events.kind if events is not None and events.columns.kind is None else ""


def _examples(run: Run) -> list[str]:
    """What the store front proposes: queries of people, else category names and best sellers; never synthetic ones."""
    shop = run.bench.shop
    names, of_item = shop.facts.categories, shop.facts.category.tolist()
    paths = [tuple(names[number].split(" > ")) for number in of_item if number >= 0]
    counts: Counter[int] = Counter()
    for start in range(0, len(shop.learn_all.items), _COUNTED):
        counts.update(shop.learn_all.items[start : start + _COUNTED].tolist())
    titles = [shop.texts.title[shop.facts.text_of_item[item]] for item, _ in counts.most_common(N_EXAMPLES)]
    return store_examples(shop.query_examples, paths, titles)


def package_stage(run: Run, progress: Progress) -> list[str]:
    """The chosen configurations in one sealed bundle; what keeps no floor stays out of it."""
    run.steps.require({"decision": "decide", "bills": "decide"})
    decision = stored_decision(run.store)
    chosen = feasible_choice(run, decision)
    if not chosen:
        raise StageError(nothing_packaged(decision))
    made = run.store.read_json("bundle") if run.store.has("bundle") else {}
    documents = [name for name in ("decision", "bills", PROMISES) if run.store.has(name)]
    fit = fitted_search(run, chosen.get(Surface.SEARCH), progress)
    said = [] if fit is None or not fit.n_searches else [personal_line(fit)]
    held = {name: run.store.digest(name) for name in documents} | {"form": _FORM}
    held |= {} if fit is None else {"personal": fit.key}
    if held.items() <= made.items() and run.tools.bundles.has(run.work / made["path"]):
        return [f"bundle {run.work / made['path']} is up to date", *said]
    return [f"bundle {_publish(run, chosen, held, progress)}", *said, *_left_out(decision, chosen)]


def package_named(run: Run, names: Sequence[str], progress: Progress) -> list[str]:
    """Package configurations by name, chosen or not.

    Args:
        run: Configuration and everything open.
        names: At most one configuration of each surface; the chosen one is taken for a surface that is not named.
        progress: Told what is packaged.

    Returns:
        Lines that say where the bundle is, and what each named configuration fails to keep.

    Raises:
        StageError: A name is not known, or two are of one surface.
    """
    run.steps.require({"decision": "decide", "bills": "decide"})
    decision = stored_decision(run.store)
    named = named_configurations(run, names)
    chosen = feasible_choice(run, decision) | named
    fitted_search(run, chosen.get(Surface.SEARCH), progress)
    folder = _publish(run, chosen, {"named": sorted(named[s].name for s in named)}, progress)
    return [f"bundle {folder}", *_not_chosen(decision, named)]


def named_configurations(run: Run, names: Sequence[str]) -> dict[Surface, Configuration]:
    """The configurations of these names.

    Args:
        run: Configuration and everything open.
        names: At most one of each surface.

    Returns:
        By surface.

    Raises:
        StageError: A name is not known, or two are of one surface.
    """
    known = {c.name: c for c in load_configurations(run.store)}
    named: dict[Surface, Configuration] = {}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else f": there are {', '.join(sorted(known))}"
            raise StageError(f"no configuration is called {name!r}{hint}")
        one = known[name]
        if one.surface in named:
            raise StageError(f"{named[one.surface].name} and {name} both answer {one.surface}: name one of them")
        named[one.surface] = one
    return named


def _publish(
    run: Run,
    chosen: Mapping[Surface, Configuration],
    held: Mapping[str, str | int] | Mapping[str, list[str]],
    progress: Progress,
) -> Path:
    progress(0, 1, " + ".join(c.name for c in chosen.values()))
    decision, bills = stored_decision(run.store), stored_bills(run.store)
    judged = {row.surface for row in decision.surfaces if row.chosen}  # others: no cases, or quality 0 of all
    served = chosen if str(Surface.RECOMMEND) in judged else served_unjudged(run.config, chosen)
    path = bundle_of_pair(
        run, served, run.work / "bundles", decision=decision, bills=bills, promises=_record(run, decision)
    )
    run.store.write_json("bundle", {"path": str(path.relative_to(run.work)), **held})
    retire_changes(run)
    return path


def _record(run: Run, decision: Decision) -> PromiseRecord | None:
    """The record with the currency of its amounts, which is the price book's and not the shop's."""
    rows = read_record(run)
    return PromiseRecord(rows=rows, summary=summary(rows), currency=decision.book.currency) if rows else None


def feasible_choice(run: Run, decision: Decision) -> dict[Surface, Configuration]:
    """The chosen configuration of each surface where one keeps every floor."""
    known = {c.name: c for c in load_configurations(run.store)}
    names = {Surface(row.surface): row.chosen for row in decision.surfaces if row.is_feasible}
    return {surface: known[name] for surface, name in names.items() if name}


def nothing_packaged(decision: Decision) -> str:
    """The sentence that says why there is no bundle, and what to do."""
    whys = "; ".join(f"{row.surface}: {row.why}" for row in decision.surfaces)
    nearest = " ".join(row.chosen for row in decision.surfaces if row.chosen)
    what = f", or package the closest all the same: `steelyard package {nearest}`" if nearest else ""
    return f"nothing was packaged, since no configuration keeps every floor ({whys}). Loosen a floor{what}"


def _left_out(decision: Decision, chosen: Mapping[Surface, Configuration]) -> list[str]:
    return [
        f"{row.surface} is not in the bundle: {row.why}"
        for row in decision.surfaces
        if Surface(row.surface) not in chosen
    ]


def _not_chosen(decision: Decision, named: Mapping[Surface, Configuration]) -> list[str]:
    lines = []
    for row in decision.surfaces:
        one = named.get(Surface(row.surface))
        judged = row.candidate(one.name) if one is not None else None
        if judged is not None and judged.verdict != "chosen":
            lines.append(f"{judged.name} was not chosen: {'; '.join(judged.reasons) or judged.verdict}")
    return lines


def package_held(run: Run, decision: Decision, progress: Progress) -> list[str]:
    """Package the choice; where nothing keeps every floor no bundle is named any more, and the reason is said.

    Args:
        run: Configuration and everything open.
        decision: The decision after all checks.
        progress: Told what is packaged.

    Returns:
        Lines that say where the bundle is, or why there is none.
    """
    if feasible_choice(run, decision):
        return package_stage(run, progress)
    before = run.store.read_json("bundle")["path"] if run.store.has("bundle") else ""
    run.store.forget("bundle")
    said = [nothing_packaged(decision)]
    return [*said, f"the bundle made before is still at {run.work / before}"] if before else said
