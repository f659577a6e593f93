"""The report: one page a person can read, print and send, made from the decision and the quality of the data. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from steelyard.documents.bills import BillRow
from steelyard.documents.choice import Ends, Promise, SurfaceDecision
from steelyard.documents.decision import Decision
from steelyard.documents.hardness import Hardness
from steelyard.documents.machine import machine_builtins
from steelyard.documents.quality import QualityReport
from steelyard.documents.total import Total
from steelyard.documents.tuning import TuningReport
from steelyard.domain import FactKind, capitalised
from steelyard.errors import ConfigError
from steelyard.reporting.assumptions import assumption_lines
from steelyard.reporting.data_section import data_section
from steelyard.reporting.frontier_steps import steps_table
from steelyard.reporting.frontier_svg import frontier_svg
from steelyard.reporting.list_figures import lists_part
from steelyard.reporting.not_built import not_built_list
from steelyard.reporting.page import Html, bars, day, element, money, number, page, percent, raw, table
from steelyard.reporting.slices import slices_table
from steelyard.reporting.tuning_lines import tuning_section
from steelyard.reporting.words import KINDS, Words, words_in

__all__ = ["LANGUAGES", "report"]

LANGUAGES = ("en", "zh")
_FACTS = "cpu_model usable_cores cpu_flags memory_bytes os python steelyard libraries git_commit".split()
T = TypeVar("T")


def report(
    decision: Decision,
    quality: QualityReport,
    *,
    language: str,
    hardness: Hardness | None = None,
    searches: Sequence[TuningReport] = (),
) -> str:
    """The decision as one HTML page.

    Args:
        decision: The artefact ``decision``.
        quality: What was found in the data.
        language: ``en`` or ``zh``.
        hardness: How hard the data is, where that was told.
        searches: Of models' values, where there was a budget for them.

    Returns:
        A whole page, styles and charts inside it; nothing is loaded from anywhere, no script runs. Everything that
        comes from data is escaped. The same input gives the same page.

    Raises:
        ConfigError: The language is neither.
    """
    if language not in LANGUAGES:
        raise ConfigError(f"the report is not written in {language!r}: choose one of {', '.join(LANGUAGES)}")
    desk = _Desk(decision, quality, language, words_in(language), hardness, searches)
    title = desk.say("title", shop=decision.shop.name or "Steelyard")
    body = [element("header", element("h1", title), desk.made(), desk.verdicts()), *desk.sections()]
    return page(title, body, language=language)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Writes the sections."""

    decision: Decision
    quality: QualityReport
    language: str
    say: Words
    hardness: Hardness | None
    searches: Sequence[TuningReport]

    @property
    def currency(self) -> str:
        """Of all amounts."""
        return self.decision.book.currency

    def tell(self, en: T, zh: T) -> T:
        """What was written in the reader's language, where it was."""
        return zh if self.language == "zh" and zh else en

    def money(self, amount: Decimal | None) -> str:
        """An amount, or that it has no price."""
        return money(None if amount is None else f"{amount:f}", self.currency, unknown=self.say("no_price"))

    def percent(self, share: float | None, places: int = 1) -> str:
        """A share as the reader's language sets it."""
        return percent(share, places, language=self.language)

    def made(self) -> Html:
        """When, and with which prices."""
        book = self.decision.book
        made = self.say("made", day=day(self.decision.made_at), book=book.name, as_of=day(book.as_of))
        return element("p", made, class_="quiet")

    def verdicts(self) -> Html:
        """What to do, before anything else."""
        total = self.decision.total
        joint = (
            self.say("joint", monthly=self.money(total.monthly)) if total.monthly is not None else self.say("no_joint")
        )
        rows = [
            element("p", self.say(f"{surface.surface}_surface"), self.say("colon"), self._verdict(surface))
            for surface in self.decision.surfaces
        ]
        assumed = self.tell(total.assumed_says, total.assumed_says_zh)
        share = (
            element("p", capitalised(assumed, self.decision.names), self.say("stop"), class_="quiet")
            if assumed
            else None
        )
        return element("div", rows, element("p", joint), share, class_="verdicts")

    def _verdict(self, surface: SurfaceDecision) -> list[Any]:
        """Why, as one sentence with the chosen name in it set apart."""
        why, name = self.tell(surface.why, surface.why_zh), surface.chosen
        before, found, after = why.partition(name) if name else (why, "", "")
        return [before, element("strong", found) if found else None, after, self.say("stop")]

    def sections(self) -> Iterator[Html]:
        """All sections in order."""
        surfaces = self.decision.surfaces
        yield self._section("h_case", [self._case()])
        yield self._section("h_data", data_section(self.quality, self.hardness, language=self.language))
        models = [self._each(surface, self._models(surface)) for surface in surfaces]
        yield self._section("h_models", [*models, tuning_section(self.searches, language=self.language)])
        yield self._section("quality", [self._each(surface, self._quality(surface)) for surface in surfaces])
        yield self._section("b_cost", [*(self._each(s, self._cost(s)) for s in surfaces), self._joint()])
        yield self._section("h_choice", [self._each(surface, self._choice(surface)) for surface in surfaces])
        yield self._section("h_alternatives", [self._each(s, self._alternatives(s)) for s in surfaces])
        yield self._section(
            "h_uncertainty", [self._uncertainty(), not_built_list(self.decision, language=self.language)]
        )
        yield self._section("h_how", [self._how()])

    def _section(self, key: str, body: list[Any]) -> Html:
        return element("section", element("h2", self.say(key)), body)

    def _each(self, surface: SurfaceDecision, body: list[Any]) -> Html:
        badge = element("span", self.say("synthetic"), class_="synthetic") if surface.is_synthetic else None
        return element("div", element("h3", self.say(f"{surface.surface}_surface"), " ", badge), body)

    def _case(self) -> list[Html]:
        head = [self.say(key) for key in ("surface", "floor", "limit", "peak", "month")]
        rows = [
            [
                self.say(f"{surface.surface}_surface"),
                self.tell(surface.floor.text, surface.floor.text_zh),
                f"{surface.max_p99_ms:g} ms",
                f"{surface.peak_rps:,g}",
                f"{surface.requests_per_month:,}",
            ]
            for surface in self.decision.surfaces
        ]
        return [element("p", self.say("case")), _wide(table(head, rows, numbers=(2, 3, 4)))]

    def _models(self, surface: SurfaceDecision) -> list[Html]:
        head = [self.say(key) for key in ("c_name", "made_of", "c_rss", "c_disk", "cpu")]
        rows = [
            [
                row.name,
                ", ".join(part.removeprefix("parts/") for role, part in row.parts.items() if role != "catalogue"),
                number(row.rss_mb, 0),
                number(row.disk_mb, 1),
                number(row.cpu_ms.mean, 2),
            ]
            for row in surface.candidates
        ]
        says = self.say("models", n=len(rows))
        return [element("p", says), _wide(table(head, rows, numbers=(2, 3, 4)))]

    def _quality(self, surface: SurfaceDecision) -> list[Any]:
        reference = surface.reference
        versus = self.say("versus", name=reference)
        head = [self.say("c_name"), self.say("quality"), self.say("interval"), versus, self.say("share_kept")]
        has_beside = any(row.beside is not None for row in surface.candidates)
        head += [self.say("beside")] if has_beside else []
        rows = []
        for row in sorted(surface.candidates, key=lambda each: -(each.quality.mean or 0.0)):
            own, other = row.quality, row.versus_reference
            against = "–" if row.name == reference else _interval(other, signed=True)
            share = self.percent(row.share_of_reference)
            made = [] if not has_beside else ["–" if row.beside is None else number(row.beside.mean, 4)]
            rows.append([row.name, number(own.mean, 4), _interval(own), against, share, *made])
        metric = self.say("metric_says", metric=surface.metric, n=f"{surface.n_requests:,}")
        judged = f" {self.say('graded_by', name=surface.judged_by)}." if surface.judged_by else ""
        says = "synthetic_says" if surface.is_synthetic else "beside_says" if has_beside else None
        said = element("p", self.say(says)) if says else None
        listed = _wide(table(head, rows, numbers=(1, 2, 3, 4, 5)))
        more = [part(surface, language=self.language) for part in (slices_table, lists_part)]
        return [element("p", metric + judged), said, listed, *more]

    def _cost(self, surface: SurfaceDecision) -> list[Any]:
        ways = ("c_marginal", "c_capacity", "c_loaded")
        head = [self.say(key) for key in ("c_name", "c_machines", "c_monthly", *ways)]
        rows = []
        for row in surface.candidates:
            machines = f"{row.replicas} × {row.instance}" if row.instance else "–"
            each = row.per_1000
            costs = (row.monthly, each.marginal, each.at_capacity, each.fully_loaded)
            rows.append([row.name, machines, *(self.money(cost) for cost in costs)])
        chart = raw(frontier_svg(surface, currency=self.currency, language=self.language))
        busy = raw(frontier_svg(surface, currency=self.currency, language=self.language, axis="at_capacity"))
        listed = _wide(table(head, rows, numbers=(2, 3, 4, 5)))
        figures = [element("div", picture, class_="figure") for picture in (chart, busy)]
        steps = steps_table(surface, self.say, self.money)
        return [*figures, steps, listed, element("p", self.say("three_ways_say"), class_="quiet"), self._bill(surface)]

    def _bill(self, surface: SurfaceDecision) -> Html | None:
        chosen = surface.winner
        if chosen is None or not chosen.bill:
            return None
        head = [self.say(key) for key in ("b_stage", "b_item", "b_quantity", "b_price", "b_cost", "source")]
        lines = sorted(chosen.bill, key=lambda line: -float("inf" if line.cost is None else line.cost))
        sources = {source: place for place, source in enumerate(dict.fromkeys(map(_source, lines)), start=1)}
        rows = [[*self._line(line), f"[{sources[_source(line)]}]"] for line in lines]
        title = f"{self.say('bill_of', name=chosen.name)}: {self.money(chosen.monthly)}"
        notes = element("ol", [element("li", source) for source in sources], class_="quiet")
        tags = element("p", [[self._tag(kind), f" {self.say(f'k_{kind}')}  "] for kind in KINDS], class_="quiet")
        return element("div", element("h3", title), tags, _wide(table(head, rows, numbers=(2, 3, 4, 5))), notes)

    def _line(self, line: BillRow) -> list[Any]:
        once = [" ", element("span", self.say("one_off_aside"), class_="quiet")] if line.is_one_off else []
        unit, item = self.say(f"u_{line.unit}"), self.tell(line.item, line.item_zh)
        quantity = [f"{float(line.quantity):,.4g} {unit} ", self._tag(line.quantity_kind)]
        price = [self.money(line.unit_price), " ", self._tag(line.kind) if line.kind else ""]
        return [self.say(f"s_{line.stage}"), [item, *once], quantity, price, self.money(line.cost)]

    def _tag(self, kind: str) -> Html:
        known = kind if kind in KINDS else None
        return element(
            "abbr",
            self.say(f"l_{kind}") if known else "?",
            class_=f"tag {known or ''}".strip(),
            title=self.say(f"k_{kind}"),
        )

    def _joint(self) -> Html:
        total = self.decision.total
        note = element("p", self.tell(total.note, total.note_zh)) if total.note else None
        if total.monthly is None:
            return element("div", element("h3", self.say("joint_bill")), element("p", self.say("no_joint")), note)
        stages = [
            (
                self.say(f"s_{row.stage}"),
                self.money(row.cost),
                self.percent(row.share),
                row.share,
                "#4d5766",
            )
            for row in total.stages
        ]
        shares = {kind: total.shares_by_kind.get(FactKind(kind), 0.0) for kind in KINDS}
        kinds = [(self.say(f"k_{k}"), "", self.percent(share), share, _KIND_FILLS[k]) for k, share in shares.items()]
        title = f"{self.say('joint_bill')}: {self.money(total.monthly)}"
        known = [row for row in kinds if row[3] > 0]
        return element(
            "div",
            element("h3", title),
            note,
            bars(stages),
            element("h3", self.say("rests_on")),
            bars(known),
            self._left_out(total),
        )

    def _left_out(self, total: Total) -> Html | None:
        """What the bill does not hold, each with the setting that puts it there."""
        if not total.left_out:
            return None
        rows = [
            element(
                "li",
                self.tell(part.text, part.text_zh),
                [" ", element("code", part.switch)] if part.switch else None,
            )
            for part in total.left_out
        ]
        return element(
            "div", element("h3", self.say("left_out")), element("p", self.say("left_out_say")), element("ul", rows)
        )

    def _choice(self, surface: SurfaceDecision) -> list[Any]:
        chosen = surface.winner
        if chosen is None:
            return [element("p", self.tell(surface.why, surface.why_zh))]
        rows = [element("p", self._verdict(surface))]
        if chosen.instance:
            rate, busy = number(chosen.rate_per_replica_rps, 1), self.percent(chosen.utilisation)
            says = self.say("machines_say", n=chosen.replicas, instance=chosen.instance, rate=rate, busy=busy)
            rows.append(element("p", says))
        if surface.baseline is not None:
            against = surface.baseline
            said = (self.tell(against.says, against.says_zh), self.tell(against.why_not, against.why_not_zh))
            rows += [element("p", each, self.say("stop")) for each in said if each]
        return [*rows, self._promise(surface.promise), self._hangs_on(surface)]

    def _hangs_on(self, surface: SurfaceDecision) -> Html | None:
        """Which assumption decides; nothing for a document that does not say."""
        said = assumption_lines(surface, language=self.language)
        if not said:
            return None
        rows = [element("li", capitalised(sentence, self.decision.names), self.say("stop")) for sentence in said]
        return element("div", element("h4", self.say("hangs_on")), element("ul", rows))

    def _promise(self, promise: Promise | None) -> Html:
        if promise is None:
            return element("p", self.say("no_promise"))
        says = self.say(
            "promise_says",
            rps=number(promise.rate_rps, 1),
            promised=number(promise.promised_p99_ms, 1),
            measured="–" if promise.measured_p99_ms is None else number(promise.measured_p99_ms, 1),
            requests=f"{promise.requests:,}",
            errors=promise.errors,
        )
        if not promise.is_valid:
            stamp, kind = self.say("promise_invalid", note=self.tell(promise.note, promise.note_zh)), "warn"
        else:
            kind = "good" if promise.is_kept else "bad"
            stamp = self.say("promise_kept" if promise.is_kept else "promise_broken")
        return element("p", says, " ", element("span", stamp, class_=f"stamp {kind}"))

    def _alternatives(self, surface: SurfaceDecision) -> list[Html]:
        head = [self.say(key) for key in ("c_name", "c_verdict", "c_monthly", "c_p99", "reason")]
        stop = "；" if self.language == "zh" else "; "
        rows = []
        for row in surface.candidates:
            if row.name == surface.chosen:
                continue
            basis = self.say(row.p99_basis)
            p99 = "–" if row.p99_ms is None else f"{number(row.p99_ms, 1)} ({basis})"
            said = stop.join(self.tell(row.reasons, row.reasons_zh))
            rows.append([row.name, self.say(f"v_{row.verdict}"), self.money(row.monthly), p99, said])
        return [_wide(table(head, rows, numbers=(2, 3)))]

    def _uncertainty(self) -> list[Any]:
        share = self.decision.total.shares_by_kind.get(FactKind.ASSUMED)
        rows = [self.say("assumed_share", share=self.percent(share))] if share else []
        rows += [
            self.say("interval_says"),
            self.say("predicted_says"),
            *self.tell(self.decision.warnings, self.decision.warnings_zh),
        ]
        return [element("ul", [element("li", row) for row in rows])]

    def _how(self) -> list[Any]:
        machine = machine_builtins(self.decision.machine)
        facts = [(self.say(f"m_{key}"), _plain(key, machine[key])) for key in _FACTS if machine.get(key)]
        listed = element("dl", [[element("dt", name), element("dd", value)] for name, value in facts], class_="facts")
        return [element("p", self.say("how")), listed]


_KIND_FILLS = {
    "measured": "#1c6b41",
    "invoiced": "#0b6676",
    "quoted": "#2a56a0",
    "assumed": "#a3421d",
    "derived": "#6b4590",
}


def _source(line: BillRow) -> str:
    return f"{line.source} ({line.as_of})" if line.as_of else line.source


def _wide(what: Html) -> Html:
    return element("div", what, class_="scroll")


def _interval(interval: Ends | None, *, signed: bool = False) -> str:
    if interval is None or interval.low is None or interval.high is None:
        return "–"
    low, high = interval.low, interval.high
    return f"{low:+.4f} … {high:+.4f}" if signed else f"{low:.4f} … {high:.4f}"


def _plain(name: str, value: Any) -> str:
    if name == "memory_bytes":
        return f"{value / 1e9:.1f} GB"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    return f"{value:,}" if isinstance(value, int) else str(value)
