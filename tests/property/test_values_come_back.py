"""A number or a date written in any usual form comes back, or is refused with both readings; never as another."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.adapters.shop.sources import Sources
from steelyard.data.schema import Role, Wanted
from steelyard.errors import DataError

LOCALES = ((",", "."), (".", ","), (" ", ","), ("\u00a0", "."), ("'", "."), ("\u202f", ","), ("", "."), ("", ","))
DATES = ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%d %b %Y",
         "%B %d, %Y", "%d-%b-%y", "%Y%m%d", "%d/%m/%y", "%m/%d/%y")  # fmt: skip
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %H:%M:%S +0000")
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(folder, values, kind):
    (folder / "f.csv").write_text("v;x\n" + "".join(f'"{value}";1\n' for value in values), "utf-8")
    role = Role("time" if kind == "time" else "price", ("v",), kind)
    with Sources(folder, threads=1) as sources:
        return sources.scan(Wanted("events", "f.csv", (role,)), pseudonym=str).collect()[role.name].to_list()


def written(amount, places, thousands, decimal):
    text = f"{amount:,.{places}f}"
    return text.translate(str.maketrans({",": thousands, ".": decimal}))


@SLOW
@given(
    st.lists(st.decimals(0, 5_000_000, places=3), min_size=1, max_size=6), st.sampled_from(LOCALES), st.integers(0, 3)
)
def test_a_number_of_any_locale_comes_back_or_both_readings_are_shown(tmp_path, amounts, locale, places):
    texts = [written(amount, places, *locale) for amount in amounts]

    try:
        found = read(tmp_path, texts, "number")
    except DataError as error:
        assert 'decimal = "comma"' in str(error)
        assert 'decimal = "point"' in str(error)
        return

    assert [f"{Decimal(value):.{places}f}" for value in found] == [f"{amount:.{places}f}" for amount in amounts]


@SLOW
@given(
    st.lists(st.datetimes(datetime(2001, 1, 1), datetime(2029, 12, 31)), min_size=1, max_size=6),  # noqa: DTZ001
    st.sampled_from(DATES),
    st.sampled_from(CLOCKS),
)
def test_a_date_of_any_form_comes_back_or_both_readings_are_shown(tmp_path, dates, date, clock):
    if date == "%Y%m%d" and clock:
        clock = ""
    texts = [f"{at:{date}{clock}}" for at in dates]

    try:
        found = read(tmp_path, texts, "time")
    except DataError as error:
        assert 'dates = "' in str(error)
        return

    form = date + clock.replace("+0000", "%z")
    meant = [datetime.strptime(text, form) for text in texts]  # noqa: DTZ007
    assert found == [at.replace(tzinfo=UTC).timestamp() for at in meant]
