"""Over a month metered use + idle + other = invoiced, whatever is tagged, late, corrected or closed."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.adapters.invoices.bill_files import BillFiles
from steelyard.adapters.ledgers.sqlite import SqliteLedger
from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError
from steelyard.ledger.closing import Rule, allocate_pools, open_pools, pools
from steelyard.ledger.entering import in_open_month
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
from steelyard.ledger.invoices.charges import charge_entries, charges_of
from steelyard.ledger.invoices.focus import read_rows
from steelyard.ledger.invoices.problems import BillProblems

MONTHS = (Month(2026, 10), Month(2026, 11))
POOLS = {"Compute": "machines", "Storage": "storage", "Networking": "network"}
RULES = BillFiles().stage_rules(None)
CENTS = st.integers(1, 10**7).map(lambda n: Decimal(n).scaleb(-4))
TAGS = (
    {},
    {"stage": "training"},
    {"stage": "serving", "team": "search"},
    {"x_Stage": "training", "x_ModelId": "lexical"},
    {"steelyard:stage": "storage"},
    {"stage": "overhead"},
    {"team": "search"},
)
_NUMBERS = count()


@st.composite
def metered(draw):
    """A reading, charged to who used it and taken out of its pool."""
    pool = draw(st.sampled_from(sorted(POOLS.values())))
    stage = {"storage": Stage.STORAGE, "network": Stage.BANDWIDTH}.get(pool) or draw(
        st.sampled_from([Stage.TRAINING, Stage.SERVING, Stage.TUNING])
    )
    centre = CostCentre(stage, model=draw(st.sampled_from(["", "lexical"])), team=draw(st.sampled_from(["", "search"])))
    amount = Money(draw(CENTS), draw(st.sampled_from(["USD", "CNY"])))
    postings = (Posting(f"expense/{stage}/{pool}", amount, centre), Posting(f"pool/{pool}", amount * -1))
    day = date(2026, draw(st.sampled_from([10, 11])), draw(st.integers(1, 30)))
    return Entry(f"metered/{next(_NUMBERS)}", day, View.ACCRUAL, "x", FactKind.MEASURED, "meter", postings)


@st.composite
def lines(draw):
    """A line of an invoice: tagged or not, of any kind, a correction or a credit among them."""
    tags = draw(st.sampled_from(TAGS))
    billing = draw(st.sampled_from(MONTHS))
    used = datetime(2026, draw(st.sampled_from([billing.month, 10])), draw(st.integers(1, 30)), tzinfo=UTC)
    category = draw(st.sampled_from(["Usage", "Usage", "Usage", "Credit", "Tax"]))
    cost = draw(CENTS) * (-1 if category == "Credit" else 1)
    row = {
        "BilledCost": f"{cost}",
        "EffectiveCost": f"{cost}",
        "BillingAccountId": "a-1",
        "BillingCurrency": draw(st.sampled_from(["USD", "USD", "CNY"])),
        "BillingPeriodStart": f"{billing}-01T00:00:00Z",
        "BillingPeriodEnd": f"{billing.last_day + timedelta(days=1)}T00:00:00Z",
        "ChargePeriodStart": used.isoformat(),
        "ChargePeriodEnd": (used + timedelta(hours=1)).isoformat(),
        "ChargeCategory": category,
        "ChargeDescription": f"line {next(_NUMBERS)}",
        "ProviderName": "AWS",
        "ServiceName": "s",
        "ServiceCategory": draw(st.sampled_from([*POOLS, "AI and Machine Learning", "Databases"])),
        "InvoiceId": "I-1",
        **{name: value for name, value in tags.items() if name.startswith("x_")},
    }
    plain = {name: value for name, value in tags.items() if not name.startswith("x_")}
    return row | ({"Tags": str(plain).replace("'", '"')} if plain else {})


def read(rows):
    problems = BillProblems("rows")
    found = [charge for _, charge in read_rows(enumerate(rows, start=2), rules=RULES, problems=problems)]
    assert problems.sentences() == []
    return found


def spent(found):
    """Expenses of a month by currency."""
    sums = defaultdict(Decimal)
    for each in found:
        if each.account.startswith("expense/"):
            sums[each.total.currency] += each.total.amount
    return sums


def invoiced(entries, month):
    sums = defaultdict(Decimal)
    for entry in entries:
        if entry.view is View.ACCRUAL and entry.month == month:
            for each in entry.postings:
                if each.account.startswith("accrued/"):
                    sums[each.amount.currency] -= each.amount.amount
    return sums


def settle(ledger, month, rule):
    """Allocate, as often as bills come; a month in two currencies is refused and stays as it was."""
    found = ledger.balances(month, view=View.ACCRUAL)
    try:
        ledger.append(allocate_pools(found, month, rule=rule, on=month.last_day))
    except DataError as error:
        assert "charged twice" in str(error)


def check_month(ledger, month, bill):
    """Everything that was invoiced is an expense or said to be in a pool; a pool below zero waits for its invoice."""
    found = ledger.balances(month, view=View.ACCRUAL)
    waiting, expenses = pools(found), spent(found)
    for currency in {*bill, *expenses, *(key[1] for key in waiting)}:
        rest = sum((money.amount for key, money in waiting.items() if key[1] == currency), Decimal(0))
        assert expenses[currency] + rest == bill[currency]
    assert len(open_pools(found, month)) == len(waiting)
    assert is_balanced(trial_balance(found))


@settings(max_examples=80, deadline=None)
@given(st.lists(metered(), max_size=6), st.lists(lines(), max_size=6), st.sampled_from(list(Rule)), st.data())
def test_metered_use_and_idle_and_other_are_what_was_invoiced(tmp_path_factory, readings, rows, rule, data):
    ledger = SqliteLedger(tmp_path_factory.mktemp("ledger") / "ledger.sqlite")
    pending = [*readings, *charge_entries(read(rows)).entries]
    pending = data.draw(st.permutations(pending))
    booked = []
    for part in (pending[: len(pending) // 2], pending[len(pending) // 2 :]):
        wrong = data.draw(st.sampled_from([*part, None]))
        back = [reversal(wrong, entry_id=f"{wrong.id}/back", on=wrong.on, text="wrong")] if wrong else []
        new = [in_open_month(entry, ledger.closed()) for entry in [*part, *back]]
        ledger.append(new)
        booked += new
        for month in MONTHS:
            if month not in ledger.closed():
                settle(ledger, month, rule)
            check_month(ledger, month, invoiced(booked, month))
        if not ledger.closed() and data.draw(st.booleans()):
            ledger.close_month(MONTHS[0])

    every = [entry for month in ledger.months() for view in View for entry in ledger.iter_entries(month, view=view)]
    exported = sum(
        (each.effective.amount for each in charges_of(every) if not each.pool and each.effective), Decimal(0)
    )
    assert exported == sum(sum(spent(ledger.balances(month, view=View.ACCRUAL)).values()) for month in ledger.months())
    ledger.close()


@settings(max_examples=80, deadline=None)
@given(st.lists(metered(), max_size=6), st.lists(lines(), max_size=6), st.sampled_from(list(Rule)))
def test_what_was_metered_and_invoiced_is_charged_once_however_it_is_tagged(readings, rows, rule):
    """Of each pool the dearer of the two is charged: tags change who bears it, never how much it is."""
    month, usd = MONTHS[1], {"BillingCurrency": "USD", "BillingPeriodStart": "2026-11-01T00:00:00Z",
                             "BillingPeriodEnd": "2026-12-01T00:00:00Z", "ChargePeriodStart": "2026-11-03T00:00:00Z",
                             "ChargePeriodEnd": "2026-11-04T00:00:00Z"}  # fmt: skip
    rows = [row | usd for row in rows]
    readings = [entry for entry in readings if entry.postings[0].amount.currency == "USD" and entry.month == month]
    entries = [*readings, *charge_entries(read(rows)).entries]
    by_pool = dict.fromkeys(POOLS.values(), Decimal(0))
    for entry in readings:
        by_pool[entry.postings[1].account.partition("/")[2]] += entry.postings[1].amount.amount
    for row in rows:
        if pool := (RULES.chosen(row) or ("", "", ""))[1]:
            by_pool[pool] += Decimal(row["EffectiveCost"])

    entries += allocate_pools(balances(entries, view=View.ACCRUAL), month, rule=rule, on=month.last_day)

    found = balances(entries, view=View.ACCRUAL)
    below_zero = {f"pool/{pool}": rest for pool, rest in by_pool.items() if rest < 0}
    assert {account: money.amount for (account, _), money in pools(found).items()} == below_zero
    everything = sum((Decimal(row["EffectiveCost"]) for row in rows), Decimal(0))
    assert spent(found)["USD"] == everything - sum(below_zero.values())


def usage(stage="training", amount="8.50", *, number=1):
    centre = CostCentre(Stage(stage))
    money = Money(Decimal(amount), "USD")
    postings = (Posting(f"expense/{stage}/machines", money, centre), Posting("pool/machines", money * -1))
    return Entry(f"metered/{number}", date(2026, 11, 3), View.ACCRUAL, "x", FactKind.MEASURED, "meter", postings)


def compute(cost, tags):
    return {
        "BilledCost": cost, "EffectiveCost": cost, "BillingAccountId": "a-1", "BillingCurrency": "USD",
        "BillingPeriodStart": "2026-11-01T00:00:00Z", "BillingPeriodEnd": "2026-12-01T00:00:00Z",
        "ChargePeriodStart": "2026-11-03T00:00:00Z", "ChargePeriodEnd": "2026-11-04T00:00:00Z",
        "ChargeCategory": "Usage", "ChargeDescription": f"{cost} {tags}", "ProviderName": "AWS", "ServiceName": "EC2",
        "ServiceCategory": "Compute", "Tags": tags,
    }  # fmt: skip


def allocated(entries):
    entries = [
        *entries,
        *allocate_pools(balances(entries, view=View.ACCRUAL), MONTHS[1], rule=Rule.COST, on=MONTHS[1].last_day),
    ]
    found = balances(entries, view=View.ACCRUAL)
    stages = defaultdict(Decimal)
    for each in found:
        if each.account.startswith("expense/"):
            stages[each.centre.stage] += each.total.amount
    return dict(stages), pools(found)


def test_a_tagged_machine_that_was_metered_is_counted_once():
    rows = [compute("8.50", '{"stage": "training"}')]

    stages, rest = allocated([usage(), *charge_entries(read(rows)).entries])

    assert (stages, rest) == ({Stage.TRAINING: Decimal("8.50")}, {})


def test_who_a_line_is_tagged_for_bears_what_was_not_metered_of_it():
    rows = [compute("10.00", '{"stage": "training"}'), compute("5.00", "{}")]

    stages, rest = allocated([usage(), *charge_entries(read(rows)).entries])

    assert stages == {Stage.TRAINING: Decimal("10.00"), Stage.OVERHEAD: Decimal("5.00")}
    assert rest == {}


def test_use_of_another_stage_is_taken_out_of_a_tagged_line_where_there_is_no_other():
    rows = [compute("10.00", '{"stage": "training"}')]

    stages, rest = allocated([usage("serving"), *charge_entries(read(rows)).entries])

    assert (stages, rest) == ({Stage.SERVING: Decimal("8.50"), Stage.TRAINING: Decimal("1.50")}, {})


def test_what_is_metered_late_is_taken_back_from_whom_the_line_was_for():
    rows = [compute("10.00", '{"stage": "training"}')]
    entries = list(charge_entries(read(rows)).entries)
    entries += allocate_pools(balances(entries, view=View.ACCRUAL), MONTHS[1], rule=Rule.COST, on=MONTHS[1].last_day)

    stages, rest = allocated([*entries, usage("training", "4")])

    assert (stages, rest) == ({Stage.TRAINING: Decimal("10.00")}, {})
