"""From measurements to a sealed bundle whose promise was checked: decide, package, check."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from steelyard import registry
from steelyard.cost import PriceBook
from steelyard.domain import Configuration, Surface
from steelyard.errors import StageError
from steelyard.workflows.check import (
    HttpBench,
    best_few,
    check_pairs,
    check_rows,
    load_and_floor,
    one_core_rate,
    overhead_cpu_s,
    run_checks,
    served_service_s,
)
from steelyard.workflows.compress import load_configurations
from steelyard.workflows.decide import decide, store_decision
from steelyard.workflows.examples import N_EXAMPLES, store_examples
from steelyard.workflows.package import Details, package
from steelyard.workflows.ports import Progress
from steelyard.workflows.price import Evidence, price, store_bills
from steelyard.workflows.session import Run

__all__ = ["Settled", "check_stage", "decide_stage", "http_best", "package_stage"]

MAX_CHOICES = 4
"""A chosen configuration that breaks its promise is judged by what was measured, and the choice is made again."""
_SHARED_PARTS = ("parts/catalogue", "parts/cards", "parts/histories")


def http_best(run: Run, configurations: list[Configuration], progress: Progress) -> None:
    """Run the likely winners of each surface over HTTP, before the choice."""
    measured, config = run.measured(), run.config
    if not config.measure.http_best:
        return
    known = {c.name: c for c in configurations}
    few = {
        surface: [known[m.configuration] for m in best_few(config, found, floor=floor, n=config.measure.http_best)]
        for surface, found in measured.items()
        for floor in [load_and_floor(config, surface)[1]]
    }
    names = {str(surface): [c.name for c in found] for surface, found in few.items()}
    digests = [run.store.digest(f"measurements/{surface}") for surface in measured]
    key = [names, digests, config.load.model_dump(), config.measure.model_dump()]

    def work() -> None:
        readings = _serve(run, check_pairs(few), progress)
        run.store.write_json("http/best", {"readings": readings})

    run.steps.once("measure/http", key, ["http/best"], work)


def _serve(run: Run, pairs: list[dict[Surface, Configuration]], progress: Progress) -> list[dict[str, Any]]:
    """Readings over HTTP of bundles made for the purpose and deleted afterwards."""
    measured = {m.configuration: (surface, m) for surface, found in run.measured().items() for m in found}
    overhead = overhead_cpu_s(list(run.readings().values()), {n: m for n, (_, m) in measured.items()}) or 0.001
    bundles = run.work / "check"

    def rate(configuration: Configuration) -> float:
        surface, found = measured[configuration.name]
        return one_core_rate(run.config, surface, served_service_s(found, overhead))

    def make_bundle(pair: Mapping[Surface, Configuration]) -> Path:
        return _package(run, pair, bundles, decision={"surfaces": [], "made_at": ""})

    bench = HttpBench(
        run.config,
        run.cases(),
        state=bundles / "state",
        key=run.work / "secret.key",
        cores=registry.load("adapters", "cores")(),
    )
    try:
        return run_checks(bench, pairs, make_bundle=make_bundle, rate=rate, progress=progress)
    finally:
        shutil.rmtree(bundles, ignore_errors=True)


def _package(
    run: Run,
    chosen: Mapping[Surface, Configuration],
    out: Path,
    *,
    decision: Mapping[str, Any],
    bills: Mapping[str, Any] | None = None,
) -> Path:
    details = Details(
        made_at=str(decision["made_at"]),
        query_examples=_examples(run),
        max_history=run.config.models.max_history,
        log_kind=_log_kind(run),
        bills=bills,
    )
    return package(
        run.store,
        search=chosen.get(Surface.SEARCH),
        recommend=chosen.get(Surface.RECOMMEND),
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
    shop = run.training.shop
    names, of_item = shop.facts.categories, shop.facts.category.tolist()
    paths = [tuple(names[number].split(" > ")) for number in of_item if number >= 0]
    counts = Counter(shop.learn_all.items.tolist())
    titles = [shop.texts.title[shop.facts.text_of_item[item]] for item, _ in counts.most_common(N_EXAMPLES)]
    return store_examples(shop.query_examples, paths, titles)


_BILLS = "bills and unit costs with explanations"
"""Part of the key of ``decide``: bills of another form are made again."""


@dataclass(frozen=True, slots=True)
class Settled:
    """All that the prices and the choice rest on."""

    book: PriceBook
    evidence: Evidence
    inputs: tuple[str, ...]
    """Digests of what was measured."""

    @classmethod
    def of(cls, run: Run) -> Settled:
        """What was measured so far, and the book it is priced from.

        Args:
            run: Configuration and everything open.

        Returns:
            With what was measured over HTTP.

        Raises:
            StageError: Nothing was measured yet.
        """
        measured, config = run.measured(), run.config
        if not measured:
            raise StageError("nothing was measured yet: run `steelyard measure`, or `steelyard run` for all")
        rows = {m.configuration: (surface, m) for surface, found in measured.items() for m in found}
        readings = [row for row in run.readings().values() if row["configuration"] in rows]
        evidence = Evidence(
            configurations=load_configurations(run.store),
            measurements=measured,
            usage=_usage(run),
            machine=registry.load("adapters", "machine")(),
            http_overhead_cpu_s=overhead_cpu_s(readings, {n: m for n, (_, m) in rows.items()}),
            data_bytes=run.store.size("data"),
            checks=check_rows(config, readings, rows),
        )
        books = registry.load("adapters", "price-books")(run.base)
        book = books.load(config.cost.book, overrides=config.cost.overrides)
        return cls(book, evidence, tuple(run.store.digest(f"measurements/{surface}") for surface in measured))


def decide_stage(run: Run, progress: Progress) -> dict[str, Any]:
    """Prices, bills and the choice, with what was measured over HTTP so far."""
    settled, config = Settled.of(run), run.config
    evidence = settled.evidence
    settings = [
        getattr(config, name).model_dump(exclude={"ledger", "journals"}) for name in ("shop", "load", "decide", "cost")
    ]
    key = [list(settled.inputs), evidence.checks, settings, repr(settled.book), config.seed]
    key += [run.now.date().isoformat(), evidence.usage, _BILLS]

    def work() -> None:
        progress(0, 2, "price")
        pricing = price(config, evidence, book=settled.book, now=run.now)
        store_bills(run.store, pricing)
        progress(1, 2, "choose")
        store_decision(run.store, decide(config, pricing, now=run.now))

    run.steps.once("decide", key, ["bills", "decision"], work)
    decision: dict[str, Any] = run.store.read_json("decision")
    return decision


def _usage(run: Run) -> dict[str, Any]:
    """What each stage and part used of the machine, as the bill reads it."""
    stages = ("prepare", "train", "compress", "measure")
    steps = {name: asdict(used) for name, used in run.steps.usage().items() if name.split("/")[0] in stages}
    parts: dict[str, dict[str, float]] = {}
    for name, used in steps.items():
        for part in run.store.read_json(f"steps/{name}")["outputs"]:
            if part.startswith("parts/") and part not in _SHARED_PARTS:
                parts[part] = {"cpu_s": used["cpu_s"] + _before(part, steps)}
    return {**steps, "parts": parts}


def _before(part: str, steps: Mapping[str, Mapping[str, float]]) -> float:
    """Processor seconds of the steps that a part needed before its own: encoding for vectors, tuning for lexical."""
    needed = {"parts/lexical": "train/lexical-tuning"}.get(part, "")
    if part.startswith("parts/vectors/"):
        needed = "train/vectors"
    return steps[needed]["cpu_s"] if needed in steps else 0.0


def package_stage(run: Run, progress: Progress) -> list[str]:
    """The chosen configurations in one sealed bundle."""
    run.steps.require({"decision": "decide", "bills": "decide"})
    decision = run.store.read_json("decision")
    made = run.store.read_json("bundle") if run.store.has("bundle") else {}
    held = {name: run.store.digest(name) for name in ("decision", "bills")}
    if held.items() <= made.items() and (run.work / made["path"]).is_dir():
        return [f"bundle {run.work / made['path']} is up to date"]
    chosen = _chosen(run, decision)
    progress(0, 1, " + ".join(c.name for c in chosen.values()))
    path = _package(run, chosen, run.work / "bundles", decision=decision, bills=run.store.read_json("bills"))
    run.store.write_json("bundle", {"path": str(path.relative_to(run.work)), **held})
    return [f"bundle {path}"]


def _chosen(run: Run, decision: Mapping[str, Any]) -> dict[Surface, Configuration]:
    known = {c.name: c for c in load_configurations(run.store)}
    names = {Surface(row["surface"]): row["chosen"] for row in decision["surfaces"]}
    return {surface: known[name] for surface, name in names.items() if name}


def check_stage(run: Run, progress: Progress) -> list[str]:
    """The chosen configurations at the promised rate; the choice is made again where a promise was broken."""
    run.steps.require({"decision": "decide"})
    for _ in range(MAX_CHOICES):
        chosen = _chosen(run, run.store.read_json("decision"))
        parts = {part: run.store.digest(part) for c in chosen.values() for part in c.parts.values()}
        names = sorted(c.name for c in chosen.values())
        digests = [run.store.digest(f"measurements/{surface}") for surface in chosen]
        key = [names, parts, digests, run.config.load.model_dump(), run.config.measure.model_dump()]
        if not run.steps.once("check", key, ["http/chosen"], lambda: _promise(run, chosen, progress)):  # noqa: B023
            break
        decide_stage(run, progress)
    package_stage(run, progress)
    rows = run.store.read_json("decision")["surfaces"]
    return [f"{row['surface']}: {_kept(row['promise'])}" for row in rows]


def _promise(run: Run, chosen: Mapping[Surface, Configuration], progress: Progress) -> None:
    run.store.write_json("http/chosen", {"readings": _serve(run, [dict(chosen)], progress)})


def _kept(promise: Mapping[str, Any] | None) -> str:
    if promise is None:
        return "not checked"
    return f"promised p99 {promise['promised_p99_ms']:.1f} ms, measured {promise['measured_p99_ms']:.1f} ms"
