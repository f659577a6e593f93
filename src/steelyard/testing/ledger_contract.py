"""Promises every ledger must keep. Subclass the suite in your tests and say how to open yours; pytest does the rest."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from threading import Event

from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError
from steelyard.ledger.entries import (
    CostCentre,
    Entry,
    LedgerPort,
    Month,
    Posting,
    View,
    is_balanced,
    reversal,
    trial_balance,
)
from steelyard.testing.postings import as_set, moved, total_of
from steelyard.testing.refusals import refused

__all__ = ["LedgerContract", "spent"]

OCTOBER, NOVEMBER, DECEMBER = Month(2026, 10), Month(2026, 11), Month(2026, 12)
ACCRUAL = View.ACCRUAL
_WAIT_S = 30
_MANY = 1234
"""More entries than any ledger writes in one go."""


def spent(amount: Decimal | str | int, entry_id: str, *, on: date = date(2026, 11, 3), currency: str = "USD") -> Entry:
    """An entry that moves an amount from ``payable/cloud`` to ``expense/serving/machines``."""
    money = Money(Decimal(amount), currency)
    centre = CostCentre(Stage.SERVING, model="m", team="search")
    postings = (Posting("expense/serving/machines", money, centre), Posting("payable/cloud", money * -1))
    return Entry(entry_id, on, ACCRUAL, "machines", FactKind.MEASURED, "run 7", postings)


class LedgerContract(ABC):
    """Promises of ``steelyard.ledger.entries.LedgerPort``."""

    @abstractmethod
    def connect(self) -> LedgerPort:
        """The ledger of this test, empty at first; opened again, it is the same one."""

    @abstractmethod
    def changes(self) -> Sequence[Callable[[], object]]:
        """Attempts to change or remove what was booked, or to book into a closed month, past the ledger's own methods.

        Each of them must raise; the ledger holds entries in closed November.
        """

    def setup_method(self) -> None:
        """Begin with nothing open."""
        self._opened: list[LedgerPort] = []

    def teardown_method(self) -> None:
        """Shut all that was opened."""
        for each in self._opened:
            each.close()

    def open(self) -> LedgerPort:
        """As ``connect``; shut at the end of the test."""
        self._opened.append(self.connect())
        return self._opened[-1]

    def test_what_was_booked_comes_back_as_it_was_after_opening_again(self) -> None:
        booked = [
            spent("0.000000000001", "smallest"),
            replace(spent("999999999999999.999999999999", "largest"), text="甲 ' \" % \\ \t\n {} é 🙂"),
            replace(
                spent("-3.50", "back", currency="CNY"), view=View.CASH, kind=FactKind.INVOICED, corrects="smallest"
            ),
        ]
        ledger = self.open()
        assert ledger.append(booked) == 3

        again = self.open()

        assert list(again.iter_entries(NOVEMBER, view=ACCRUAL)) == booked[:2]
        assert list(again.iter_entries(NOVEMBER, view=View.CASH)) == booked[2:]

    def test_the_same_thing_booked_twice_is_one_entry(self) -> None:
        ledger = self.open()

        assert ledger.append([spent(3, "a"), spent("3.00", "a")]) == 1
        assert ledger.append([spent("3.000", "a"), spent(4, "b")]) == 1
        assert self.open().append([spent(3, "a"), spent(4, "b")]) == 0
        new = self.open().append_new([spent(3, "a"), spent(5, "c"), spent("5.0", "c")])
        assert [entry.id for entry in new] == ["c"]

        assert [each.id for each in ledger.iter_entries(NOVEMBER, view=ACCRUAL)] == ["a", "b", "c"]

    def test_what_is_kept_is_found_by_its_id(self) -> None:
        ledger = self.open()
        ledger.append([spent(3, "a"), spent(4, "b")])

        assert dict(ledger.find(["b", "c"])) == {"b": spent(4, "b")}
        assert not ledger.find([])

    def test_another_thing_under_a_known_id_books_nothing(self) -> None:
        ledger = self.open()
        ledger.append([spent(3, "a")])

        for other in (spent(4, "a"), replace(spent(3, "a"), source="run 8"), spent(3, "a", on=date(2026, 12, 1))):
            with refused(DataError, "entry a is in the ledger already, and differs: nothing was booked"):
                ledger.append([spent(5, "b"), other])
        with refused(DataError, "entry c is in the ledger already, and differs"):
            ledger.append([spent(5, "c"), spent(6, "c")])

        assert list(ledger.iter_entries(NOVEMBER, view=ACCRUAL)) == [spent(3, "a")]

    def test_a_failure_in_the_middle_books_nothing_and_the_ledger_goes_on(self) -> None:
        ledger = self.open()
        ledger.append([spent(1, "before")])

        def broken() -> Iterator[Entry]:
            for n in range(_MANY):
                entry = spent(n + 1, f"e{n}")
                elsewhere = replace(entry.postings[1], account=f"payable/{n}")
                yield replace(entry, postings=(entry.postings[0], elsewhere))
            raise RuntimeError("the source failed")

        try:
            ledger.append(broken())
        except RuntimeError as error:
            assert str(error) == "the source failed"
        else:
            raise AssertionError("the failure was swallowed")

        assert [each.id for each in self.open().iter_entries(NOVEMBER, view=ACCRUAL)] == ["before"]
        after = replace(spent(2, "after"), postings=moved(2, "payable/7", "payable/8"))
        assert ledger.append([after]) == 1
        assert [each.id for each in self.open().iter_entries(NOVEMBER, view=ACCRUAL)] == ["before", "after"]
        assert {each.account for each in ledger.balances(NOVEMBER, view=ACCRUAL)} == {
            "expense/serving/machines", "payable/cloud", "payable/7", "payable/8",
        }  # fmt: skip

    def test_more_than_is_written_at_once_is_booked_in_order_and_known_again(self) -> None:
        ledger = self.open()
        booked = [spent(n + 1, f"e{n}") for n in range(_MANY)]

        assert ledger.append(iter(booked)) == _MANY
        assert ledger.append([*booked, spent(1, "new")]) == 1

        found = list(ledger.iter_entries(NOVEMBER, view=ACCRUAL))
        assert found == [*booked, spent(1, "new")]
        total = total_of(ledger.balances(NOVEMBER, view=ACCRUAL), "expense/serving/machines")
        assert total == _MANY * (_MANY + 1) // 2 + 1

    def test_a_correction_needs_what_it_corrects(self) -> None:
        ledger = self.open()
        back = reversal(spent(3, "a"), entry_id="b", on=date(2026, 11, 4), text="wrong")

        with refused(DataError, "entry b corrects a, which is not in the ledger; nothing was booked"):
            ledger.append([back])
        with refused(DataError, "corrects a, which is not in the ledger"):
            ledger.append([back, spent(3, "a")])

        assert ledger.append([spent(3, "a"), back]) == 2
        assert total_of(ledger.balances(NOVEMBER, view=ACCRUAL), "expense/serving/machines") == 0

    def test_a_closed_month_takes_nothing_and_keeps_its_sums(self) -> None:
        ledger = self.open()
        ledger.append([spent("3.25", "a"), spent("4.5", "b", currency="CNY"), spent(9, "c", on=date(2026, 12, 1))])
        before = as_set(ledger.balances(NOVEMBER, view=ACCRUAL))

        assert ledger.close_month(NOVEMBER) == 4

        for opened in (ledger, self.open()):
            assert as_set(opened.balances(NOVEMBER, view=ACCRUAL)) == before
            with refused(DataError, "entry d: 2026-11 is closed; nothing was booked"):
                opened.append([spent(1, "e", on=date(2026, 12, 5)), spent(1, "d")])
            with refused(DataError, "2026-11 was closed before"):
                opened.close_month(NOVEMBER)
        assert ledger.append([spent("3.25", "a")]) == 0
        back = reversal(spent("3.25", "a"), entry_id="f", on=date(2026, 12, 2), text="wrong")
        assert ledger.append([back]) == 1
        assert total_of(ledger.balances(DECEMBER, view=ACCRUAL), "payable/cloud") == Decimal("-5.75")

    def test_months_are_closed_in_order_and_an_empty_month_can_be(self) -> None:
        ledger = self.open()
        ledger.append([spent(9, "b", on=date(2026, 12, 1)), spent(3, "a", on=date(2026, 10, 31))])

        with refused(DataError, "2026-10 is still open; close it before 2026-12"):
            ledger.close_month(DECEMBER)
        with refused(DataError, "2026-10 is still open; close it before 2026-11"):
            ledger.close_month(NOVEMBER)

        assert not ledger.closed()
        assert [ledger.close_month(month) for month in (OCTOBER, NOVEMBER, DECEMBER)] == [2, 0, 2]
        assert set(self.open().closed()) == {OCTOBER, NOVEMBER, DECEMBER}
        with refused(DataError, "2026-11 is closed"):
            ledger.append([spent(1, "late")])

    def test_months_that_hold_entries_are_listed_in_order(self) -> None:
        ledger = self.open()
        assert ledger.months() == []

        ledger.append([spent(9, "b", on=date(2027, 1, 1)), spent(3, "a"), spent(1, "c", on=date(998, 2, 3))])

        assert ledger.months() == [Month(998, 2), NOVEMBER, Month(2027, 1)]
        ledger.close_month(Month(998, 2))
        assert self.open().months() == [Month(998, 2), NOVEMBER, Month(2027, 1)]

    def test_each_gives_one_month_of_one_view_while_more_is_booked(self) -> None:
        ledger = self.open()
        cash = [replace(spent(n + 1, f"c{n}"), view=View.CASH) for n in range(3)]
        ledger.append([spent(1, "a"), *cash, spent(2, "b", on=date(2026, 12, 1))])

        found = []
        for entry in ledger.iter_entries(NOVEMBER, view=View.CASH):
            ledger.append([spent(7, f"more-{entry.id}", on=date(2026, 12, 2))])
            found.append(entry)

        assert found == cash
        assert [each.id for each in ledger.iter_entries(DECEMBER, view=ACCRUAL)] == [
            "b",
            "more-c0",
            "more-c1",
            "more-c2",
        ]
        assert list(ledger.iter_entries(OCTOBER, view=ACCRUAL)) == []

    def test_sums_are_exact_to_the_last_decimal_in_every_currency_and_closed_or_not(self) -> None:
        draw = random.Random(7)  # noqa: S311  not for secrets
        entries = []
        expected: dict[tuple[str, str], Fraction] = {}
        for n in range(300):
            size = Decimal(draw.randrange(1, 10**27)).scaleb(-12) if n % 3 else Decimal(1).scaleb(-12)
            entry = spent(size, f"e{n}", currency=draw.choice(("USD", "CNY", "EUR")))
            entries.append(entry)
            if n % 5 == 0:
                entries.append(reversal(entry, entry_id=f"c{n}", on=date(2026, 11, 30), text="wrong"))
        for each in (posting for entry in entries for posting in entry.postings):
            key = (each.account, each.amount.currency)
            expected[key] = expected.get(key, Fraction(0)) + Fraction(each.amount.amount)
        ledger = self.open()
        ledger.append(entries)

        for is_closed in (False, True):
            if is_closed:
                ledger.close_month(NOVEMBER)
            found = ledger.balances(NOVEMBER, view=ACCRUAL)
            assert {(each.account, each.total.currency): Fraction(each.total.amount) for each in found} == expected
            assert sum(each.n_postings for each in found) == 2 * len(entries)
            assert is_balanced(trial_balance(found))

    def test_entries_come_largest_first_of_an_account_or_below_it(self) -> None:
        ledger = self.open()
        ledger.append([spent(n, f"e{n}") for n in (3, 20, 5)])
        lines = (*moved(7, "expense/storage/disk", "payable/cloud"), *moved(7, "expense/storage/tape", "payable/x"))
        ledger.append([replace(spent(1, "two lines"), postings=lines)])
        ledger.append([spent("-20", "taken back")])

        def ids(account: str = "", limit: int = 100) -> list[str]:
            return [each.id for each in ledger.entries(NOVEMBER, view=ACCRUAL, account=account, limit=limit)]

        assert ids() == ["e20", "taken back", "two lines", "e5", "e3"]
        assert ids("expense") == ["e20", "taken back", "two lines", "e5", "e3"]
        assert ids("expense/serving", limit=2) == ["e20", "taken back"]
        assert ids("expense/storage", limit=1) == ["two lines"]
        assert ids("expense/storage/tape") == ["two lines"]
        assert ids("expense/serv") == ids("nothing") == []
        assert ids(limit=0) == []
        assert ledger.entries(NOVEMBER, view=View.CASH) == []
        assert ledger.entries(DECEMBER, view=ACCRUAL) == []

    def test_an_entry_with_many_lines_on_an_account_counts_once(self) -> None:
        ledger = self.open()
        lines = tuple(line for n in range(1, 41) for line in moved(n, "expense/serving/machines", "payable/cloud"))
        ledger.append([replace(spent(1, "many"), postings=lines), spent(39, "b"), spent(2, "c")])

        found = ledger.entries(NOVEMBER, view=ACCRUAL, account="expense/serving/machines", limit=2)

        assert [each.id for each in found] == ["many", "b"]
        assert found[0].postings == lines

    def test_nothing_can_be_changed_or_removed_or_slipped_into_a_closed_month(self) -> None:
        ledger = self.open()
        ledger.append([spent(3, "a"), spent(4, "b")])
        ledger.close_month(NOVEMBER)

        attempts = self.changes()

        assert attempts
        for attempt in attempts:
            try:
                attempt()
            except Exception as error:  # noqa: BLE001  each database has its own
                assert not isinstance(error, (NameError, TypeError, AttributeError)), error
            else:
                raise AssertionError(f"{attempt} changed the ledger")
        assert list(self.open().iter_entries(NOVEMBER, view=ACCRUAL)) == [spent(3, "a"), spent(4, "b")]
        assert total_of(self.open().balances(NOVEMBER, view=ACCRUAL), "payable/cloud") == -7

    def test_two_writers_at_once_book_everything_once(self) -> None:
        self.open()
        first_began, second_began = Event(), Event()

        def first() -> int:
            def slowly() -> Iterator[Entry]:
                yield from (spent(n + 1, f"e{n}") for n in range(_MANY))
                first_began.set()
                assert second_began.wait(_WAIT_S)
                yield replace(spent(5, "first"), postings=moved(5, "payable/new", "payable/first"))

            return self._in_own(lambda ledger: ledger.append(slowly()))

        def second() -> int:
            assert first_began.wait(_WAIT_S)
            entries = [replace(spent(5, "second"), postings=moved(5, "payable/new", "payable/second"))]

            def book(ledger: LedgerPort) -> int:
                second_began.set()
                return ledger.append([*entries, spent(1, "e0"), spent(8, "e-last")])

            return self._in_own(book)

        with ThreadPoolExecutor(2) as pool:
            counts = [work.result(_WAIT_S) for work in (pool.submit(first), pool.submit(second))]

        assert counts == [_MANY + 1, 2]
        ids = [each.id for each in self.open().iter_entries(NOVEMBER, view=ACCRUAL)]
        assert ids == [*(f"e{n}" for n in range(_MANY)), "first", "second", "e-last"]

    def test_who_reads_sees_nothing_of_what_is_being_booked_and_all_of_it_afterwards(self) -> None:
        writer, reader = self.open(), self.open()
        writer.append([spent(1, "a")])

        def watched() -> Iterator[Entry]:
            for n in range(_MANY):
                yield replace(spent(1, f"e{n}"), postings=moved(1, "expense/serving/machines", f"payable/{n % 7}"))
            assert [each.id for each in reader.entries(NOVEMBER, view=ACCRUAL)] == ["a"]
            assert {each.n_postings for each in reader.balances(NOVEMBER, view=ACCRUAL)} == {1}

        writer.append(watched())

        assert sum(each.n_postings for each in reader.balances(NOVEMBER, view=ACCRUAL)) == 2 * (_MANY + 1)
        assert reader.append([replace(spent(4, "z"), postings=moved(4, "payable/3", "payable/9"))]) == 1
        assert len(writer.entries(NOVEMBER, view=ACCRUAL, account="payable", limit=3000)) == _MANY + 2

    def test_closing_waits_for_who_is_booking(self) -> None:
        self.open()
        booking = Event()

        def book() -> int:
            def slowly() -> Iterator[Entry]:
                yield spent(1, "a")
                booking.set()
                assert not closing.done()
                yield spent(2, "b")

            return self._in_own(lambda ledger: ledger.append(slowly()))

        def close() -> int:
            assert booking.wait(_WAIT_S)
            return self._in_own(lambda ledger: ledger.close_month(NOVEMBER))

        with ThreadPoolExecutor(2) as pool:
            closing = pool.submit(close)
            assert pool.submit(book).result(_WAIT_S) == 2
            assert closing.result(_WAIT_S) == 4

    def _in_own(self, work: Callable[[LedgerPort], int]) -> int:
        """Work on the ledger, opened and shut in the thread that works."""
        ledger = self.connect()
        try:
            return work(ledger)
        finally:
            ledger.close()
