"""``labels ask``: labels from a language model, within a budget, checked against people before they are used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from steelyard.data.labels.agreement import cohen_kappa
from steelyard.data.labels.asked import Busy, Said
from steelyard.data.labels.prompt import Asking, orders_in, prompt_of, read_grade
from steelyard.documents.label_answer import LabelAnswer
from steelyard.documents.label_report import AgreementRow, LabelNote, LabelReport
from steelyard.domain import FloatArray, IntArray
from steelyard.errors import ConfigError, DataError
from steelyard.models.text.segment import words
from steelyard.workflows.labelling.book_labels import book_answers
from steelyard.workflows.labelling.candidates import PreparedWords, read_prepared
from steelyard.workflows.labelling.label_files import LabelRows, counted, note_of, store_labels
from steelyard.workflows.labelling.token_price import TokenPrice, token_price

if TYPE_CHECKING:
    from steelyard.config.labels import LabelModel
    from steelyard.workflows.labelling.model_ports import AnswerLog, ChatModel, Labelling
    from steelyard.workflows.open_shop import AccountsShop
    from steelyard.workflows.ports import Progress

__all__ = ["ANSWERS", "ask_labels"]

ANSWERS = "label_answers.jsonl"
_FIRST_WAIT_S = 1.0
_ENOUGH = 4
"""Of people's pairs as many times the least are asked of: enough to compare, and no more is paid for."""
_PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class _Pair:
    """A pair to be asked of."""

    query: str
    item_id: str
    asking: Asking
    gain: float | None
    """What people said; ``None`` where nobody did."""


@dataclass(slots=True)
class _Run:
    """What a run has done so far."""

    answers: dict[str, LabelAnswer]
    name: str
    spent: Decimal = Decimal(0)
    asked: int = 0
    stopped: list[LabelNote] = field(default_factory=list)


def ask_labels(
    shop: AccountsShop, labelling: Labelling, *, per_query: int, out: Path | None, progress: Progress
) -> LabelReport:
    """Ask a language model for grades: first of pairs that people judged, then of the items alike to each query.

    Args:
        shop: A shop that was prepared; ``[labels.model]`` says whom to ask.
        labelling: Opens the model and the log of its answers.
        per_query: So many items of each query, besides those that people judged.
        out: Parquet file that gets the labels, where they agree with people.
        progress: Told of each pair.

    Returns:
        Agreement, costs and notes. The labels are stored only where they agree with people enough.

    Raises:
        ConfigError: The model is not configured, refuses, or wrote what it would judge.
        PriceError: Its tokens have no price.
        StageError: Nothing was prepared, or another run is asking.
        DataError: There is no pair to ask of.
    """
    settings = shop.config.labels.model
    model, price = labelling.model(settings), token_price(shop)
    if settings.name in settings.made_with:
        raise ConfigError(f"{settings.name} wrote texts of this shop ([labels.model] made_with): ask another model")
    pairs, n_orders = _pairs(shop, read_prepared(shop), per_query)
    if not pairs:
        raise DataError(
            "there is no pair to ask of: no query of the shop shares a word with an item, and none is judged"
        )
    now = shop.tools.clock.now()
    with labelling.answers(shop.work / ANSWERS) as log:
        book_answers(shop, log.every())  # of a run that was cut off
        run = _Run(dict(log.read()), f"{now:%Y%m%dT%H%M%S%f}")
        try:
            tools = (model, log, price)
            known = [pair for pair in pairs if pair.gain is not None]
            _ask_all(shop, known, run, tools, progress)
            if not run.stopped and _agrees(known, run, settings):
                _ask_all(shop, pairs[len(known) :], run, tools, progress)
        finally:
            book_answers(shop, log.every())
    return _report(shop, pairs, run, n_orders, out=out)


def _pairs(shop: AccountsShop, prepared: PreparedWords, per_query: int) -> tuple[list[_Pair], int]:
    """Pairs people judged, in an order of chance, then the others; and how many spoke to the reader."""
    language, settings = shop.config.shop.language, shop.config.labels.model
    prepared.index({n: frozenset(words(item.title, language=language)) for n, item in prepared.items.items()})
    judged: list[_Pair] = []
    others: list[_Pair] = []
    n_orders = 0
    for asked in prepared.queries:
        alike = prepared.alike(frozenset(words(asked.query, language=language)), per_query)
        gains = asked.judged if prepared.is_judged else {}
        for number in dict.fromkeys([*gains, *alike]):
            item = prepared.items.get(number)
            if item is None:
                continue
            texts = {"title": item.title, "brand": item.brand, "category": item.category, "text": item.description}
            if orders_in(asked.query, *texts.values()):
                n_orders += 1
                continue
            asking = prompt_of(
                asked.query, texts, model=settings.name, top=settings.grades, max_chars=settings.max_item_chars
            )
            pair = _Pair(asked.query, item.item_id, asking, gains.get(number))
            (others if pair.gain is None else judged).append(pair)
    judged.sort(key=lambda pair: pair.asking.digest)
    return judged[: _ENOUGH * settings.min_compared] + others, n_orders


def _ask_all(
    shop: AccountsShop,
    pairs: Sequence[_Pair],
    run: _Run,
    tools: tuple[ChatModel, AnswerLog, TokenPrice],
    progress: Progress,
) -> None:
    model, log, price = tools
    settings = shop.config.labels.model
    for done, pair in enumerate(pairs):
        progress(done, len(pairs), "ask")
        if pair.asking.digest in run.answers:
            continue
        worst = price.of(pair.asking.n_bytes, settings.max_output_tokens)
        if run.spent + worst > settings.budget:
            run.stopped.append(note_of("budget_spent", is_warning=True, budget=f"{settings.budget:f}",
                                       currency=price.currency, left=f"{len(pairs) - done:,}"))  # fmt: skip
            return
        try:
            said = _asked(shop, model, pair.asking)
        except Busy as error:
            run.stopped.append(note_of("endpoint_busy", is_warning=True, why=str(error), left=f"{len(pairs) - done:,}"))
            return
        answer = _answer(pair.asking, said, settings, price, run=run.name, at=shop.tools.clock.now())
        log.append(answer)
        run.answers[answer.digest] = answer
        run.spent, run.asked = run.spent + answer.cost, run.asked + 1


def _agrees(known: Sequence[_Pair], run: _Run, settings: LabelModel) -> bool:
    """Whether it agrees with people enough to be asked of anything else."""
    answered = [(pair, run.answers[pair.asking.digest]) for pair in known if pair.asking.digest in run.answers]
    return not any(note.is_warning for note in _compared(answered, settings)[1])


def _asked(shop: AccountsShop, model: ChatModel, asking: Asking) -> Said:
    """An answer, asked for again while the endpoint is busy."""
    settings, wait_s = shop.config.labels.model, _FIRST_WAIT_S
    for _ in range(settings.retries):
        try:
            return model.ask(asking.system, asking.user, max_tokens=settings.max_output_tokens)
        except Busy as error:
            shop.tools.clock.sleep(max(wait_s, error.after_s))
            wait_s *= 2
    return model.ask(asking.system, asking.user, max_tokens=settings.max_output_tokens)


def _answer(
    asking: Asking, said: Said, settings: LabelModel, price: TokenPrice, *, run: str, at: datetime
) -> LabelAnswer:
    is_estimated = said.input_tokens is None or said.output_tokens is None
    n_in = asking.n_bytes if said.input_tokens is None else said.input_tokens
    n_out = settings.max_output_tokens if said.output_tokens is None else said.output_tokens
    return LabelAnswer(
        digest=asking.digest,
        run=run,
        at=at.isoformat(timespec="milliseconds"),
        model=settings.name,
        grade=read_grade(said.text, top=settings.grades),
        input_tokens=n_in,
        output_tokens=n_out,
        is_estimated=is_estimated,
        cost=price.of(n_in, n_out),
        currency=price.currency,
    )


def _report(shop: AccountsShop, pairs: Sequence[_Pair], run: _Run, n_orders: int, *, out: Path | None) -> LabelReport:
    answered = [(pair, run.answers[pair.asking.digest]) for pair in pairs if pair.asking.digest in run.answers]
    rows, used = LabelRows(), Decimal(0)
    for pair, answer in answered:
        used += answer.cost
        if answer.grade is not None:
            rows.add(pair.query, pair.item_id, float(answer.grade), 1.0)
    settings = shop.config.labels.model
    agreement, notes = _compared(answered, settings)
    is_used = not any(note.is_warning for note in notes)
    n_unread = sum(answer.grade is None for _, answer in answered)
    price = token_price(shop)
    notes = [*notes, *run.stopped, *_counts(run, n_unread, n_orders, price.currency)]
    report = LabelReport(
        origin="model",
        labels=len(rows.query) if is_used else 0,
        queries=len(set(rows.query)) if is_used else 0,
        left_out=len(pairs) - (len(rows.query) if is_used else 0),
        by_gain=counted(rows) if is_used else {},
        agreement=tuple(agreement),
        cost=used,
        currency=price.currency,
        cost_source=price.source,
        notes=tuple(notes),
    )
    store_labels(shop, rows if is_used else LabelRows(), report, more={}, out=out if is_used else None)
    return report


def _compared(
    answered: Sequence[tuple[_Pair, LabelAnswer]], settings: LabelModel
) -> tuple[list[AgreementRow], list[LabelNote]]:
    """Agreement with people, and a warning where it is too little to use the labels."""
    both = [
        (pair.gain, answer.grade) for pair, answer in answered if pair.gain is not None and answer.grade is not None
    ]
    gains = np.array([gain for gain, _ in both], np.float64)
    grades = np.array([grade for _, grade in both], np.int64)
    rows, kappa = [], float("nan")
    for measure, weights in (("cohen", False), ("cohen_weighted", True)):
        kappa, compared = cohen_kappa(
            _on_scale(gains, settings.grades), grades, weights="quadratic" if weights else "none"
        )
        value = None if np.isnan(kappa) else kappa
        rows.append(AgreementRow(between=(settings.name, _PEOPLE), measure=measure, value=value, pairs=compared))
    n, shown = f"{len(both):,}", f"{kappa:.2f}"
    if len(both) < settings.min_compared:
        return rows, [note_of("model_unchecked", is_warning=True, n=n, needed=f"{settings.min_compared:,}")]
    if np.isnan(kappa) or kappa < settings.min_agreement:
        least = f"{settings.min_agreement:g}"
        return rows, [note_of("model_disagrees", is_warning=True, n=n, kappa=shown, least=least)]
    return rows, [note_of("model_agrees", n=n, kappa=shown)]


def _on_scale(gains: FloatArray, top: int) -> IntArray:
    """People's gains on the model's scale: the best gain is the best grade."""
    highest = float(gains.max(initial=0))
    scaled: IntArray = (np.rint(gains / highest * top) if highest > 0 else gains).astype(np.int64)
    return scaled


def _counts(run: _Run, n_unread: int, n_orders: int, currency: str) -> Iterator[LabelNote]:
    yield note_of("asked_now", n=f"{run.asked:,}", spent=f"{run.spent:f}", currency=currency)
    if n_unread:
        yield note_of("answers_unread", n=f"{n_unread:,}")
    if n_orders:
        yield note_of("texts_with_orders", n=f"{n_orders:,}")
