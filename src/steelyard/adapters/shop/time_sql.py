"""How a column of written times is turned into seconds since 1970 UTC: the table engine's own expressions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from steelyard.adapters.shop.sql_words import literal, translated
from steelyard.data.values.number_forms import DIGITS
from steelyard.data.values.time_forms import AM, CJK, PM, ZONE_TAIL, ZONES, Order, TimeForms, month_words

__all__ = ["SERIALS", "TimeReading", "clock_changes", "fields_read", "local_time", "read_time", "time_form_sql"]

SERIALS = (20_000, 80_000)
"""Days since 1899-12-30 that spreadsheets write for the years 1954 to 2119."""
_EPOCH_OF_SERIALS = 25_569
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class TimeReading:
    """How a column of times is read: what its forms are, and what was decided for them."""

    forms: TimeForms = field(default_factory=TimeForms)
    order: Order = "month-first"
    timezone: str = ""
    """Of times without a zone; UTC where empty."""
    has_serials: bool = False
    """Whether bare numbers are a spreadsheet's days."""
    zones: Collection[str] = ()
    """Names of regions among the zones that are known."""
    short_zones: tuple[tuple[str, float], ...] = ()
    """Hours of names that mean several zones, as they were settled."""


def time_form_sql(text: str) -> str:
    """SQL for the form of a written time: its digits are all written as 9."""
    return translated(text, ("012345678", "9" * 9), more=(DIGITS[0], "9" * len(DIGITS[0])))


def read_time(text: str, reading: TimeReading) -> str:
    """SQL for a written time.

    Args:
        text: An expression that gives the text, null where nothing is written.
        reading: What was decided for the column.

    Returns:
        Seconds since 1970 UTC as DOUBLE; null where the text is none of the column's forms. A leap second is the first
        of the next minute, as clocks that know none have it.
    """
    leap, without = literal("%:59:60%"), f"replace({text}, {literal(':59:60')}, {literal(':59:59')})"
    usual = _read_usual(text, reading)
    if reading.forms.counted and not any(form.has_clock for _, form in reading.forms.counted):
        return usual
    return f"COALESCE({usual}, CASE WHEN {text} LIKE {leap} THEN {_read_usual(without, reading)} + 1 END)"


def _read_usual(text: str, reading: TimeReading) -> str:
    forms = reading.forms
    if forms.is_plain and not reading.timezone:
        return f"epoch(TRY_CAST({text} AS TIMESTAMPTZ))"
    cases = []
    if forms.of_kind("number"):
        cases.append(f"WHEN {_IS_NUMBER} THEN {_number(reading)}")
    if forms.zones:
        cases.append(f"WHEN regexp_matches(t, {_TAIL}) THEN {_zoned(reading)}")
    read, more = _clockwork("t", reading)
    value = (
        f"CASE {' '.join(cases)} ELSE {local_time(read, reading.timezone)}{more} END"
        if cases
        else (f"{local_time(read, reading.timezone)}{more}")
    )
    is_foreign = any(not each.example.isascii() for each, _ in forms.counted)
    known = f"translate({text}, {literal(DIGITS[0])}, {literal(DIGITS[1])})" if is_foreign else text
    return f"list_transform([{known}], lambda t: {value})[1]"


def fields_read(text: str, forms: TimeForms, order: Order) -> str:
    """SQL for a text of open order, as TIMESTAMP of no zone, under one order; null where it is no date then."""
    base = f"regexp_replace({text}, {_TAIL}, '\\1')" if forms.zones else text
    return _strptime(_normal(base, forms), forms.formats(order))


def local_time(timestamp: str, timezone: str) -> str:
    """SQL for the seconds since 1970 UTC of a local time."""
    return f"epoch(timezone({literal(timezone)}, {timestamp}))" if timezone else f"epoch({timestamp})"


def clock_changes(text: str, reading: TimeReading) -> tuple[str, str]:
    """SQL for whether a local time falls into the hour that is left out, or into the hour that comes twice.

    Args:
        text: An expression that gives the text, null where nothing is written.
        reading: Of a time zone.

    Returns:
        Two expressions of type BOOLEAN; null for times that carry a zone.
    """
    bare = f"CASE WHEN NOT regexp_matches({text}, {_TAIL}) THEN {text} END" if reading.forms.zones else text
    read, _ = _clockwork("t", reading)
    zone = literal(reading.timezone)
    there = f"timezone({zone}, s)"
    left_out = f"timezone({zone}, {there}) <> s"
    twice = " OR ".join(f"timezone({zone}, {there} {sign} INTERVAL 1 HOUR) = s" for sign in "-+")
    steps = f"list_transform([{bare}], lambda t: {read})"
    return f"list_transform({steps}, lambda s: {left_out})[1]", f"list_transform({steps}, lambda s: {twice})[1]"


_TAIL = literal(ZONE_TAIL)
_IS_NUMBER = r"regexp_full_match(t, '-?\d+([.,]\d+)?([eE]\+?\d+)?')"
_IS_ISO = r"'\d{4}(-\d\d?-\d\d?|/\d\d?/\d\d?)([T ]\d\d?:\d\d(:\d\d(\.\d+)?)?)?'"


def _number(reading: TimeReading) -> str:
    """Dates without marks, else seconds, milli-, micro- or nanoseconds by their size, else a spreadsheet's days."""
    stamp = "try_strptime(t, ['%Y%m%d%H%M%S', '%Y%m%d%H%M', '%Y%m%d'])"
    number = "TRY_CAST(replace(t, ',', '.') AS DOUBLE)"
    days = f"make_timestamp(CAST(round((n - {_EPOCH_OF_SERIALS}) * {_DAY_S}) AS BIGINT) * 1000000)"
    serial = f"WHEN n BETWEEN {SERIALS[0]} AND {SERIALS[1]} THEN {local_time(days, reading.timezone)} "
    sizes = (
        f"CASE {serial if reading.has_serials else ''}WHEN n BETWEEN 1e8 AND 1e11 THEN n "
        "WHEN n BETWEEN 1e11 AND 1e14 THEN n / 1e3 WHEN n BETWEEN 1e14 AND 1e17 THEN n / 1e6 "
        "WHEN n BETWEEN 1e17 AND 1e20 THEN n / 1e9 END"
    )
    return (
        f"CASE WHEN regexp_full_match(t, '(19|20)\\d{{6}}(\\d{{4}}(\\d\\d)?)?') THEN "
        f"{local_time(stamp, reading.timezone)} ELSE list_transform([{number}], lambda n: {sizes})[1] END"
    )


def _clockwork(base: str, reading: TimeReading) -> tuple[str, str]:
    """A local TIMESTAMP, and what is added to its seconds."""
    forms = reading.forms
    if not forms.of_kind("fields"):
        return f"TRY_CAST({base} AS TIMESTAMP)", ""
    read = _strptime(_normal(base, forms), forms.formats(reading.order))
    kinds = [form for _, form in forms.counted if form.kind == "fields"]
    if any(form.has_halves for form in kinds):
        read = _halved(read, base)
    is_iso = f"regexp_full_match({base}, {_IS_ISO})" if forms.of_kind("iso") else ""
    if is_iso:
        read = f"CASE WHEN {is_iso} THEN TRY_CAST({base} AS TIMESTAMP) ELSE {read} END"
    if not any(form.has_fraction for form in kinds):
        return read, ""
    fraction = f"coalesce(TRY_CAST('0.' || regexp_extract({base}, ':\\d\\d[.,](\\d+)', 1) AS DOUBLE), 0)"
    return read, f" + CASE WHEN {is_iso} THEN 0 ELSE {fraction} END" if is_iso else f" + {fraction}"


def _zoned(reading: TimeReading) -> str:
    """Seconds since 1970 UTC of a text with a zone."""
    forms = reading.forms
    read, more = _clockwork("b", reading)
    sign, hours, minutes = (f"regexp_extract(z, '([+-])(\\d{{1,2}}):?(\\d{{2}})?$', {i})" for i in (1, 2, 3))
    ahead = f"CAST({hours} AS INTEGER) * 3600 + coalesce(TRY_CAST({minutes} AS INTEGER), 0) * 60"
    cases = [f"WHEN regexp_matches(z, '[+-]\\d') THEN epoch(s) - ({ahead}) * CAST({sign} || '1' AS INTEGER)"]
    fixed = {**ZONES, **dict(reading.short_zones)}
    used = {zone.upper() for zone in forms.zones}
    cases += [f"WHEN z = {literal(name)} THEN epoch(s) - {fixed[name] * 3600}" for name in sorted(used & set(fixed))]
    regions = [f"WHEN z = {literal(name.upper())} THEN {local_time('s', name)}" for name in sorted(reading.zones)]
    value = f"CASE {' '.join([*cases, *regions])} END{more}"
    stamp = f"list_transform([{read}], lambda s: {value})[1]"
    base = f"list_transform([regexp_replace(t, {_TAIL}, '\\1')], lambda b: {stamp})[1]"
    return f"list_transform([upper(regexp_extract(t, {_TAIL}, 2))], lambda z: {base})[1]"


def _strptime(text: str, formats: Sequence[str]) -> str:
    return f"try_strptime({text}, [{', '.join(literal(each) for each in formats)}])"


def _halved(read: str, base: str) -> str:
    """The time with the hours of the afternoon where PM is written."""
    before, behind = (f"regexp_matches({base}, {literal('(?i)' + words)})" for words in _HALVES)
    hour = "hour(h)"
    return (
        f"list_transform([{read}], lambda h: CASE WHEN {behind} AND {hour} < 12 THEN h + INTERVAL 12 HOUR "
        f"WHEN {before} AND {hour} = 12 THEN h - INTERVAL 12 HOUR ELSE h END)[1]"
    )


_HALVES = tuple(rf"\d\s*{letter}\.?\s?m\b|{'|'.join(words)}" for letter, words in (("a", AM), ("p", PM)))


def _normal(base: str, forms: TimeForms) -> str:
    """The numbers of a text, a month's name as ``M03``, and the colons of its time."""
    text = f"lower(strip_accents(translate({base}, {literal(CJK[0])}, {literal(CJK[1])})))"
    text = f"regexp_replace({text}, '\\b(\\d{{8}})t(\\d\\d)(\\d\\d)(\\d\\d)?\\b', '\\1 \\2:\\3:\\4')"
    text = f"regexp_replace({text}, '(\\d)h(\\d)', '\\1:\\2')"
    text = f"regexp_replace({text}, '(\\d{{4}}):(\\d\\d:)', '\\1 \\2')"
    text = f"regexp_replace({text}, '(:\\d\\d)[.,]\\d+', '\\1')"
    months = month_words(forms)
    if months:
        cases = " ".join(f"WHEN {literal(word)} THEN ' M{number:02} '" for word, number in months.items())
        named = literal(rf"\b({'|'.join(months)})\b")
        month = f"CASE regexp_extract(m, {named}, 1) {cases} ELSE '' END"
        text = f"list_transform([{text}], lambda m: replace(regexp_replace(m, {named}, '#'), '#', {month}))[1]"
    bare = f"regexp_replace({text}, '[^0-9M:]+', ' ', 'g')"
    return f"trim(regexp_replace({bare}, ': +', ':', 'g'), ' :')"
