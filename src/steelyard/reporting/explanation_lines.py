"""An answer and how it came about, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from steelyard.documents.explanation import ItemExplained, QueryRead, ScorePart, SearchExplanation, StepCount, TermRead
from steelyard.reporting.words import Words, is_word, words_in

__all__ = ["PriceTold", "answer_lines", "explanation_lines"]

PriceTold = tuple[str, bool, float | None, float | None]
"""Words that say a price, whether the list keeps to it, its least and its most."""
_MOST_FEATURES = 12
_LEFT_OUT = frozenset(("below_floor", "sold_out", "hidden", "grouped", "filled_up"))
"""What is said only where there is any."""
_LEAST_SHOWN = 5e-5


def explanation_lines(
    query: str, explanation: SearchExplanation, *, language: str, price: PriceTold | None = None
) -> list[str]:
    """How an answer came about.

    Args:
        query: As it was typed.
        explanation: Of its answer.
        language: ``en`` or ``zh``.
        price: That was read from the words.

    Returns:
        Lines of any length, indented by what they belong to.
    """
    t = words_in(language)
    ms = f"{explanation.total_us / 1000:.2f}"
    model = explanation.model
    lines = [t("x_answered", model=model, ms=ms) if model else t("x_answered_plain", ms=ms)]
    if not explanation.tells:
        lines.append(t("x_silent"))
    elif explanation.note:
        lines.append(f"! {explanation.note}")
    read = [f"  {line}" for line in _read(explanation.read, price, t)]
    lines += ["", t("x_h_read"), *read] if read else []
    lines += ["", t("x_h_found"), *(f"  {line}" for line in _found(explanation, t))]
    if explanation.items:
        lines += ["", t("x_h_items")]
        for place, item in enumerate(explanation.items, start=1):
            lines += _item(place, item, t)
    lines += ["", t("x_h_time"), f"  {_times(explanation, t)}", f"  {t('x_stage_note', ms=ms)}"]
    return lines


def answer_lines(query: str, rows: Sequence[tuple[str, str, str, float]], *, language: str) -> list[str]:
    """An answer without how it came about.

    Args:
        query: As it was typed.
        rows: Item id, title, price (empty where it is unknown) and score of each item.
        language: ``en`` or ``zh``.

    Returns:
        One line for each item; one that says so where there is none.
    """
    t = words_in(language)
    if not rows:
        return [t("nothing_found", q=query)]
    return [f"{place:>2}. {title} · {item_id}{price and f' · {price}'}" for place, (item_id, title, price, _)
            in enumerate(rows, start=1)]  # fmt: skip


def _read(read: QueryRead | None, price: PriceTold | None, t: Words) -> Iterator[str]:
    if read is not None:
        yield t("x_folded", q=read.folded)
        if read.language:
            yield t("x_language", name=t(f"x_language_{read.language}"))
        if read.stop_words:
            yield t("x_stop_words", words=", ".join(read.stop_words))
    if price is not None:
        phrase, is_applied, low, high = price
        end = "most" if low is None else "least" if high is None else "between"
        values = {"low": f"{low or 0:g}", "high": f"{high or 0:g}"}
        yield t(f"x_price_{end}", phrase=phrase, **values) if is_applied else t("x_price_unused", phrase=phrase)
    if read is None:
        return
    for term in read.terms:
        yield _term(term, t)
    if read.unknown:
        yield t("x_unknown", words=", ".join(read.unknown))
    for correction in read.corrections:
        trust, applied = t(f"x_trust_{correction.trust}"), t("x_applied" if correction.applied else "x_not_applied")
        words = " ".join(correction.words)
        said = t("x_corrected", typed=correction.typed, words=words, trust=trust, weight=f"{correction.weight:.2f}")
        yield f"{said} ({applied})"
    for synonym in read.synonyms:
        key = "x_synonym_replaced" if synonym.replaced else "x_synonym"
        yield t(key, words=" ".join(synonym.words), names=", ".join(synonym.names))
    yield from _meant(read, t)


def _meant(read: QueryRead, t: Words) -> Iterator[str]:
    for meant in read.meant:
        share = "" if meant.probability is None else f"{meant.probability:.0%}"
        yield t(f"x_meant_{meant.kind}", value=meant.value, field=meant.field, share=share)
    if read.meant:
        yield t("x_meant_unweighed")


def _term(term: TermRead, t: Words) -> str:
    word = term.word or " ".join(term.stands_for) or term.term
    kind = t(f"x_term_{term.kind}")
    return t("x_term", word=word, kind=kind, weight=f"{term.weight:.2f}", n=f"{term.texts:,}")


def _found(explanation: SearchExplanation, t: Words) -> Iterator[str]:
    for step in explanation.steps:
        if not step.n and step.kind in _LEFT_OUT:
            continue
        name = f"x_step_{step.kind}"
        yield f"{step.n:>9,}  {t(name, of=step.of) if is_word(name) else step.kind}"
    if explanation.tiers:
        yield t("x_tiers", list=", ".join(_tier(step, t) for step in explanation.tiers))


def _tier(step: StepCount, t: Words) -> str:
    return f"{step.n} × {_tier_name(step.kind, t)}"


def _tier_name(tier: str, t: Words) -> str:
    return t(f"x_tier_{tier or 'none'}")


def _item(place: int, item: ItemExplained, t: Words) -> Iterator[str]:
    yield f" {place:>2}. {item.title} · {item.id}"
    yield f"     {item.score:.4f}  {_tier_name(item.tier, t)}"
    if item.moved:
        rules = ", ".join(f"{each.rule} ({each.action})" for each in item.moved)
        place_before = item.place_without_rules
        yield "     " + (
            t("x_moved_new", rules=rules) if place_before is None else t("x_moved", rules=rules, n=place_before)
        )
    yield from _parts(item.parts, t, depth=1)
    if item.features:
        shown = [f"{each.name} {each.value:g}" for each in item.features[:_MOST_FEATURES]]
        yield f"     {t('x_features', list=', '.join(shown))}"


def _parts(parts: Sequence[ScorePart], t: Words, *, depth: int) -> Iterator[str]:
    for part in parts:
        if abs(part.value) < _LEAST_SHOWN:
            continue
        inner = part.parts
        line = f"     {'  ' * depth}{part.value:+.4f}  {_named(part, t)}"
        if inner and all(each.kind == "field" for each in inner):
            line += f" ({', '.join(f'{_named(each, t)} {each.value:.4f}' for each in inner)})"
            inner = ()
        yield line if part.counted else f"{line} – {t('x_not_counted')}"
        yield from _parts(inner, t, depth=depth + 1)


def _named(part: ScorePart, t: Words) -> str:
    name, field = f"x_part_{part.kind}", f"x_field_{part.of}"
    of = t(field) if part.kind == "field" and is_word(field) else part.of
    said = t(name, of=of) if is_word(name) else t("x_part_other", of=f"{part.kind} {part.of}".strip())
    if part.raw is not None and part.weight is not None and part.kind != "term":
        said += f" = {part.weight:.3f} × {part.raw:.3f}"
    return said


def _times(explanation: SearchExplanation, t: Words) -> str:
    told = []
    for stage in explanation.stages:
        name = f"x_stage_{stage.name}"
        told.append(f"{t(name) if is_word(name) else stage.name} {stage.us:,.0f} µs")
    return " · ".join(told)
