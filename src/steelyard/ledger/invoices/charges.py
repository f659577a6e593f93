"""Lines of a provider's bill, in the words of FOCUS, and the ledger entries they become.

Each line is booked twice: in the cash view what was billed, on the last day of the billing period; in the accrual view
what was used (commitments spread over their use), on the day it was used. An entry's id is a digest of its line, so
that the same file booked twice books nothing twice. The entry's source keeps the whole line, and gives it back.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError
from steelyard.ledger.entries import DECIMALS, EXPENSE, POOL, CostCentre, Entry, Month, Posting, View
from steelyard.ledger.invoices.centres import NOTED
from steelyard.ledger.invoices.focus_columns import ChargeCategory

__all__ = ["Bookings", "Charge", "Period", "charge_entries", "charges_of", "day_of", "digest_of", "occurrence"]

_UNIT = Decimal(1).scaleb(-DECIMALS)
_WIDE = Context(prec=40)
_ID = "bill/"


@dataclass(frozen=True, slots=True)
class Period:
    """From its start to just before its end, both in UTC."""

    start: datetime
    end: datetime

    @classmethod
    def of(cls, month: Month) -> Period:
        """A calendar month."""
        after = Month(month.year + month.month // 12, month.month % 12 + 1)
        return cls(*(datetime(each.year, each.month, 1, tzinfo=UTC) for each in (month, after)))

    @classmethod
    def day(cls, on: date) -> Period:
        """One day."""
        start = datetime(on.year, on.month, on.day, tzinfo=UTC)
        return cls(start, start + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of a bill. An empty text means that the bill does not say."""

    provider: str
    account: str
    """The billing account."""
    category: ChargeCategory
    billed: Money | None
    """What the invoice asks for; ``None`` where the file does not say (an amortised export)."""
    effective: Money | None
    """What was used, commitments spread over their use; ``None`` where the file does not say."""
    charged: Period
    billing: Period
    service: str
    service_category: str
    centre: CostCentre
    invoice: str = ""
    list_cost: Money | None = None
    is_correction: bool = False
    """Of a bill of an earlier period."""
    sku: str = ""
    resource: str = ""
    region: str = ""
    sub_account: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    """As the bill writes it: GB is not GiB."""
    commitment: str = ""
    commitment_status: str = ""
    text: str = ""
    run: str = ""
    pool: str = ""
    """What the meters charge by use; in the accrual view the line goes to ``pool/<name>`` instead of an expense."""
    tags: Mapping[str, Any] = field(default_factory=dict)
    other: Mapping[str, str] = field(default_factory=dict)
    """Every other column of the file, so that nothing is lost."""
    moved: Mapping[View, Month] = field(default_factory=dict)
    """Where it was booked in another month than that it belongs to, which was closed."""
    guessed: str = field(default="", compare=False)
    """The rule that chose the stage; empty where the bill states it."""
    line: str = field(default="", compare=False)
    """Known digest of a line that comes back from a ledger; empty for one of a bill."""
    is_exported: bool = field(default=False, compare=False)
    """Whether it comes from an export, which holds months of a ledger and not whole bills."""

    @property
    def service_name(self) -> str:
        """The service, or a stand-in where the bill names none."""
        return self.service or f"no service named ({self.service_category or 'Other'})"


@dataclass(frozen=True, slots=True)
class Bookings:
    """Entries of a bill, and what became of the lines that have none."""

    entries: tuple[Entry, ...]
    n_free: int
    """Lines whose billed and effective cost are both zero: nothing to book."""
    n_rounded: int
    """Amounts that had more decimals than a ledger keeps, rounded half to even."""


def charge_entries(charges: Iterable[Charge]) -> Bookings:
    """Balanced entries of a bill: cash from what was billed, accrual from what was used.

    Args:
        charges: Lines of whole bills: equal ones are told apart by how often they occurred before.

    Returns:
        At most two entries for each line; their ids depend on nothing but the line and how often it occurred before.

    Raises:
        DataError: A line that comes back from a ledger occurs twice.
    """
    entries: list[Entry] = []
    seen: Counter[str] = Counter()
    n_free = n_rounded = 0
    for charge in charges:
        digest = digest_of(charge)
        seen[digest] += 1
        if seen[digest] > 1 and charge.line:
            raise DataError(
                f"the line {charge.text or charge.service} of {charge.provider} is there twice; book it once"
            )
        digest = occurrence(digest, seen[digest])
        source = _source(charge)
        before = len(entries)
        for view, amount in ((View.CASH, charge.billed), (View.ACCRUAL, charge.effective)):
            booked = _booked(amount)
            n_rounded += booked is not None and booked != amount
            if booked is not None and booked.amount:
                entries.append(_entry(charge, digest, view, booked, source))
        n_free += len(entries) == before
    return Bookings(tuple(entries), n_free, n_rounded)


def charges_of(entries: Iterable[Entry], *, months: Collection[Month] | None = None) -> list[Charge]:
    """The lines behind entries: the opposite of ``charge_entries``, for entries of any origin.

    Args:
        entries: Of a bill, or booked by anybody else. The cash and the accrual entry of one line become one line.
        months: Those that the entries are all of; ``None`` where they are all there are.

    Returns:
        One line for each line of a bill, and one for each expense of other entries, with the entry's id, kind and
        source among its other columns. What was not booked in a view is zero there; what the bill did not say, or what
        belongs to another month than those given, is ``None``.
    """
    lines: dict[str, Charge] = {}
    untold: dict[str, set[str]] = {}
    for entry in entries:
        for key, charge, missing in _lines(entry):
            known = lines.get(key)
            lines[key] = charge if known is None else _joined(known, charge)
            untold.setdefault(key, set()).update(missing)
    return [_completed(charge, untold[key], months) for key, charge in lines.items()]


def occurrence(digest: str, number: int) -> str:
    """The digest of a line that is equal to others before it: the first keeps its own."""
    return digest if number == 1 else hashlib.sha256(f"{digest}#{number}".encode()).hexdigest()[:24]


def digest_of(charge: Charge) -> str:
    """What tells a line from all others: 24 hexadecimal digits of the SHA-256 of what the bill says in it."""
    if charge.line:
        return charge.line
    amounts = {name: _money(_booked(getattr(charge, name))) for name in ("billed", "effective")}
    text = json.dumps({**_details(charge), **amounts}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _entry(charge: Charge, digest: str, view: View, amount: Money, source: str) -> Entry:
    provider = _path(charge.provider)
    other = f"payable/{provider}" if view is View.CASH else f"accrued/{provider}"
    expense = f"{EXPENSE}/{charge.centre.stage}/{_path(charge.service_name)}"
    text = charge.text or " ".join(filter(None, (charge.service, charge.sku, charge.category)))
    on, month = day_of(charge, view), charge.moved.get(view)
    if month is not None:
        text, on = f"{text}, of {Month.of(on)}, which was closed", month.first_day
    to = Posting(expense, amount, charge.centre)
    if charge.pool and view is View.ACCRUAL:
        to = Posting(f"{POOL}/{charge.pool}", amount, charge.centre if NOTED in charge.other else None)
    postings = (to, Posting(other, amount * -1))
    entry_id = f"{_ID}{provider}/{digest}/{view}"
    if "/" in digest:  # a correction comes back from an export under the id that it had
        entry_id = f"{_ID}{provider}/{digest}"
        return Entry(
            entry_id, on, view, text, FactKind.INVOICED, source, postings, corrects=entry_id.rpartition("/")[0]
        )
    return Entry(entry_id, on, view, text, FactKind.INVOICED, source, postings)


def day_of(charge: Charge, view: View) -> date:
    """The day that a line belongs to: the last of its billing period in the cash view, else that of its use."""
    return (charge.billing.end - timedelta(seconds=1) if view is View.CASH else charge.charged.start).date()


def _booked(amount: Money | None) -> Money | None:
    """With the decimals that a ledger keeps."""
    return None if amount is None else Money(amount.amount.quantize(_UNIT, ROUND_HALF_EVEN, _WIDE), amount.currency)


def _path(name: str) -> str:
    """A name as one step of an account's path."""
    return name.replace("/", "-").strip() or "unnamed"


def _source(charge: Charge) -> str:
    bill = f"bill of {charge.provider}, {charge.invoice or Month.of(charge.billing.start.date())}"
    untold = [name for name in ("billed", "effective") if getattr(charge, name) is None]
    details = {**_details(charge), **({"untold": untold} if untold else {})}
    return f"{bill}: {json.dumps(details, ensure_ascii=False, sort_keys=True)}"


_TEXTS = (
    "provider", "account", "service", "service_category", "invoice", "sku", "resource", "region", "sub_account", "unit",
    "commitment", "commitment_status", "text", "run",
)  # fmt: skip


def _details(charge: Charge) -> dict[str, Any]:
    """All that a line says but its amounts and its cost centre."""
    found: dict[str, Any] = {name: getattr(charge, name) for name in _TEXTS if getattr(charge, name)}
    found["category"] = str(charge.category)
    for name in ("charged", "billing"):
        period: Period = getattr(charge, name)
        found[name] = [period.start.isoformat(), period.end.isoformat()]
    if charge.pool:
        found |= {"pool": charge.pool, "stage": str(charge.centre.stage)}
    if charge.is_correction:
        found["is_correction"] = True
    if charge.quantity is not None:
        found["quantity"] = f"{charge.quantity.normalize():f}"
    if charge.list_cost is not None:
        found["list_cost"] = _money(charge.list_cost)
    for name in ("tags", "other"):
        if getattr(charge, name):
            found[name] = dict(getattr(charge, name))
    return found


def _money(amount: Money | None) -> list[str] | None:
    return None if amount is None else [f"{amount.amount.normalize():f}", amount.currency]


def _from_details(details: Mapping[str, Any], centre: CostCentre) -> Charge:
    known: dict[str, Any] = {name: details.get(name, "") for name in _TEXTS}
    known |= {name: Period(*map(datetime.fromisoformat, details[name])) for name in ("charged", "billing")}
    list_cost = details.get("list_cost")
    quantity = details.get("quantity")
    return Charge(
        **known,
        category=ChargeCategory(details["category"]),
        billed=None,
        effective=None,
        centre=centre,
        list_cost=None if list_cost is None else Money(Decimal(list_cost[0]), list_cost[1]),
        quantity=None if quantity is None else Decimal(quantity),
        is_correction=details.get("is_correction", False),
        pool=details.get("pool", ""),
        tags=details.get("tags", {}),
        other=details.get("other", {}),
    )


def _lines(entry: Entry) -> Iterator[tuple[str, Charge, Collection[str]]]:
    """The lines of an entry, each with the key that its other view shares, and the costs that its bill does not say."""
    _, is_line, details = entry.source.partition(": {")
    expenses = [each for each in entry.postings if each.account.split("/")[0] == EXPENSE]
    spent = expenses or [each for each in entry.postings if each.account.split("/")[0] == POOL]
    if entry.id.startswith(_ID) and is_line and len(spent) == 1:
        told = json.loads(f"{{{details}")
        charge = _from_details(told, spent[0].centre or CostCentre(Stage(told["stage"])))
        key = entry.id.rpartition("/")[0]
        untold: Collection[str] = told.get("untold", ())
        if entry.corrects:
            line = entry.id.removeprefix(f"{_ID}{_path(charge.provider)}/")
            charge, key, untold = replace(charge, is_correction=True, text=entry.text, line=line), entry.id, ()
        else:
            charge = replace(charge, line=key.rpartition("/")[2])
        if entry.month != Month.of(day_of(charge, entry.view)):
            charge = replace(charge, moved={entry.view: entry.month})
        yield key, _costing(charge, entry.view, spent[0].amount), untold
        return
    for number, posting in enumerate(expenses):
        yield f"{entry.id}#{number}", _costing(_booked_otherwise(entry, posting), entry.view, posting.amount), ()


def _costing(charge: Charge, view: View, amount: Money) -> Charge:
    return replace(charge, billed=amount) if view is View.CASH else replace(charge, effective=amount)


def _booked_otherwise(entry: Entry, posting: Posting) -> Charge:
    """A line that says what an entry says which came from no bill."""
    others = [each.account for each in entry.postings if each is not posting]
    against = next((each for each in others if each.split("/")[0] != EXPENSE), next(iter(others), "ledger"))
    assert posting.centre is not None
    return Charge(
        provider=against.rpartition("/")[2],
        account=against,
        category=ChargeCategory.USAGE,
        billed=None,
        effective=None,
        charged=Period.day(entry.on),
        billing=Period.of(entry.month),
        service=posting.account.removeprefix(f"{EXPENSE}/"),
        service_category=_CATEGORY_OF.get(posting.centre.stage, "Other"),
        centre=posting.centre,
        is_correction=bool(entry.corrects),
        sku=posting.account,
        text=entry.text,
        other={"x_EntryId": entry.id, "x_FactKind": str(entry.kind), "x_Source": entry.source},
    )


_CATEGORY_OF = {
    Stage.DATA: "Analytics",
    Stage.TRAINING: "AI and Machine Learning",
    Stage.TUNING: "AI and Machine Learning",
    Stage.RETRAINING: "AI and Machine Learning",
    Stage.HARDWARE: "Compute",
    Stage.SERVING: "Compute",
    Stage.STORAGE: "Storage",
    Stage.BANDWIDTH: "Networking",
    Stage.SOFTWARE: "Developer Tools",
    Stage.DEPLOYMENT: "Developer Tools",
}
"""FOCUS category of what was booked without a bill; people and overhead are Other."""


def _joined(one: Charge, other: Charge) -> Charge:
    centre = max(one.centre, other.centre)  # the accrual entry of a pool has the stage only
    return replace(
        one,
        centre=centre,
        billed=one.billed or other.billed,
        effective=one.effective or other.effective,
        moved={**one.moved, **other.moved},
    )


def _completed(charge: Charge, untold: Collection[str], months: Collection[Month] | None) -> Charge:
    """Zero where nothing was booked, for a row of FOCUS has both costs; but not where the cost is not known here."""
    known = charge.billed or charge.effective
    assert known is not None
    nothing = Money(Decimal(0), known.currency)
    for view, name in ((View.CASH, "billed"), (View.ACCRUAL, "effective")):
        month = charge.moved.get(view, Month.of(day_of(charge, view)))
        is_here = months is None or month in months
        if getattr(charge, name) is None and name not in untold and is_here:
            charge = replace(charge, billed=nothing) if view is View.CASH else replace(charge, effective=nothing)
    return charge
