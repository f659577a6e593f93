"""``decide``: prices, bills and the choice, with all that was read over HTTP so far."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass

import msgspec

from steelyard.cost import PriceBook, UsageRecord
from steelyard.cost.prices.tax import with_tax
from steelyard.cost.usage import STAGES
from steelyard.documents.configurations import Built
from steelyard.documents.decision import Decision
from steelyard.documents.encoding import as_builtins
from steelyard.domain import Fact
from steelyard.errors import StageError
from steelyard.workflows.build import load_built, load_configurations
from steelyard.workflows.building.left_out import not_built
from steelyard.workflows.decide import decide, store_decision
from steelyard.workflows.deciding.rule_costs import stored_lists, with_lists
from steelyard.workflows.deciding.slicing import stored_cold_start, stored_slices, with_slices
from steelyard.workflows.deciding.unjudged import not_judged
from steelyard.workflows.ports import Progress
from steelyard.workflows.pricing.bill_document import store_bills
from steelyard.workflows.pricing.machines import time_ratios
from steelyard.workflows.pricing.making import is_of_today, made_of, making_usage
from steelyard.workflows.pricing.price import Evidence, Pricing, price
from steelyard.workflows.promises.promises import check_rows, correction_said
from steelyard.workflows.promises.readings import Readings
from steelyard.workflows.session import Run
from steelyard.workflows.stored import stored_decision

__all__ = ["Settled", "decide_stage", "priced", "taxed_book", "usage_of"]


_BILLS = "bills and unit costs with explanations, rates derived"
"""Part of the key of ``decide``: bills of another form are made again."""


@dataclass(frozen=True, slots=True)
class Settled:
    """All that the prices and the choice rest on."""

    book: PriceBook
    evidence: Evidence
    inputs: tuple[str, ...]
    """Digests of what was measured."""

    @classmethod
    def of(cls, run: Run, *, readings: Readings | None = None, is_final: bool = True) -> Settled:
        """What was measured so far, and the book it is priced from.

        Args:
            run: Configuration and everything open.
            readings: The readings over HTTP, where they are open already.
            is_final: Whether a configuration that missed its limit loses, or may be asked at a lower rate.

        Returns:
            With what was measured over HTTP.

        Raises:
            StageError: Nothing was measured yet.
        """
        measured = run.measured()
        if not measured:
            raise StageError("nothing was measured yet: run `steelyard measure`, or `steelyard run` for all")
        readings = readings or Readings(run)
        standings = readings.standings()
        overheads = [s.correction.overhead_s for s in standings.values() if s.correction.overhead_s is not None]
        evidence = Evidence(
            configurations=load_configurations(run.store),
            measurements=measured,
            usage=usage_of(run, load_built(run.store)),
            machine=run.tools.measuring.machine(),
            http_overhead_cpu_s=statistics.median(overheads) if overheads else None,
            data_bytes=run.store.size("data"),
            checks=check_rows(standings, readings.limits_ms(), is_final=is_final),
            corrections={name: each.correction for name, each in standings.items()},
            corrections_said={n: said for n, each in standings.items() if (said := correction_said(n, each))},
            time_ratios=_time_ratios(run),
        )
        inputs = tuple(run.store.digest(f"measurements/{surface}") for surface in measured)
        return cls(taxed_book(run), evidence, inputs)


def decide_stage(run: Run, progress: Progress, *, readings: Readings | None = None, is_final: bool = True) -> Decision:
    """Prices, bills and the choice, with what was measured over HTTP so far."""
    settled, config = Settled.of(run, readings=readings, is_final=is_final), run.config
    evidence = settled.evidence
    settings = [
        getattr(config, name).model_dump(exclude={"ledger", "journals"}) for name in ("shop", "load", "decide", "cost")
    ]
    checks = {name: as_builtins(each) for name, each in evidence.checks.items()}
    key = [list(settled.inputs), checks, settings, repr(settled.book), config.seed]
    key += [run.now.date().isoformat(), asdict(evidence.usage), _BILLS, repr(evidence.time_ratios)]
    key += [{name: asdict(each) for name, each in evidence.corrections.items()}, is_final]
    key += [f"{each.endpoint!r}, samples on one scale" for each in evidence.configurations if each.endpoint is not None]

    unjudged = not_judged(config, run.split(), judged=evidence.measurements.keys())
    left_out = load_built(run.store).left_out
    kinds, cold = stored_slices(run.store), stored_cold_start(run.store)
    lists = stored_lists(run.store)
    key += [msgspec.to_builtins([unjudged, left_out, cold, lists]), kinds]

    def work() -> None:
        progress(0, 2, "price")
        pricing = price(config, evidence, book=settled.book, now=run.now)
        store_bills(run.store, pricing)
        progress(1, 2, "choose")
        decided = decide(config, pricing, now=run.now, is_draft=not is_final, not_judged=unjudged)
        decision = msgspec.structs.replace(decided, not_built=tuple(not_built(each, decided) for each in left_out))
        sliced = with_slices(decision, evidence.measurements, kinds, seed=config.seed, cold=cold)
        store_decision(run.store, with_lists(sliced, lists))

    run.steps.once("decide", key, ["bills", "decision"], work)
    return stored_decision(run.store)


def priced(run: Run, readings: Readings) -> Pricing:
    """What every configuration costs with all that was read over HTTP so far; nothing is chosen or kept."""
    settled = Settled.of(run, readings=readings)
    return price(run.config, settled.evidence, book=settled.book, now=run.now)


def _time_ratios(run: Run) -> dict[str, Fact]:
    asked = run.config.cost.calibration
    if asked is None:
        return {}
    read = run.tools.measuring.calibration
    there = {name: read(run.base / path) for name, path in asked.there.items()}
    machine = run.tools.measuring.machine()
    here = read(run.base / asked.here)
    return time_ratios(here, there, profile=asked.profile, measured_on=machine, on=run.now.date())


def taxed_book(run: Run) -> PriceBook:
    """The price book that a run decides with: the shop's own rows laid over it, tax added where it is asked for."""
    cost = run.config.cost
    net = run.tools.prices.books(run.base).load(cost.book, overrides=cost.overrides)
    return with_tax(net, cost.include.tax_percent)


def usage_of(run: Run, built: Built) -> UsageRecord:
    """What each stage and part used of the machine, as the bill reads it.

    Args:
        run: Its steps left records.
        built: Configurations, with what each needs and what that is made of.

    Returns:
        The steps of today, by stage and by part.
    """
    made = made_of({name: one for name, one in run.steps.records().items() if name.split("/")[0] in STAGES})
    return making_usage({name: one for name, one in made.items() if is_of_today(name, one, built)}, built)
