"""Whatever is booked, in whatever portions: the ledger's sums are exact, and what it gives back is what was booked."""

from datetime import date
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.adapters.ledgers.sqlite import SqliteLedger
from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError
from steelyard.ledger.entries import (
    CostCentre,
    Entry,
    Month,
    Posting,
    View,
    balances,
    is_balanced,
    reversal,
    trial_balance,
)

MONTHS = (Month(2026, 11), Month(2026, 12))
ACCOUNTS = ("expense/serving/machines", "expense/serving/people", "expense/data", "payable/cloud", "asset/server")
AMOUNTS = st.one_of(
    st.integers(1, 10**27 - 1).map(lambda n: Decimal(n).scaleb(-12)),  # all that can be booked
    st.integers(1, 10**5).map(lambda n: Decimal(n).scaleb(-2)),
    st.sampled_from([Decimal("0.000000000001"), Decimal("999999999999999.999999999999"), Decimal("1E+3")]),
)
_NUMBERS = count()


@st.composite
def postings(draw):
    """Some moves in some currencies, and what closes each currency, in any order."""
    lines = []
    for currency in draw(st.lists(st.sampled_from(["USD", "CNY", "EUR"]), min_size=1, max_size=3, unique=True)):
        for _ in range(draw(st.integers(1, 3))):
            money = Money(draw(AMOUNTS) * draw(st.sampled_from([1, -1])), currency)
            of, to = draw(st.lists(st.sampled_from(ACCOUNTS), min_size=2, max_size=2))
            centre = CostCentre(draw(st.sampled_from([Stage.SERVING, Stage.DATA])), model=draw(st.sampled_from("ab")))
            opposite = Money(money.amount.copy_negate(), currency)
            lines += [Posting(of, money, centre), Posting(to, opposite, centre)]
    return tuple(draw(st.permutations(lines)))


@st.composite
def books(draw):
    """Entries of two months and both views, some of them taken back."""
    found = []
    for number in range(draw(st.integers(1, 12))):
        day = date(2026, draw(st.sampled_from([11, 12])), draw(st.integers(1, 30)))
        view = draw(st.sampled_from(list(View)))
        found.append(Entry(f"e{number}", day, view, "x", FactKind.MEASURED, "run", draw(postings())))
        if draw(st.booleans()):
            wrong = draw(st.sampled_from(found))
            found.append(reversal(wrong, entry_id=f"c{number}", on=day, text="wrong"))
    return found


def naive(entries, month, view):
    """Sums by account, centre and currency, as fractions."""
    sums = {}
    for entry in entries:
        if (entry.month, entry.view) == (month, view):
            for each in entry.postings:
                key = (each.account, each.centre, each.amount.currency)
                sums[key] = sums.get(key, Fraction(0)) + Fraction(each.amount.amount)
    return sums


def as_fractions(found):
    return {(each.account, each.centre, each.total.currency): Fraction(each.total.amount) for each in found}


def check(ledger, entries, cuts):
    """Book in portions, some of them twice; compare with the definitions, before and after closing."""
    n_new = 0
    for start, end in cuts:
        n_new += ledger.append(entries[start:end])
    assert n_new == len(entries)
    for month in MONTHS:
        expected = {view: naive(entries, month, view) for view in View}
        for is_closed in (False, True):
            if is_closed:
                assert ledger.close_month(month) == sum(len(each.postings) for each in entries if each.month == month)
            for view in View:
                found = ledger.balances(month, view=view)
                of_view = [each for each in entries if (each.month, each.view) == (month, view)]
                assert as_fractions(found) == expected[view]
                assert as_fractions(balances(of_view, view=view)) == expected[view]
                assert is_balanced(trial_balance(found))
                assert list(ledger.iter_entries(month, view=view)) == of_view
    assert ledger.months() == sorted({each.month for each in entries})


def portions(draw, n):
    cuts = sorted(draw(st.lists(st.integers(0, n), max_size=4)))
    edges = list(zip([0, *cuts], [*cuts, n], strict=True))
    again = draw(st.booleans())
    return [*edges, (0, n)] if again else edges


@settings(max_examples=60, deadline=None)
@given(books(), st.data())
def test_the_file_sums_exactly_and_gives_back_what_was_booked(tmp_path_factory, entries, data):
    ledger = SqliteLedger(tmp_path_factory.mktemp("ledger") / "ledger.sqlite")

    check(ledger, entries, portions(data.draw, len(entries)))

    ledger.close()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(books(), st.data())
def test_the_database_sums_exactly_and_gives_back_what_was_booked(postgres, entries, data):
    import psycopg

    from steelyard.adapters.ledgers.postgres import PostgresLedger

    schema = f"property{next(_NUMBERS)}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"CREATE SCHEMA {schema}")
    ledger = PostgresLedger(f"{postgres}&options=-csearch_path%3D{schema}")

    check(ledger, entries, portions(data.draw, len(entries)))

    ledger.close()


@given(books())
def test_no_sum_is_rounded_whatever_the_callers_decimal_context(entries):
    """A program that set six digits for its own figures must not lose a cent of the ledger's."""
    expected = {(month, view): naive(entries, month, view) for month in MONTHS for view in View}

    with localcontext(Context(prec=6)):
        for (month, view), sums in expected.items():
            of_view = [each for each in entries if (each.month, each.view) == (month, view)]
            again = [Entry(**{name: getattr(e, name) for name in Entry.__dataclass_fields__}) for e in of_view]
            found = balances(again, view=view)
            assert as_fractions(found) == sums
            assert is_balanced(trial_balance(found))


@given(books())
def test_an_entry_and_its_correction_leave_nothing(entries):
    """Under random amounts and currencies: every account and centre is back where it was, exactly."""
    taken_back = [
        reversal(each, entry_id=f"{each.id}/back", on=each.on, text="wrong") for each in entries if not each.corrects
    ]
    originals = [each for each in entries if not each.corrects]

    for view in View:
        assert all(sums == 0 for sums in as_fractions(balances([*originals, *taken_back], view=view)).values())
        before, after = (as_fractions(balances(found, view=view)) for found in (originals, taken_back))
        assert after == {key: -total for key, total in before.items()}


@given(postings(), st.data())
def test_an_entry_that_is_off_by_the_smallest_unit_in_any_posting_is_refused(lines, data):
    at = data.draw(st.integers(0, len(lines) - 1))
    smallest = Decimal("0.000000000001") * data.draw(st.sampled_from([1, -1]))
    amount = Context(prec=40).add(lines[at].amount.amount, smallest)
    wrong = Posting(lines[at].account, Money(amount, lines[at].amount.currency), lines[at].centre)

    with pytest.raises(DataError, match=f"its {wrong.amount.currency} postings sum to|cannot be booked|moves nothing"):
        Entry("e", date(2026, 11, 1), View.CASH, "x", FactKind.QUOTED, "run", (*lines[:at], wrong, *lines[at + 1 :]))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.sampled_from(ACCOUNTS), st.integers(-99, 99).filter(bool)), min_size=1), min_size=1),
    st.sampled_from(["", "expense", "expense/serving", "payable/cloud"]),
    st.integers(0, 5),
)
def test_the_largest_come_first_as_a_plain_sort_says(tmp_path_factory, drawn, account, limit):
    centre = CostCentre(Stage.SERVING)
    entries = []
    for number, lines in enumerate(drawn):
        moved = [Posting(of, Money(Decimal(amount), "USD"), centre) for of, amount in lines]
        closing = Money(-sum((each.amount.amount for each in moved), Decimal(0)), "USD")
        rest = [Posting("equity/rest", closing)] if closing.amount else [Posting("equity/a", Money(Decimal(1), "USD")),
            Posting("equity/b", Money(Decimal(-1), "USD"))]  # fmt: skip
        entry = Entry(f"e{number}", date(2026, 11, 1), View.CASH, "x", FactKind.QUOTED, "run", (*moved, *rest))
        entries.append(entry)
    ledger = SqliteLedger(tmp_path_factory.mktemp("ledger") / "ledger.sqlite")
    ledger.append(entries)

    found = ledger.entries(MONTHS[0], view=View.CASH, account=account, limit=limit)

    def size(entry):
        touched = [p for p in entry.postings if not account or f"{p.account}/".startswith(f"{account}/")]
        return max((abs(p.amount.amount) for p in touched), default=None)

    naive_order = sorted((e for e in entries if size(e) is not None), key=lambda e: -size(e))
    assert list(found) == naive_order[:limit]
    ledger.close()


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "1E+15", "0.0000000000001"])
def test_what_cannot_be_kept_exactly_is_no_posting(amount):
    money = Money(Decimal(amount), "USD")
    opposite = Money(money.amount.copy_negate(), "USD")
    lines = (Posting("payable/a", money), Posting("payable/b", opposite))

    with pytest.raises(DataError, match="cannot be booked: at most 12 decimals, below 1e15"):
        Entry("e", date(2026, 11, 1), View.CASH, "x", FactKind.QUOTED, "run", lines)


@pytest.mark.parametrize("word", ["nul \0", "half \ud800"])
@pytest.mark.parametrize("where", ["id", "text", "source", "corrects", "account", "model"])
def test_words_that_no_database_keeps_are_refused_before_anything_is_booked(word, where):
    centre = CostCentre(Stage.DATA, model=word if where == "model" else "m")
    account = f"expense/{word}" if where == "account" else "expense/data"
    lines = (Posting(account, Money(Decimal(1), "USD"), centre), Posting("payable/b", Money(Decimal(-1), "USD")))
    words = {"id": "e", "text": "x", "source": "run", "corrects": ""} | ({where: word} if where != "account" else {})
    words.pop("model", None)

    with pytest.raises(DataError, match="a null character or half of one"):
        Entry(on=date(2026, 11, 1), view=View.CASH, kind=FactKind.QUOTED, postings=lines, **words)
