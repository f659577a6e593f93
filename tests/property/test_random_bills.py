"""Random bills in, FOCUS out, and in again: equal to the smallest unit, month by month, whatever they hold."""

import csv
import io
import json
import sys
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.adapters.invoices.bill_files import BillFiles
from steelyard.adapters.ledgers.sqlite import SqliteLedger
from steelyard.ledger.entries import View
from steelyard.ledger.invoices.charges import charges_of
from steelyard.ledger.invoices.focus_check import check_rows
from steelyard.ledger.invoices.focus_export import header_of, pool_rests, to_rows
from steelyard.workflows.accounts.import_bills import SameBill, import_bills
from steelyard.workflows.accounts.read_bills import BillSource

_MONTHS = ("2026-09", "2026-10", "2026-11", "2026-12")
_TEXT = st.sampled_from(
    ["plain", "=1+1 no", "+49 30", "-5 %", "@team", "＝x", "'quoted", "a,b;c", "ünïcode 搜索", 'say "x"']
)
_COST = st.one_of(
    st.integers(-(10**6), 10**6).map(lambda n: Decimal(n).scaleb(-2)),
    st.integers(-(10**9), 10**9).map(lambda n: Decimal(n).scaleb(-12)),
    st.just(Decimal(0)),
)


@st.composite
def bill_rows(draw):
    """Lines of one month's bills, some of them equal, late or corrected, in two currencies and pools."""
    rows = []
    month = draw(st.integers(1, 2))
    for _ in range(draw(st.integers(1, 6))):
        used = month - draw(st.sampled_from([0, 0, 0, 1])) + draw(st.sampled_from([0, 0, 1]))
        currency = draw(st.sampled_from(["USD", "EUR"]))
        row = {
            "BillingAccountId": f"account-{currency}",
            "BillingCurrency": currency,
            "BillingPeriodStart": f"{_MONTHS[month]}-01T00:00:00Z",
            "BillingPeriodEnd": f"{_MONTHS[month + 1]}-01T00:00:00Z",
            "ChargePeriodStart": f"{_MONTHS[used]}-01T03:00:00Z",
            "ChargePeriodEnd": f"{_MONTHS[used]}-01T04:00:00Z",
            "ChargeCategory": draw(st.sampled_from(["Usage", "Purchase", "Tax", "Credit", "Adjustment"])),
            "ChargeClass": draw(st.sampled_from(["", "Correction"])),
            "ChargeDescription": draw(_TEXT).replace("=", "equals "),
            "ProviderName": draw(st.sampled_from(["AWS", "Microsoft"])),
            "ServiceName": draw(st.sampled_from(["", "EC2"])),
            "ServiceCategory": draw(st.sampled_from(["Compute", "Storage", "Databases"])),
            "InvoiceId": draw(st.sampled_from(["", "I-1"])),
            "BilledCost": f"{draw(_COST):f}",
            "EffectiveCost": f"{draw(_COST):f}",
            "Tags": json.dumps({"Team": draw(_TEXT)}),
        }
        rows += [row] * draw(st.sampled_from([1, 1, 1, 2]))
    return rows


def _written(path, rows):
    """A file for each currency."""
    paths = []
    for currency in sorted({row["BillingCurrency"] for row in rows}):
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if row["BillingCurrency"] == currency)
        paths.append(path.with_suffix(f".{currency}.csv"))
        paths[-1].write_text(text.getvalue(), "utf-8")
    return paths


def _sums(kept):
    return {
        (month, view, each.account, each.centre, each.total.currency): each.total.amount
        for month in kept.months()
        for view in View
        for each in kept.balances(month, view=view)
        if each.total.amount
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bill_rows(), st.booleans(), st.booleans())
def test_a_month_comes_back_as_it_went_out(tmp_path_factory, rows, is_by_month, is_replaced):
    folder = tmp_path_factory.mktemp("bills")
    files = BillFiles()
    source = BillSource(files, files.stage_rules())
    open_ledger = SqliteLedger
    first, second = open_ledger(folder / "a.sqlite"), open_ledger(folder / "b.sqlite")
    import_bills(_written(folder / "in", rows), ledger=first, source=source)
    if is_replaced and len(rows) > 1:
        later = _written(folder / "later", rows[1:])
        import_bills(later, ledger=first, source=source, same_bill=SameBill.REPLACE)

    for name, months in _exports(first, is_by_month=is_by_month):
        entries = [entry for month in months for view in View for entry in first.iter_entries(month, view=view)]
        charges = charges_of(entries, months=months if is_by_month else None)
        charges += [rest for each in months for rest in pool_rests(each, first.balances(each, view=View.ACCRUAL))]
        out = to_rows(charges)
        if not any("x_LineId" in row for row in out):
            continue
        files.write(folder / name, header_of(out), out)
        _check_file(folder / name, first, months)
        import_bills([folder / name], ledger=second, source=source)
        assert import_bills([folder / name], ledger=second, source=source).n_new == 0
        assert import_bills([folder / name], ledger=first, source=source).n_new == 0

    assert _sums(second) == _sums(first)
    for each in (first, second):
        each.close()


def _exports(kept, *, is_by_month):
    months = kept.months()
    return [(f"{month}.csv", [month]) for month in months] if is_by_month else [("all.csv", months)]


def _check_file(path: Path, kept, months):
    """No cell is a formula; what a file sums to is what the month cost; nothing in a pool is lost."""
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for name, text in row.items():
            assert not text.startswith(("=", "@", "＝")), (name, text)
            assert not text.startswith(("+", "-")) or Decimal(text) is not None
    assert not [each for each in check_rows(list(rows[0]), enumerate(rows, start=2)) if each.column == "x_PoolCost"]
    for currency in ("USD", "EUR"):
        told = sum(Decimal(row["EffectiveCost"]) for row in rows if row["BillingCurrency"] == currency)
        found = [each for month in months for each in kept.balances(month, view=View.ACCRUAL)]
        spent = {"expense": Decimal(0)}
        for each in found:
            root = each.account.split("/")[0]
            if root in ("expense", "pool") and each.total.currency == currency:
                key = "expense" if root == "expense" else f"{each.account}"
                spent[key] = spent.get(key, Decimal(0)) + each.total.amount
        by_month = _pool_rests(kept, months, currency)
        assert told == spent["expense"] + by_month


def _pool_rests(kept, months, currency):
    """What is above zero in the pools, each month for itself."""
    total = Decimal(0)
    for month in months:
        sums = {}
        for each in kept.balances(month, view=View.ACCRUAL):
            if each.account.startswith("pool/") and each.total.currency == currency:
                sums[each.account] = sums.get(each.account, Decimal(0)) + each.total.amount
        total += sum((amount for amount in sums.values() if amount > 0), Decimal(0))
    return total
