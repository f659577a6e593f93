"""Builds and looks at configurations one after the other: cheap ones first, dear ones while they can still win.

Each is looked at once: all its requests are answered, its times are a first reading. The rounds that follow are those
of ``measure``, over all that were looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import msgspec

from steelyard.cost import PriceBook
from steelyard.documents.configurations import Built, LeftOut
from steelyard.documents.progress import Action, Point, Step
from steelyard.domain import Configuration, Measurement, Surface
from steelyard.models.building import Part, Work
from steelyard.workflows.build import built_of, standing_parts, store_built, tuned_values
from steelyard.workflows.building.builder import Builder, step_of
from steelyard.workflows.building.first_wave import made_ahead
from steelyard.workflows.building.left_out import refusals
from steelyard.workflows.building.planned import Planned, planned_configurations, unmet
from steelyard.workflows.building.race import Passed, race, waves
from steelyard.workflows.building.shop_parts import CARDS, CATALOGUE
from steelyard.workflows.deciding.early import could_win, early_choice, least_measurement, on_quality
from steelyard.workflows.deciding.selection import on_frontier
from steelyard.workflows.live import LiveRun
from steelyard.workflows.measure import Measurer, check_cases
from steelyard.workflows.ports import Progress
from steelyard.workflows.pricing.price import Evidence, Priced, Pricing, price
from steelyard.workflows.session import Run
from steelyard.workflows.settle import taxed_book, usage_of

__all__ = ["Weighing", "weigh"]

Found = Mapping[Surface, Configuration]


def weigh(
    run: Run, live: LiveRun, progress: Progress, *, serve: Callable[[Found], None], is_everything: bool = False
) -> set[str]:
    """Build what can win and look at each once; what is to be measured is stored as ``configurations``.

    Args:
        run: Configuration and everything open.
        live: Told what is being done.
        progress: Told the same, for a terminal.
        serve: Takes what is best to be served so far, each time that changes.
        is_everything: Build and look at all, whatever they cost.

    Returns:
        Names of those whose times decide: they keep the floors on quality, or are what the others are judged beside.
    """
    config, bench = run.config, run.bench
    planned = planned_configurations(config)
    lacking = unmet(config, bench.shop, planned)
    names = {each.model for each in lacking}
    wanted = [each for each in planned if each.kind not in names]
    check_cases([each.surface for each in wanted], run.cases())
    desk = Weighing(run, live, progress, serve)
    desk.plan(wanted)
    desk.begin_ahead(wanted)
    desk.open_doors(wanted)
    named = {config.decide.search.reference, config.decide.recommend.reference}
    raced = race(wanted, desk, named=named, is_everything=is_everything)
    left_out = [*lacking, *desk.refused, *(_left_out(each) for each in raced.passed)]
    refused = {each.model for each in desk.refused}
    measured = [each for each in raced.measured if each.name not in refused]
    store_built(bench, run.steps, measured, left_out)
    return desk.contenders() | (named & {each.name for each in measured})


def _left_out(each: Passed) -> LeftOut:
    return LeftOut(each.name, "too_dear", str(each.surface), each.least, each.by, each.bill, each.currency)


class Weighing:
    """The race's desk over a run.

    Args:
        run: Configuration and everything open.
        live: Told what is being done.
        progress: Told the same, for a terminal.
        serve: Takes what is best to be served so far.
    """

    def __init__(self, run: Run, live: LiveRun, progress: Progress, serve: Callable[[Found], None]) -> None:
        self._run, self._live, self._progress, self._serve = run, live, progress, serve
        self._cases = run.cases()
        self._machine = run.tools.measuring.machine()
        self._measurer = Measurer(
            run.store, run.tools.measuring.probe(), run.config.measure, run.config.seed, self._machine
        )
        self._planned: dict[str, Planned] = {}
        self._found: dict[str, tuple[Configuration, Measurement]] = {}
        self._served: dict[Surface, str] = {}
        self._priced: dict[str, Priced] = {}
        self._fronts: set[str] = set()
        self._chosen: set[str] = set()
        self._passed: set[str] = set()
        self._pricing_of: tuple[int, Pricing | None] = (0, None)
        self.refused: list[LeftOut] = []
        """Configurations that their own recipe refused once they were made."""

    def plan(self, planned: Sequence[Planned]) -> None:
        """Tell all steps that may be done, in their order.

        Args:
            planned: All configurations there may be.
        """
        self._planned = {each.name: each for each in planned}
        steps: dict[str, Step] = {}
        standing = standing_parts(self._run.bench)
        for part in Builder.order(standing[:2]):
            steps.setdefault(step_of(part), _step(part))
        for group in waves(planned):
            parts = [part for each in group for part in each.needed] + standing
            for part in Builder.order(parts):
                steps.setdefault(step_of(part), _step(part))
            for each in group:
                steps[f"measure/{each.name}"] = _look(each)
        self._live.plan(list(steps.values()))

    def open_doors(self, planned: Sequence[Planned]) -> None:
        """Serve the shop with the cheapest models there are, before any of them is tuned or measured.

        Args:
            planned: All configurations there may be.
        """
        doors: dict[Surface, Configuration] = {}
        cheap = waves(planned)[0] if planned else []
        for surface, kind in ((Surface.SEARCH, "lexical"), (Surface.RECOMMEND, "popularity")):
            first = next((e for e in cheap if e.surface is surface and e.kind == kind), None)
            if first is not None:
                self._make([CATALOGUE, CARDS, *first.variant.parts.values(), *first.common.values()])
                doors[surface] = first.configuration({})
        if doors:
            self._serve(doors)

    def begin_ahead(self, planned: Sequence[Planned]) -> None:
        """Have a second process make what is dear and built whatever comes.

        Args:
            planned: All configurations there may be.
        """
        self._builder.begin_ahead(made_ahead(planned))

    def look(self, planned: Sequence[Planned]) -> None:
        """Make the parts of these configurations and measure each once.

        Args:
            planned: Of any surface.
        """
        self._make([part for each in planned for part in each.needed])
        self._make(standing_parts(self._run.bench))
        refused = refusals(planned, tuned_values(self._run.bench, planned))
        names = {each.model for each in refused}
        self.refused += refused
        for place, each in enumerate(planned):
            self._progress(place, len(planned), each.name)
            if each.name in names:
                self._live.skip(f"measure/{each.name}", "refused")
            else:
                self._look(each)
        if self._found:
            self._tell()

    def contenders(self) -> set[str]:
        """Those that keep the floors on quality, the best of each surface, and the plain ones.

        Returns:
            Names; quality is known after one look, so the times of the others decide nothing.
        """
        pricing = self._priced_so_far()
        kept = {one.candidate.name for found in on_quality(self._run.config, pricing).values() for one in found}
        plain = {name for name, (configuration, _) in self._found.items() if configuration.is_uncompressed}
        return kept | plain

    def beaten(self, planned: Planned) -> Passed | None:
        """What a configuration cannot beat, by the least it can cost.

        Args:
            planned: Not measured; what it is a smaller form of is.

        Returns:
            None while it may win.
        """
        _, like = self._found[planned.variant.whole]
        configuration = planned.configuration({})
        bound = least_measurement(configuration, like)
        others = {found[0].surface: (name, found) for name, found in self._found.items()}
        beside = {name: found for surface, (name, found) in others.items() if surface is not planned.surface}
        alone = self._pricing({**beside, planned.name: (configuration, bound)})
        mine = next(each for each in alone.surfaces[planned.surface] if each.candidate.name == planned.name)
        pricing = self._priced_so_far()
        if could_win(self._run.config, pricing, mine, planned.surface):
            return None
        best = early_choice(self._run.config, pricing)[planned.surface]
        self._pass_over(planned)
        return Passed(
            planned.name, planned.surface, planned.kind, _total(mine), best.candidate.name, _total(best),
            pricing.terms.book.currency,
        )  # fmt: skip

    @cached_property
    def _builder(self) -> Builder:
        run = self._run
        return Builder(
            run.bench,
            run.steps,
            watched=lambda part: self._live.step(_step(part)),
            awaited=lambda part: self._live.step(_step(part), is_awaited=True),
            ahead=run.ahead,
        )

    def _make(self, parts: Sequence[Part]) -> None:
        self._builder.make(parts, progress=self._progress, unchanged=self._live.skip)

    def _look(self, planned: Planned) -> None:
        tuned = planned.variant.tuned
        configuration = planned.configuration({} if tuned is None else self._run.bench.values(tuned))
        cases = self._cases[planned.surface]

        def work() -> None:
            with self._live.step(_look(planned)):
                self._measurer.turn(configuration, cases, 0)

        key = [self._measurer.key(configuration, cases)]
        step, made = f"measure/{planned.name}", [f"measured/{planned.name}"]
        with self._run.ahead.paused():  # outside the step: what the second process used is booked by itself
            was_done = self._run.steps.once(step, key, made, work, is_growing=True)
        if not was_done:
            self._live.skip(step, "unchanged")
        self._found[planned.name] = configuration, self._measurer.measurement(configuration, cases)
        self._tell_points()

    def _pass_over(self, planned: Planned) -> None:
        """Neither it nor the parts that it alone needed will be made."""
        self._passed.add(planned.name)
        self._live.skip(f"measure/{planned.name}", "too_dear")
        others = [part for each in self._planned.values() if each.name not in self._passed for part in each.needed]
        wanted = {part.name for part in Builder.order([*others, *standing_parts(self._run.bench)])}
        for part in Builder.order(planned.needed):
            if part.name not in wanted:
                self._live.skip(step_of(part), "too_dear")

    def _priced_so_far(self) -> Pricing:
        """All that was looked at, priced once for each number of looks."""
        if self._pricing_of[0] != len(self._found) or self._pricing_of[1] is None:
            self._pricing_of = len(self._found), self._pricing(self._found)
        pricing = self._pricing_of[1]
        assert pricing is not None
        return pricing

    def _pricing(self, found: Mapping[str, tuple[Configuration, Measurement]]) -> Pricing:
        by_surface: dict[Surface, list[Measurement]] = {}
        for configuration, measurement in found.values():
            by_surface.setdefault(configuration.surface, []).append(measurement)
        evidence = Evidence(
            configurations=[configuration for configuration, _ in found.values()],
            measurements=by_surface,
            usage=usage_of(self._run, self._built(found)),
            machine=self._machine,
            data_bytes=self._run.store.size("data"),
        )
        return price(self._run.config, evidence, book=self._book, now=self._run.now)

    def _built(self, found: Mapping[str, tuple[Configuration, Measurement]]) -> Built:
        planned = [self._planned[name] for name in found]
        return built_of(planned, [configuration for configuration, _ in found.values()])

    @cached_property
    def _book(self) -> PriceBook:
        return taxed_book(self._run)

    def _tell(self) -> None:
        """Price what was measured so far, show it, and serve the best of it."""
        pricing = self._priced_so_far()
        choice = early_choice(self._run.config, pricing)
        self._priced = {one.candidate.name: one for found in pricing.surfaces.values() for one in found}
        self._fronts = {name for found in pricing.surfaces.values() for name in on_frontier(found)}
        self._chosen = {each.candidate.name for each in choice.values()}
        self._tell_points()
        best = {surface: each.candidate.configuration for surface, each in choice.items()}
        for surface, priced in pricing.surfaces.items():
            if surface not in best:
                top = max(priced, key=lambda each: each.candidate.measured.quality.mean)
                best[surface] = top.candidate.configuration
        names = {surface: one.name for surface, one in best.items()}
        if names != self._served:
            self._served = names
            self._serve(best)

    def _tell_points(self) -> None:
        """Show what was measured, with the bills that are known so far."""
        points = []
        for name, (configuration, measurement) in self._found.items():
            point = _point(configuration, measurement, self._priced.get(name))
            points.append(_marked(point, is_on=name in self._fronts, is_chosen=name in self._chosen))
        self._live.points(points, currency=self._book.currency)


def _step(part: Part) -> Step:
    name = part.name.removeprefix("parts/")
    action = Action.TRAIN if part.work is Work.TRAIN else Action.COMPRESS
    return Step(step_of(part), Action.ENCODE if name.startswith("vectors/") else action, name=name)


def _look(planned: Planned) -> Step:
    return Step(
        f"measure/{planned.name}", Action.MEASURE, name=planned.name, kind=planned.kind, surface=planned.surface
    )


def _point(configuration: Configuration, measurement: Measurement, priced: Priced | None) -> Point:
    quality = measurement.quality
    has_quality = quality.mean == quality.mean
    total = priced.candidate.bill.total if priced is not None and priced.candidate.bill is not None else None
    capacity = priced.candidate.capacity if priced is not None else None
    return Point(
        configuration.surface,
        configuration.name,
        measurement.metric,
        quality.mean if has_quality else None,
        quality.low if has_quality else None,
        quality.high if has_quality else None,
        monthly=total.amount if total is not None else None,
        cpu_ms=measurement.cpu_s_per_request.mean * 1000,
        p99_ms=capacity.p99_ms if capacity is not None else None,
    )


def _marked(point: Point, *, is_on: bool, is_chosen: bool) -> Point:
    return msgspec.structs.replace(point, is_on_frontier=is_on, is_chosen=is_chosen)


def _total(priced: Priced) -> str:
    total = priced.candidate.bill.total if priced.candidate.bill is not None else None
    return f"{total.amount:.2f}" if total is not None else ""
